"""Exports that were made earlier: what they are, and how they translate."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.errors import ZooError
from zoo.export.exporter import Exporter, Runtime
from zoo.pictures import Formats

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

    from zoo.plugins import Host
    from zoo.translation.translator import Translator

ABOUT = "zoo.json"
VERIFICATION = "verification.json"
CARD = "README.md"
SAMPLES = "samples"


@dataclass(frozen=True)
class Export:
    """An export's folder, opened.

    `export(picture)` translates one picture of any size.

    Args:
        path: the folder.
        host: the plugins that its exporter may come from; None for the installed ones.
    """

    path: Path
    host: Host | None = field(default=None, compare=False, repr=False)

    @cached_property
    def about(self) -> dict[str, Any]:
        """What `zoo.json` in it says.

        Raises:
            ZooError: if that is no JSON.
        """
        file = self.path / ABOUT
        try:
            about: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ZooError(f"{file} is not JSON: {error}") from error
        return about

    @property
    def name(self) -> str:
        """The model's name."""
        name: str = self.about["name"]
        return name

    @property
    def format(self) -> str:
        """The exporter's name, such as `onnx`."""
        name: str = self.about["format"]
        return name

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the pictures that the network sees."""
        height, width, _ = self.about["input_shape"]
        return height, width

    @cached_property
    def formats(self) -> Formats:
        """What the values of source files mean to the network, and what values in files its paintings become."""
        return Formats.from_json(self.about)

    @property
    def inverse(self) -> bool:
        """Whether it translates from target to source of the run that it was made of."""
        # Earlier exports say it by the name of their folder alone.
        inverse: bool = self.about.get("inverse", self.path.resolve().name.endswith("-inverse"))
        return inverse

    @property
    def own_statistics(self) -> bool:
        """Whether the network normalises each picture by its own statistics, and so each tile of a larger one."""
        own: bool = self.about["own_statistics"]
        return own

    @property
    def verification(self) -> dict[str, Any]:
        """How far it is from the network, as it was measured when it was made."""
        measured: dict[str, Any] = json.loads(
            (self.path / VERIFICATION).read_text(encoding="utf-8")
        )
        return measured

    @property
    def samples(self) -> tuple[Path, ...]:
        """Held-out sources that travel with it."""
        return tuple(sorted((self.path / SAMPLES).glob("*")))

    @cached_property
    def exporter(self) -> Exporter:
        """What wrote it, and opens it.

        Raises:
            ZooError: if its plugin or its runtime is not installed.
        """
        from zoo.plugins import load_host

        registry = (self.host or load_host()).registry
        component = registry.get("exporter", self.format)
        exporter: Exporter = component.create(component.resolve(self.about["arguments"]))
        return exporter

    def runtime(self, threads: int | None = None) -> Runtime:
        """Open it with its own runtime.

        Args:
            threads: that the runtime may use; None leaves it to the runtime.
        """
        return self.exporter.open(self.path, threads)

    def require_inverse(self) -> None:
        """See that it translates from target to source.

        Raises:
            ZooError: always: an export translates one way.
        """
        raise ZooError(
            f"{self.path} is an export, which translates one way; "
            "export the other with: zoo export RUN --inverse"
        )

    def translator(
        self, *, inverse: bool = False, threads: int | None = None, **options: Any
    ) -> Translator:
        """Return what translates pictures of any size with it.

        Args:
            inverse: not possible: an export translates one way.
            threads: that the runtime may use.
            options: of `Translator`, such as `batch_size` and `overlap`.

        Raises:
            ZooError: if it is to be inverted, or its runtime is missing.
        """
        from zoo.translation.translator import Translator

        if inverse:
            self.require_inverse()
        return Translator(
            self.runtime(threads),
            self.size,
            formats=self.formats,
            alignment=self.about["alignment"],
            **options,
        )

    @cached_property
    def _translator(self) -> Translator:
        return self.translator()

    def __call__(self, picture: np.ndarray | Image) -> np.ndarray | Image:
        """Translate one picture; returns what was given, an array or a PIL image.

        Args:
            picture: as `Translator` takes it.
        """
        return self._translator(picture)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what opens it again, without its runtime."""
        return Export, (self.path, self.host)


def is_export(path: Path) -> bool:
    """Return whether a folder is an export."""
    return (path / ABOUT).is_file()


def load_export(path: str | Path, *, host: Host | None = None) -> Export:
    """Open an export's folder.

    Args:
        path: the folder, as `zoo export` names it.
        host: the plugins that its exporter may come from, as `zoo.load_host` returns them; None for the installed ones.

    Raises:
        ZooError: if it is none.
    """
    folder = Path(path)
    if not is_export(folder):
        raise ZooError(
            f"{folder} is not an export: it holds no {ABOUT}; make one with: zoo export RUN --format onnx"
        )
    export = Export(folder, host)
    _ = export.about  # read now, so that a damaged one is told where it is opened
    return export
