"""How strong a discriminator is, between one that cannot tell fakes and one that is never wrong."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from keras import ops

from zoo.losses.adversarial import AdversarialLoss

# Logits that objectives are tried at, and their negatives: closest where labels are. A loss with a bound has come to it
# at the last of them.
LOGITS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 20.0)
FAR = 40.0
# A loss that falls by more than this share of the undecided one beyond the last logit has no bound.
FALL = 0.01


@dataclass(frozen=True)
class Levels:
    """The sums of a discriminator's losses on real and on fake pictures at both ends of its skill.

    Args:
        undecided: the least that one can reach that gives real and fake pictures the same logits.
        perfect: the least that any can reach.
    """

    undecided: float
    perfect: float

    def strength(self, real: float, fake: float) -> float:
        """Return 0 for losses as of an undecided discriminator or worse ones, 1 for those of a perfect one."""
        share = (self.undecided - real - fake) / (self.undecided - self.perfect)
        return min(1.0, max(0.0, share))


def levels_of(objective: AdversarialLoss) -> Levels | None:
    """Find the levels of an objective by trying it; None if it has no bound, as a critic's.

    Args:
        objective: any adversarial loss; it is called with logits alone.
    """

    def losses(real: float, fake: float) -> tuple[float, float]:
        shape = (1, 2, 2, 1)
        both = objective.discriminator(ops.full(shape, real), ops.full(shape, fake))
        return float(both[0]), float(both[1])

    logits = sorted({*LOGITS, *(-logit for logit in LOGITS)})
    undecided = min(sum(losses(logit, logit)) for logit in logits)
    # Of each part by itself: real pictures may want another distance from 0 than fakes.
    apart = np.array([losses(logit, -logit) for logit in logits])
    perfect = apart.min(axis=0)
    falls = perfect - np.array(losses(FAR, -FAR))
    if not undecided > perfect.sum() or (falls > FALL * abs(undecided)).any():
        return None
    return Levels(float(undecided), float(perfect.sum()))


@dataclass(frozen=True)
class Duel:
    """The columns of the history that a discriminator and its generator have.

    Args:
        real: the discriminator's loss on real pictures.
        fake: its loss on fakes.
        generator: the generator's adversarial loss.
    """

    real: str
    fake: str
    generator: str

    @property
    def discriminator(self) -> str:
        """Its name, such as `discriminator` or `discriminator_source`."""
        return self.real.removesuffix("_real")


def duels(names: Iterable[str]) -> list[Duel]:
    """Return the discriminators that log `discriminator…_real` and `…_fake`, and face a `generator_adversarial…`.

    Args:
        names: of the model's losses.
    """
    known = set(names)
    found = []
    for name in sorted(known):
        if not (name.startswith("discriminator") and name.endswith("_real")):
            continue
        prefix = name.removesuffix("_real")
        generator = f"generator_adversarial{prefix.removeprefix('discriminator')}"
        if {f"{prefix}_fake", generator} <= known:
            found.append(Duel(name, f"{prefix}_fake", generator))
    return found


def too_strong(
    rows: Sequence[dict[str, float]], duel: Duel, levels: Levels, *, strength: float, epochs: int
) -> bool:
    """Return whether a discriminator was too strong in all of the last epochs, and its generator did not catch up.

    Args:
        rows: of the history.
        duel: who is looked at.
        levels: of the objective.
        strength: from which on it is too strong, 0 to 1.
        epochs: how many must be so.
    """
    last = rows[-epochs:]
    if len(last) < epochs or any(not math.isfinite(row[duel.generator]) for row in last):
        return False
    strong = all(levels.strength(row[duel.real], row[duel.fake]) >= strength for row in last)
    return strong and last[-1][duel.generator] >= last[0][duel.generator]
