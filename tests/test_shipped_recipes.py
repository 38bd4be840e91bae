"""Every shipped recipe, shrunk, is trained and translates, on the backend of this process."""

from __future__ import annotations

import numpy as np
import pytest
from data.pictures_on_disk import noise, save

import zoo
from zoo.training.train import train

# As few layers as each takes: what a test costs is compiling them, on every backend.
SMALL = {
    "colorization": ["generator.depth=3"],
    "earth": ["generator.depth=3"],
    "earth_256": ["generator.depth=5", "inference.dropout=true"],
    "earth_backbone": ["generator.levels=[1, 2]"],
    "earth_colorization": ["generator.depth=3"],
    "earth_cyclegan": ["generator.depth=3"],
    "earth_lsgan": ["generator.depth=3"],
    "earth_resnet": ["generator.blocks=1"],
    "earth_wgan_gp": ["generator.depth=3", "model.critic_steps=2"],
    "edges2photo": ["generator.depth=3"],
    "inpainting": ["generator.depth=3"],
    "super_resolution": ["generator.depth=3"],
}
# Of these every backend has a step, a model or a layer of its own; the others differ in their pictures, and are trained
# among the slow proofs.
ON_ALL = ("earth", "earth_cyclegan", "earth_wgan_gp", "colorization", "earth_256")


def test_no_recipe_is_left_out() -> None:
    # Those of published datasets have tests of their own.
    names = zoo.load_host().registry.names("recipe")
    ours = [name for name in names if zoo.load_recipe(name).resolved()["dataset"]["name"] != "tfds"]
    assert ours == sorted(SMALL)


@pytest.mark.parametrize(
    "name",
    [name if name in ON_ALL else pytest.param(name, marks=pytest.mark.slow) for name in SMALL],
)
def test_a_shipped_recipe_trains(name: str, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    from zoo_earth import dataset as earth

    # A strip of the earth: the tiles of one row, so that an epoch is a few steps.
    monkeypatch.setattr(earth, "BOTTOM", earth.TOP + 32)
    # What recipes for one folder of pictures take.
    monkeypatch.chdir(tmp_path)
    for seed in range(20):
        save(tmp_path / "pictures" / f"{seed}.png", noise(36, 40, seed))
    overrides = [
        "dataset.size=32",
        "discriminator.layers=1",
        "generator.filters=2",
        "discriminator.filters=2",
        "training.epochs=1",
        "training.batch_size=8",
    ]
    run = train(name, *SMALL[name], *overrides, root=tmp_path, say=lambda line: None)
    assert run.metrics["status"] == "completed"
    assert run.metrics["steps"] >= 2
    assert np.isfinite([run.metrics["l1"], run.metrics["psnr"]]).all()
    # Grey and colours alike: drawings may be stored as either.
    for channels in (1, 3):
        translated = zoo.load_run(run.path)(np.zeros((70, 90, channels), np.uint8))
        assert isinstance(translated, np.ndarray)
        assert (translated.shape, translated.dtype) == ((70, 90, 3), np.uint8)
