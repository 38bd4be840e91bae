"""A list of pairs in a file: CSV with a header line, or one JSON object a line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from zoo.data.layout import Found, Pair, Single
from zoo.errors import DataError, nearest

SUFFIXES = (".csv", ".jsonl")
COLUMNS = ("source", "target", "split")


@dataclass(frozen=True)
class Manifest:
    """Pairs, or pictures of two piles, as a file lists them.

    Each line names a source and a target, by paths that start at the manifest's folder, and may name the split that
    they belong to. Of two piles a line may name only one of them. Other columns are passed over.

    Args:
        path: the file; `.csv` with the columns source, target and perhaps split, or `.jsonl` of such objects.
    """

    path: Path

    @property
    def root(self) -> Path:
        """The folder that its paths start from."""
        return self.path.parent

    @property
    def rows(self) -> list[dict[str, str]]:
        """The lines: source, target and split, where they are given."""
        return [row for _, row in self._rows]

    def pairs(self, part: str | None) -> tuple[Found[Pair]]:
        """Find the pairs of a split, or, with None, those that belong to none.

        Raises:
            DataError: if a line has no source or no target, or the file cannot be read.
        """
        found: Found[Pair] = Found()
        for line, row in self._of(part):
            for column in ("source", "target"):
                if column not in row:
                    raise DataError(
                        f"{self.path}, line {line}: there is no {column}; expected both"
                    )
            found.items.append(
                Pair(row["source"], self.root / row["source"], self.root / row["target"])
            )
        return (found,)

    def unpaired(self, part: str | None) -> tuple[Found[Single], Found[Single]]:
        """Find the sources and the targets of a split, or, with None, those that belong to none."""
        rows = [row for _, row in self._of(part)]
        a, b = (
            Found([Single(self.root / row[side], row[side]) for row in rows if side in row])
            for side in ("source", "target")
        )
        return a, b

    def nothing(self) -> DataError:
        """Say that there is nothing, and what was expected."""
        splits = sorted({row["split"] for _, row in self._rows if "split" in row})
        there = f"; its splits are {', '.join(splits)}" if splits else ""
        return DataError(
            f"{self.path} lists no pictures to train on; expected lines with source and target, "
            f"without split or of the split that train names{there}"
        )

    def _of(self, part: str | None) -> Iterator[tuple[int, dict[str, str]]]:
        return ((line, row) for line, row in self._rows if row.get("split") == part)

    @cached_property
    def _rows(self) -> list[tuple[int, dict[str, str]]]:
        """The lines with their numbers; what is empty is left out."""
        try:
            text = self.path.read_bytes().decode("utf-8-sig")
        except OSError as error:
            raise DataError(f"the manifest {self.path} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            raise DataError(
                f"{self.path}, line {line}: is not text in UTF-8; save the file in that encoding"
            ) from None
        read = self._csv if self.path.suffix.lower() == ".csv" else self._json_lines
        return [
            (line, {key: row[key].strip() for key in COLUMNS if row.get(key, "").strip()})
            for line, row in read(text)
        ]

    def _csv(self, text: str) -> Iterator[tuple[int, dict[str, str]]]:
        reader = csv.DictReader(io.StringIO(text, newline=""), restval="")
        try:
            yield from self._csv_rows(reader)
        except csv.Error as error:
            raise DataError(
                f"{self.path}, line {reader.line_num + 1}: is not CSV: {error}"
            ) from None

    def _csv_rows(self, reader: csv.DictReader[str]) -> Iterator[tuple[int, dict[str, str]]]:
        names = reader.fieldnames or []
        if len(names) == 1 and (";" in names[0] or "\t" in names[0]):
            raise DataError(
                f"{self.path}, line 1: its columns are not separated by commas, as expected"
            )
        for column in ("source", "target"):
            if column not in names:
                raise DataError(
                    f"{self.path}, line 1: there is no column {column}; expected a header line with source and target, "
                    f"and perhaps split.{nearest(column, names)}"
                )
        for row in reader:
            yield reader.line_num, row

    def _json_lines(self, text: str) -> Iterator[tuple[int, dict[str, str]]]:
        for number, line in enumerate(text.split("\n"), start=1):
            if not line.strip():
                continue
            try:
                row: Any = json.loads(line)
            except json.JSONDecodeError as error:
                raise DataError(f"{self.path}, line {number}: is not JSON: {error}") from None
            except (ValueError, RecursionError):
                raise DataError(
                    f"{self.path}, line {number}: is not JSON that can be read: its numbers are too long, or its "
                    "brackets too deep"
                ) from None
            if not isinstance(row, dict) or not all(
                isinstance(row.get(key, ""), str) for key in COLUMNS
            ):
                raise DataError(
                    f"{self.path}, line {number}: expected an object with source and target, and perhaps split"
                )
            yield number, row
