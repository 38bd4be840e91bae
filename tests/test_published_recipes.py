"""The recipes of published datasets: the settings of their papers, and training on archives in the published layout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from plugins.published import write_cycle_gan, write_pix2pix

import zoo
from zoo.training.train import train

tensorflow_datasets = pytest.importorskip("tensorflow_datasets")
from tensorflow_datasets.core.download import checksums  # noqa: E402

# By name: direction, epochs, batch size and whether pictures are mirrored and jittered: appendix 6.2 of the paper.
PIX2PIX = {
    "facades": ("b_to_a", 200, 1, True),
    "maps": ("b_to_a", 200, 1, True),
    "cityscapes": ("b_to_a", 200, 1, True),
    "edges2shoes": ("a_to_b", 15, 4, False),
    "edges2handbags": ("a_to_b", 15, 4, False),
    "night2day": ("b_to_a", 17, 4, True),
}
# By name: weight of the identity losses, section 5.2 of CycleGAN's.
CYCLEGAN = {
    "horse2zebra": 0,
    "apple2orange": 0,
    "summer2winter_yosemite": 0,
    "monet2photo": 0.5,
}


def test_no_recipe_is_left_out() -> None:
    names = zoo.load_host().registry.names("recipe")
    published = [n for n in names if zoo.load_recipe(n).resolved()["dataset"]["name"] == "tfds"]
    assert published == sorted([*PIX2PIX, *CYCLEGAN])


@pytest.mark.parametrize("name", PIX2PIX)
def test_the_settings_are_those_of_the_pix2pix_paper(name: str) -> None:
    recipe = zoo.load_recipe(name).resolved()
    direction, epochs, batch_size, augmented = PIX2PIX[name]
    dataset, training = recipe["dataset"], recipe["training"]
    assert dataset["builder"] == f"pix2pix/{name}"
    assert (dataset["direction"], dataset["size"]) == (direction, 256)
    assert (dataset["flip"], dataset["jitter"] > 0) == (augmented, augmented)
    assert (training["epochs"], training["batch_size"]) == (epochs, batch_size)
    assert (recipe["generator"]["depth"], recipe["discriminator"]["layers"]) == (8, 3)
    assert [loss["weight"] for loss in recipe["losses"]["reconstruction"]] == [100]
    assert (recipe["inference"]["dropout"], recipe["inference"]["statistics"]) == (True, "picture")


@pytest.mark.parametrize("name", CYCLEGAN)
def test_the_settings_are_those_of_the_cyclegan_paper(name: str) -> None:
    recipe = zoo.load_recipe(name).resolved()
    assert recipe["dataset"]["builder"] == f"cycle_gan/{name}"
    assert recipe["model"]["identity_weight"] == CYCLEGAN[name]
    assert recipe["model"]["pool_size"] == 50
    assert (recipe["generator"]["name"], recipe["generator"]["blocks"]) == ("resnet", 9)
    assert recipe["losses"]["adversarial"]["name"] == "lsgan"
    assert [loss["weight"] for loss in recipe["losses"]["reconstruction"]] == [10]
    assert (recipe["training"]["epochs"], recipe["training"]["batch_size"]) == (200, 1)
    assert recipe["schedule"]["name"] == "linear_decay"
    assert recipe["schedule"]["decay"] == 0.5


SMALL = [
    "dataset.size=32",
    "generator.filters=2",
    "discriminator.filters=2",
    "discriminator.layers=1",
    "training.epochs=1",
]


def prepared(name: str, folder: Path, *small: str) -> list[str]:
    """The overrides that make a recipe small and have it read the archives below a folder."""
    places = [f"dataset.data_dir={folder / 'data'}", f"dataset.manual_dir={folder / 'by hand'}"]
    return [*SMALL, *small, *places]


def trained(name: str, folder: Path, *small: str) -> zoo.Run:
    run = train(name, *prepared(name, folder, *small), root=folder, say=lambda line: None)
    assert run.metrics["status"] == "completed"
    translated = run(np.zeros((40, 50, 3), np.uint8))
    assert isinstance(translated, np.ndarray)
    assert (translated.shape, translated.dtype) == ((40, 50, 3), np.uint8)
    return run


def of_pix2pix(name: str, folder: Path) -> None:
    write_pix2pix(folder / "by hand", name, {"train": 4, "val": 2, "test": 2}, size=32)


def of_cyclegan(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = write_cycle_gan(folder / "by hand", name, count=2, size=32)
    # The library knows the checksums of the published archives; this one has another.
    url = f"https://efrosgans.eecs.berkeley.edu/cyclegan/datasets/{archive.name}"
    known = {url: checksums.compute_url_info(archive)}
    monkeypatch.setattr(tensorflow_datasets.builder_cls("cycle_gan"), "url_infos", known)


# Of those with the same settings, all of which are assembled, one is trained.
@pytest.mark.parametrize("name", ["facades", "edges2shoes"])
def test_a_recipe_of_pix2pix_trains(name: str, tmp_path: Path) -> None:
    of_pix2pix(name, tmp_path)
    run = trained(name, tmp_path, "generator.depth=3")
    assert run.metrics["steps"] == 4 // PIX2PIX[name][2]
    assert np.isfinite([run.metrics["l1"], run.metrics["psnr"]]).all()


@pytest.mark.parametrize("name", ["horse2zebra", "monet2photo"])
def test_a_recipe_of_cyclegan_trains(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_cyclegan(name, tmp_path, monkeypatch)
    run = trained(name, tmp_path, "generator.blocks=1")
    assert run.metrics["steps"] == 3
    assert "psnr" not in run.metrics
    assert (run.path / "inverse_generator.keras").is_file()


@pytest.mark.parametrize("name", [*PIX2PIX, *CYCLEGAN])
def test_a_recipe_brings_its_pictures(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = "generator.depth=3"
    if name in PIX2PIX:
        of_pix2pix(name, tmp_path)
    else:
        of_cyclegan(name, tmp_path, monkeypatch)
        small = "generator.blocks=1"
    experiment = zoo.assemble(name, *prepared(name, tmp_path, small))
    batch = experiment.train_data[0]
    assert len(batch["source"]) == (PIX2PIX[name][2] if name in PIX2PIX else 1)
    for side in ("source", "target"):
        assert batch[side].shape[1:] == (32, 32, 3)
        assert np.ptp(batch[side]) > 0.5
