"""A moving average of a network's weights."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


class MovingAverage(keras.layers.Layer):
    """A copy of a network whose weights follow it slowly; it translates more steadily than the latest weights do.

    Early in training the average is taken over fewer updates: update `n` has the momentum
    `min(momentum, (1 + n) / (10 + n))`. Running statistics are averaged like weights. Keras's own averages
    (`use_ema` of its optimizers, with `SwapEMAWeights`) leave these out and swap weights to and fro
    around each evaluation.

    Args:
        followed: the network that is trained.
        momentum: how much of the average stays at an update, 0 to 1.
    """

    def __init__(self, followed: keras.Model, momentum: float) -> None:
        super().__init__(dtype="float32")
        self.momentum = momentum
        # Its layers stay trainable, as whoever opens the saved file expects; no optimizer is given their weights.
        self.network = keras.models.clone_model(followed)
        self.network.set_weights(followed.get_weights())
        self.built = True

    def follow(self, followed: keras.Model, updates: Any) -> None:
        """Move the average towards the network.

        Args:
            followed: the network that is trained.
            updates: how often it was updated so far, a scalar.
        """
        done = ops.cast(updates, "float32")
        share = 1.0 - ops.minimum(self.momentum, (1.0 + done) / (10.0 + done))
        for slow, fast in zip(self.network.weights, followed.weights, strict=True):
            slow.assign(slow + ops.cast(share, slow.dtype) * (fast - slow))
