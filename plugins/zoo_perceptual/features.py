"""Extractors of features: pictures in, a row of numbers for each of them out."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np

from zoo import ZooError
from zoo.pictures import to_float
from zoo_perceptual.libraries import imported
from zoo_perceptual.remembered import Remembered
from zoo_perceptual.weights import loaded, named_file, weight_file

Device = Literal["cpu", "cuda", "mps"]
Extract = Callable[[np.ndarray], np.ndarray]

# Pictures that go through a network at a time.
AT_ONCE = 16
# The layers that published figures are of: FID and KID, precision and recall.
PAPERS = ("2048", "fc2_relu")
CALLABLE = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")


@dataclass(frozen=True)
class FeatureChoice:
    """Which features pictures are compared by.

    Args:
        network: the library's network.
        layer: which of its layers, by the number of features.
        weights: file with its weights; None for the library's own, which are downloaded.
        features: an extractor in the network's place: a `.keras` file, or `package.module:callable`.
        device: where PyTorch computes.

    Raises:
        ValueError: if they contradict each other, or name a file that is not there.
    """

    network: Literal["inception", "vgg16"]
    layer: str
    weights: str | None
    features: str | None
    device: Device

    @property
    def told(self) -> str:
        """What stands beside a figure whose features are not those of the papers; else nothing."""
        if self.features is not None:
            return f", by the features of {self.features}"
        return "" if self.layer in PAPERS else f", by InceptionV3's layer of {self.layer} features"

    def __post_init__(self) -> None:
        named_file(self.weights)
        if self.features is None:
            return
        if self.weights is not None:
            raise ValueError(
                "features take the place of the network that weights are for; give one of them"
            )
        if self.features.endswith(".keras"):
            if not Path(self.features).expanduser().is_file():
                raise ValueError(
                    f"there is no file {self.features}; features are to be read from it"
                )
        elif not CALLABLE.fullmatch(self.features):
            raise ValueError(
                f"features are {self.features!r}; expected a Keras network, as path/to/network.keras, or a function, "
                "as package.module:function"
            )


@lru_cache(maxsize=4)
def extractor(choice: FeatureChoice) -> Extract:
    """Return what extracts features: uint8 (N, H, W, 3) to float32 (N, D).

    Metrics of one choice share it, and with it the features of pictures that one of them asked for before.

    Raises:
        ZooError: if its weights, or the user's extractor, cannot be had.
    """
    if choice.features is None:
        return Remembered(_of_library(choice))
    if choice.features.endswith(".keras"):
        return Remembered(_of_keras(choice.features))
    return Remembered(_of_function(choice.features))


def _of_library(choice: FeatureChoice) -> Extract:
    torch = imported("torch")
    fidelity = imported("torch_fidelity")
    # Both are named as the library's registry has them; they resize as the papers' first implementations did.
    if choice.network == "inception":
        title, name, kind = (
            "InceptionV3",
            "inception-v3-compat",
            fidelity.FeatureExtractorInceptionV3,
        )
        address = imported("torch_fidelity.feature_extractor_inceptionv3").URL_INCEPTION_V3
    else:
        title, name, kind = "VGG16", "vgg16", fidelity.FeatureExtractorVGG16
        address = imported("torchvision.models").VGG16_Weights.IMAGENET1K_V1.url
    file = weight_file(title, address, choice.weights)
    network = on_device(
        loaded(
            title, file, lambda: kind(name, [choice.layer], feature_extractor_weights_path=file)
        ),
        choice.device,
    )

    def extract(pictures: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            (features,) = network(to_torch(pictures, choice.device))
        extracted: np.ndarray = features.cpu().numpy()
        return extracted

    return _in_pieces(extract, title)


def _of_keras(file: str) -> Extract:
    try:
        network = keras.saving.load_model(Path(file).expanduser(), compile=False)
    # Keras raises many kinds: for what is no file of its, for layers it does not know, for what may not be run.
    except Exception as error:
        raise ZooError(f"the features of {file} cannot be used: {_first_line(error)}") from error

    def extract(pictures: np.ndarray) -> np.ndarray:
        return np.asarray(network.predict(to_float(pictures), batch_size=AT_ONCE, verbose=0))

    return _in_pieces(extract, file)


def _of_function(name: str) -> Extract:
    module, _, attribute = name.partition(":")
    try:
        function: Any = importlib.import_module(module)
        for part in attribute.split("."):
            function = getattr(function, part)
    except (ImportError, AttributeError) as error:
        raise ZooError(
            f"the features {name} cannot be imported: {error}; the module must be installed, or on the Python path"
        ) from error
    return _in_pieces(function, name)


def _in_pieces(extract: Callable[[np.ndarray], Any], name: str) -> Extract:
    def extract_all(pictures: np.ndarray) -> np.ndarray:
        rows = []
        for start in range(0, len(pictures), AT_ONCE):
            piece = pictures[start : start + AT_ONCE]
            try:
                features = np.asarray(extract(piece), np.float32)
            # Whatever somebody's network or function raises for pictures that it cannot take.
            except Exception as error:
                size = " x ".join(map(str, piece.shape[1:]))
                raise ZooError(
                    f"{name} gives no features for pictures of {size}: {_first_line(error)}"
                ) from error
            if features.ndim != 2 or len(features) != len(piece):
                raise ZooError(
                    f"{name} gives features of the shape {features.shape} for {len(piece)} pictures; expected a row "
                    f"for each, ({len(piece)}, D)"
                )
            rows.append(features)
        return np.concatenate(rows)

    return extract_all


def to_torch(pictures: np.ndarray, device: Device) -> Any:
    """Return a batch (N, H, W, C) as PyTorch's (N, C, H, W)."""
    torch = imported("torch")
    return torch.from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2))).to(device)


def on_device(network: Any, device: Device) -> Any:
    """Move a PyTorch network.

    Raises:
        ZooError: if PyTorch finds no such device.
    """
    try:
        return network.to(device)
    except (RuntimeError, AssertionError) as error:
        raise ZooError(
            f"PyTorch finds no device {device}: {_first_line(error)}; use device: cpu"
        ) from error


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
