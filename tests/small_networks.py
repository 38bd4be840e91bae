"""Generators of 32 pixels with everything that exporters must take."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np

from zoo.export.exporter import Material
from zoo.models.inference import inference_network
from zoo.models.parts import Inference
from zoo.networks.blocks import convolution
from zoo.networks.resnet import resnet
from zoo.networks.unet import unet


def small_network(name: str) -> keras.Model:
    """Build a network, the same each time, with running statistics as after some training."""
    keras.utils.set_random_seed(1)
    # Kernels that keep the signal's size, so that paintings differ from each other.
    network = NETWORKS[name]()
    random = np.random.default_rng(2)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.moving_mean.assign(random.normal(0, 0.1, layer.moving_mean.shape))
            layer.moving_variance.assign(random.uniform(0.5, 1.5, layer.moving_variance.shape))
    return network


def _spectral() -> keras.Model:
    source = keras.Input((32, 32, 3))
    x = convolution(source, 4, size=3, spectral_norm=True, init="he", name="first")
    x = keras.layers.LeakyReLU(0.2)(x)
    x = convolution(x, 3, size=3, spectral_norm=True, init="he", name="second")
    return keras.Model(source, keras.layers.Activation("tanh")(x))


def _of_each_picture() -> keras.Model:
    network = unet((32, 32, 3), 3, depth=4, filters=2, init="he")
    return inference_network(network, Inference(statistics="picture"))


def _with_dropout() -> keras.Model:
    network = resnet((32, 32, 3), 3, blocks=2, filters=2, dropout=0.5, init="he")
    return inference_network(network, Inference(dropout=True))


NETWORKS = {
    "unet": lambda: unet((32, 32, 3), 3, depth=5, filters=2, init="he"),
    "unet, grey to colours, resized, instance norm, not square": lambda: unet(
        (32, 64, 1), 3, depth=4, filters=2, norm="instance", upsampling="resize", init="he"
    ),
    "resnet, 6 channels to 2": lambda: resnet((32, 48, 6), 2, blocks=1, filters=2, init="he"),
    "spectral norm": _spectral,
    "statistics of each picture": _of_each_picture,
    "dropout": _with_dropout,
}
STEADY = [name for name in NETWORKS if name != "dropout"]


def pictures(count: int, shape: tuple[int, ...]) -> np.ndarray:
    """Noise of several sizes of grain, in [-1, 1]."""
    random = np.random.default_rng(3)
    fine = random.uniform(-0.5, 0.5, (count, *shape))
    coarse = random.uniform(-0.5, 0.5, (count, shape[0] // 8, shape[1] // 8, shape[2]))
    return (fine + coarse.repeat(8, axis=1).repeat(8, axis=2)).astype(np.float32)


def material(network: keras.Model, calibration: int = 8) -> Material:
    """Return what an exporter is given."""
    shape = network.input_shape[1:]
    return Material(network, "small", pictures(calibration, shape), pictures(3, shape)[1:])


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    """Return the decibels of the worst picture, with a peak of 2."""
    errors = np.square(a.astype(np.float64) - b).mean(axis=(1, 2, 3))
    return float(10 * np.log10(4 / max(errors.max(), 1e-20)))


# It prints each address that Python asks for.
ALONE = """
import sys
def tell(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        print("SOCKET", event, arguments, flush=True)
sys.addaudithook(tell)
import importlib, pathlib
from small_networks import material, small_network
module, _, name = sys.argv[1].partition(":")
exporter = getattr(importlib.import_module(module), name)()
given, folder = material(small_network("spectral norm")), pathlib.Path(sys.argv[2])
exporter.write(given, folder)
print(exporter.open(folder, 1)(given.held_out).shape)
"""


def alone(exporter: str, folder: Path) -> None:
    """Write, open and paint in a process of its own; see that it uses no network and only its own folders.

    Args:
        exporter: `"module:class"`.
        folder: an empty one.
    """
    places = {name: folder / name for name in ("home", "keras", "temporary", "work", "out")}
    for place in places.values():
        place.mkdir()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("XDG_")},
        "HOME": str(places["home"]),
        "KERAS_HOME": str(places["keras"]),
        "KERAS_BACKEND": "tensorflow",
        "MPLCONFIGDIR": str(
            places["keras"]
        ),  # Keras imports Matplotlib, which keeps a list of fonts.
        "TMPDIR": str(places["temporary"]),
        "PYTHONPATH": str(Path(__file__).parent),
        # TensorFlow writes the code that it traces to files, whose compiled form Python would leave in TMPDIR.
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    # Where it is set OpenVINO sends nothing anyway.
    environment.pop("CI", None)
    done = subprocess.run(
        [sys.executable, "-c", ALONE, exporter, str(places["out"])],
        cwd=places["work"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "(2, 32, 32, 3)\n"
    left = [path for name in ("home", "temporary", "work") for path in places[name].rglob("*")]
    assert left == []
