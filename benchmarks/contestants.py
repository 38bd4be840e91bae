"""What the contestants of a benchmark have in common: optimizers, clocks, counts of operations."""

from __future__ import annotations

import time
from collections.abc import Callable

import keras
import numpy as np
from keras import ops

from zoo.models.translation_model import TranslationModel

Data = dict[str, np.ndarray]


def adam() -> keras.optimizers.Adam:
    return keras.optimizers.Adam(2e-4, beta_1=0.5)


class EpochClock(keras.callbacks.Callback):
    """Seconds from the first batch of an epoch until its losses are known."""

    seconds = 0.0

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        for value in logs.values():
            float(value)
        self.seconds = time.perf_counter() - self.start


def timed_fit(model: TranslationModel, data: Data) -> Callable[[], float]:
    """Return a function that trains an epoch by `fit` and says the seconds a step."""
    model.compile(optimizer={player: adam() for player in model.players})
    clock = EpochClock()

    def run() -> float:
        model.fit(data, batch_size=1, shuffle=False, verbose=0, callbacks=[clock])
        return clock.seconds / len(data["source"])

    return run


def timed_loop(step: Callable, data: Data) -> Callable[[], float]:
    """Return a function that calls a hand-written TensorFlow step for each picture and says the seconds a step."""
    import tensorflow as tf

    sources = [tf.constant(picture[None]) for picture in data["source"]]
    targets = [tf.constant(picture[None]) for picture in data["target"]]

    def run() -> float:
        start = time.perf_counter()
        for source, target in zip(sources, targets, strict=True):
            losses = step(source, target)
        for loss in losses:
            float(loss)
        return (time.perf_counter() - start) / len(sources)

    return run


def timed_floor(operations: float, side: int = 2048) -> Callable[[], float]:
    """Return a function that says what a step would take if it were all one matrix product."""
    matrix = ops.convert_to_tensor(np.random.default_rng(0).normal(size=(side, side)), "float32")

    def run() -> float:
        start = time.perf_counter()
        product = matrix
        for _ in range(5):
            product = ops.matmul(matrix, product)
        ops.convert_to_numpy(product)
        speed = 5 * 2 * side**3 / (time.perf_counter() - start)
        return operations / speed

    return run


def forward_operations(network: keras.Model) -> int:
    """Multiplications and additions of a network's convolutions for one picture."""
    total = 0
    for layer in network.layers:
        if isinstance(layer, keras.layers.Conv2DTranspose):
            total += 2 * int(np.prod(layer.kernel.shape)) * int(np.prod(layer.input.shape[1:3]))
        elif isinstance(layer, keras.layers.Conv2D):
            total += 2 * int(np.prod(layer.kernel.shape)) * int(np.prod(layer.output.shape[1:3]))
    return total
