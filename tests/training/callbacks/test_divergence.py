import keras
import numpy as np
import pytest

from zoo.errors import ZooError
from zoo.training.callbacks.divergence import StopOnNaN


class Seen(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.epochs, self.steps = [], 0

    def on_train_batch_end(self, batch, logs=None):
        self.steps += 1

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(epoch)


def test_names_the_loss_and_the_step_and_spares_what_comes_after(model, batch):
    batch[4] = np.nan
    before, after = Seen(), Seen()
    with pytest.raises(
        ZooError, match="'loss' became NaN in step 3 of epoch 1: training has diverg"
    ):
        model.fit(
            batch,
            batch,
            batch_size=2,
            epochs=5,
            shuffle=False,
            callbacks=[before, StopOnNaN(), after],
            verbose=0,
        )
    assert (before.steps, before.epochs) == (3, [0])
    assert (after.steps, after.epochs) == (3, [])


def test_several_losses_are_all_named(model):
    callback = StopOnNaN()
    callback.set_model(model)
    callback.on_train_begin()
    callback.on_epoch_begin(0)
    callback.on_train_batch_end(0, {"a": 1.0, "b": float("inf")})
    assert not model.stop_training
    callback.on_train_batch_end(1, {"a": float("nan"), "b": float("nan")})
    assert model.stop_training
    with pytest.raises(ZooError, match=r"^'a' and 'b' became NaN in step 2 of epoch 1"):
        callback.on_epoch_end(0)
    callback.on_train_begin()
    callback.on_epoch_end(0)


def test_finite_losses_train_on(fit):
    seen = Seen()
    fit(StopOnNaN(), seen, epochs=2)
    assert seen.epochs == [0, 1]
