"""Seconds a training step: `fit`, a bare TensorFlow loop, and the floor that matrix products set.

    KERAS_BACKEND=tensorflow python benchmarks/train_step.py

The three take turns in one process, so that a busy machine hurts all alike. The networks are those of the
pix2pix paper (U-Net and PatchGAN, 64 filters), batch size 1, pictures in memory. The bare loop is written
without zoo's model: tf.function, one GradientTape for each player, Keras's Adam; it needs TensorFlow.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from functools import partial

import keras
import numpy as np
from keras import ops

from zoo.backend.memory import keep_freed_memory
from zoo.losses.adversarial import Vanilla
from zoo.models.parts import Parts, WeightedLoss
from zoo.models.pix2pix import pix2pix
from zoo.networks.patchgan import patchgan
from zoo.networks.unet import unet

L1_WEIGHT = 100.0


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


def fit_step(size: int, filters: int, data: dict[str, np.ndarray]) -> Callable[[], float]:
    """Return a function that trains an epoch by `fit` and says the seconds a step."""
    parts = Parts(
        source_shape=(size, size, 3),
        target_shape=(size, size, 3),
        generator=partial(unet, depth=size.bit_length() - 1, filters=filters),
        discriminator=partial(patchgan, filters=filters),
        adversarial=Vanilla(),
        reconstruction=(WeightedLoss("l1", keras.losses.MeanAbsoluteError(), L1_WEIGHT),),
    )
    model = pix2pix(parts)
    model.compile(optimizer={"generator": adam(), "discriminator": adam()})
    clock = EpochClock()

    def run() -> float:
        model.fit(data, batch_size=1, shuffle=False, verbose=0, callbacks=[clock])
        return clock.seconds / len(data["source"])

    return run


def bare_step(size: int, filters: int, data: dict[str, np.ndarray]) -> Callable[[], float]:
    """Return a function that trains as many steps by a hand-written loop."""
    import tensorflow as tf

    generator = unet((size, size, 3), 3, depth=size.bit_length() - 1, filters=filters)
    discriminator = patchgan((size, size, 6), filters=filters)
    generator_adam, discriminator_adam = adam(), adam()
    generator_adam.build(generator.trainable_variables)
    discriminator_adam.build(discriminator.trainable_variables)
    entropy = keras.losses.BinaryCrossentropy(from_logits=True)

    @tf.function
    def step(source, target):
        generator_weights = [v.value for v in generator.trainable_variables]
        discriminator_weights = [v.value for v in discriminator.trainable_variables]
        with tf.GradientTape(watch_accessed_variables=False) as painting:
            painting.watch(generator_weights)
            fake = generator(source, training=True)

        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(discriminator_weights)
            logits = discriminator(tf.concat([source, fake], -1), training=True)
            on_fake = entropy(tf.zeros_like(logits), logits)
            logits = discriminator(tf.concat([source, target], -1), training=True)
            on_real = entropy(tf.ones_like(logits), logits)
            loss = 0.5 * (on_fake + on_real)
        gradients = tape.gradient(loss, discriminator_weights)
        discriminator_adam.apply(gradients, discriminator.trainable_variables)

        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(fake)
            logits = discriminator(tf.concat([source, fake], -1), training=True)
            adversarial = entropy(tf.ones_like(logits), logits)
            l1 = L1_WEIGHT * tf.reduce_mean(tf.abs(target - fake))
            loss = adversarial + l1
        gradients = painting.gradient(
            fake, generator_weights, output_gradients=tape.gradient(loss, fake)
        )
        generator_adam.apply(gradients, generator.trainable_variables)
        return adversarial, l1, on_real, on_fake

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


def floor_step(size: int, filters: int, side: int = 2048) -> Callable[[], float]:
    """Return a function that says what a step would take if it were all one matrix product."""
    generator = unet((size, size, 3), 3, depth=size.bit_length() - 1, filters=filters)
    discriminator = patchgan((size, size, 6), filters=filters)
    operations = 3 * forward_operations(generator) + 8 * forward_operations(discriminator)
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=256, help="pixels of a side, a power of two")
    parser.add_argument("--filters", type=int, default=64, help="filters of the first layers")
    parser.add_argument("--steps", type=int, default=5, help="steps each takes in its turn")
    parser.add_argument("--rounds", type=int, default=7, help="turns that are counted")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    arguments = parser.parse_args()

    # As every experiment of zoo does; it is the whole process's, so the bare loop gains as much.
    keep_freed_memory()
    keras.utils.set_random_seed(0)
    size, filters = arguments.size, arguments.filters
    shape = (arguments.steps, size, size, 3)
    random = np.random.default_rng(0)
    data = {name: random.uniform(-1, 1, shape).astype("float32") for name in ("source", "target")}
    contestants = {"fit": fit_step(size, filters, data)}
    if keras.backend.backend() == "tensorflow":
        contestants["bare loop"] = bare_step(size, filters, data)
    contestants["floor"] = floor_step(size, filters)

    # The first turn compiles and is not counted.
    for run in contestants.values():
        run()
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(arguments.rounds):
        for name, run in contestants.items():
            seconds[name].append(run())
    medians = {name: statistics.median(values) for name, values in seconds.items()}

    if arguments.json:
        result = {
            "backend": keras.backend.backend(),
            "keras": keras.version(),
            "machine": f"{os.cpu_count()} {platform.machine()} cores",
            "size": size,
            "filters": filters,
            "seconds_a_step": {name: round(value, 6) for name, value in medians.items()},
            "least_seconds_a_step": {name: round(min(v), 6) for name, v in seconds.items()},
        }
        print(json.dumps(result))
        return
    print(f"{keras.backend.backend()}, {size} x {size}, {filters} filters: median seconds a step")
    for name, value in medians.items():
        print(
            f"  {name:10} {value:.3f}   (from {min(seconds[name]):.3f} to {max(seconds[name]):.3f})"
        )


if __name__ == "__main__":
    main()
