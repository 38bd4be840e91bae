"""What a server serves: a translator, and what there is to say about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from zoo import Translator
from zoo.pictures import Formats


@dataclass(frozen=True)
class Served:
    """A translator under a name.

    Args:
        name: of the model in addresses: letters, digits, `_`, `-` and `.`.
        translator: translates pictures of any size; its network is only ever called by one thread at a time.
        formats: of the pictures that are sent, and of those that are answered.
        size: height and width of the network.
        samples: picture files in the source format for people to try.
        runtime: what runs the network, such as `onnx`.
        settle: as of `Translator`, whose network is of Keras.
        facts: more about the model, plain data that the metadata show.
    """

    name: str
    translator: Translator
    formats: Formats
    size: tuple[int, int]
    samples: tuple[Path, ...] = ()
    runtime: str = "keras"
    settle: Callable[[np.ndarray], Callable[[np.ndarray], Any]] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
