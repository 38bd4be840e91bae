"""Components: their arguments are read off the signature, checked and described."""

from __future__ import annotations

from typing import Annotated, Literal

import pydantic
import pytest
from pydantic import Field

from zoo import load_host
from zoo.errors import ZooError
from zoo.registry.component import Component
from zoo.registry.registry import Registry


def painter(
    input_shape: tuple[int, int, int],
    output_channels: int,
    *,
    brush: Literal["thin", "thick"] = "thin",
    strokes: Annotated[int, Field(ge=1)] = 3,
    size: tuple[int, int] | None = None,
    name: str = "painter",
) -> tuple[object, ...]:
    """Paint by strokes.

    Args:
        brush: which brush.
        strokes: how many strokes, over
            two lines.
        size: height and width.
    """
    return input_shape, output_channels, brush, strokes, size, name


COMPONENT = Component(
    Registry.kind("generator"), "painter", painter, "paints", "", "test", "test.py"
)


def test_arguments_are_those_that_the_experiment_does_not_supply() -> None:
    found = [
        (item.name, item.type_name, item.default, item.description) for item in COMPONENT.arguments
    ]
    assert found == [
        ("brush", "Literal['thin', 'thick']", "thin", "which brush."),
        ("strokes", "int, ≥ 1", 3, "how many strokes, over two lines."),
        ("size", "tuple[int, int] | None", None, "height and width."),
    ]


def test_resolve_fills_defaults_and_takes_lists_for_tuples() -> None:
    assert COMPONENT.resolve({"size": [4, 5]}) == {"brush": "thin", "strokes": 3, "size": (4, 5)}
    created = COMPONENT.create(COMPONENT.resolve({}), input_shape=(8, 8, 3), output_channels=1)
    assert created == ((8, 8, 3), 1, "thin", 3, None, "painter")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"strokes": 0}, "greater_than_equal"),
        ({"strokes": "3"}, "int_type"),
        ({"strokes": True}, "int_type"),
        ({"brush": "wide"}, "literal_error"),
        ({"brushes": "thin"}, "extra_forbidden"),
        ({"name": "x"}, "extra_forbidden"),
        ({"input_shape": [8, 8, 3]}, "extra_forbidden"),
    ],
)
def test_resolve_refuses(values: dict[str, object], kind: str) -> None:
    with pytest.raises(pydantic.ValidationError) as told:
        COMPONENT.resolve(values)
    assert [error["type"] for error in told.value.errors()] == [kind]


def test_the_registry_names_the_nearest() -> None:
    registry = load_host().registry
    with pytest.raises(
        ZooError,
        match=r"^there is no generator 'unett'; there is .*, resnet, unet\. Did you mean 'unet'\?$",
    ):
        registry.get("generator", "unett")
    with pytest.raises(ZooError, match=r"^there is no exporter 'x'; none is installed$"):
        Registry().get("exporter", "x")
    with pytest.raises(ZooError, match=r"Did you mean 'generators'\?$"):
        registry.kind("generatrs")
    assert registry.kind("adversarial-losses").name == "adversarial_loss"


def test_every_argument_of_every_built_in_component_is_described() -> None:
    registry = load_host().registry
    checked = 0
    for kind in (
        "model",
        "generator",
        "discriminator",
        "adversarial_loss",
        "dataset",
        "metric",
        "schedule",
    ):
        for component in registry.components(kind):
            checked += 1
            for argument in component.arguments:
                assert argument.description, (
                    f"{kind} {component.name}: {argument.name} has no description"
                )
    assert checked >= 9
