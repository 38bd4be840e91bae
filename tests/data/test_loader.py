import threading

import keras
import numpy as np
import pytest

from zoo.data.loader import Loader


class Numbered:
    """Example `i` is the number 8 i, plus a chance of 0 to 7 if augmented."""

    def __init__(self, count):
        self.count = count
        self.threads = set()

    def __len__(self):
        return self.count

    def example(self, index, random):
        self.threads.add(threading.current_thread().name)
        number = 8 * index + (0 if random is None else int(random.integers(8)))
        picture = np.full((1, 1, 1), number, np.float32)
        return {"source": picture, "target": -picture}


class Watch(keras.layers.Layer):
    """Makes the loss of a batch a number from which the batch can be told."""

    def build(self, shape):
        self.weight = self.add_weight(shape=(), initializer="zeros")
        super().build(shape)

    def call(self, inputs):
        numbers = inputs["source"][:, 0, 0, 0]
        code = 64 * keras.ops.sum(numbers[:1]) + keras.ops.sum(numbers[1:])
        self.add_loss(code + 0 * self.weight)
        return inputs["source"]


class Seen(keras.callbacks.Callback):
    def __init__(self, loader, stop_after=None):
        super().__init__()
        left = len(loader.examples) - loader.start * loader.batch_size
        self.sizes = [min(loader.batch_size, left - at) for at in range(0, left, loader.batch_size)]
        self.epochs = []
        self.stop_after = stop_after
        self.steps = 0

    def on_epoch_begin(self, epoch, logs=None):
        self.epochs.append([])
        self.samples, self.total = 0, 0.0

    def on_train_batch_end(self, batch, logs=None):
        # Keras tells the mean since the epoch began, weighted by the examples of a batch.
        size = self.sizes[batch]
        self.samples += size
        total = float(logs["loss"]) * self.samples
        self.epochs[-1].append(round((total - self.total) / size))
        self.total = total
        self.steps += 1
        if self.steps == self.stop_after:
            self.model.stop_training = True


def watching_model():
    picture = {name: keras.Input((1, 1, 1), name=name) for name in ("source", "target")}
    model = keras.Model(picture, Watch()(picture))
    model.compile(optimizer="sgd")
    return model


def code(batch):
    numbers = batch["source"][:, 0, 0, 0]
    return int(64 * numbers[0] + numbers[1:].sum())


def by_hand(loader, epochs):
    seen = []
    for epoch in epochs:
        loader.epoch = epoch
        seen.append([code(batch) for batch in loader])
    return seen


def make(count=8, batch_size=1, workers=1, **options):
    options = {"seed": 5, "shuffle": True, "augment": True} | options
    return Loader(Numbered(count), batch_size, workers=workers, **options)


def test_a_batch_holds_source_and_target():
    (batch,) = Loader(Numbered(2), 2)
    assert set(batch) == {"source", "target"}
    assert batch["source"].shape == (2, 1, 1, 1)
    assert batch["source"].dtype == np.float32
    np.testing.assert_array_equal(batch["source"][:, 0, 0, 0], [0, 8])
    np.testing.assert_array_equal(batch["target"], -batch["source"])


@pytest.mark.parametrize(("drop", "sizes"), [(False, [3, 3, 2]), (True, [3, 3])])
def test_the_last_batch_may_be_smaller_or_left_out(drop, sizes):
    loader = Loader(Numbered(8), 3, drop_remainder=drop)
    assert len(loader) == len(sizes)
    assert [len(batch["source"]) for batch in loader] == sizes


