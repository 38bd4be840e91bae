from __future__ import annotations

import math

import pytest
from keras import ops

from zoo.losses.adversarial import Hinge, LeastSquares, Vanilla
from zoo.training.guards.strength import Levels, duels, levels_of, too_strong


def entropy(share: float) -> float:
    return -share * math.log(share) - (1 - share) * math.log(1 - share)


@pytest.mark.parametrize(
    ("objective", "undecided", "perfect"),
    [
        (Vanilla(), 2 * math.log(2), 0.0),
        # No logits give a smoothed label less than its entropy.
        (Vanilla(0.1), 2 * entropy(0.45), entropy(0.1)),
        (LeastSquares(), 0.5, 0.0),
        (LeastSquares(0.5), 0.125, 0.0),
        (Hinge(), 2.0, 0.0),
    ],
)
def test_levels_are_those_of_the_objective(objective, undecided, perfect) -> None:
    levels = levels_of(objective)
    assert levels is not None
    assert levels.undecided == pytest.approx(undecided, abs=0.02)
    assert levels.perfect == pytest.approx(perfect, abs=0.02)


class Wasserstein:
    def discriminator(self, real_logits, fake_logits):
        return -ops.mean(real_logits), ops.mean(fake_logits)


class Relativistic:
    """Judges real pictures beside fakes, not each by itself (arXiv 1807.00734)."""

    def discriminator(self, real_logits, fake_logits):
        apart = real_logits - fake_logits
        return ops.mean(ops.softplus(-apart)), ops.mean(ops.softplus(-apart))


def test_a_critic_has_no_levels_and_a_relativistic_discriminator_has() -> None:
    assert levels_of(Wasserstein()) is None
    levels = levels_of(Relativistic())
    assert levels is not None
    assert levels.undecided == pytest.approx(2 * math.log(2))
    assert levels.perfect == pytest.approx(0, abs=1e-6)


def test_strength_lies_between_undecided_and_perfect() -> None:
    levels = Levels(1.4, 0.4)
    assert [levels.strength(*losses) for losses in ((0.7, 0.7), (0.2, 0.2), (0.5, 0.4))] == [
        0.0,
        1.0,
        pytest.approx(0.5),
    ]
    assert levels.strength(5.0, 0.0) == 0.0
    assert levels.strength(0.0, 0.0) == 1.0


def test_discriminators_are_found_with_their_generators() -> None:
    pix2pix = ("generator_adversarial", "generator_l1", "discriminator_real", "discriminator_fake")
    (duel,) = duels(pix2pix)
    assert (duel.discriminator, duel.generator) == ("discriminator", "generator_adversarial")
    cyclegan = [
        f"{start}_{side}{end}"
        for side in ("source", "target")
        for start, end in (
            ("generator_adversarial", ""),
            ("discriminator", "_real"),
            ("discriminator", "_fake"),
        )
    ]
    assert [duel.generator for duel in duels(cyclegan)] == [
        "generator_adversarial_source",
        "generator_adversarial_target",
    ]
    assert duels(("generator_l1",)) == []


def rows(*triples: tuple[float, float, float]) -> list[dict[str, float]]:
    names = ("discriminator_real", "discriminator_fake", "generator_adversarial")
    return [dict(zip(names, triple, strict=True)) for triple in triples]


@pytest.mark.parametrize(
    ("told", "strong"),
    [
        ([(0.01, 0.01, 5), (0.01, 0.01, 6), (0.01, 0.01, 7)], True),
        # Two epochs are no trend; the generator catches up; once it was less sure.
        ([(0.01, 0.01, 5), (0.01, 0.01, 6)], False),
        ([(0.01, 0.01, 7), (0.01, 0.01, 6), (0.01, 0.01, 5)], False),
        ([(0.01, 0.01, 5), (0.05, 0.05, 6), (0.01, 0.01, 7)], False),
        ([(0.01, 0.01, 5), (0.01, 0.01, 6), (0.01, 0.01, math.nan)], False),
    ],
)
def test_too_strong_is_for_epochs_in_a_row(told, strong) -> None:
    (duel,) = duels(rows(*told)[0])
    levels = Levels(2 * math.log(2), 0.0)
    assert too_strong(rows(*told), duel, levels, strength=0.98, epochs=3) == strong
