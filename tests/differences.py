"""Everything that is compared with the reference implementation, as one table of errors; docs/fidelity.md shows it."""

from __future__ import annotations

import trajectories
from reference import network_errors, network_files

TRAININGS = {
    "pix2pix, cross-entropy, batch norm": lambda: trajectories.pix2pix("train_pix2pix_vanilla"),
    "pix2pix, least squares, instance norm": lambda: trajectories.pix2pix(
        "train_pix2pix_lsgan_instance"
    ),
    "CycleGAN, least squares": trajectories.cyclegan,
}


def measure() -> dict[str, float]:
    """Return the largest error of each row, on the backend of this process."""
    rows = {}
    for name in network_files():
        kind, _, rest = name.partition("_")
        title, _, norm = rest.rpartition("_")
        rows[f"{kind} {title}, {norm} norm: output"] = max(network_errors(name).values())
    for title, train in TRAININGS.items():
        found = train()
        for step, error in enumerate(found.losses, start=1):
            rows[f"{title}: losses of step {step}, relative"] = error
        rows[f"{title}: weights after 3 steps, median"] = found.weights_median
        rows[f"{title}: weights after 3 steps, largest"] = found.weights_most
    value, gradient = trajectories.gradient_penalty()
    rows["gradient penalty: value, relative"] = value
    rows["gradient penalty: its gradient by the critic's weights"] = gradient
    return rows
