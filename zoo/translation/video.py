"""Videos, translated frame by frame through ffmpeg."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from zoo.errors import DataError, ZooError
from zoo.pictures import RGB, PictureFormat

if TYPE_CHECKING:
    from zoo.translation.translator import Translator

# What ffmpeg encodes with into files of each kind.
ENCODING = {
    ".mp4": ("-c:v", "libx264", "-crf", "18"),
    ".mov": ("-c:v", "libx264", "-crf", "18"),
    ".mkv": ("-c:v", "libx264", "-crf", "18"),
    ".webm": ("-c:v", "libvpx-vp9", "-crf", "24", "-b:v", "0"),
    ".avi": ("-c:v", "mpeg4", "-q:v", "2"),
    # A palette for each frame: one for all would have to see them all first.
    ".gif": ("-vf", "split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=new=1"),
}
# A file may say that its content lies anywhere; only what is here is opened.
LOCAL = ("-protocol_whitelist", "file,pipe")


def is_video(path: Path) -> bool:
    """Return whether a path has the suffix of a video."""
    return path.suffix.lower() in ENCODING


def check_video(path: Path, source_format: PictureFormat, target_format: PictureFormat) -> None:
    """See whether a video can be translated.

    Raises:
        DataError: if it cannot be read, or the formats are not of 8-bit colours or grey.
        ZooError: if what reads it is not installed.
    """
    for side, form in (("sources", source_format), ("targets", target_format)):
        if not form.plain or form.depth not in (1, 3):
            raise DataError(
                f"{path} is a video, and the network's {side} are not pictures of 8-bit colours; "
                "translate its frames as pictures"
            )
    look_at(path)


def translate_video(
    translator: Translator,
    source: Path,
    written: Path,
    progress: Callable[[Path, int, int], None] | None = None,
) -> None:
    """Translate a video: its size, frame rate and sound stay.

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
    about = look_at(source)
    with closing(video_frames(source, about)) as frames, _written(written, source, about) as write:
        pictures = ((translator.source_format.as_stored(frame), True) for frame in frames)
        count = 0
        for count, picture in enumerate(translator.translate_arrays(pictures), start=1):
            write(_in_colours(picture, source))
            if progress is not None:
                progress(source, count, max(count, about.frames))
        if not count:
            raise DataError(f"{source} cannot be read as a video: it has no frames")


@dataclass(frozen=True)
class About:
    """What is known of a video.

    Args:
        width: of the frames, as they are shown.
        height: of the frames.
        rate: frames a second, a fraction such as `30000/1001`.
        frames: about how many there are.
        sound: whether there is some.
    """

    width: int
    height: int
    rate: str
    frames: int
    sound: bool


def _in_colours(picture: np.ndarray, source: Path) -> np.ndarray:
    try:
        return RGB.as_stored(picture)
    except ValueError as error:
        raise ZooError(f"what the network paints of {source} {error}; no video holds it") from None


def _ffmpeg(path: Path) -> str:
    try:
        import imageio_ffmpeg
    except ImportError:
        raise ZooError(
            f"{path} is a video, which needs the package imageio-ffmpeg: pip install 'pix2pix-zoo[video]'"
        ) from None
    return imageio_ffmpeg.get_ffmpeg_exe()


def _reading(path: Path) -> list[str]:
    return [_ffmpeg(path), "-hide_banner", "-nostdin", *LOCAL, "-i", str(path.resolve())]


def look_at(path: Path) -> About:
    """Return what is known of a video; its first frame is decoded to see that it can be."""
    command = [*_reading(path), "-map", "0:v:0", "-frames:v", "1"]
    if not path.is_file():
        raise DataError(f"{path} does not exist")
    # A form of video whose header tells size and rate exactly.
    form = ["-pix_fmt", "yuv444p", "-f", "yuv4mpegpipe", "-"]
    ran = subprocess.run([*command, *form], stdin=subprocess.DEVNULL, capture_output=True)
    header = re.match(rb"YUV4MPEG2 W(\d+) H(\d+) F(\d+):(\d+) ", ran.stdout)
    if header is None or int(header[4]) == 0:
        raise DataError(f"{path} cannot be read as a video; it is damaged, or none")
    width, height, over, under = map(int, header.groups())
    # Of the file, and not of what was made of it.
    told = ran.stderr.decode(errors="replace").partition("Output #0")[0]
    length = re.search(r"Duration: (\d+):(\d+):([\d.]+)", told)
    seconds = (
        sum(float(part) * unit for part, unit in zip(length.groups(), (3600, 60, 1), strict=True))
        if length
        else 0
    )
    sound = re.search(r"Stream #0:\d+.*: Audio:", told) is not None
    return About(width, height, f"{over}/{under}", round(seconds * over / under), sound)


def video_frames(path: Path, about: About) -> Generator[np.ndarray, None, None]:
    """Yield the frames of a video, uint8 (height, width, 3), at equal distances, as they are written again."""
    form = ["-fps_mode", "cfr", "-pix_fmt", "rgb24", "-f", "rawvideo", "-loglevel", "quiet", "-"]
    size = about.width * about.height * 3
    with subprocess.Popen(
        [*_reading(path), "-map", "0:v:0", *form],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as decoder:
        assert decoder.stdout is not None
        try:
            while len(frame := decoder.stdout.read(size)) == size:
                yield np.frombuffer(frame, np.uint8).reshape(about.height, about.width, 3)
            if frame or decoder.wait():
                raise DataError(f"{path} cannot be read as a video to its end: it is damaged")
        finally:
            decoder.kill()


@contextmanager
def _written(path: Path, source: Path, about: About) -> Iterator[Callable[[np.ndarray], None]]:
    """Give a function that takes frames of a video with the sound of another."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.resolve().with_name(f".{path.stem}.partial{path.suffix}")
    suffix = path.suffix.lower()
    sound = ["-i", str(source.resolve())] if about.sound and suffix != ".gif" else []
    kept = ["-map", "0:v", "-map", "1:a", "-c:a", "copy"] if sound else ["-an"]
    # Colours at half the size, which players expect, take even sides.
    pixels = "yuv444p" if about.width % 2 or about.height % 2 else "yuv420p"
    command = [
        *(_ffmpeg(path), "-y", "-loglevel", "error"),
        *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{about.width}x{about.height}"),
        *("-r", about.rate, "-i", "-"),
        *LOCAL * bool(sound),
        *sound,
        *kept,
        *ENCODING[suffix],
        *(("-pix_fmt", pixels) if suffix != ".gif" else ()),
        str(partial),
    ]
    with tempfile.TemporaryFile() as told:
        encoder = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=told
        )
        try:
            yield lambda frame: _send(encoder.stdin, frame, path, told)
            encoder.communicate()
            if encoder.returncode:
                raise _refusal(path, told)
            partial.replace(path)
        finally:
            if encoder.poll() is None:
                encoder.kill()
                encoder.communicate()
            partial.unlink(missing_ok=True)


def _send(pipe: IO[bytes] | None, frame: np.ndarray, path: Path, told: IO[bytes]) -> None:
    assert pipe is not None
    try:
        pipe.write(frame.tobytes())
    except BrokenPipeError:
        raise _refusal(path, told) from None


def _refusal(path: Path, told: IO[bytes]) -> ZooError:
    told.seek(0)
    lines = told.read().decode(errors="replace").strip().splitlines()
    why = f": {lines[-1]}" if lines else ""
    return ZooError(f"{path} cannot be written by ffmpeg{why}")
