"""Proving that an export paints what its network paints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from zoo.export.exporter import Runtime, Tolerance

# Of networks that keep dropout on, means of so many paintings of a picture are compared.
DRAWS = 8
# How much further than two such means of the network itself those of an export may lie apart, and how much more or
# less its paintings of one picture may differ among themselves.
FACTOR = 2.0
PEAK = 2.0

Paint = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Verification:
    """How far an export is from its network, on [-1, 1].

    Args:
        pictures: how many were painted.
        difference: largest absolute difference of a value; with dropout on, of means of several paintings.
        mean_difference: mean absolute difference.
        psnr: least PSNR of a picture in dB, with a peak of 2; infinite where nothing differs.
        mean_psnr: mean over the pictures.
        varies: whether the network keeps dropout on, so that no two paintings are alike.
        problem: why the export must not be used; empty if it may.
    """

    pictures: int
    difference: float
    mean_difference: float
    psnr: float
    mean_psnr: float
    varies: bool = False
    problem: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data; an infinite PSNR, which JSON cannot hold, as None."""
        data = asdict(self)
        return {
            key: None if isinstance(value, float) and not np.isfinite(value) else value
            for key, value in data.items()
        }

    def __str__(self) -> str:
        alike = "none" if np.isinf(self.psnr) else f"{self.psnr:.1f} dB"
        of = f"means of {DRAWS} paintings, dropout being on, of " if self.varies else ""
        return (
            f"largest difference {self.difference:.2g} on [-1, 1], least PSNR {alike}, "
            f"over {of}{self.pictures} held-out pictures"
        )


def verify(
    network: Paint, runtime: Runtime, pictures: np.ndarray, tolerance: Tolerance
) -> Verification:
    """Paint pictures with a network and with its export, and compare.

    Also sees whether a batch is painted as its pictures are one by one.

    Args:
        network: what was exported, (N, H, W, C) to (N, H, W, D).
        runtime: the opened export.
        pictures: float32 (n, H, W, C) in [-1, 1], n at least 1.
        tolerance: what may differ.
    """
    first = pictures[:1]
    varies = not np.array_equal(_paint(network, first), _paint(network, first))
    repeats = DRAWS if varies else 1
    wanted = [_mean(network, picture[None], repeats) for picture in pictures]
    got = [_mean(runtime, picture[None], repeats) for picture in pictures]
    if got[0].shape != wanted[0].shape:
        return _failed(
            len(pictures),
            f"it answers pictures of the shape {got[0].shape[1:]}, not {wanted[0].shape[1:]}",
        )
    if not all(np.isfinite(picture).all() for picture in got):
        return _failed(len(pictures), "it answers values that are no numbers")
    errors = np.stack([one - other for one, other in zip(got, wanted, strict=True)])
    psnr = [_psnr(error) for error in errors]
    measured = Verification(
        len(pictures),
        float(np.abs(errors).max()),
        float(np.abs(errors).mean()),
        min(psnr),
        float(np.mean(psnr)),
        varies,
    )
    problem = (
        _problem_of_chance(network, runtime, first, errors[0], tolerance)
        if varies
        else _problem(measured, tolerance) or _problem_of_batch(runtime, pictures[:2], got[:2])
    )
    return Verification(**{**asdict(measured), "problem": problem})


def _paint(network: Paint, pictures: np.ndarray) -> np.ndarray:
    return np.asarray(network(pictures), np.float32)


def _mean(network: Paint, pictures: np.ndarray, repeats: int) -> np.ndarray:
    mean: np.ndarray = np.mean([_paint(network, pictures) for _ in range(repeats)], axis=0)
    return mean


def _psnr(error: np.ndarray) -> float:
    mse = float(np.square(error, dtype=np.float64).mean())
    return float("inf") if mse == 0 else float(10 * np.log10(PEAK**2 / mse))


def _failed(pictures: int, problem: str) -> Verification:
    nan = float("nan")
    return Verification(pictures, nan, nan, nan, nan, problem=problem)


def _problem(measured: Verification, tolerance: Tolerance) -> str:
    most, least = tolerance.difference, tolerance.psnr
    if most is not None and measured.difference > most:
        return (
            f"it differs from the network by {measured.difference:.2g} on [-1, 1]; "
            f"its tolerance is {most:g}"
        )
    if least is not None and measured.psnr < least:
        return (
            f"its pictures have a PSNR of {measured.psnr:.1f} dB against the network's; "
            f"its tolerance is {least:g} dB"
        )
    return ""


def _problem_of_batch(runtime: Runtime, pictures: np.ndarray, alone: list[np.ndarray]) -> str:
    together = _paint(runtime, pictures)
    apart = float(np.abs(together - np.concatenate(alone)).max())
    # Runtimes choose other algorithms for other batches.
    if together.shape[0] != len(pictures) or apart > 1e-3:
        return (
            f"it paints two pictures together otherwise than one by one; they differ by {apart:.2g}"
        )
    return ""


def _problem_of_chance(
    network: Paint, runtime: Runtime, picture: np.ndarray, error: np.ndarray, tolerance: Tolerance
) -> str:
    """Say what is wrong with an export of a network that never paints a picture twice alike."""
    spread, export_spread = (_spread(paint, picture) for paint in (network, runtime))
    if not spread / FACTOR <= export_spread <= spread * FACTOR:
        return (
            f"its paintings of one picture differ by {export_spread:.2g} among themselves, and the "
            f"network's by {spread:.2g}; dropout is not the same"
        )
    # Two means of n paintings of a spread s lie s * sqrt(2 / n) apart, plus what the precision takes.
    by_chance = spread * np.sqrt(2 / DRAWS)
    by_precision = tolerance.difference or 0.0
    if tolerance.psnr is not None:
        by_precision = PEAK * 10 ** (-tolerance.psnr / 20)
    apart = float(np.sqrt(np.square(error).mean()))
    if apart > FACTOR * (by_chance + by_precision):
        return (
            f"means of {DRAWS} of its paintings lie {apart:.2g} from the network's, where chance and "
            f"precision explain {by_chance + by_precision:.2g}"
        )
    return ""


def _spread(paint: Paint, picture: np.ndarray) -> float:
    """Standard deviation of the paintings of one picture, over all its values."""
    drawn = np.stack([_paint(paint, picture) for _ in range(DRAWS)])
    return float(np.sqrt(drawn.var(axis=0, ddof=1, dtype=np.float64).mean()))
