from __future__ import annotations

import sys

import numpy as np
import pytest

from zoo.errors import ZooError
from zoo.runs.table import Table, history_table

TEXT = "epoch,step,seconds,loss,val_psnr\n1,10,1.5,0.25,\n2,20,3,0.125,18.25\n"


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text(TEXT)
    return history_table(path)


def test_rows_are_numbers_by_their_columns(table) -> None:
    assert table.columns == ("epoch", "step", "seconds", "loss", "val_psnr")
    assert len(table) == 2
    assert table[-1] == {"epoch": 2, "step": 20, "seconds": 3.0, "loss": 0.125, "val_psnr": 18.25}
    assert [row["epoch"] for row in table] == [1, 2]
    assert isinstance(table[0]["epoch"], int)


def test_columns_are_arrays_and_what_is_missing_is_nan(table) -> None:
    assert table["loss"].tolist() == [0.25, 0.125]
    assert np.isnan(table["val_psnr"][0])
    assert table[1:]["val_psnr"].tolist() == [18.25]
    with pytest.raises(KeyError, match=r"there is no column 'val_psnt'.*Did you mean 'val_psnr'\?"):
        table["val_psnt"]


def test_text_and_html_show_the_same_cells(table) -> None:
    assert repr(table) == (
        "epoch  step  seconds    loss  val_psnr\n"
        "    1    10    1.500  0.2500          \n"
        "    2    20        3  0.1250     18.25"
    )
    page = table._repr_html_()
    assert page.count("<tr>") == 3
    assert all(f">{cell}</t" in page for cell in ("val_psnr", "18.25", "0.1250", ""))


def test_of_many_rows_both_ends_are_shown() -> None:
    long = Table([{"epoch": epoch, "a": epoch / 3} for epoch in range(1, 101)])
    lines = repr(long).splitlines()
    assert len(lines) == 22
    assert [line.split()[0] for line in lines] == [
        "epoch",
        *map(str, range(1, 11)),
        "…",
        *map(str, range(91, 101)),
    ]
    assert long._repr_html_().count("<tr>") == 22


def test_names_are_escaped() -> None:
    assert "<script>" not in Table([{"<script>": 1.0}])._repr_html_()


def test_an_empty_table_says_so(tmp_path) -> None:
    empty = history_table(tmp_path / "history.csv")
    assert len(empty) == 0
    assert repr(empty) == "<Table without rows>"
    assert empty._repr_html_() == "<em>no rows</em>"


def test_pandas_takes_it(table) -> None:
    pandas = pytest.importorskip("pandas")
    frame = table.to_pandas()
    assert list(frame.columns) == list(table.columns)
    assert frame["loss"].tolist() == [0.25, 0.125]
    assert isinstance(frame, pandas.DataFrame)


def test_without_pandas_it_says_what_to_install(table, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ZooError, match=r"^to_pandas needs pandas: pip install pandas$"):
        table.to_pandas()