def test_every_epoch_has_all_examples_in_its_own_order_with_its_own_chances():
    loader = make(count=40)
    first, second = by_hand(loader, [0, 1])
    assert sorted(number // 64 // 8 for number in first) == list(range(40))
    assert [n // 64 // 8 for n in first] != [n // 64 // 8 for n in second]
    chances = [{n // 64 // 8: n // 64 % 8 for n in epoch} for epoch in (first, second)]
    assert chances[0] != chances[1]


def test_without_shuffle_and_augmentation_every_epoch_is_the_same():
    first, second = by_hand(Loader(Numbered(8)), [0, 1])
    assert first == second == [512 * index for index in range(8)]


def test_the_seed_changes_order_and_chances():
    assert by_hand(make(seed=5), [0]) == by_hand(make(seed=5), [0])
    assert by_hand(make(seed=5), [0]) != by_hand(make(seed=6), [0])


@pytest.mark.parametrize("workers", [1, 4])
def test_the_same_batches_come_with_any_number_of_workers(workers):
    loader = make(count=30, batch_size=2, workers=workers)
    alone = make(count=30, batch_size=2, workers=0)
    assert by_hand(loader, [0, 1, 7]) == by_hand(alone, [0, 1, 7])
    assert any(name.startswith("zoo-data") for name in loader.examples.threads)
    assert alone.examples.threads == {threading.current_thread().name}


def test_batches_may_be_asked_for_in_any_order():
    loader, alone = make(workers=3), make(workers=0)
    for index in (5, 0, 1, 7, 7, 2):
        assert code(loader[index]) == code(alone[index])
    loader.epoch = alone.epoch = 3
    assert code(loader[3]) == code(alone[3])


@pytest.mark.parametrize("workers", [0, 1, 4])
@pytest.mark.parametrize(("count", "batch_size"), [(8, 1), (7, 2), (3, 1), (2, 1)])
def test_fit_sees_what_the_loader_gives_by_hand(workers, count, batch_size):
    loader = make(count, batch_size, workers)
    seen = Seen(loader)
    watching_model().fit(loader, epochs=3, shuffle=False, verbose=0, callbacks=[seen])
    assert seen.epochs == by_hand(make(count, batch_size), range(3))
    assert seen.epochs[0] != seen.epochs[1]
    assert loader.epoch == 3


def test_a_second_fit_goes_on_where_the_first_ended():
    loader, model = make(), watching_model()
    seen = Seen(loader)
    model.fit(loader, epochs=2, shuffle=False, verbose=0, callbacks=[seen])
    model.fit(loader, epochs=2, shuffle=False, verbose=0, callbacks=[seen])
    assert seen.epochs == by_hand(make(), range(4))


def test_reading_the_loader_by_hand_does_not_move_the_epoch():
    loader = make()
    by_hand(loader, [0])
    seen = Seen(loader)
    watching_model().fit(loader, shuffle=False, verbose=0, callbacks=[seen])
    assert seen.epochs == by_hand(make(), [0])


def test_setting_the_epoch_gives_what_an_uninterrupted_run_sees():
    loader = make(workers=2)
    seen = Seen(loader)
    loader.epoch = 2
    watching_model().fit(
        loader, initial_epoch=2, epochs=4, shuffle=False, verbose=0, callbacks=[seen]
    )
    assert seen.epochs == by_hand(make(), [2, 3])


def test_validation_and_evaluation_do_not_move_the_epoch_of_training():
    train, test, model = make(), Loader(Numbered(3)), watching_model()
    seen = Seen(train)
    options = {"shuffle": False, "verbose": 0, "callbacks": [seen]}
    model.fit(train, validation_data=test, epochs=2, **options)
    assert seen.epochs == by_hand(make(), [0, 1])
    before = model.evaluate(test, verbose=0)
    assert model.evaluate(test, verbose=0) == before


def test_an_epoch_that_was_stopped_is_begun_again():
    model, loader = watching_model(), make(count=40, workers=0)
    seen = Seen(loader, stop_after=12)
    model.fit(loader, epochs=3, shuffle=False, verbose=0, callbacks=[seen])
    assert seen.steps == 12
    assert loader.epoch == 0
    again = Seen(loader)
    model.fit(loader, epochs=1, shuffle=False, verbose=0, callbacks=[again])
    assert again.epochs == by_hand(make(count=40), [0])


def test_the_rest_of_an_epoch_is_what_was_not_seen():
    loader = make(count=9, batch_size=2, workers=2)
    loader.epoch = 4
    (whole,) = by_hand(make(count=9, batch_size=2), [4])
    rest = loader.rest(3)
    assert len(rest) == 2
    assert rest.epoch == 4
    seen = Seen(rest)
    watching_model().fit(rest, shuffle=False, verbose=0, callbacks=[seen])
    assert seen.epochs == [whole[3:]]
    assert [code(batch) for batch in loader.rest(1).rest(2)] == whole[3:]


class Broken(Numbered):
    def example(self, index, random):
        if index == 5:
            raise OSError("picture 5 is gone")
        return super().example(index, random)


@pytest.mark.parametrize("workers", [0, 3])
def test_an_error_in_an_example_comes_when_its_batch_is_asked_for(workers):
    loader = Loader(Broken(8), workers=workers)
    assert [code(loader[index]) for index in range(5)] == [512 * index for index in range(5)]
    with pytest.raises(OSError, match="picture 5 is gone"):
        loader[5]
    assert code(loader[6]) == 512 * 6


def test_a_batch_that_is_not_there():
    with pytest.raises(IndexError, match=r"^batch 8 of 8$"):
        make()[8]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"count": 0}, "0 examples in batches of 1 leave no batch"),
        (
            {"count": 3, "batch_size": 4, "drop_remainder": True},
            "3 examples in batches of 4 leave no batch without the remainder",
        ),
        ({"count": 3, "start": 3}, "3 examples in batches of 1 leave no batch from position 3 on"),
    ],
)
def test_no_batch_at_all(arguments, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        make(**arguments)
