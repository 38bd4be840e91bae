"""Every shipped recipe, shrunk, is trained and translates, on the backend of this process."""

from __future__ import annotations

import numpy as np
import pytest

import zoo
from zoo.training import train

SMALL = {
    "earth": ["dataset.size=64", "generator.depth=4", "discriminator.layers=2"],
    "earth_256": [
        "dataset.size=64",
        "generator.depth=6",
        "discriminator.layers=2",
        "inference.dropout=true",
    ],
    "earth_backbone": ["dataset.size=64", "generator.levels=[1, 2, 3]", "discriminator.layers=2"],
    "earth_colorization": ["dataset.size=64", "generator.depth=4", "discriminator.layers=2"],
    "earth_cyclegan": ["dataset.size=64", "generator.depth=4", "discriminator.layers=2"],
    "earth_lsgan": ["dataset.size=64", "generator.depth=4", "discriminator.layers=2"],
    "earth_resnet": ["dataset.size=64", "generator.blocks=1", "discriminator.layers=2"],
    "earth_wgan_gp": [
        "dataset.size=64",
        "generator.depth=4",
        "discriminator.layers=2",
        "model.critic_steps=2",
    ],
}


def test_no_recipe_is_left_out() -> None:
    assert zoo.load_host().registry.names("recipe") == sorted(SMALL)


@pytest.mark.parametrize("name", SMALL)
def test_a_shipped_recipe_trains(name: str, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    from zoo_earth import dataset as earth

    # A strip of the earth: the tiles of one row, so that an epoch is a few steps.
    monkeypatch.setattr(earth, "BOTTOM", earth.TOP + 64)
    overrides = [
        "generator.filters=2",
        "discriminator.filters=2",
        "training.epochs=1",
        "training.batch_size=8",
    ]
    run = train(name, *SMALL[name], *overrides, root=tmp_path, say=lambda line: None)
    assert run.metrics["status"] == "completed"
    assert run.metrics["steps"] >= 2
    assert np.isfinite([run.metrics["l1"], run.metrics["psnr"]]).all()
    translated = zoo.load_run(run.path)(np.zeros((70, 90, 3), np.uint8))
    assert isinstance(translated, np.ndarray)
    assert (translated.shape, translated.dtype) == ((70, 90, 3), np.uint8)
