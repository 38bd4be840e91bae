"""A pix2pix small enough to train in tests, with everything of the large one."""

from __future__ import annotations

from functools import partial

import keras
import numpy as np

from zoo.losses.adversarial import Vanilla
from zoo.models.parts import Inference, Parts, WeightedLoss
from zoo.models.pix2pix import Pix2Pix, pix2pix
from zoo.networks.patchgan import patchgan
from zoo.networks.unet import unet

# The fewest levels with dropout; tests that need none take fewer.
WITH_DROPOUT = 6


def shape(depth):
    return (2**depth, 2**depth, 3)


def adam(**arguments):
    return keras.optimizers.Adam(**{"learning_rate": 2e-4, "beta_1": 0.5, **arguments})


def optimizers(**arguments):
    return {"generator": adam(**arguments), "discriminator": adam(**arguments)}


def tiny_parts(*, depth=3, norm="batch", inference=Inference()):  # noqa: B008
    return Parts(
        source_shape=shape(depth),
        target_shape=shape(depth),
        generator=partial(unet, depth=depth, filters=2, norm=norm),
        discriminator=partial(patchgan, layers=1, filters=2, norm=norm),
        adversarial=Vanilla(),
        reconstruction=(WeightedLoss("l1", keras.losses.MeanAbsoluteError(), 100.0),),
        inference=inference,
    )


def tiny_pix2pix(*, seed=0, metrics=None, optimizer=None, **choices) -> Pix2Pix:
    keras.utils.set_random_seed(seed)
    model = pix2pix(tiny_parts(**choices))
    model.compile(optimizer=optimizer or optimizers(), metrics=metrics)
    return model


def tiny_data(count=3, *, depth=3):
    random = np.random.default_rng(0)
    return {
        name: random.uniform(-1, 1, (count, *shape(depth))).astype("float32")
        for name in ("source", "target")
    }


def snapshot(model):
    """Copies of everything that a checkpoint must hold."""
    return [variable.numpy().copy() for variable in state(model)]


def state(model):
    return [*model.variables, *model.optimizer.variables]
