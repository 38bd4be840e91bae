"""Annotations as the documentation shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Optional

import pytest
from pydantic import Field

import zoo
from zoo.registry.type_names import type_name

AtLeastOne = Annotated[int, Field(ge=1)]
NAMES = {
    "int": int,
    "any": Any,
    "Path": Path,
    "float, ≥ 0, < 1": Annotated[float, Field(ge=0, lt=1)],
    "float (> 0) | None": Optional[Annotated[float, Field(gt=0)]],  # noqa: UP045 - as Python itself writes it
    "int (≥ 1) | tuple[int (≥ 1), ...]": AtLeastOne | tuple[AtLeastOne, ...],
    "Literal['rgb', 'grey'] | int": Literal["rgb", "grey"] | int,
    "dict[str, float] | None": dict[str, float] | None,
    "list[tuple[int, int, int]]": list[tuple[int, int, int]],
}


@pytest.mark.parametrize("name", NAMES)
def test_an_annotation_in_words(name: str) -> None:
    assert type_name(NAMES[name]) == name


def test_no_component_shows_an_annotation_of_python() -> None:
    registry = zoo.load_host().registry
    shown = {
        argument.type_name
        for kind in ("generator", "dataset", "exporter", "optimizer", "reconstruction_loss")
        for component in registry.components(kind)
        for argument in component.listed_arguments
    }
    assert len(shown) > 20
    for word in ("Optional", "Union", "Annotated", "FieldInfo", "typing", "<class"):
        assert not [name for name in shown if word in name]
