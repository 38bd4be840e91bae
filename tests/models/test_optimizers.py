import re

import keras
import numpy as np
import pytest
from tiny import adam, optimizers, tiny_data, tiny_pix2pix

from zoo.models.optimizers import PlayerOptimizers, per_player
from zoo.schedules import LinearDecay

PLAYERS = ("discriminator", "generator")


def test_optimizers_come_in_the_players_order():
    assert list(per_player(optimizers(), PLAYERS)) == list(PLAYERS)


def test_keras_names_are_optimizers():
    found = per_player({"generator": "adam", "discriminator": "sgd"}, PLAYERS)
    assert isinstance(found["discriminator"], keras.optimizers.SGD)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            "adam",
            "the model needs an optimizer for each of its players: a dict with the keys "
            "'discriminator', 'generator', but compile got 'adam'",
        ),
        (
            {"generator": "adam", "critic": "adam"},
            "the optimizers must be for exactly the players 'discriminator', 'generator', "
            "but they are for 'generator', 'critic'",
        ),
        (
            {},
            "the optimizers must be for exactly the players 'discriminator', 'generator', "
            "but they are for none",
        ),
    ],
)
def test_anything_else_is_refused(given, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        per_player(given, PLAYERS)


def test_a_shared_optimizer_is_refused():
    shared = adam()
    with pytest.raises(ValueError, match="two players share one optimizer"):
        per_player({"generator": shared, "discriminator": shared}, PLAYERS)


def rates(container):
    return [float(optimizer.learning_rate) for optimizer in container.players.values()]


def test_players_that_agree_have_one_learning_rate():
    container = PlayerOptimizers(optimizers())
    assert float(container.learning_rate) == pytest.approx(2e-4)
    container.learning_rate = 1e-3
    assert rates(container) == pytest.approx([1e-3, 1e-3])


def test_players_that_differ_have_none_until_it_is_set():
    container = PlayerOptimizers(optimizers())
    container.players["discriminator"].learning_rate = 1e-3
    message = (
        "the players' learning rates differ (generator 0.0002, discriminator 0.001); "
        "read players['generator'].learning_rate or players['discriminator'].learning_rate"
    )
    with pytest.raises(AttributeError, match=f"^{re.escape(message)}$"):
        _ = container.learning_rate
    container.learning_rate = 1e-4
    assert rates(container) == pytest.approx([1e-4, 1e-4])


def test_a_rate_that_follows_a_schedule_is_not_set():
    scheduled = keras.optimizers.LossScaleOptimizer(adam(learning_rate=LinearDecay(2e-4, 10, 1, 1)))
    container = PlayerOptimizers({"generator": adam(), "discriminator": scheduled})
    assert float(container.learning_rate) == pytest.approx(2e-4)
    message = (
        "the learning rate of the player 'discriminator' follows the schedule LinearDecay and cannot be set; choose "
        "another course in the recipe's schedule.name (plateau, linear_decay, step or cosine), or schedule.name: "
        "constant if a Keras callback is to set it"
    )
    for one in (container, container.optimizers[1]):
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            one.learning_rate = 1e-3
    assert rates(container) == pytest.approx([2e-4, 2e-4])
    container.optimizers[1].learning_rate = LinearDecay(1e-3, 10, 1, 1)
    assert rates(container) == pytest.approx([2e-4, 1e-3])


def test_variables_are_the_counter_and_all_slots():
    container = PlayerOptimizers(optimizers())
    weights = {name: [keras.Variable(np.zeros(3), name=name)] for name in PLAYERS}
    container.build_players(weights)
    # Of each Adam: iterations, learning rate, momentum, velocity.
    assert len(container.variables) == 1 + 2 * 4


def test_its_config_survives():
    container = PlayerOptimizers({"generator": adam(clipnorm=2.0), "discriminator": adam()})
    restored = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(container))
    assert restored.players["generator"].clipnorm == 2.0
    assert restored.get_config() == container.get_config()


def test_moving_averages_replace_the_weights_after_fit():
    model = tiny_pix2pix(optimizer=optimizers(use_ema=True, ema_momentum=0.5))
    model.fit(tiny_data(2), batch_size=1, verbose=0)
    for player, optimizer in model.optimizer.players.items():
        averages = optimizer._model_variables_moving_average
        for variable, average in zip(model.optimizer.trained[player], averages, strict=True):
            np.testing.assert_array_equal(variable.numpy(), average.numpy())
