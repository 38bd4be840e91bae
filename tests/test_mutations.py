"""The list of mutations fits the code; docs/measure_mutations.py tries them, which takes ten minutes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def measure(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    import measure_mutations

    yield measure_mutations
    sys.modules.pop("measure_mutations")


def test_every_mutation_can_be_made(measure, tmp_path: Path) -> None:
    mutations = measure.mutations()
    assert len(mutations) >= 40
    for mutation in mutations:
        copy = tmp_path / mutation.file
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text((ROOT / mutation.file).read_text())
        mutation.made_in(tmp_path)
        compile(copy.read_text(), mutation.file, "exec")
        assert all((ROOT / "tests" / name).exists() for name in mutation.tests.split())


def test_the_page_has_them_all_with_tests_that_exist(measure) -> None:
    rows = [line.split(" | ") for line in measure.PAGE.read_text().splitlines() if "::" in line]
    assert [row[0].strip("| `") for row in rows] == [item.file for item in measure.mutations()]
    for row, mutation in zip(rows, measure.mutations(), strict=True):
        assert row[1].startswith(mutation.what)
        file, _, name = row[2].strip("| `").partition("::")
        function = name.partition("[")[0].rpartition("::")[2]
        assert f"def {function}(" in (ROOT / "tests" / file).read_text()
