"""Values that pictures of a format may have."""

import numpy as np


def values(form, height, width):
    """Pictures as files of a format hold them, with every value that it may have."""
    random = np.random.default_rng(1)
    if form.classes:
        chosen = random.integers(0, form.depth, (height, width))
        return np.array(form.classes, form.dtype)[chosen].reshape(height, width, -1)
    low, high = np.broadcast_arrays(form.low, form.high, np.zeros(form.depth))[:2]
    picture = random.uniform(low, high, (height, width, form.depth))
    return (picture if form.dtype.startswith("float") else np.rint(picture)).astype(form.dtype)
