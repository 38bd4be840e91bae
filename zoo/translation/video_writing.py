"""Writing videos through PyAV, picture by picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from zoo.errors import ZooError

if TYPE_CHECKING:
    from av import AudioStream, VideoFrame
    from av.container import OutputContainer
    from av.filter import Graph

    from zoo.translation.video_reading import Video

# The encoder of files of each kind and its options. 236 is a quantizer of 2 in FFmpeg's unit.
ENCODERS: dict[str, tuple[Literal["libx264", "libvpx-vp9", "mpeg4", "gif"], dict[str, str]]] = {
    ".mp4": ("libx264", {"crf": "18"}),
    ".mov": ("libx264", {"crf": "18"}),
    ".mkv": ("libx264", {"crf": "18"}),
    ".webm": ("libvpx-vp9", {"crf": "24"}),
    ".avi": ("mpeg4", {"flags": "+qscale", "global_quality": "236"}),
    ".gif": ("gif", {}),
}


@contextmanager
def open_written(path: Path, video: Video) -> Iterator[Callable[[np.ndarray], None]]:
    """Give a function that writes the next picture of a translated video, at its time and with the sound up to it.

    The file appears whole at the end, or not at all.

    Args:
        path: of the file, whose suffix says of which kind.
        video: that is translated; of its pictures none but those to be written may have been taken.

    Raises:
        ZooError: if it cannot be written.
    """
    import av

    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.resolve().with_name(f".{path.stem}.partial{path.suffix}")
    try:
        with av.open(str(partial), "w") as container:
            writer = _Writer(path, container, video)
            yield writer.write
            writer.finish()
        partial.replace(path)
    except av.FFmpegError as error:
        raise ZooError(f"{path} cannot be written: {error.strerror}") from None
    finally:
        with suppress(OSError):  # of a file that was never there, or could not be
            partial.unlink()


class _Writer:
    def __init__(self, path: Path, container: OutputContainer, video: Video) -> None:
        from av.video.reformatter import VideoReformatter

        self.container = container
        self.video = video
        codec, options = ENCODERS[path.suffix.lower()]
        flags = options.get("flags", "") + "+frame_duration"
        self.stream = container.add_stream(codec, video.rate, options={**options, "flags": flags})
        # Not by slices, which x264 would compress less.
        self.stream.thread_type = "AUTO"
        # Its type allows for none, which a stream that is read never has.
        base: Any = video.stream.time_base
        if codec == "mpeg4":  # of AVI, which counts frames; the codec, by units of 16 bits
            base = (1 / video.rate).limit_denominator(65535)
        self.time_base: Fraction = base
        self.earliest: int | None = None
        self.reformatter = VideoReformatter()
        self.palettes: Graph | None = None
        heard = video.container.streams.audio if codec != "gif" else ()
        self.sound = {source.index: self._copied(source, path) for source in heard}

    def _copied(self, source: AudioStream, path: Path) -> AudioStream:
        try:
            stream = self.container.add_stream_from_template(source)
        except ValueError:
            raise ZooError(
                f"{path} cannot be written: no {path.suffix} file holds the sound of {self.video.path}, "
                f"which is {source.codec_context.codec.canonical_name}"
            ) from None
        stream.metadata.update(source.metadata)
        return stream

    def write(self, picture: np.ndarray) -> None:
        from av import VideoFrame

        time, duration = self.video.times.popleft()
        base: Any = self.video.stream.time_base
        scale: Fraction = base / self.time_base
        pts = round(time * scale)
        if self.earliest is None:
            self._begin(*picture.shape[:2])
        else:
            pts = max(pts, self.earliest)
        self.earliest = pts + 1
        frame = VideoFrame.from_ndarray(picture, "rgb24")
        frame.time_base, frame.pts, frame.duration = self.time_base, pts, round(duration * scale)
        self._encode(frame)

    def finish(self) -> None:
        """Write what is held back."""
        self._encode(None)

    def _begin(self, height: int, width: int) -> None:
        stream, context, shown = self.stream, self.stream.codec_context, self.video.stream
        stream.width, stream.height, context.time_base = width, height, self.time_base
        aspect = shown.sample_aspect_ratio or Fraction(1)
        context.sample_aspect_ratio = aspect if height == shown.height else 1 / aspect
        if stream.name == "gif":
            stream.pix_fmt = "pal8"
            self.palettes = _palettes(width, height, self.time_base)
            return
        # Colours at half the size, which players expect, take even sides; MPEG-4 has no others.
        odd = width % 2 or height % 2
        stream.pix_fmt = "yuv444p" if odd and stream.name != "mpeg4" else "yuv420p"
        # Colours are converted by BT.601 into its limited range; of large sides players would guess BT.709.
        context.colorspace, context.color_range = 6, 1

    def _encode(self, frame: VideoFrame | None) -> None:
        import av

        while self.video.sound:
            packet = self.video.sound.popleft()
            if stream := self.sound.get(packet.stream.index):
                packet.stream = stream
                self.container.mux(packet)
        if self.palettes is None:
            if frame is not None:
                # The encoder itself would do it by a filter that blurs.
                form = self.stream.pix_fmt
                frame = self.reformatter.reformat(frame, format=form, interpolation="BICUBIC")
            self.container.mux(self.stream.encode(frame))
            return
        self.palettes.push(frame)
        with suppress(av.error.BlockingIOError, av.error.EOFError):
            while True:
                picture: Any = self.palettes.pull()
                self.container.mux(self.stream.encode(picture))
        if frame is None:
            self.container.mux(self.stream.encode(None))


def _palettes(width: int, height: int, time_base: Fraction) -> Graph:
    """Return what gives each frame a palette of its own: one for all would have to see them all first."""
    from av.filter import Graph

    graph = Graph()
    # Its type does not allow for the name of a format, which the library takes.
    form: Any = "rgb24"
    source = graph.add_buffer(width=width, height=height, format=form, time_base=time_base)
    split, sink = graph.add("split"), graph.add("buffersink")
    generate, use = graph.add("palettegen", "stats_mode=single"), graph.add("paletteuse", "new=1")
    source.link_to(split)
    split.link_to(use)
    split.link_to(generate, 1)
    generate.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    return graph
