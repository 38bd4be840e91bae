import io
import re

import keras
import numpy as np
import pytest
from tiny import adam, tiny_data, tiny_pix2pix

from zoo.errors import ZooError
from zoo.metrics.pixel import L1
from zoo.runs.history import read_history
from zoo.schedules import plateau
from zoo.training.callbacks.history import HistoryFile
from zoo.training.callbacks.learning_rates import LearningRates


class Halved:
    """Half the rate after every epoch, and a note of what it was shown."""

    learning_rate, monitor = 2e-4, "val_l1"

    def __init__(self, factor=0.5):
        self.factor = factor
        self.seen = []

    def rate(self, figures):
        self.seen.append(figures)
        return self.learning_rate * self.factor ** len(figures)


class Rates(keras.callbacks.Callback):
    """Both players' rates and a copy of the generator's weights after each epoch."""

    def __init__(self):
        super().__init__()
        self.rates, self.weights = [], []

    def on_epoch_end(self, epoch, logs=None):
        players = self.model.optimizer.players
        self.rates.append([float(players[name].learning_rate) for name in sorted(players)])
        trained = self.model.generator.trainable_weights
        self.weights.append([weight.numpy().copy() for weight in trained])


@pytest.fixture
def train(tmp_path):
    data = tiny_data(2)

    def run(schedules, *, model=None, epochs=3, initial_epoch=0, validation_freq=1):
        model = model or tiny_pix2pix(metrics=[L1()])
        stream, after = io.StringIO(), Rates()
        history = tmp_path / "history.csv"
        model.fit(
            data["source"],
            data["target"],
            batch_size=1,
            epochs=epochs,
            initial_epoch=initial_epoch,
            validation_data=(data["source"], data["target"]),
            validation_freq=validation_freq,
            callbacks=[
                HistoryFile(history),
                LearningRates(schedules, history, stream=stream),
                after,
            ],
            verbose=0,
        )
        return after, stream.getvalue()

    return run


def test_each_epoch_has_the_rate_of_the_history_before_it(train, tmp_path):
    schedule = Halved()
    after, said = train({"generator": schedule})
    # Sorted: the discriminator, whose rate nobody moves, then the generator.
    np.testing.assert_allclose(after.rates, [[2e-4, 2e-4], [2e-4, 1e-4], [2e-4, 5e-5]], rtol=1e-6)
    assert said.splitlines() == [
        "learning rates from epoch 2 on: generator 1.000e-04, before 2.000e-04",
        "learning rates from epoch 3 on: generator 5.000e-05, before 1.000e-04",
    ]
    rows = read_history(tmp_path / "history.csv")
    assert [len(figures) for figures in schedule.seen] == [0, 1, 2]
    assert schedule.seen[2][1]["val_l1"] == float(rows[1]["val_l1"])
    assert not {"epoch", "step", "seconds"} & set(schedule.seen[2][1])


def test_the_step_itself_learns_at_that_rate(train):
    model = tiny_pix2pix(metrics=[L1()])
    before = [weight.numpy().copy() for weight in model.generator.trainable_weights]
    after, _ = train({"generator": Halved(0.0)}, model=model)
    first, *later = after.weights
    assert any(not np.array_equal(*pair) for pair in zip(before, first, strict=True))
    for weights in later:
        for pair in zip(first, weights, strict=True):
            np.testing.assert_array_equal(*pair)


@pytest.fixture
def second_epoch(tmp_path):
    """What is said when a model's second epoch begins."""

    def begin(model, schedules):
        history, stream = tmp_path / "history.csv", io.StringIO()
        history.write_text("epoch,step,seconds,val_l1\n1,2,0.5,0.3\n")
        callback = LearningRates(schedules, history, stream=stream)
        callback.set_model(model)
        callback.on_epoch_begin(1)
        return stream.getvalue()

    return begin


def test_both_players_share_a_line(second_epoch):
    schedules = {"discriminator": Halved(), "generator": Halved(0.1)}
    assert second_epoch(tiny_pix2pix(), schedules) == (
        "learning rates from epoch 2 on: discriminator 1.000e-04, before 2.000e-04; "
        "generator 2.000e-05, before 2.000e-04\n"
    )


def test_a_rate_that_stays_or_rises_is_no_news(second_epoch):
    model = tiny_pix2pix()
    assert second_epoch(model, {"discriminator": Halved(1.0), "generator": Halved(2.0)}) == ""
    assert float(model.optimizer.players["generator"].learning_rate) == pytest.approx(4e-4)


def test_loss_scaling_lies_around_the_optimizer_that_is_meant(second_epoch):
    scaled = {
        name: keras.optimizers.LossScaleOptimizer(adam()) for name in ("generator", "discriminator")
    }
    model = tiny_pix2pix(optimizer=scaled)
    second_epoch(model, {"generator": Halved()})
    inner = model.optimizer.players["generator"].inner_optimizer
    assert float(inner.learning_rate) == pytest.approx(1e-4)


def test_a_resumed_training_goes_on_with_the_rate_it_would_have_had(train, tmp_path):
    through, _ = train({"generator": Halved()}, epochs=4)
    (tmp_path / "history.csv").unlink()
    model = tiny_pix2pix(metrics=[L1()])
    train({"generator": Halved()}, model=model, epochs=2)
    model.save(tmp_path / "last.keras")
    # An epoch that was trained after the checkpoint, and is trained again.
    train({"generator": Halved()}, model=model, initial_epoch=2, epochs=3)
    loaded = keras.models.load_model(tmp_path / "last.keras")
    resumed, said = train({"generator": Halved()}, model=loaded, initial_epoch=2, epochs=4)
    np.testing.assert_allclose(resumed.rates, through.rates[2:], rtol=1e-6)
    assert said.splitlines()[0].startswith("learning rates from epoch 3 on: generator 5.000e-05")


def test_a_plateau_waits_for_held_out_figures(train):
    stuck = plateau(2e-4, 2, 4, patience=0, factor=0.5, threshold=1e6)
    after, _ = train({"generator": stuck}, epochs=5, validation_freq=2)
    assert [rates[1] for rates in after.rates] == pytest.approx([2e-4] * 4 + [1e-4])


def test_a_figure_that_never_comes_is_told(train):
    message = (
        "the schedule watches 'val_psnr', but the figures of this training are discriminator_fake, "
        "discriminator_real, generator_adversarial, generator_l1, val_l1. Did you mean 'val_l1'?"
    )
    schedule = plateau(2e-4, 2, 4, monitor="val_psnr")
    with pytest.raises(ZooError, match=f"^{re.escape(message)}$"):
        train({"generator": schedule}, validation_freq=2)
