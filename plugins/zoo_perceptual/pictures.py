"""Batches as networks for photographs take them: NumPy arrays, three channels."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from zoo import ZooError


def to_numpy(values: Any) -> np.ndarray:
    """Return a tensor of any backend, or an array, as float32."""
    if hasattr(values, "detach"):  # PyTorch's, which may lie on a GPU and beside another backend
        values = values.detach().cpu()
    return np.asarray(ops.convert_to_numpy(values), np.float32)


def batch_of(pictures: Any, metric: str) -> np.ndarray:
    """Return a batch (N, H, W, 3), float32 in [-1, 1]; what lies outside is clipped, grey is repeated.

    Args:
        pictures: (N, H, W, C) in [-1, 1], of 1 or 3 channels.
        metric: who asks, for the error.

    Raises:
        ZooError: if they have other channels.
    """
    batch = to_numpy(pictures)
    if batch.ndim != 4 or batch.shape[-1] not in (1, 3):
        found = f"{batch.shape[-1]} channels" if batch.ndim == 4 else f"the shape {batch.shape}"
        raise ZooError(
            f"{metric} looks at pictures as a network for photographs does, grey or in colour, but these have {found}; "
            "leave it out of the metrics"
        )
    clipped: np.ndarray = np.clip(batch, -1, 1)
    return np.repeat(clipped, 3, axis=-1) if batch.shape[-1] == 1 else clipped


def mask_and_weights(sample_weight: Any, count: int) -> tuple[np.ndarray | None, np.ndarray]:
    """Return Keras's `sample_weight` as a mask (N, H, W, 1) or None, and a weight for each picture, (N,).

    Args:
        sample_weight: a mask that is 0 in holes; a weight for each picture; None.
        count: of pictures.
    """
    if sample_weight is None:
        return None, np.ones(count, np.float32)
    weights = to_numpy(sample_weight)
    if weights.ndim != 4:
        return None, weights.reshape(count)
    return weights, np.any(weights > 0, axis=(1, 2, 3)).astype(np.float32)


def without_holes(
    target: np.ndarray, translated: np.ndarray, mask: np.ndarray | None
) -> np.ndarray:
    """Return translated pictures that are their targets in holes, so that nothing there tells them apart."""
    return translated if mask is None else np.where(mask > 0, translated, target)
