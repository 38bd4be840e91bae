"""WGAN-GP: the Wasserstein objective, the gradient penalty, and pix2pix with a critic."""

from zoo import Register, hookimpl


@hookimpl
def register_models(register: Register) -> None:
    """Register WGAN-GP."""
    register(
        "wgan_gp",
        "zoo_wgan.model:wgan_gp",
        summary="pix2pix whose critic is trained several times a step under a gradient penalty",
        paper="1704.00028",
    )


@hookimpl
def register_adversarial_losses(register: Register) -> None:
    """Register the Wasserstein objective."""
    register(
        "wasserstein",
        "zoo_wgan.objective:Wasserstein",
        summary="difference of the critic's means on fake and real pictures",
        paper="1701.07875",
    )


@hookimpl
def register_penalties(register: Register) -> None:
    """Register the gradient penalty."""
    register(
        "gradient_penalty",
        "zoo_wgan.penalty:GradientPenalty",
        summary="keeps the norm of the critic's gradient by each picture near a value",
        paper="1704.00028",
    )
