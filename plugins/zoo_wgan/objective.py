"""The Wasserstein objective."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="zoo_wgan")
class Wasserstein:
    """The critic wants high values for real and low ones for fake pictures; the generator wants high ones.

    It means something for a smooth critic only: use it with a gradient penalty.
    Source: https://arxiv.org/abs/1701.07875.
    """

    def discriminator(self, real_logits: Any, fake_logits: Any) -> tuple[Any, Any]:
        """Return the negative mean on real and the mean on fake pictures."""
        return -ops.mean(real_logits), ops.mean(fake_logits)

    def generator(self, fake_logits: Any) -> Any:
        """Return the negative mean on fakes."""
        return -ops.mean(fake_logits)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments: none."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Wasserstein:
        """Create it from its arguments."""
        return cls(**config)


# As the files of earlier versions name it.
keras.saving.get_custom_objects()["zoo>Wasserstein"] = Wasserstein
