import io
import math
import re

import keras
import pytest

from zoo.training.callbacks.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Stop(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        self.model.stop_training = batch == 1


def progress(stream, epochs=2):
    return Progress(epochs=epochs, steps_per_epoch=4, batch_size=2, stream=stream)


def test_one_plain_line_an_epoch_and_one_at_the_end(fit):
    stream = io.StringIO()
    shown = progress(stream)
    fit(shown)
    first, second, last = stream.getvalue().splitlines()
    figure = r"\d[\d.,]*(e[-+]\d+)?"
    line = rf"loss {figure} \| held out: loss {figure} \| {figure} images/s"
    assert re.fullmatch(rf"epoch 1/2 \| {line} \| \d+ s left", first)
    assert re.fullmatch(rf"epoch 2/2 \| {line}", second)
    assert re.fullmatch(
        rf"finished epoch 2 of 2: 8 steps in \d+ s \| held out: loss {figure}", last
    )
    assert shown.images_per_second > 0
    assert shown.seconds_left == 0


def test_a_terminal_gets_a_bar_too(fit):
    stream = Terminal()
    fit(progress(stream))
    text = stream.getvalue()
    assert "epoch 1/2 step " in text
    assert "%" in text
    assert re.search(r"epoch 2/2 \| loss", text)


def test_a_stopped_training_says_so(fit):
    stream = io.StringIO()
    fit(progress(stream, epochs=5), Stop(), epochs=5)
    assert stream.getvalue().splitlines()[-1].startswith("stopped in epoch 1 of 5: 2 steps in ")


def test_the_rest_of_an_epoch_and_then_the_others_are_one_training(model, fit, batch):
    fit(Stop(), epochs=1)
    stream = io.StringIO()
    shown = progress(stream, epochs=3)
    model.fit(batch[4:], batch[4:], batch_size=2, epochs=1, callbacks=[shown], verbose=0)
    assert len(stream.getvalue().splitlines()) == 1
    fit(shown, initial_epoch=1, epochs=3)
    assert stream.getvalue().splitlines()[-1].startswith("finished epoch 3 of 3: 10 steps in ")


def test_a_bar_is_taken_away_when_fit_raises(fit):
    class Fail(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise RuntimeError("broken")

    stream = Terminal()
    with pytest.raises(RuntimeError, match="broken"), progress(stream) as shown:
        fit(shown, Fail())
    assert stream.getvalue().endswith("\r")


def test_nothing_is_claimed_before_anything_is_known():
    shown = progress(io.StringIO())
    assert shown.images_per_second == 0
    assert math.isnan(shown.seconds_left)
