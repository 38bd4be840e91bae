"""Which files are translated, and which are written for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from zoo.errors import DataError, ZooError
from zoo.pictures import SUFFIXES, Formats, PictureFormat, find_pictures
from zoo.pictures.find import is_picture, no_pictures
from zoo.pictures.header import Header
from zoo.pictures.large import large_header
from zoo.translation.job import Job
from zoo.translation.video import check_video, is_video


def collect(
    paths: Iterable[Path],
    out: Path,
    *,
    formats: Formats = Formats(),  # noqa: B008 - frozen
    resume: bool = False,
) -> list[Job]:
    """Say which file is written for which picture: of the same name, with the target's suffix, in one folder.

    Every picture is read once to see that it can be, of large ones only the header, so that nothing is written if one
    cannot. Files that are in the folder from an earlier time will be replaced.

    Args:
        paths: picture and video files; folders of which the pictures directly inside are taken; and patterns such as
            `photos/**/*.jpg`, whose results lie in folders as the files do below what comes before the first `*`.
        out: the folder for the translated pictures.
        formats: of the pictures, and of the translated ones.
        resume: leave out those whose result is there.

    Returns:
        Pairs of a file and the file to write, for `Translator.translate_files`. Videos keep their suffix, and what is
        too large to be written at once, or has several pages that are pictures each, becomes `.tif`.

    Raises:
        DataError: if a path does not exist, a folder holds no picture, a pattern finds none, or files are no pictures
            or not of the format.
        ZooError: if two pictures would be written to one file, or one over a source picture.
    """
    if out.exists() and not out.is_dir():
        raise ZooError(f"{out} is a file; the translated pictures need a folder")
    sources: dict[Path, tuple[Path, Path]] = {}
    for path in paths:
        for file, place in _files(path, out):
            sources.setdefault(file.resolve(), (file, place))
    if not sources:
        raise DataError("there are no pictures to translate")
    jobs, problems = [], []
    # Names that differ in case alone are one file on Windows and macOS.
    taken: dict[str, Path] = {}
    for file, place in sources.values():
        header = None
        try:
            header = None if is_video(file) else large_header(file, formats.source.channels)
        except DataError as error:
            problems.append(str(error))
            continue
        written = place / f"{file.stem}{_suffix(file, header, formats.target)}"
        other = taken.setdefault(str(written).casefold(), file)
        if other != file:
            raise ZooError(
                f"{other} and {file} would both be written to {written}; "
                "rename one, or translate them into different folders"
            )
        if written.resolve() in sources:
            raise ZooError(
                f"{written} is a source picture and would be replaced; name another folder"
            )
        if resume and written.is_file():
            continue
        jobs.append((file, written))
        try:
            _check(file, header, formats)
        except DataError as error:
            problems.append(str(error))
    if problems:
        raise DataError("\n".join(problems))
    return jobs


def _files(path: Path, out: Path) -> Iterator[tuple[Path, Path]]:
    """Yield the files that a path means, each with the folder its result goes to."""
    if path.is_dir():
        yield from ((file, out) for file in _pictures(path, out))
    elif not path.exists() and _is_pattern(str(path)):
        yield from _matches(path, out)
    else:
        yield path, out


def _pictures(folder: Path, out: Path) -> list[Path]:
    if folder.resolve() == out.resolve():
        raise ZooError(f"{out} holds the source pictures; name another folder for the results")
    found = find_pictures(folder)
    if not found:
        videos = sorted(file.name for file in folder.iterdir() if is_video(file))
        if videos:
            raise DataError(
                f"the folder {folder} holds no pictures; name its videos themselves, as in {folder / videos[0]}"
            )
        raise DataError(
            f"the folder {folder} {no_pictures(folder)}; expected files directly in it that end in "
            f"{', '.join(SUFFIXES)}"
        )
    return found


def _matches(pattern: Path, out: Path) -> Iterator[tuple[Path, Path]]:
    parts = pattern.parts
    fixed = next(index for index, part in enumerate(parts) if _is_pattern(part))
    base, inside = Path(*parts[:fixed]), out.resolve()
    count = 0
    for file in sorted(base.glob(str(Path(*parts[fixed:])))):
        below = file.parent.relative_to(base)
        hidden = any(part.startswith(".") for part in below.parts)
        # Results of an earlier time may lie below the same folder.
        if hidden or inside in file.resolve().parents or not (is_picture(file) or is_video(file)):
            continue
        count += 1
        yield file, out / below
    if not count:
        raise DataError(f"no picture or video is found by the pattern {pattern}")


def _is_pattern(text: str) -> bool:
    return any(sign in text for sign in "*?[")


def _suffix(file: Path, header: Header | None, form: PictureFormat) -> str:
    if is_video(file):
        return file.suffix.lower()
    return ".tif" if header is not None else form.suffix


def _check(file: Path, header: Header | None, formats: Formats) -> None:
    if is_video(file):
        check_video(file, formats)
    elif header is None:
        formats.source.read(file)
    else:
        stack = header.is_stack(formats.source.channels)
        pages = header.pages if stack else 1
        try:
            formats.source.check(header.channels // pages, str(np.dtype(header.dtype)))
        except ValueError as error:
            each = f"has {pages} pages, each of which " if stack else ""
            raise DataError(f"{file} {each}{error}") from None
