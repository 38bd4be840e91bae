import keras
import numpy as np
import pytest
from tiny import tiny_data, tiny_pix2pix

from zoo.errors import ZooError
from zoo.training.callbacks.divergence import StopOnDivergence


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
            callbacks=[before, StopOnDivergence(), after],
            verbose=0,
        )
    assert (before.steps, before.epochs) == (3, [0])
    assert (after.steps, after.epochs) == (3, [])


def broken(*steps, start=(0, 0)):
    """What is said of an epoch: of each call Keras's number of its last step, and its logs."""
    callback = StopOnDivergence(start=start)
    callback.set_model(keras.Sequential())
    callback.on_train_begin()
    callback.on_epoch_begin(start[0])
    for batch, logs in steps:
        callback.on_train_batch_end(batch, logs)
    with pytest.raises(ZooError) as raised:
        callback.on_epoch_end(start[0])
    assert callback.model.stop_training
    return str(raised.value).partition(": training has diverged; try a lower learning rate")[0]


NAN, INF = float("nan"), float("inf")


def test_several_losses_are_all_named():
    told = broken((0, {"a": 1.0, "b": 2.0}), (1, {"a": NAN, "b": NAN}), (2, {"a": NAN, "c": INF}))
    assert told == "'a' and 'b' became NaN in step 2 of epoch 1"
    told = broken((0, {"a": -INF, "b": NAN, "c": 1.0}))
    assert told == "'b' became NaN and 'a' became infinite in step 1 of epoch 1"


def test_steps_are_counted_from_where_a_training_goes_on():
    told = broken((0, {"a": 1.0}), (1, {"a": NAN}), start=(3, 5))
    assert told == "'a' became NaN in step 7 of epoch 4"


def test_steps_of_one_call_are_told_together():
    told = broken((3, {"a": 1.0}), (7, {"a": NAN}))
    assert told == "'a' became NaN in one of the steps 5 to 8 of epoch 1"


def test_weights_that_the_last_step_broke_are_found_before_they_are_saved():
    model = tiny_pix2pix()
    data = tiny_data(2)
    after = Seen()

    class Break(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 1:
                weight = self.model.generator.trainable_variables[0]
                weight.assign(weight * NAN)

    with pytest.raises(ZooError, match=r"^weights of 'generator' became NaN or infinite in step 2"):
        model.fit(
            data, batch_size=1, callbacks=[Break(), StopOnDivergence(), after], verbose=0, epochs=2
        )
    assert after.epochs == []


def test_finite_losses_train_on(fit):
    seen = Seen()
    fit(StopOnDivergence(), seen, epochs=2)
    assert seen.epochs == [0, 1]
