"""A table of numbers: the history of a run, as Python and notebooks take it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from zoo.errors import ZooError, nearest
from zoo.runs.formatting import number
from zoo.runs.history import read_history

if TYPE_CHECKING:
    import numpy as np

Row = dict[str, float]
# Rows that are shown of a long table, half of them from its end.
SHOWN = 20
# Of the columns of a history these are whole numbers.
WHOLE = ("epoch", "step")


class Table(Sequence[Row]):
    """Rows of numbers under named columns; a number that is missing is NaN.

    `len(table)`, `table[-1]` and a loop give rows, each a dict; `table["val_psnr"]` gives a column, an array of floats;
    `table[:5]` a part of the table.

    Args:
        rows: by column.
        columns: their names, in order; those of the first row if None.
    """

    def __init__(self, rows: Sequence[Mapping[str, float]], columns: Sequence[str] | None = None):
        self.columns = tuple(rows[0] if rows and columns is None else columns or ())
        self._rows = [{name: row.get(name, math.nan) for name in self.columns} for row in rows]

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    @overload
    def __getitem__(self, key: int) -> Row: ...
    @overload
    def __getitem__(self, key: slice) -> Table: ...
    @overload
    def __getitem__(self, key: str) -> np.ndarray: ...
    def __getitem__(self, key: int | slice | str) -> Row | Table | np.ndarray:
        """Return a row, rows, or a column.

        Raises:
            KeyError: if there is no such column; names the nearest.
            IndexError: if there is no such row.
        """
        if isinstance(key, slice):
            return Table(self._rows[key], self.columns)
        if not isinstance(key, str):
            return self._rows[key]
        if key not in self.columns:
            raise KeyError(
                f"there is no column '{key}', but {', '.join(self.columns) or 'none'}.{nearest(key, self.columns)}"
            )
        import numpy as np  # 'zoo runs' starts without it

        return np.array([row[key] for row in self._rows], np.float64)

    def to_pandas(self) -> Any:
        """Return a `pandas.DataFrame` of the same columns.

        Raises:
            ZooError: if pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError:
            raise ZooError("to_pandas needs pandas: pip install pandas") from None
        return pd.DataFrame(self._rows, columns=list(self.columns))

    def __repr__(self) -> str:
        if not self._rows:
            return "<Table without rows>"
        lines = [self.columns, *self._lines()]
        widths = [max(len(line[place]) for line in lines) for place in range(len(self.columns))]
        return "\n".join(
            "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
            for line in lines
        )

    def _repr_html_(self) -> str:
        from zoo.notebook.html import table

        return table([self.columns, *self._lines()])

    def _lines(self) -> list[tuple[str, ...]]:
        """Return the rows as text; of many those at both ends, around a row of dots."""
        rows, half = self._rows, SHOWN // 2
        shown = rows if len(rows) <= SHOWN else [*rows[:half], *rows[-half:]]
        lines = [tuple(_cell(row[name]) for name in self.columns) for row in shown]
        if len(rows) > SHOWN:
            lines.insert(half, ("…",) * len(self.columns))
        return lines


def history_table(path: Path) -> Table:
    """Return the history of a run as a table.

    Args:
        path: of the CSV file; without it the table is empty.
    """
    if not path.is_file():
        return Table([])
    return Table(
        [
            {
                name: int(cell) if name in WHOLE else float(cell or math.nan)
                for name, cell in row.items()
            }
            for row in read_history(path)
        ]
    )


def _cell(value: float) -> str:
    return "" if math.isnan(value) else number(value)
