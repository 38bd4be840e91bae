"""Networks are files that Keras opens without this package."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from zoo.networks.pixelgan import pixelgan
from zoo.networks.resnet import resnet
from zoo.networks.unet import unet

NETWORKS = {
    "unet": lambda: unet((8, 8, 3), 3, depth=2, filters=2),
    "resnet": lambda: resnet((8, 8, 3), 3, blocks=1, filters=2, dropout=0.5),
    "pixelgan": lambda: pixelgan((8, 8, 3), filters=2, norm="instance"),
}

ELSEWHERE = """
import sys
import keras
import numpy as np
for name in sys.argv[1:]:
    network = keras.models.load_model(f"{name}.keras")
    found = network.predict(np.load(f"{name}_source.npy"), verbose=0)
    np.testing.assert_allclose(found, np.load(f"{name}_painted.npy"), atol=1e-6)
    print(name, *sorted(module for module in sys.modules if module.startswith("zoo")))
"""


@pytest.mark.one_backend
def test_plain_keras_opens_every_network(tmp_path):
    for name, build in NETWORKS.items():
        network = build()
        shape = (2, *network.input_shape[1:])
        source = np.random.default_rng(0).uniform(-1, 1, shape).astype("float32")
        network.save(tmp_path / f"{name}.keras")
        np.save(tmp_path / f"{name}_source.npy", source)
        np.save(tmp_path / f"{name}_painted.npy", network.predict(source, verbose=0))
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, *NETWORKS],
        cwd=tmp_path,
        env={**os.environ, "KERAS_BACKEND": keras.backend.backend()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == list(NETWORKS)
