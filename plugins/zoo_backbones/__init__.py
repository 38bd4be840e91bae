"""U-Nets whose encoder is any feature-pyramid backbone of KerasCV, KerasHub or keras.applications."""

from zoo import Register, hookimpl
from zoo_backbones.catalog.applications import APPLICATIONS
from zoo_backbones.catalog.keras_cv import KERAS_CV
from zoo_backbones.catalog.keras_hub import KERAS_HUB

LIBRARIES = (APPLICATIONS, KERAS_CV, KERAS_HUB)


@hookimpl
def register_generators(register: Register) -> None:
    """Register a U-Net for each library."""
    for library in LIBRARIES:
        register(
            f"{library.name}_unet",
            f"zoo_backbones.generators:{library.name}_unet",
            summary=f"U-Net on any backbone of {library.title}",
            paper="1505.04597",
            needs=library.needs,
            extra=library.extra,
        )


@hookimpl
def register_backbones(register: Register) -> None:
    """Register the backbones of each library, a family under one name."""
    for library in LIBRARIES:
        for name, family in library.families.items():
            register(
                f"{library.name}.{name}",
                f"zoo_backbones.backbones:{library.name}.{name}",
                summary=f"{family.title}: {', '.join(family.sizes)}",
                paper=family.paper,
                needs=library.needs,
                extra=library.extra,
            )
