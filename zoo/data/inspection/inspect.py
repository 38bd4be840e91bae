"""Inspecting a path: everything that is worth knowing before a training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from zoo.data.checks import misfit
from zoo.data.inspection import SAMPLE
from zoo.data.inspection.duplicates import classified, same_content, same_pixels
from zoo.data.inspection.findings import Inspection, Part, Pictures, Use
from zoo.data.inspection.places import Placed, place_folder, place_manifest, place_picture
from zoo.data.inspection.propose import propose, stored_notes, stored_sides
from zoo.data.inspection.statistics import Decoded, decode_sample
from zoo.data.inspection.survey import same_but_for_case
from zoo.data.layout import Pair
from zoo.data.manifest import SUFFIXES as MANIFESTS
from zoo.data.spread import spread
from zoo.errors import DataError, nearest
from zoo.pictures import SUFFIXES


def inspect(path: str | Path, *, sample: int = SAMPLE) -> Inspection:
    """Look at pictures and propose the dataset section of a recipe.

    The header of every file is read, and those of equal length are compared; a sample is decoded.

    Args:
        path: a folder, a manifest (`.csv` or `.jsonl`), or a picture file.
        sample: how many pictures are decoded, spread evenly over each side; 0 decodes all.

    Raises:
        DataError: if there is nothing there, or no picture.
    """
    placed = _placed(Path(path).expanduser(), str(path))
    files = placed.files()
    by_side: dict[str, list[Path]] = {}
    for side, _, file in files:
        by_side.setdefault(side, []).append(file)
    decoded = _decode(placed, by_side, sample)
    misfits = _sizes(placed)
    pictures = tuple(
        Pictures.of(side, headers)
        for side, paths in by_side.items()
        if (headers := placed.survey.of(paths))
    )
    alone = {
        file: reason
        for collections in placed.parts.values()
        for found in collections
        for file, reason in found.unusable.items()
    }
    listed = {file for _, _, file in files} | alone.keys()
    unreadable = {
        file: reason
        for file, reason in (placed.survey.unreadable | decoded.broken).items()
        if file in listed
    }
    compared = _compared(by_side, decoded) - unreadable.keys()
    by_bytes = same_content([file for _, _, file in files if file in compared])
    digests = {file: digest for file, digest in decoded.digests.items() if file in compared}
    duplicates = (
        classified("bytes", by_bytes, files),
        classified("pixels", same_pixels(digests, by_bytes), files),
    )
    notes = list(placed.notes)
    stored = stored_sides(placed, by_side, decoded.statistics)
    notes += stored_notes(stored, decoded.statistics)
    notes += _stacks(placed, by_side)
    proposal = None
    if pictures and placed.layout.kind != "one picture":
        problems = bool(alone or unreadable or misfits or any(item.strangers for _, item in stored))
        proposal = propose(placed, str(path), stored, problems)
    return Inspection(
        path=str(path),
        root=placed.root,
        layout=placed.layout,
        parts=_parts(placed),
        pictures=pictures,
        decoded=len(decoded.digests) + len(decoded.broken),
        statistics=tuple(decoded.statistics),
        alone=alone,
        unreadable=unreadable,
        misfits=misfits,
        duplicates=tuple(item for item in duplicates if item.any),
        same_but_for_case=tuple(same_but_for_case(placed.survey.headers)),
        notes=tuple(notes),
        proposal=proposal,
    )


def _placed(path: Path, given: str) -> Placed:
    if path.is_dir():
        return place_folder(path)
    if not path.exists():
        beside = path.parent.iterdir() if path.parent.is_dir() else ()
        hint = nearest(path.name, (other.name for other in beside))
        raise DataError(f"there is no file or folder {given}.{hint}")
    if path.suffix.lower() in MANIFESTS:
        return place_manifest(path)
    if path.suffix.lower() not in SUFFIXES:
        raise DataError(
            f"{given} is neither a folder, nor a manifest ({', '.join(MANIFESTS)}), nor a picture "
            f"({', '.join(SUFFIXES)})"
        )
    return place_picture(path)


def _decode(placed: Placed, by_side: Mapping[str, Sequence[Path]], sample: int) -> Decoded:
    chosen = []
    for side, paths in by_side.items():
        readable = [path for path in dict.fromkeys(paths) if path in placed.survey.headers]
        share = -(-sample // len(by_side)) if sample else len(readable)
        chosen += [(side, path) for path in spread(readable, share)]
    halves = placed.layout.sides if placed.layout.kind == "side by side" else ()
    return decode_sample(chosen, placed.survey, halves=halves)


def _stacks(placed: Placed, by_side: Mapping[str, Sequence[Path]]) -> list[str]:
    """Say what becomes of files of several pages."""
    notes = []
    for side, files in by_side.items():
        stacks = {header.pages: header for header in placed.survey.of(files) if header.pages > 1}
        notes += [
            f"{side}: files of {pages} pages; channels: {header.channels} takes the pages for the channels of one "
            "picture; if each page is a picture, save each as a file"
            for pages, header in sorted(stacks.items())
        ]
    return notes


def _compared(by_side: Mapping[str, Sequence[Path]], decoded: Decoded) -> set[Path]:
    """Return the files that are no copies by chance, as label maps of nothing but sea are."""
    labels = {item.side for item in decoded.statistics if item.labels is not None}
    sides = by_side.keys() - labels or by_side.keys()
    return {file for side in sides for file in by_side[side]}


def _sizes(placed: Placed) -> dict[Path, str]:
    """Return the files whose size keeps them from being a pair."""
    headers = placed.survey.headers
    found: dict[Path, str] = {}
    for collections in placed.parts.values():
        for pair in (item for part in collections for item in part.items if isinstance(item, Pair)):
            sizes = {
                file: (headers[file].height, headers[file].width)
                for file in pair.files
                if file in headers
            }
            if len(sizes) == len(pair.files):
                found |= misfit(pair, sizes)
    return found


def _parts(placed: Placed) -> tuple[Part, ...]:
    shown = []
    for name, collections in placed.parts.items():
        counts = {"pairs": len(collections[0].items)}
        if len(collections) == 2:
            counts = {
                side: len(found.items)
                for side, found in zip(placed.layout.sides, collections, strict=True)
            }
        elif not placed.layout.paired or not placed.layout.sides:
            counts = {"pictures": len(collections[0].items)}
        use: Use = "not used"
        if name == placed.learned:
            use = "to train on"
        elif name is not None and name == placed.held_out:
            use = "held out"
        shown.append(Part(name, counts, use))
    return tuple(shown)
