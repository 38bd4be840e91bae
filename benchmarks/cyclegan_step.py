"""The contestants of CycleGAN: `fit`, a hand-written TensorFlow step, and the operations of a step."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import keras
from contestants import Data, adam, forward_operations, timed_fit, timed_loop
from zoo_cyclegan.model import cyclegan

from zoo.losses.adversarial import LeastSquares
from zoo.models.parts import Parts, WeightedLoss
from zoo.networks.patchgan import patchgan
from zoo.networks.resnet import resnet

BLOCKS = 9
CYCLE_WEIGHT, IDENTITY_WEIGHT = 10.0, 5.0


def operations(size: int, filters: int) -> float:
    """Operations of a step: six forward passes of a generator, backwards twice each; a discriminator's eight, twice."""
    generator = resnet((size, size, 3), 3, blocks=BLOCKS, filters=filters)
    discriminator = patchgan((size, size, 3), filters=filters, norm="instance")
    return 18 * forward_operations(generator) + 16 * forward_operations(discriminator)


def fit_step(size: int, filters: int, data: Data) -> Callable[[], float]:
    parts = Parts(
        source_shape=(size, size, 3),
        target_shape=(size, size, 3),
        generator=partial(resnet, blocks=BLOCKS, filters=filters),
        discriminator=partial(patchgan, filters=filters, norm="instance"),
        adversarial=LeastSquares(),
        reconstruction=(WeightedLoss("l1", keras.losses.MeanAbsoluteError(), CYCLE_WEIGHT),),
    )
    return timed_fit(cyclegan(parts), data)


def bare_step(size: int, filters: int, data: Data) -> Callable[[], float]:
    """One GradientTape for each side, one tf.function, Keras's Adam; it keeps no image pool."""
    import tensorflow as tf

    shape = (size, size, 3)
    there, back = (resnet(shape, 3, blocks=BLOCKS, filters=filters) for _ in range(2))
    judge_source, judge_target = (
        patchgan(shape, filters=filters, norm="instance") for _ in range(2)
    )
    painters = [*there.trainable_variables, *back.trainable_variables]
    judges = [*judge_source.trainable_variables, *judge_target.trainable_variables]
    painters_adam, judges_adam = adam(), adam()
    painters_adam.build(painters)
    judges_adam.build(judges)

    def distance(one, other):
        return tf.reduce_mean(tf.abs(one - other))

    def square(logits, wanted):
        return tf.reduce_mean(tf.square(logits - wanted))

    @tf.function
    def step(source, target):
        weights = [variable.value for variable in painters]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(weights)
            fake_target = there(source, training=True)
            fake_source = back(target, training=True)
            cycle = distance(back(fake_target, training=True), source)
            cycle += distance(there(fake_source, training=True), target)
            identity = distance(there(target, training=True), target)
            identity += distance(back(source, training=True), source)
            adversarial = square(judge_target(fake_target, training=True), 1.0)
            adversarial += square(judge_source(fake_source, training=True), 1.0)
            loss = adversarial + CYCLE_WEIGHT * cycle + IDENTITY_WEIGHT * identity
        painters_adam.apply(tape.gradient(loss, weights), painters)

        weights = [variable.value for variable in judges]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(weights)
            on_target = square(judge_target(target, training=True), 1.0)
            on_target += square(judge_target(fake_target, training=True), 0.0)
            on_source = square(judge_source(source, training=True), 1.0)
            on_source += square(judge_source(fake_source, training=True), 0.0)
            loss = 0.5 * (on_target + on_source)
        judges_adam.apply(tape.gradient(loss, weights), judges)
        return adversarial, cycle, identity, on_target, on_source

    return timed_loop(step, data)
