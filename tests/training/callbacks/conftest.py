import signal
from collections.abc import Iterator

import keras
import numpy as np
import pytest


class Pictures:
    """Examples of one grey value each, so that a picture says which example it is."""

    def __init__(self, length, size=8):
        self.length, self.size = length, size

    def __len__(self):
        return self.length

    def example(self, index, random):
        assert random is None
        picture = np.full((self.size, self.size, 3), index / self.length, np.float32)
        return {"source": picture, "target": -picture}


@pytest.fixture
def pictures():
    return Pictures


@pytest.fixture
def batch():
    return np.linspace(-1, 1, 8 * 8 * 8 * 3, dtype="float32").reshape(8, 8, 8, 3)


class Translating(keras.Sequential):
    """A model that says what its sample grids show."""

    source_columns = ("source",)

    def samples(self, source, target):
        translated = np.asarray(self.predict_on_batch(source))
        return {"source": source, "translated": translated, "target": target}


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    network = Translating([keras.Input((8, 8, 3)), keras.layers.Conv2D(3, 1)])
    network.compile(optimizer=keras.optimizers.SGD(0.01), loss="mae")
    return network


@pytest.fixture
def fit(model, batch):
    """Fit the tiny model: 4 steps an epoch, with validation."""

    def run(*callbacks, epochs=2, initial_epoch=0):
        model.fit(
            batch,
            -batch,
            batch_size=2,
            epochs=epochs,
            initial_epoch=initial_epoch,
            validation_data=(batch, -batch),
            callbacks=list(callbacks),
            verbose=0,
        )
        return model

    return run


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Ctrl-C as on a terminal: a shell that runs tests in the background has them ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
