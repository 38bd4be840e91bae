import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data.pictures_on_disk import noise, save
from zoo_earth.dataset import BOTTOM, SQUARE, TOP, earth

from zoo.pictures import SUFFIXES

DOCS = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## `(\w+)`[^\n]*\n(.*?)(?=^## )", DOCS, re.M | re.S))


def test_the_docs_name_every_suffix():
    assert f"`{' '.join(SUFFIXES)}`" in SECTIONS["folder"]


def test_the_docs_tell_which_latitudes_are_used():
    assert f"From {90 - TOP // 15}° north to {BOTTOM // 15 - 90}° south" in SECTIONS["earth"]


def test_the_docs_tell_how_many_tiles_there_are():
    rows = re.findall(r"^\| (\d+) \| (\d+) \| (\d+) \| ([\d,]+) \|$", SECTIONS["earth"], re.M)
    assert len(rows) == 4
    for size, train, test, starts in rows:
        tiles: Any = earth(size=int(size))
        assert (len(tiles.train), len(tiles.test)) == (int(train), int(test))
        assert len(tiles.train.places.starts) == int(starts.replace(",", ""))


def test_the_docs_tell_how_unpaired_tiles_are_parted():
    row = r"^\| (\d+) \| (\d+) \| (\d+) \| (\d+) \| ([\d,]+) \| ([\d,]+) \|$"
    rows = re.findall(row, SECTIONS["earth"], re.M)
    assert len(rows) == 4
    for size, *numbers in rows:
        tiles: Any = earth(size=int(size), paired=False)
        sides = tiles.train.sources.places, tiles.train.targets.places
        counts = [*map(len, sides), len(tiles.test), *(len(side.starts) for side in sides)]
        assert [int(number.replace(",", "")) for number in numbers] == counts
    assert f"{SQUARE} by {SQUARE} tiles a square" in SECTIONS["earth"]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_programs_in_the_docs_run(number, tmp_path, capsys):
    programs = re.findall(r"```python\n(.*?)```", DOCS, re.S)
    assert len(programs) == 3
    names: dict[str, Any] = {}
    exec(programs[number], names)
    if "stripes" in names:
        examples = names["stripes"]().train
        assert examples.example(3, None)["target"].shape == (64, 64, 3)
    if "denoising" in names:
        for seed in range(4):
            save(tmp_path / f"{seed}.png", noise(128, 128, seed))
        example = names["denoising"](str(tmp_path)).train.example(0, None)
        assert np.ptp(example["source"] - example["target"]) > 0.1
