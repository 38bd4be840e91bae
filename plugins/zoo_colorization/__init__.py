"""Colorization: the colours of grey pictures, learned as pix2pix in the colour space Lab."""

from zoo import Register, hookimpl


@hookimpl
def register_models(register: Register) -> None:
    """Register colorization."""
    register(
        "colorization",
        "zoo_colorization.model:colorization",
        summary="paints grey pictures: pix2pix from lightness to colours, in Lab",
        paper="1603.08511",
    )
