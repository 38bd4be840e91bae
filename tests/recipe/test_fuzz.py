"""Recipes that somebody broke: each is refused in our words and few of them, or it works."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
from mutations import Mutation, mutations

import zoo
from zoo.errors import ZooError
from zoo.recipe.document import parse_document

BASE = """\
model:
  name: pix2pix
generator: {name: unet, filters: 4, depth: 3}
discriminator:
  name: patchgan
  layers: 1
losses:
  adversarial:
    name: vanilla
    weight: 1
  reconstruction:
    - name: l1
      weight: 100
    - {name: huber, delta: 0.5}
  penalties: []
dataset:
  name: folder
  path: pictures
  size: [16, 32]
  source_format: {channels: 1, range: [0, 65535]}
optimizers:
  generator: {name: adam, learning_rate: 2.0e-4, beta_1: 0.5}
  discriminator:
    name: keras.optimizers.Nadam
    learning_rate: 2.0e-4
schedule:
  name: linear_decay
training: {epochs: 2, batch_size: 2, seed: 3, workers: 0}
evaluation:
  metrics:
    - name: psnr
card:
  description: |
    What it is for.
"""
MOST_LETTERS = 25_000
T = TypeVar("T")


def attempt(build: Callable[[], T]) -> T | str:
    """Return what is built, or our own message; any other error is a fault."""
    try:
        return build()
    except ZooError as error:
        return str(error)


def outcome(mutation: Mutation, path: Path) -> str:
    """Load a broken recipe: `valid`, or `refused`."""
    path.write_bytes(mutation.text.encode("utf-8", errors="surrogatepass"))
    recipe = attempt(lambda: zoo.load_recipe(path, *mutation.overrides))
    if isinstance(recipe, str):
        assert len(recipe) < MOST_LETTERS
        return "refused"
    resolved = recipe.resolved()
    path.write_text(recipe.to_yaml(), encoding="utf-8")
    assert zoo.load_recipe(path).resolved() == resolved
    return "valid"


def outcomes(count: int, seed: int, path: Path) -> Counter[str]:
    host = zoo.load_host()
    data = parse_document(BASE, "base").data
    found: Counter[str] = Counter()
    for number, mutation in enumerate(itertools.islice(mutations(data, BASE, host, seed), count)):
        try:
            found[outcome(mutation, path)] += 1
        except Exception as error:
            shown = "\n".join((mutation.text[:2000], *mutation.overrides))
            raise AssertionError(f"mutation {number} of seed {seed}: {error!r}\n{shown}") from error
    return found


def test_the_recipe_that_is_mutated_is_valid(tmp_path: Path) -> None:
    assert outcome(Mutation(BASE), tmp_path / "base.yaml") == "valid"


def test_mutated_recipes_are_refused_in_our_words(tmp_path: Path) -> None:
    found = outcomes(300, 1, tmp_path / "mutated.yaml")
    assert found["refused"] > 200
    assert found["valid"] > 5


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3, 4, 5])
def test_ten_thousand_mutated_recipes_are_refused_in_our_words(seed: int, tmp_path: Path) -> None:
    found = outcomes(2_500, seed, tmp_path / "mutated.yaml")
    assert found["refused"] > 2_000
    assert found["valid"] > 50


# What is put in the place of every argument of every component below.
EXTREMES = [
    "0",
    "-1",
    "1",
    "1000000000",
    str(2**62),
    "0.5",
    "-0.5",
    "1e308",
    "5e-324",
    "null",
    "true",
    "x",
    "[]",
    "[1,2]",
]
EXTREMES += [f"[{2**62},{2**62}]", "{}", "{a: 1}", '"\\0"']
COMPONENTS = {
    "pix2pix": {},
    "resnet": {
        "generator": "{name: resnet, filters: 2, blocks: 1}",
        "discriminator": "{name: pixelgan, filters: 2}",
        "losses.reconstruction": "[{name: huber}, {name: feature_matching}]",
        "optimizers.generator": "{name: sgd}",
        "schedule": "{name: linear_decay}",
    },
    "wgan": {
        "model": "{name: wgan_gp, critic_steps: 2}",
        "discriminator": "{name: patchgan, filters: 4, layers: 1, norm: none}",
        "losses.adversarial": "{name: wasserstein}",
        "losses.penalties": "[{name: gradient_penalty}]",
        "losses.reconstruction": "[{name: ssim}, {name: total_variation}]",
        "schedule": "{name: step}",
    },
    "cyclegan": {
        "model": "{name: cyclegan}",
        "losses.adversarial": "{name: lsgan}",
        "optimizers.discriminator": "{name: adamw}",
        "schedule": "{name: cosine}",
    },
    "derived": {
        "dataset": "{name: derived, path: pairs, function: masked, size: 16}",
        "losses.reconstruction": "[{name: keras.losses.LogCosh}]",
        "evaluation.metrics": "[{name: keras.metrics.CosineSimilarity}]",
        "schedule": "{name: plateau, monitor: val_cosine_similarity}",
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("case", COMPONENTS)
def test_extreme_arguments_are_refused_before_anything_is_built(
    case: str, tiny_recipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the checks of a recipe let through is assembled, or refused in our words, without a look at the memory."""
    monkeypatch.chdir(tiny_recipe.parent)
    base = [f"{key}={value}" for key, value in COMPONENTS[case].items()]
    recipe = zoo.load_recipe(tiny_recipe, *base)
    zoo.assemble(recipe)
    keys = ["training.epochs", "training.batch_size", "training.seed", "inference.ema"] + [
        f"{'.'.join(map(str, key))}.{argument.name}"
        for key, choice in recipe.choices.items()
        for argument in choice.component.listed_arguments
    ]
    words = [f"{key}={value}" for key in keys for value in EXTREMES]
    tried = [attempt(partial(zoo.load_recipe, tiny_recipe, *base, word)) for word in words]
    refused = [message for message in tried if isinstance(message, str)]
    assert max(map(len, refused)) < MOST_LETTERS
    loaded = [recipe for recipe in tried if not isinstance(recipe, str)]
    assert len(words) > 1000
    built = [
        attempt(partial(zoo.assemble, chosen)) for chosen in random.Random(1).sample(loaded, 60)
    ]
    messages = [message for message in built if isinstance(message, str)]
    assert 0 < len(messages) < 30
    assert max(map(len, messages)) < MOST_LETTERS
