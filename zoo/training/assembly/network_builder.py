"""Networks of a recipe, built when its model asks for them and checked before it gets them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras

from zoo.errors import ZooError
from zoo.recipe.load import Choice

Shape = tuple[int, int, int]
Note = Callable[[Exception], None]


class NetworkBuilder:
    """Builds the networks of one section of a recipe.

    What goes wrong is noted, and the model gets a stand-in, so that the rest of the recipe can be checked too.

    Args:
        choice: the section's component; None if the recipe has none that can be used, which is said elsewhere.
        stand_in: called with what the model asks for; returns a small network of the same shapes.
        check: called with a network and what the model asked for; raises if it cannot be used.
        note: takes what was raised.
    """

    def __init__(
        self,
        choice: Choice | None,
        stand_in: Callable[..., keras.Model],
        check: Callable[..., None],
        note: Note,
    ) -> None:
        self._choice = choice
        self._stand_in = stand_in
        self._check = check
        self._note = note

    def __call__(self, *values: Any) -> keras.Model:
        """Return a new network.

        Args:
            values: what the section's kind is supplied with: the shape of the input, and of a generator the channels of
                its output.
        """
        if self._choice is not None:
            supplied = dict(zip(self._choice.component.kind.supplied, values, strict=True))
            try:
                network: keras.Model = self._choice.create(**supplied)
                self._check(network, *values)
            except (ValueError, TypeError, ZooError) as error:
                self._note(error)
            else:
                return network
        return self._stand_in(*values)


def not_taken(section: str) -> Callable[..., keras.Model]:
    """Return what refuses to build a network of a section that a model did not declare.

    Args:
        section: `generator` or `discriminator`.
    """

    def refuse(*values: Any) -> keras.Model:
        del values
        raise ZooError(
            f"the model asks for a {section}, but its factory does not declare that it takes one; "
            f"add '{section}' to the `takes` of its zoo.model_factory"
        )

    return refuse


def generator_stand_in(input_shape: Shape, output_channels: int) -> keras.Model:
    """Return a network of a generator's shapes.

    Args:
        input_shape: (H, W, C) of the source pictures.
        output_channels: channels of the painted pictures.
    """
    source = keras.Input(input_shape)
    return keras.Model(source, keras.layers.Conv2D(output_channels, 1)(source))


def discriminator_stand_in(input_shape: Shape) -> keras.Model:
    """Return a network of a discriminator's shapes, with a feature.

    Args:
        input_shape: (H, W, C) of what is judged.
    """
    pair = keras.Input(input_shape)
    return keras.Model(pair, keras.layers.Conv2D(1, 1)(keras.layers.ReLU()(pair)))


def check_generator(network: keras.Model, input_shape: Shape, output_channels: int) -> None:
    """See that a network paints one picture of the size that it gets.

    Args:
        network: what was built.
        input_shape: (H, W, C) of the source pictures.
        output_channels: channels of the target pictures.

    Raises:
        ValueError: if it answers anything else.
    """
    output = _output(network, input_shape)
    wanted = (*input_shape[:2], output_channels)
    sizes = tuple(getattr(output, "shape", ()))[1:]
    if len(sizes) != len(wanted) or any(
        size not in (None, want) for size, want in zip(sizes, wanted, strict=True)
    ):
        raise ValueError(
            f"it answers {_told(output)}; expected pictures of {' x '.join(map(str, wanted[:2]))} with "
            f"{output_channels} {'channel' if output_channels == 1 else 'channels'}"
        )


def check_discriminator(network: keras.Model, input_shape: Shape) -> None:
    """See that a network answers logits: one tensor of floats, or a list of them.

    Args:
        network: what was built.
        input_shape: (H, W, C) of what is judged.

    Raises:
        ValueError: if it answers anything else.
    """
    output = _output(network, input_shape)
    outputs = output if isinstance(output, list | tuple) else [output]
    if not outputs or not all(_is_logits(item) for item in outputs):
        raise ValueError(
            f"it answers {_told(output)}; expected logits: a tensor of floats, or a list of such tensors, as one for "
            "each scale"
        )


def _output(network: keras.Model, input_shape: Shape) -> Any:
    """Return what a network answers, as symbols."""
    if not isinstance(network, keras.Model):
        return network
    if isinstance(network, keras.Sequential) and network.built:
        return network.outputs[0]
    if getattr(network, "outputs", None):
        return network.output
    return network.compute_output_spec(keras.KerasTensor((1, *input_shape)))


def _is_logits(item: Any) -> bool:
    return (
        isinstance(item, keras.KerasTensor) and "float" in str(item.dtype) and len(item.shape) > 1
    )


def _told(output: Any) -> str:
    if isinstance(output, keras.KerasTensor):
        return f"a tensor of {output.dtype} of the shape ({', '.join(map(_side, output.shape))})"
    if isinstance(output, dict):
        return f"a dict with {', '.join(map(str, output)) or 'nothing'}"
    if isinstance(output, Sequence) and not isinstance(output, str):
        return f"a list of {', '.join(_told(item) for item in output) or 'nothing'}"
    return f"an object of type {type(output).__name__}"


def _side(length: int | None) -> str:
    return "N" if length is None else str(length)
