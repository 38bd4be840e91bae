"""Videos, translated frame by frame through PyAV, which holds FFmpeg's libraries."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zoo.errors import DataError, ZooError
from zoo.pictures import RGB, Formats
from zoo.translation.video_reading import open_video
from zoo.translation.video_writing import ENCODERS, open_written

if TYPE_CHECKING:
    from zoo.translation.translator import Translator


def is_video(path: Path) -> bool:
    """Return whether a path has the suffix of a video."""
    return path.suffix.lower() in ENCODERS


def check_video(path: Path, formats: Formats) -> None:
    """See whether a video can be translated; its first frame is decoded.

    Raises:
        DataError: if it cannot be read, or the formats are not of 8-bit colours or grey.
        ZooError: if what reads it is not installed.
    """
    for side, form in (("sources", formats.source), ("targets", formats.target)):
        if not form.plain or form.depth not in (1, 3):
            raise DataError(
                f"{path} is a video, and the network's {side} are not pictures of 8-bit colours; "
                "translate its frames as pictures"
            )
    with open_video(path) as video, closing(video.pictures()) as pictures:
        next(pictures)


def translate_video(
    translator: Translator,
    source: Path,
    written: Path,
    progress: Callable[[Path, int, int], None] | None = None,
) -> None:
    """Translate a video: its size, its sound and the times of its frames stay.

    The file appears whole or not at all. Frames share batches; none but those of a batch are held.

    Args:
        translator: of 8-bit colours or grey.
        source: the video.
        written: the file to write, whose suffix says of which kind.
        progress: told after each frame how many are done and about how many there are.

    Raises:
        DataError: if it cannot be read.
        ZooError: if it cannot be written.
    """
    with (
        open_video(source) as video,
        closing(video.pictures()) as pictures,
        open_written(written, video) as write,
    ):
        stored = ((translator.formats.source.as_stored(picture), True) for picture in pictures)
        for count, picture in enumerate(translator.translate_arrays(stored), start=1):
            write(_in_colours(picture, source))
            if progress is not None:
                progress(source, count, max(count, video.frames))


def _in_colours(picture: np.ndarray, source: Path) -> np.ndarray:
    try:
        return RGB.as_stored(picture)
    except ValueError as error:
        raise ZooError(f"what the network paints of {source} {error}; no video holds it") from None
