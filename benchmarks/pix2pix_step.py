"""The contestants of pix2pix: `fit`, a hand-written TensorFlow step, and the operations of a step."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import keras
from contestants import Data, adam, forward_operations, timed_fit, timed_loop

from zoo.losses.adversarial import Vanilla
from zoo.models.parts import Parts, WeightedLoss
from zoo.models.pix2pix import pix2pix
from zoo.networks.patchgan import patchgan
from zoo.networks.unet import unet

L1_WEIGHT = 100.0


def operations(size: int, filters: int) -> float:
    """Operations of a step: the generator thrice, the discriminator eight times its forward pass."""
    generator = unet((size, size, 3), 3, depth=size.bit_length() - 1, filters=filters)
    discriminator = patchgan((size, size, 6), filters=filters)
    return 3 * forward_operations(generator) + 8 * forward_operations(discriminator)


def fit_step(size: int, filters: int, data: Data) -> Callable[[], float]:
    parts = Parts(
        source_shape=(size, size, 3),
        target_shape=(size, size, 3),
        generator=partial(unet, depth=size.bit_length() - 1, filters=filters),
        discriminator=partial(patchgan, filters=filters),
        adversarial=Vanilla(),
        reconstruction=(WeightedLoss("l1", keras.losses.MeanAbsoluteError(), L1_WEIGHT),),
    )
    return timed_fit(pix2pix(parts), data)


def bare_step(size: int, filters: int, data: Data) -> Callable[[], float]:
    """One GradientTape for each player, one tf.function, Keras's Adam."""
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

    return timed_loop(step, data)
