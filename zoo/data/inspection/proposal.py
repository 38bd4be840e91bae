"""The dataset section of a recipe that fits what was found."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.representer import RoundTripRepresenter

LARGEST, MULTIPLE = 256, 32
# Pictures whose sides differ by less count as square.
SQUARE = 1.05


@dataclass(frozen=True)
class Proposal:
    """A dataset section.

    Args:
        dataset: its keys and values; only what is not a default.
        comments: why, by key.
    """

    dataset: dict[str, Any] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)

    def to_yaml(self) -> str:
        """Return the section as YAML, with comments, to be pasted into a recipe."""
        section = CommentedMap()
        for key, value in self.dataset.items():
            section[key] = _flow(value)
            if key in self.comments:
                section.yaml_add_eol_comment(self.comments[key], key, column=0)
        writer = YAML()
        writer.Representer = _Representer
        writer.width = 4096
        text = io.StringIO()
        writer.dump({"dataset": section}, text)
        return text.getvalue()


class _Representer(RoundTripRepresenter):
    """Writes null where ruamel.yaml would leave the value empty."""


_Representer.add_representer(
    type(None), lambda writer, _: writer.represent_scalar("tag:yaml.org,2002:null", "null")
)


@dataclass(frozen=True)
class Size:
    """How pictures come to one size.

    Args:
        size: of the examples, in pixels.
        preprocess: how they come to it; None for the default.
        reason: why, where it is not plain.
    """

    size: int
    preprocess: str | None = None
    reason: str = ""


def propose_size(sizes: Sequence[tuple[int, int]]) -> Size:
    """Propose the size of examples.

    Args:
        sizes: height and width of every picture, at least one.
    """
    shorter = sorted(min(size) for size in sizes)
    typical, least = shorter[(len(shorter) - 1) // 2], shorter[0]
    size = _multiple(typical)
    squarish = sum(max(pair) <= SQUARE * min(pair) for pair in sizes)
    if squarish >= 0.9 * len(sizes):
        return Size(size)
    if all(width <= height for height, width in sizes):
        return Size(size, "scale_width_and_crop", "the pictures are higher than wide")
    if _multiple(least) == size and typical <= 2 * size and least >= size:
        return Size(size, "crop", "the pictures are not square; nothing is squeezed")
    return Size(size, None, "the pictures are not square, and will be squeezed to one that is")


def _multiple(side: int) -> int:
    return max(MULTIPLE, min(LARGEST, side // MULTIPLE * MULTIPLE))


def _flow(value: Any) -> Any:
    """Write what is inside the section on one line."""
    if isinstance(value, Mapping):
        mapping = CommentedMap({key: _flow(item) for key, item in value.items()})
        mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list | tuple):
        sequence = CommentedSeq(_flow(item) for item in value)
        sequence.fa.set_flow_style()
        return sequence
    return value
