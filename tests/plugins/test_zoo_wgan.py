"""WGAN-GP: the objective, the penalty against the reference and in closed form, and the model."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import ops
from reference import golden
from tiny import optimizers, tiny_data, tiny_parts
from trajectories import gradient_penalty
from zoo_wgan.model import wgan_gp
from zoo_wgan.objective import Wasserstein
from zoo_wgan.penalty import GradientPenalty, gradient_norms

import zoo
from zoo.backend.random import Random
from zoo.models.parts import WeightedPenalty


def parts(norm="none", **changes):
    penalty = WeightedPenalty("gradient_penalty", GradientPenalty(), 10.0)
    options = {"adversarial": Wasserstein(), "penalties": (penalty,), **changes}
    return replace(tiny_parts(norm=norm), **options)


def test_the_objective_equals_the_reference() -> None:
    arrays = golden("wgan_gradient_penalty")
    logits = ops.convert_to_tensor(arrays["logits_real"])
    found = [float(loss) for loss in Wasserstein().discriminator(logits, logits)]
    np.testing.assert_allclose(found, arrays["gan_loss_wgangp"], rtol=1e-5)
    assert float(Wasserstein().generator(logits)) == pytest.approx(arrays["gan_loss_wgangp"][0])


def test_the_penalty_and_its_gradient_equal_the_reference() -> None:
    value, gradient = gradient_penalty()
    assert value < 1e-4
    assert gradient < 1e-4


def linear(slopes):
    """A judge whose gradient is known: the sum over pixels of slope times pixel, picture by picture."""
    return lambda pictures: ops.sum(pictures * slopes, axis=(1, 2, 3))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, (4.0 + 0.25) / 2),
        ({"sides": "one"}, 4.0 / 2),
        ({"target": 0.0, "samples": "real"}, (9.0 + 0.25) / 2),
    ],
)
def test_closed_forms_for_each_picture_by_itself(arguments, expected) -> None:
    # Slopes of norm 3 and 1/2, so that a norm over the whole batch would tell.
    slopes = np.zeros((2, 2, 2, 1), "float32")
    slopes[0, ..., 0] = 1.5
    slopes[1, 0, 0, 0] = 0.5
    slopes = ops.convert_to_tensor(slopes)
    real = ops.ones((2, 2, 2, 1))
    penalty, figures = GradientPenalty(**arguments)(linear(slopes), real, -real, Random(1))
    assert float(penalty) == pytest.approx(expected, rel=1e-5)
    assert float(figures["gradient_norm"]) == pytest.approx(1.75, rel=1e-5)


@pytest.mark.parametrize(("samples", "expected"), [("real", 2.0), ("fake", 6.0)])
def test_where_the_gradient_is_taken(samples, expected) -> None:
    seen = []

    def judge(given):
        seen.append(ops.convert_to_numpy(ops.stop_gradient(given)))
        return ops.sum(given**2, axis=(1, 2, 3))

    real = ops.ones((1, 1, 1, 1))
    norm = GradientPenalty(samples)(judge, real, 3 * real, Random(1))[1]["gradient_norm"]
    assert float(norm) == pytest.approx(expected)


def test_mixed_pictures_have_a_share_of_their_own() -> None:
    real, fake = ops.zeros((64, 1, 1, 1)), ops.ones((64, 1, 1, 1))

    # The gradient of x squared by x is 2 x, and x is the share of the fake.
    penalty = GradientPenalty(target=0.0)
    random = Random(4)
    mixed = penalty._pictures(real, fake, random)
    norms = ops.convert_to_numpy(
        gradient_norms(lambda given: ops.sum(given**2, axis=(1, 2, 3)), mixed)
    )
    assert len(np.unique(norms)) == 64
    assert 0.8 < norms.mean() < 1.2
    assert norms.min() >= 0
    assert norms.max() <= 2


def test_the_critic_learns_from_a_batch_of_its_own_each_time() -> None:
    keras.utils.set_random_seed(0)
    model = wgan_gp(parts(), critic_steps=3)
    model.compile(optimizer=optimizers())
    history = model.fit(tiny_data(6), batch_size=6, epochs=2, verbose=0).history
    assert set(history) == {
        "generator_adversarial",
        "generator_l1",
        "discriminator_real",
        "discriminator_fake",
        "discriminator_gradient_penalty",
        "discriminator_gradient_norm",
    }
    counts = {name: int(o.iterations) for name, o in model.optimizer.players.items()}
    assert counts == {"discriminator": 6, "generator": 2}


def test_a_batch_that_cannot_be_shared_out_is_refused() -> None:
    model = wgan_gp(parts(), critic_steps=3)
    model.compile(optimizer=optimizers())
    with pytest.raises(ValueError, match="a batch of 4 cannot be shared out among 3 updates"):
        model.fit(tiny_data(4), batch_size=4, verbose=0)


def test_the_norm_goes_to_one() -> None:
    keras.utils.set_random_seed(0)
    model = wgan_gp(parts(), critic_steps=5)
    model.compile(optimizer=optimizers(learning_rate=1e-2, beta_1=0.0))
    norms = model.fit(tiny_data(10), batch_size=10, epochs=20, verbose=0).history[
        "discriminator_gradient_norm"
    ]
    assert norms[0] < 0.2
    assert abs(norms[-1] - 1) < 0.1


def test_a_saved_model_goes_on_alike(tmp_path) -> None:
    keras.utils.set_random_seed(0)
    model = wgan_gp(parts(), critic_steps=2)
    model.compile(optimizer=optimizers())
    data = tiny_data(4)
    model.fit(data, batch_size=4, verbose=0)
    model.save(tmp_path / "model.keras")
    restored = keras.models.load_model(tmp_path / "model.keras")
    assert int(restored.random.drawn) == int(model.random.drawn) == 4
    assert (
        model.fit(data, batch_size=4, shuffle=False, verbose=0).history
        == restored.fit(data, batch_size=4, shuffle=False, verbose=0).history
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"penalties": ()}, "wgan_gp needs a penalty on its critic, but losses.penalties is empty"),
        ({"norm": "batch"}, "batch norm in the critic mixes the pictures of a batch"),
        ({"paired": False}, "wgan_gp compares every fake with the target of its own source"),
    ],
)
def test_what_does_not_fit_is_refused(changes, message) -> None:
    with pytest.raises(ValueError, match=message):
        wgan_gp(parts(**changes))


def test_it_is_found_by_name() -> None:
    registry = zoo.load_host().registry
    for kind, name in (
        ("model", "wgan_gp"),
        ("adversarial_loss", "wasserstein"),
        ("penalty", "gradient_penalty"),
    ):
        assert registry.get(kind, name).provider == "wgan"
