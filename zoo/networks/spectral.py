"""Spectral normalisation: convolutions that lengthen no signal by more than a factor of one."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

EPSILON = 1e-12
ITERATIONS_AT_START = 15


@keras.saving.register_keras_serializable(package="zoo")
class SpectralConv2D(keras.layers.Conv2D):
    """A convolution whose kernel is divided by its largest singular value.

    The kernel is taken as a matrix of inputs by filters. Each call in training improves the estimate of its first pair
    of singular vectors by one power iteration; the gradient takes them as constants and goes through the division,
    as in PyTorch's `torch.nn.utils.parametrizations.spectral_norm`. Keras's own wrapper assigns the divided kernel
    instead, so that the gradient does not see the division. Source: https://arxiv.org/abs/1802.05957.

    Args: those of `keras.layers.Conv2D`.
    """

    def build(self, input_shape: Any) -> None:
        """Create the kernel, and the singular vectors as far as fifteen iterations bring them."""
        super().build(input_shape)
        *inputs, filters = self.kernel.shape
        sizes = {"left_vector": filters, "right_vector": int(np.prod(inputs))}
        self.left, self.right = (
            self.add_weight(
                name=name,
                shape=(size,),
                initializer=keras.initializers.RandomNormal(0.0, 1.0),
                trainable=False,
                dtype="float32",
                autocast=False,
            )
            for name, size in sizes.items()
        )
        kernel = self._matrix()
        left, right = self.left, self.right
        for _ in range(ITERATIONS_AT_START):
            left, right = _improved(kernel, right)
        self.left.assign(left)
        self.right.assign(right)

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Convolve (N, H, W, C) with the divided kernel."""
        matrix = self._matrix()
        if training:
            left, right = _improved(ops.stop_gradient(matrix), self.right)
            self.left.assign(left)
            self.right.assign(right)
        else:
            # Copies, because on torch a later call in training writes over the vectors in place.
            left, right = ops.copy(self.left), ops.copy(self.right)
        norm = ops.sum(ops.matmul(right, matrix) * left)
        kernel = ops.reshape(matrix / norm, self.kernel.shape)
        outputs = self.convolution_op(inputs, ops.cast(kernel, self.compute_dtype))
        if self.use_bias:
            outputs = outputs + ops.reshape(self.bias, (1, 1, 1, self.filters))
        return outputs if self.activation is None else self.activation(outputs)

    def _matrix(self) -> Any:
        """Return the kernel as (inputs, filters), in float32: products are summed over thousands of values."""
        return ops.cast(ops.reshape(self.kernel, (-1, self.filters)), "float32")

    def save_own_variables(self, store: Any) -> None:
        """Store the kernel, the bias and the singular vectors."""
        super().save_own_variables(store)
        store["left_vector"] = self.left
        store["right_vector"] = self.right

    def load_own_variables(self, store: Any) -> None:
        """Restore the kernel, the bias and the singular vectors."""
        super().load_own_variables(store)
        self.left.assign(store["left_vector"])
        self.right.assign(store["right_vector"])


def _improved(matrix: Any, right: Any) -> tuple[Any, Any]:
    """Return the singular vectors after one more power iteration."""
    left = _unit(ops.matmul(right, matrix))
    return left, _unit(ops.matmul(matrix, left))


def _unit(vector: Any) -> Any:
    return vector / ops.maximum(ops.norm(vector), EPSILON)
