"""The formats of both sides of a translation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zoo.pictures.formats import RGB, PictureFormat


@dataclass(frozen=True)
class Formats:
    """How the pictures of both sides are stored in files, and what their values mean to a network.

    Args:
        source: which values of source files become -1 and 1.
        target: the same of targets; translated pictures are written so.
    """

    source: PictureFormat = RGB
    target: PictureFormat = RGB

    @property
    def reversed(self) -> Formats:
        """Those of the opposite direction."""
        return Formats(self.target, self.source)

    def of(self, side: str) -> PictureFormat:
        """Return that of one side.

        Args:
            side: `source` or `target`.
        """
        return self.source if side == "source" else self.target

    def as_json(self) -> dict[str, Any]:
        """Return them as plain data, from which `from_json` makes them again."""
        return {"source": self.source.as_json(), "target": self.target.as_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Formats:
        """Make them from what `as_json` returned, which may stand among other things."""
        return cls(*(PictureFormat.from_json(data[side]) for side in ("source", "target")))
