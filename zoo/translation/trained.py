"""What a run and an export have in common: a trained model that translates pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

    from zoo.pictures import Formats
    from zoo.translation.translator import Translator


class TrainedModel(Protocol):
    """A trained model in a folder; `zoo.load_model` opens it.

    It can be pickled, and is opened anew in another process.
    """

    @property
    def path(self) -> Path:
        """The folder."""
        ...

    @property
    def name(self) -> str:
        """A name for the model: letters, digits, `_` and `-`."""
        ...

    @property
    def formats(self) -> Formats:
        """How pictures are stored in files; known without importing a backend."""
        ...

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the pictures that the network sees."""
        ...

    def require_inverse(self) -> None:
        """See that it translates from target to source as well; imports no backend.

        Raises:
            ZooError: if it does not.
        """
        ...

    def translator(
        self, *, inverse: bool = False, threads: int | None = None, **options: Any
    ) -> Translator:
        """Return what translates pictures of any size; loads the network.

        Args:
            inverse: from target to source.
            threads: that a runtime may use; None leaves it to the runtime.
            options: of `Translator`, such as `batch_size` and `overlap`.

        Raises:
            ZooError: if it cannot be loaded, or does not translate that way.
        """
        ...

    def __call__(self, picture: np.ndarray | Image) -> np.ndarray | Image:
        """Translate one picture of any size; returns what was given, an array or a PIL image.

        Args:
            picture: as `Translator` takes it.
        """
        ...
