"""Holes of targets: pixels that no loss, discriminator or metric may learn or tell anything of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keras import ops

# The key of a batch under which the mask of its targets is: (N, H, W, 1), 1 where they have a value, 0 in holes.
MASK = "target_mask"


def with_holes_of(target: Any, fake: Any, mask: Any) -> Any:
    """Return a fake that is equal to its target in the target's holes, so that nothing can tell them apart there.

    No gradient reaches what the fake had there.

    Args:
        target: pictures (N, H, W, C).
        fake: pictures of the same shape.
        mask: (N, H, W, 1), or None where there is no hole.
    """
    return fake if mask is None else ops.where(mask > 0, fake, ops.cast(target, fake.dtype))


def over_valid(loss: Any, batch: Mapping[str, Any]) -> Any:
    """Return a mean over all pixels, to which holes add nothing, as the mean over those that have a value.

    Args:
        loss: between targets and the fakes that `with_holes_of` returned.
        batch: with its mask, if it has one.
    """
    mask = batch.get(MASK)
    if mask is None:
        return loss
    mask = ops.cast(mask, "float32")
    # Without any value the loss is zero.
    return loss * ops.cast(ops.size(mask), "float32") / ops.maximum(ops.sum(mask), 1.0)
