import keras
import numpy as np
import pytest

from zoo.schedules import LinearDecay, StepDecay, constant, cosine, linear_decay, step

# With lengths like 110 and 1177, dividing in float32 on TensorFlow and XLA is an epoch behind at an epoch's first step.
LENGTHS = (1, 3, 110, 939, 1177, 1351)
SCHEDULES = {
    "constant": lambda: constant(2e-4, 10, 8, warmup=1),
    "linear_decay": lambda: linear_decay(2e-4, 10, 8),
    "step": lambda: step(2e-4, 10, 8, every=2),
    "cosine": lambda: cosine(2e-4, 10, 8, final=0.1),
    "warmed up": lambda: cosine(2e-4, 10, 8, warmup=1.5),
}


def test_constant_is_a_plain_number():
    assert constant(2e-4, 110, 200) == 2e-4


def test_linear_decay_is_the_references_rule(rates):
    # 100 epochs constant, then linearly: 1 - max(0, e + 1 - 100) / 101 in epoch e.
    found = rates(linear_decay(2e-4, 7, 200), np.arange(200) * 7)
    expected = [2e-4 * (1 - max(0, epoch + 1 - 100) / 101) for epoch in range(200)]
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert found[99] == pytest.approx(2e-4)
    assert found[199] == pytest.approx(2e-4 / 101, rel=1e-5)


def test_linear_decay_over_another_share_of_the_epochs(rates):
    np.testing.assert_allclose(
        rates(linear_decay(1.0, 1, 4, decay=1.0), range(5)), [0.8, 0.6, 0.4, 0.2, 0.0], atol=1e-6
    )
    np.testing.assert_allclose(rates(linear_decay(1.0, 1, 4, decay=0), range(4)), np.ones(4))


def test_step_falls_by_the_factor_every_so_many_epochs(rates):
    schedule = step(1.0, 110, 200, every=3, factor=0.5)
    found = rates(schedule, [0, 3 * 110 - 1, 3 * 110, 6 * 110 - 1, 6 * 110, 9 * 110])
    np.testing.assert_allclose(found, [1, 1, 0.5, 0.5, 0.25, 0.125], rtol=1e-6)


def test_the_defaults_of_step_are_the_references(rates):
    found = rates(step(2e-4, 10, 200), [0, 499, 500, 1000, 1999])
    np.testing.assert_allclose(found, [2e-4, 2e-4, 2e-5, 2e-6, 2e-7], rtol=1e-5)


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("kind", [LinearDecay, StepDecay])
def test_the_rate_changes_at_the_first_step_of_an_epoch(rates, kind, length):
    epochs = np.arange(1, 300)
    if kind is LinearDecay:
        schedule = LinearDecay(1.0, length, 0, 400)
        expected: np.ndarray = 1 - (epochs + 1) / 401
    else:
        schedule = StepDecay(1.0, length, 1, 0.99)
        expected = 0.99**epochs
    np.testing.assert_allclose(rates(schedule, epochs * length), expected, rtol=1e-4)
    np.testing.assert_allclose(rates(schedule, (epochs + 1) * length - 1), expected, rtol=1e-4)


def test_cosine_goes_down_by_steps_and_stays_down(rates):
    schedule = cosine(2.0, 10, 20)
    steps = np.array([0, 1, 50, 100, 150, 199, 200, 250])
    expected = 1 + np.cos(np.pi * np.minimum(steps, 200) / 200)
    np.testing.assert_allclose(rates(schedule, steps), expected, atol=1e-6)


def test_cosine_ends_at_the_share_that_is_asked_for(rates):
    np.testing.assert_allclose(
        rates(cosine(2.0, 10, 20, final=0.25), [0, 100, 200]), [2.0, 1.25, 0.5], rtol=1e-6
    )


@pytest.mark.parametrize("name", SCHEDULES)
def test_it_survives_a_file(name, rates, restored):
    schedule = SCHEDULES[name]()
    steps = range(0, 80, 3)
    np.testing.assert_array_equal(rates(restored(schedule), steps), rates(schedule, steps))
    optimizer = restored(keras.optimizers.Adam(schedule))
    assert optimizer.get_config()["learning_rate"] == keras.saving.serialize_keras_object(schedule)


def test_files_that_name_the_former_module_load():
    arguments = {
        "learning_rate": 2e-4,
        "steps_per_epoch": 3,
        "constant_epochs": 1,
        "decaying_epochs": 2,
    }
    loaded = keras.saving.deserialize_keras_object(
        {
            "module": "zoo.schedules",
            "class_name": "LinearDecay",
            "config": arguments,
            "registered_name": "zoo>LinearDecay",
        }
    )
    assert isinstance(loaded, LinearDecay)
    assert loaded.get_config() == arguments


@pytest.mark.parametrize("name", SCHEDULES)
def test_an_optimizer_follows_it_within_fit(name, rates):
    schedule = SCHEDULES[name]()
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    # The gradient is always 1, so that the weight moves by the rate of each step.
    model.compile(keras.optimizers.SGD(schedule), loss=lambda y_true, y_pred: y_pred)
    before = float(model.get_weights()[0][0, 0])
    model.fit(np.ones((25, 1)), np.ones((25, 1)), batch_size=1, verbose=0)
    moved = before - float(model.get_weights()[0][0, 0])
    assert moved == pytest.approx(rates(schedule, range(25)).sum(), rel=1e-3)
