"""Reading videos through PyAV, frame by frame."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.errors import DataError, ZooError

if TYPE_CHECKING:
    from av import Packet, VideoFrame
    from av.container import InputContainer


@contextmanager
def open_video(path: Path) -> Iterator[Video]:
    """Open a video.

    Raises:
        DataError: if it does not exist, or is none.
        ZooError: if what reads it is not installed.
    """
    try:
        import av
    except ImportError:
        raise ZooError(
            f"{path} is a video, which needs the package av: pip install 'pix2pix-zoo[video]'"
        ) from None
    if not path.is_file():
        raise DataError(f"{path} does not exist")
    # A file may say that its content lies anywhere; only what is here is opened.
    local = {"protocol_whitelist": "file"}
    try:
        container = av.open(str(path.resolve()), options=local, metadata_errors="replace")
    except av.FFmpegError:
        raise _no_video(path) from None
    with container:
        if not container.streams.video or container.streams.video[0].codec_context is None:
            raise _no_video(path)
        yield Video(path, container)


class Video:
    """A video that is open, to be gone through once.

    Args:
        path: of its file.
        container: the open file, whose first video stream can be decoded.

    Attributes:
        rate: nominal frames a second.
        frames: about how many there are.
        times: of pictures, in units of the stream's time base: when each is shown, and for how long. Whoever takes a
            picture takes its times off.
        sound: packets of sound, in the order of the file, up to the last picture; to be taken off likewise.
    """

    def __init__(self, path: Path, container: InputContainer) -> None:
        self.path = path
        self.container = container
        self.stream = container.streams.video[0]
        self.rate: Fraction = self.stream.guessed_rate or Fraction(25)
        seconds = Fraction(container.duration or 0, 1_000_000)
        self.frames: int = self.stream.frames or round(seconds * self.rate)
        self.times: deque[tuple[int, int]] = deque()
        self.sound: deque[Packet[Any]] = deque()

    def pictures(self) -> Generator[np.ndarray, None, None]:
        """Yield the frames as they are shown, uint8 (height, width, 3), all of one size; damaged ones are left out.

        Raises:
            DataError: if there are none, or the file cannot be read to its end.
        """
        import av
        from av.video.reformatter import VideoReformatter

        # One for all frames: each of its own would set up anew.
        reformatter = VideoReformatter()
        form: dict[str, Any] = {"format": "rgb24", "interpolation": "BICUBIC"}
        try:
            for frame in self._frames():
                form.setdefault("width", frame.width)
                form.setdefault("height", frame.height)
                yield _upright(reformatter.reformat(frame, **form).to_ndarray(), frame)
        except av.FFmpegError:
            raise DataError(
                f"{self.path} cannot be read as a video to its end: it is damaged"
            ) from None
        if "width" not in form:
            raise _no_video(self.path)

    def _frames(self) -> Iterator[VideoFrame]:
        import av

        # An AVI file tells when a frame is decoded, and the decoder gives it later.
        clock = "dts" if self.container.format.name == "avi" else "pts"
        time, late = -1, None
        for packet in self.container.demux(self.stream, *self.container.streams.audio):
            if packet.stream != self.stream:
                # The packet that ends a stream holds nothing.
                if packet.size:
                    self.sound.append(packet)
                continue
            try:
                # The library tells by the stream what it decodes, its types do not.
                frames: list[Any] = packet.decode()
            except av.error.InvalidDataError:
                continue
            for frame in frames:
                told = getattr(frame, clock)
                if late is None:
                    late = told if clock == "dts" else 0
                time = time + 1 if told is None else told - late
                self.times.append((time, frame.duration))
                yield frame


def _no_video(path: Path) -> DataError:
    return DataError(f"{path} cannot be read as a video; it is damaged, or none")


def _upright(picture: np.ndarray, frame: VideoFrame) -> np.ndarray:
    """Turn and mirror a picture as its frame says that it is shown, by quarters of a turn."""
    told: Any = frame.side_data.get("DISPLAYMATRIX")
    if told is None:
        return picture
    # What of x and y a step to the right is, and a step down.
    right, down = np.frombuffer(told, np.int32).reshape(3, 3)[:2, :2]
    if abs(right[1]) > abs(right[0]):
        picture, right, down = picture.swapaxes(0, 1), down, right
    return picture[:: -1 if down[1] < 0 else 1, :: -1 if right[0] < 0 else 1]
