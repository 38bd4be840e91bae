"""Perceptual loss: a fake shall call forth the same features as its target in a network that knows pictures."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import keras
from keras import ops

from zoo.errors import ZooError, nearest

Network = Literal["vgg16", "vgg19"]

PIX2PIXHD = {
    "block1_conv1": 1 / 32,
    "block2_conv1": 1 / 16,
    "block3_conv1": 1 / 8,
    "block4_conv1": 1 / 4,
    "block5_conv1": 1.0,
}
# Convolutions in each block.
BLOCKS = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
ADDRESS = "https://storage.googleapis.com/tensorflow/keras-applications"
PATIENCE = 20.0  # seconds


@keras.saving.register_keras_serializable(package="zoo")
class Perceptual(keras.losses.Loss):
    """Weighted sum over layers of the mean distance between VGG's features of a fake and of its target.

    The network is Keras's, fixed, and always float32; its features are taken after their activations. It sees
    pictures on a scale of 0 to 255, as it was trained; pix2pixHD's, whose sum has the weight 10, sees them on a scale
    of about one. So begin with a weight below 1, and compare the losses in the log. A step runs VGG forwards twice
    and backwards once.

    Sources: https://arxiv.org/abs/1603.08155; layers and their weights https://arxiv.org/abs/1711.11585.

    Args:
        network: `vgg19` or `vgg16`.
        layers: weight of each layer that is compared, by Keras's name of the layer; null is pix2pixHD's choice,
            the first convolution of every block: `{block1_conv1: 1/32, block2_conv1: 1/16, block3_conv1: 1/8,
            block4_conv1: 1/4, block5_conv1: 1}`.
        weights: `imagenet`, which Keras downloads once, or the path of a file that holds the network's
            weights without its top, `.h5` or `.weights.h5`.
        distance: `l1` or `l2`.
        name: name of the loss.

    Raises:
        ValueError: if there is no such layer, or no weights can be had.
    """

    def __init__(
        self,
        network: Network = "vgg19",
        layers: dict[str, float] | None = None,
        weights: str = "imagenet",
        distance: Literal["l1", "l2"] = "l1",
        name: str = "perceptual",
    ) -> None:
        super().__init__(name=name, dtype="float32")
        layers = dict(PIX2PIXHD if layers is None else layers)
        _check_layers(network, layers)
        self.network = network
        self.layers = layers
        self.weights = weights
        self.distance = distance
        self._smallest = max(_smallest(layer) for layer in layers)
        whole = _load(network, weights)
        self._features = keras.Model(
            whole.input, {layer: whole.get_layer(layer).output for layer in layers}
        )
        self._features.trainable = False

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the loss of each picture, (N,).

        Args:
            y_true: target pictures (N, H, W, 1 or 3) in [-1, 1].
            y_pred: fakes; only they are differentiated.

        Raises:
            ZooError: if the pictures have other channels, or are too small for the deepest layer.
        """
        self._check_pictures(y_pred.shape)
        # Not one batch of both: the gradient would then run through the target's half as well.
        wanted = self._features(_prepare(y_true), training=False)
        found = self._features(_prepare(y_pred), training=False)
        measure = ops.abs if self.distance == "l1" else ops.square
        return sum(
            weight
            * ops.mean(measure(found[layer] - ops.stop_gradient(wanted[layer])), axis=(1, 2, 3))
            for layer, weight in self.layers.items()
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments; the network's weights stay in their file."""
        return {
            "network": self.network,
            "layers": self.layers,
            "weights": self.weights,
            "distance": self.distance,
            "name": self.name,
        }

    def _check_pictures(self, shape: tuple[int | None, ...]) -> None:
        _, height, width, channels = shape
        if channels not in (1, 3):
            raise ZooError(
                f"the perceptual loss compares pictures of 1 or 3 channels, grey or RGB, but these have {channels}; "
                "leave it out"
            )
        if min(size or self._smallest for size in (height, width)) < self._smallest:
            raise ZooError(
                f"the perceptual loss needs pictures of at least {self._smallest} x {self._smallest} pixels "
                f"for its deepest layer, but these are {height} x {width}; leave out its deepest layers "
                "or use larger pictures"
            )


def _check_layers(network: str, layers: dict[str, float]) -> None:
    known = [
        f"block{block}_{part}"
        for block, count in enumerate(BLOCKS[network], start=1)
        for part in (*(f"conv{index}" for index in range(1, count + 1)), "pool")
    ]
    for layer, weight in layers.items():
        if layer not in known:
            raise ValueError(
                f"{network} has no layer '{layer}'; it has {', '.join(known)}.{nearest(layer, known)}"
            )
        if not weight >= 0:
            raise ValueError(f"the layer {layer} has the weight {weight:g}; expected at least 0")
    if not layers:
        raise ValueError("the perceptual loss has no layers to compare; name at least one")


def _smallest(layer: str) -> int:
    """Return the least height and width of pictures of which a layer still has a feature."""
    block = int(layer.removeprefix("block")[0])
    least: int = 2 ** (block if layer.endswith("pool") else block - 1)
    return least


def _prepare(pictures: Any) -> Any:
    """Return pictures in [-1, 1] as VGG was trained on them: BGR, 0 to 255 less the mean colour."""
    if pictures.shape[-1] == 1:
        pictures = ops.repeat(pictures, 3, axis=-1)
    return keras.applications.vgg19.preprocess_input(
        (pictures + 1.0) * 127.5, data_format="channels_last"
    )


def _load(network: str, weights: str) -> keras.Model:
    """Return VGG without its top, for pictures of any size, in float32."""
    build = getattr(keras.applications, network.upper())
    arguments = {"include_top": False, "input_shape": (None, None, 3)}
    with _float32():
        if weights != "imagenet":
            return _with_file(build(weights=None, **arguments), Path(weights).expanduser())
        try:
            with _impatience():
                return build(weights="imagenet", **arguments)
        except Exception as error:  # Keras raises nothing more precise.
            reason = str(error).rpartition(" -- ")[2]
            file = f"{network}_weights_tf_dim_ordering_tf_kernels_notop.h5"
            raise ValueError(
                f"the weights of {network} cannot be downloaded: {reason}; fetch {ADDRESS}/{network}/{file} on another "
                f"machine and put it into {_cache()}, or put it anywhere and give its path as 'weights'"
            ) from error


def _with_file(network: keras.Model, path: Path) -> keras.Model:
    if not path.is_file():
        raise ValueError(
            f"there is no file {path} with weights of {network.name}; expected imagenet or the path of a file"
        )
    try:
        network.load_weights(path)
    except Exception as error:  # Whatever h5py and Keras make of a file that is something else.
        raise ValueError(
            f"{path} does not hold the weights of {network.name} without its top, as .h5 or .weights.h5: "
            f"{str(error).splitlines()[0].rstrip('.')}"
        ) from error
    return network


def _cache() -> Path:
    """Return the folder in which Keras looks for the weights of its networks."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "models"


@contextlib.contextmanager
def _impatience() -> Iterator[None]:
    """Give up on a connection that is silent; Keras waits for as long as the system does, which may be minutes."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


@contextlib.contextmanager
def _float32() -> Iterator[None]:
    """Build layers in float32, whatever the precision of the networks that are trained."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
