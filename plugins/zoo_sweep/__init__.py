"""Sweeps: one recipe trained with many values of some of its keys, on one machine or several."""

from zoo import Register, hookimpl


@hookimpl
def register_commands(register: Register) -> None:
    """Register the sweep."""
    register(
        "sweep",
        "zoo_sweep.command:sweep",
        summary="Train a recipe with many values of some keys, and say which did best.",
        needs="optuna",
        extra="pix2pix-zoo[sweep]",
    )
