"""Translating pictures of any size and shape with a network of one fixed size."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from zoo.errors import ZooError
from zoo.pictures import RGB, Formats, PictureFormat, write_picture
from zoo.pictures.geographic import geographic_tags
from zoo.pictures.large import in_parts, open_pages, open_rows
from zoo.pictures.read import header_of_parts
from zoo.pictures.rows import ArrayRows, Rows
from zoo.pictures.tiff_stack import write_planes, write_stack
from zoo.pictures.tiff_tiles import write_tiled
from zoo.translation.forward import Forward
from zoo.translation.inputs import as_source
from zoo.translation.job import Job, Progress
from zoo.translation.tiled import TiledPicture
from zoo.translation.tiling import TiledAxis

# Channels that PIL images of a type may have.
IMAGE_CHANNELS = {"uint8": (1, 3, 4), "uint16": (1,), "int32": (1,), "float32": (1,)}


@dataclass(frozen=True)
class _Read:
    """A source file.

    Args:
        pictures: one, or one a page, which are equally large.
        pages: of the file; those of a single picture are its channels.
    """

    pictures: Sequence[TiledPicture]
    pages: int


class Translator:
    """Translates pictures of any size with a network of one size.

    A picture of the network's size goes through as it is. A smaller one is continued by its mirror
    image and the result cut back. A larger one is cut into overlapping tiles whose results fade
    into each other; see `TiledAxis`. Only one band of tiles is held in float32. Of label maps the likeliest class is
    taken after that.

    Several threads may translate at the same time if the network can be asked so; pictures for which
    statistics are settled wait for each other.

    Args:
        network: takes source pictures (N, height, width, channels), float32 in [-1, 1], and
            answers translated ones of the same height and width. A Keras model is asked through
            `predict_on_batch`, anything else is called.
        size: height and width of the network.
        overlap: least share of a tile that it has in common with the next one, in [0, 0.9].
        batch_size: tiles in one call.
        channels: source channels; None takes them from the network's `input_shape`, or those of
            the source format if it has none.
        formats: what the values of source files mean to the network, and what values in files its paintings become.
            Where the source format is left at RGB and the network has other channels, sources of 8 bits are turned to
            those; where the target format is, 8 bits in as many channels as the network paints.
        alignment: tiles start at multiples of it; see `zoo.translation.tiling.alignment_of`.
        settle: for a network that normalises by statistics of each picture: given some tiles of a picture of more than
            one, returns the network that paints all of its tiles by their statistics; see
            `zoo.models.shared_statistics.settling`.

    Raises:
        ValueError: if an argument is out of its range, or the network's channels are not those of the format.
    """

    def __init__(
        self,
        network: Callable[[np.ndarray], Any],
        size: tuple[int, int],
        *,
        overlap: float = 0.25,
        batch_size: int = 1,
        channels: int | None = None,
        formats: Formats = Formats(),  # noqa: B008 - frozen
        alignment: int = 1,
        settle: Callable[[np.ndarray], Callable[[np.ndarray], Any]] | None = None,
    ) -> None:
        if min(*size, batch_size, alignment) < 1 or not 0 <= overlap <= 0.9:
            raise ValueError(
                "size, batch_size and alignment must be 1 or more and overlap within [0, 0.9]; "
                f"got size={size}, batch_size={batch_size}, alignment={alignment}, overlap={overlap}"
            )
        self.network = network
        self.size = (int(size[0]), int(size[1]))
        self.overlap = overlap
        self.batch_size = batch_size
        self.alignment = alignment
        shape = getattr(network, "input_shape", None)
        source_format = formats.source
        depth = channels or (shape[-1] if shape else source_format.depth)
        if source_format == RGB and depth != RGB.depth:
            source_format = PictureFormat("grey" if depth == 1 else depth)
        if depth != source_format.depth:
            raise ValueError(
                f"the network expects {depth} channels, but pictures of its source format have "
                f"{source_format.depth}"
            )
        self.formats = Formats(source_format, formats.target)
        self._forward = Forward(network, self.size, batch_size, settle)

    def __call__(self, picture: np.ndarray | Image.Image) -> np.ndarray | Image.Image:
        """Translate one picture; what comes back is of the same kind, height and width.

        The values of files come back as values of target files: with `RGB`, uint8 as uint8. Grey is repeated
        for a network that takes colours, colours are mixed for one that takes grey, and transparency is laid on
        white. An array (height, width) comes back as such if the result has one channel.

        Args:
            picture: a PIL image; or an array (height, width) or (height, width, channels), of the type
                of the values in source files; or of floats in [-1, 1], which come back as the network
                paints them, float32. Where source files hold floats, floats are always the values of files.

        Raises:
            ZooError: if the picture is empty, or of another type, shape or value range; if the network
                does not keep height and width; or if no PIL image holds the result.
        """
        (translated,) = self.translate_arrays([as_source(picture, self.formats.source)])
        if isinstance(picture, Image.Image):
            return _as_image(translated)
        flat = np.ndim(picture) == 2 and translated.shape[2] == 1
        return translated[..., 0] if flat else translated

    def translate_arrays(self, pictures: Iterable[tuple[np.ndarray, bool]]) -> Iterator[np.ndarray]:
        """Translate pictures one after the other; tiles of successive ones share batches.

        Args:
            pictures: each what `zoo.translation.inputs.as_source` returns: (height, width, channels), and whether its
                values are those of files, of the type `PictureFormat.as_stored` returns, or of the network.
        """
        tiled = (
            (self._tiled(ArrayRows(array), *array.shape[:2], in_files=in_files), None)
            for array, in_files in pictures
        )
        for picture, _, painted in self._forward.painted(tiled):
            yield _whole(picture, picture.bands(painted))

    def translate_files(
        self, jobs: Iterable[Job], progress: Progress | None = None
    ) -> Iterator[Job]:
        """Translate picture files one by one; yield each job when its result is written.

        Tiles of successive pictures share batches. Pictures of more than 256 MB in TIFF and NumPy files are read
        and written a band of tiles at a time; their results are tiled TIFF files. The pages of a TIFF file are pictures
        each, and pages of a TIFF file again, unless all together have the number of channels of the source format:
        then they are the channels of one picture, and those of the result are pages where they can be shared out.

        Args:
            jobs: pairs of a picture file and the file to write, as `collect` makes them.
            progress: told after each band of tiles.

        Raises:
            DataError: if a file cannot be read as a picture, or is not of the source format.
            ZooError: if no such file holds what the network paints.
        """
        with ExitStack() as files:

            def tiled() -> Iterator[tuple[TiledPicture, tuple[_Read, Job]]]:
                for source, written in jobs:
                    read = self._opened(source, files)
                    yield from ((picture, (read, (source, written))) for picture in read.pictures)

            stream = self._forward.painted(tiled())
            for picture, (read, (source, written)), painted in stream:
                others = itertools.islice(stream, len(read.pictures) - 1)
                pages: Iterator[Iterator[np.ndarray]] = itertools.chain(
                    [picture.bands(painted)], (other.bands(tiles) for other, _, tiles in others)
                )
                if progress is not None:
                    pages = _told(pages, source, read, progress)
                self._write(source, written, read, pages)
                yield source, written

    def _opened(self, source: Path, files: ExitStack) -> _Read:
        header = header_of_parts(source)
        wanted = self.formats.source.channels
        if header is None or not in_parts(source, header, wanted):
            stored = self.formats.source.read(source)
            picture = self._tiled(ArrayRows(stored), *stored.shape[:2], in_files=True)
            return _Read([picture], header.pages if header else 1)
        files.close()  # that of the large picture before; several are never read at once
        if not header.is_stack(wanted):
            pages = [files.enter_context(open_rows(source))]
        else:
            pages = files.enter_context(open_pages(source))
        return _Read(
            [
                self._tiled(
                    rows,
                    header.height,
                    header.width,
                    in_files=True,
                    name=source,
                    nodata=header.nodata,
                )
                for rows in pages
            ],
            header.pages,
        )

    def _write(
        self, source: Path, written: Path, read: _Read, pages: Iterator[Iterator[np.ndarray]]
    ) -> None:
        in_tiff = written.suffix.lower() in (".tif", ".tiff")
        tags = (*geographic_tags(source), *self.formats.target.tags) if in_tiff else ()
        picture = read.pictures[0]
        size = picture.height, picture.width
        if len(read.pictures) > 1:
            write_stack(written, pages, len(read.pictures), *size, tags)
            return
        bands = next(pages)
        small = isinstance(picture.rows, ArrayRows)
        if in_tiff and read.pages > 1 and self._in_pages(read.pages):
            if small:
                split = np.split(_whole(picture, bands), read.pages, axis=-1)
                write_stack(written, ([page] for page in split), read.pages, *size, tags)
            else:
                write_planes(written, bands, read.pages, *size, tags)
        elif in_tiff and not small:
            write_tiled(written, bands, *size, tags)
        else:
            write_picture(written, _whole(picture, bands), tags)

    def _in_pages(self, pages: int) -> bool:
        """Return whether the channels of the result are pages, as those of its source are."""
        channels = self.formats.target.channels
        return isinstance(channels, int) and channels % pages == 0

    def _tiled(
        self,
        rows: Rows,
        height: int,
        width: int,
        *,
        in_files: bool,
        name: Path | None = None,
        nodata: float | None = None,
    ) -> TiledPicture:
        """Cut a picture of the values of files, or of those of the network, into tiles.

        Args:
            rows: the picture; with a name, of values as they are in a file.
            height: of the picture.
            width: of the picture.
            in_files: whether its values are those of files.
            name: of the file, whose values have not been looked at.
            nodata: of the file, what marks its holes.
        """

        def stored(part: np.ndarray) -> np.ndarray:
            return part if name is None else self.formats.source.checked(part, name, nodata)

        def seen(tile: np.ndarray) -> np.ndarray:
            return self.formats.source.to_network(stored(tile)) if in_files else tile

        def holes(part: np.ndarray) -> np.ndarray | None:
            found = self.formats.source.holes(stored(part))
            return None if found is None else np.atleast_3d(found.all(axis=-1))

        return TiledPicture(
            rows,
            height,
            width,
            down=TiledAxis(height, self.size[0], self.overlap, self.alignment),
            across=TiledAxis(width, self.size[1], self.overlap, self.alignment),
            size=self.size,
            seen=seen,
            finish=self._file_values if in_files else lambda painted, _: np.array(painted),
            holes=holes if in_files and self._keeps_holes else None,
        )

    @property
    def _keeps_holes(self) -> bool:
        """Whether both formats know holes, so that those of a source are holes of its result."""
        source, target = self.formats.source, self.formats.target
        return not source.classes and source.hole is not None and target.hole is not None

    def _file_values(self, painted: np.ndarray, holes: np.ndarray | None) -> np.ndarray:
        if self.formats.target != RGB and painted.shape[2] != self.formats.target.depth:
            raise ZooError(
                f"the network paints {painted.shape[2]} channels, but pictures of its target format "
                f"have {self.formats.target.depth}"
            )
        return self.formats.target.from_network(painted, holes)


def _whole(picture: TiledPicture, bands: Iterator[np.ndarray]) -> np.ndarray:
    """Return all bands as one array (height, width, channels)."""
    first = next(bands)
    result = np.empty((picture.height, picture.width, first.shape[2]), first.dtype)
    top = 0
    for band in itertools.chain([first], bands):
        result[top : top + len(band)] = band
        top += len(band)
    return result


def _told(
    pages: Iterator[Iterator[np.ndarray]], source: Path, read: _Read, progress: Progress
) -> Iterator[Iterator[np.ndarray]]:
    each = len(read.pictures[0].down.starts)
    count = each * len(read.pictures)

    def told(bands: Iterator[np.ndarray], before: int) -> Iterator[np.ndarray]:
        for done, band in enumerate(bands, start=before + 1):
            yield band
            progress(source, done, count)

    for page, bands in enumerate(pages):
        yield told(bands, page * each)


def _as_image(translated: np.ndarray) -> Image.Image:
    channels, dtype = translated.shape[2], str(translated.dtype)
    if channels not in IMAGE_CHANNELS.get(dtype, ()):
        raise ZooError(
            f"no PIL image holds what the network paints, {channels} channels of {dtype}; "
            "translate a NumPy array instead"
        )
    return Image.fromarray(translated[..., 0] if channels == 1 else translated)
