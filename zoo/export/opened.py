"""Exports that were made earlier: what they are, and how they translate."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.errors import ZooError
from zoo.export.exporter import Exporter, Runtime
from zoo.pictures import PictureFormat

if TYPE_CHECKING:
    from zoo.translation.translator import Translator

ABOUT = "zoo.json"
VERIFICATION = "verification.json"
CARD = "README.md"
SAMPLES = "samples"


@dataclass(frozen=True)
class Export:
    """An export's folder, opened.

    Args:
        path: the folder.
        about: what `zoo.json` in it says.
        plugins: modules and files beside the installed plugins, which its exporter may come from.
    """

    path: Path
    about: dict[str, Any]
    plugins: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The model's name."""
        return self.about["name"]

    @property
    def format(self) -> str:
        """The exporter's name, such as `onnx`."""
        return self.about["format"]

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the pictures that the network sees."""
        height, width, _ = self.about["input_shape"]
        return height, width

    @cached_property
    def source_format(self) -> PictureFormat:
        """What the values of source files mean to the network."""
        return PictureFormat.from_json(self.about["source"])

    @cached_property
    def target_format(self) -> PictureFormat:
        """What values in files the network's paintings become."""
        return PictureFormat.from_json(self.about["target"])

    @property
    def own_statistics(self) -> bool:
        """Whether the network normalises each picture by its own statistics, and so each tile of a larger one."""
        return self.about["own_statistics"]

    @property
    def verification(self) -> dict[str, Any]:
        """How far it is from the network, as it was measured when it was made."""
        return json.loads((self.path / VERIFICATION).read_text(encoding="utf-8"))

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

        component = load_host(self.plugins).registry.get("exporter", self.format)
        return component.create(component.resolve(self.about["arguments"]))

    def runtime(self, threads: int | None = None) -> Runtime:
        """Open it with its own runtime.

        Args:
            threads: that the runtime may use; None leaves it to the runtime.
        """
        return self.exporter.open(self.path, threads)

    def translator(self, *, threads: int | None = None, **options: Any) -> Translator:
        """Return what translates pictures of any size with it.

        Args:
            threads: that the runtime may use.
            options: of `Translator`, such as `batch_size` and `overlap`.
        """
        from zoo.translation.translator import Translator

        return Translator(
            self.runtime(threads),
            self.size,
            source_format=self.source_format,
            target_format=self.target_format,
            alignment=self.about["alignment"],
            **options,
        )


def is_export(path: Path) -> bool:
    """Return whether a folder is an export."""
    return (path / ABOUT).is_file()


def load_export(path: str | Path, *, plugins: tuple[str, ...] = ()) -> Export:
    """Open an export's folder.

    Args:
        path: the folder, as `zoo export` names it.
        plugins: modules and files beside the installed plugins.

    Raises:
        ZooError: if it is none.
    """
    folder = Path(path)
    file = folder / ABOUT
    if not file.is_file():
        raise ZooError(
            f"{folder} is not an export: it holds no {ABOUT}; make one with: zoo export RUN --format onnx"
        )
    try:
        about = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ZooError(f"{file} is not JSON: {error}") from error
    return Export(folder, about, plugins)
