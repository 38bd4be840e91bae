"""CycleGAN: translation between two piles of pictures that show different things."""

from zoo import Register, hookimpl


@hookimpl
def register_models(register: Register) -> None:
    """Register CycleGAN."""
    register(
        "cyclegan",
        "zoo_cyclegan.model:cyclegan",
        summary="two generators that undo each other, for unpaired pictures",
        paper="1703.10593",
    )
