"""The recipes for one folder of pictures, shrunk, train and translate what their sources look like."""

from __future__ import annotations

import numpy as np
import pytest
from data.pictures_on_disk import noise, save

import zoo
from zoo.training import train

RECIPES = ("colorization", "edges2photo", "inpainting", "super_resolution")


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_for_one_folder_trains(name, tmp_path):
    for seed in range(6):
        save(tmp_path / "pictures" / f"{seed}.png", noise(40, 36, seed))
    overrides = [
        f"dataset.path={tmp_path / 'pictures'}",
        "dataset.size=32",
        "generator.filters=2",
        "generator.depth=3",
        "discriminator.filters=2",
        "discriminator.layers=1",
        "training.epochs=1",
        "training.batch_size=2",
    ]
    run = train(name, *overrides, root=tmp_path, say=lambda line: None)
    assert run.metrics["status"] == "completed"
    assert run.metrics["steps"] == 3
    assert np.isfinite([run.metrics["l1"], run.metrics["psnr"]]).all()
    # Grey and colours alike: drawings may be saved as either.
    for channels in (1, 3):
        picture = np.zeros((40, 50, channels), np.uint8)
        translated = zoo.load_run(run.path)(picture)
        assert (translated.shape, translated.dtype) == ((40, 50, 3), np.uint8)
