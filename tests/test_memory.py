"""What the memory cannot hold is refused before it is made, in networks counted weight by weight."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import zoo
from zoo import memory
from zoo.memory import memory_bytes, require_memory, require_weights
from zoo.networks import patchgan, pixelgan, resnet, unet
from zoo.recipe import RecipeError


@pytest.fixture
def eight_gigabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "memory_bytes", lambda: 8 * 10**9)


def test_a_container_may_have_less_than_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(memory, "LIMIT_OF_CONTAINER", limit)
    whole = memory_bytes()
    assert whole is not None
    assert whole > 10**8
    limit.write_text("max\n")
    assert memory_bytes() == whole
    limit.write_text("1000\n")
    assert memory_bytes() == 1000


def test_nothing_is_refused_where_the_memory_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "memory_bytes", lambda: None)
    require_memory(10**30, "ten", "none")


@pytest.mark.usefixtures("eight_gigabytes")
def test_what_just_fits_is_not_refused() -> None:
    require_memory(8 * 10**9, "pictures", "fewer")
    with pytest.raises(
        ValueError, match=r"^pictures need at least 8 GB of memory, but this machine has 8 GB; use"
    ):
        require_memory(8 * 10**9 + 1, "pictures", "fewer")
    require_weights([(1, 500_000, 1000)], "a network")
    with pytest.raises(ValueError, match=r"^the 5e\+08 weights of a network need"):
        require_weights([(1, 500_000, 1000), (1, 1, 1)], "a network")


NETWORKS: dict[str, tuple[Any, Callable[[], Any]]] = {
    "unet": ("unet", lambda: unet((32, 32, 3), 2, depth=4, filters=3, norm="none")),
    "resized": (
        "unet",
        lambda: unet((8, 8, 1), 3, depth=3, filters=2, norm="none", upsampling="resize"),
    ),
    "resnet": ("resnet", lambda: resnet((8, 8, 3), 2, blocks=2, filters=3, norm="none")),
    "patchgan": ("patchgan", lambda: patchgan((64, 64, 5), layers=4, filters=2)),
    "pixelgan": ("pixelgan", lambda: pixelgan((8, 8, 5), filters=3)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_every_kernel_is_counted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, build = NETWORKS[name]
    counted: list[int] = []

    def count(kernels: Any, what: str) -> None:
        counted.append(sum(size * size * before * after for size, before, after in kernels))

    # By the module's full name: as an attribute of its package, the function hides it.
    monkeypatch.setattr(sys.modules[f"zoo.networks.{module}"], "require_weights", count)
    network = build()
    kernels = [weight for weight in network.trainable_variables if weight.name == "kernel"]
    assert counted == [sum(int(weight.value.shape.num_elements()) for weight in kernels)]


RECIPES = {
    "generator.filters=100000000": (
        "generator: the 3.5e+18 weights of a U-Net of depth 3 with 100000000 filters need at least 5.63e+10 GB of "
        "memory, but this machine has 8 GB; use fewer filters"
    ),
    "discriminator.filters=100000000": (
        "discriminator: the 3.2e+17 weights of a PatchGAN of 1 layers with 100000000 filters need at least 5.12e+09 GB "
        "of memory, but this machine has 8 GB; use fewer filters"
    ),
    "dataset.size=20000": (
        "training.batch_size: batches of 2 pairs of 20000 x 20000 pixels need at least 19.2 GB of memory, but this "
        "machine has 8 GB; use smaller pictures or a smaller training.batch_size"
    ),
    "dataset.size=100000": (
        "dataset: pictures of 100000 x 100000 pixels need at least 120 GB of memory, but this machine has 8 GB; use a "
        "smaller size"
    ),
}


@pytest.mark.usefixtures("eight_gigabytes")
@pytest.mark.parametrize("override", RECIPES)
def test_a_recipe_is_refused_before_anything_is_made(override: str, tiny_recipe: Path) -> None:
    with pytest.raises(RecipeError) as told:
        zoo.assemble(str(tiny_recipe), override)
    message = f"command line: {override}: {RECIPES[override]}"
    assert [str(problem) for problem in told.value.problems] == [message]


@pytest.mark.usefixtures("eight_gigabytes")
def test_an_image_pool_is_refused(tiny_recipe: Path) -> None:
    with pytest.raises(RecipeError) as told:
        zoo.assemble(
            str(tiny_recipe), "model={name: cyclegan, pool_size: 10000}", "dataset.size=256"
        )
    assert [str(problem) for problem in told.value.problems] == [
        "command line: model={name: cyclegan, pool_size: 10000}: two image pools of 10000 pictures need at least 15.7 "
        "GB of memory, but this machine has 8 GB; use a smaller pool_size"
    ]
