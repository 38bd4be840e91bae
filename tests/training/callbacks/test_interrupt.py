import io
import signal
import threading

import keras
import pytest

from zoo.training.callbacks.interrupt import Interrupt


class Send(keras.callbacks.Callback):
    """Sends signals during a step, as a person at the keyboard does."""

    def __init__(self, *signals, step=1):
        super().__init__()
        self.signals, self.step, self.steps, self.epochs = signals, step, 0, 0

    def on_train_batch_begin(self, batch, logs=None):
        if batch == self.step:
            for number in self.signals:
                signal.raise_signal(number)

    def on_train_batch_end(self, batch, logs=None):
        self.steps += 1

    def on_epoch_end(self, epoch, logs=None):
        self.epochs += 1


@pytest.fixture(autouse=True)
def handlers():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    yield
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_ends_the_epoch_with_its_bookkeeping(fit, number):
    stream, send = io.StringIO(), Send(number)
    interrupt = Interrupt(stream)
    fit(interrupt, send, epochs=5)
    assert (send.steps, send.epochs) == (2, 1)
    assert interrupt.stopped_by == number.name
    assert stream.getvalue().count("\n") == 1
    assert stream.getvalue().startswith(f"{number.name}: stopping here; this epoch is still")


def test_the_second_ctrl_c_gets_through(fit):
    with pytest.raises(KeyboardInterrupt), Interrupt(io.StringIO()) as interrupt:
        fit(interrupt, Send(signal.SIGINT, signal.SIGINT), epochs=5)


def test_a_signal_during_validation_is_heard(fit):
    class During(keras.callbacks.Callback):
        def on_test_batch_begin(self, batch, logs=None):
            signal.raise_signal(signal.SIGINT)

    stream, seen = io.StringIO(), Send()
    interrupt = Interrupt(stream)
    with pytest.raises(KeyboardInterrupt), interrupt:
        fit(interrupt, During(), seen, epochs=5)
    assert "stopping here" in stream.getvalue()


def test_the_handlers_come_back_when_fit_raises(fit):
    class Fail(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"), Interrupt() as interrupt:
        fit(interrupt, Fail())


def test_without_a_signal_nothing_is_said(fit):
    stream, seen = io.StringIO(), Send()
    interrupt = Interrupt(stream)
    fit(interrupt, seen, epochs=2)
    assert (seen.epochs, stream.getvalue(), interrupt.stopped_by) == (2, "", None)


def test_another_thread_trains_without_handlers(model):
    interrupt = Interrupt(io.StringIO())
    interrupt.set_model(model)
    thread = threading.Thread(target=interrupt.on_train_begin)
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_signal_in_the_middle_of_a_step_leaves_a_usable_model(model, batch):
    class Data(keras.utils.PyDataset):
        """Gives batches; a signal comes while the third is read."""

        sent = False

        def __len__(self):
            return 4

        def __getitem__(self, index):
            if index == 2 and not self.sent:
                self.sent = True
                signal.raise_signal(signal.SIGINT)
            return batch[2 * index : 2 * index + 2], batch[2 * index : 2 * index + 2]

    seen = Send(step=None)
    callbacks = [Interrupt(io.StringIO()), seen]
    model.fit(Data(), epochs=5, callbacks=callbacks, shuffle=False, verbose=0)
    assert seen.epochs == 1
    assert model.evaluate(batch, batch, verbose=0) > 0
    assert model.predict_on_batch(batch).shape == batch.shape
