"""What guard rails noticed while a run was trained."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Notice:
    """One kind of warning, told once however often it came.

    Args:
        kind: its name in words.
        message: the last one's sentence.
        when: epochs, and how often.
        docs: where to read more; may be empty.
    """

    kind: str
    message: str
    when: str
    docs: str


def notices(path: Path) -> list[Notice]:
    """Read `warnings.jsonl`; the kinds in the order in which they came first, none if there is no such file."""
    if not path.is_file():
        return []
    found: dict[str, list[dict[str, object]]] = {}
    # A line that is being written has no end yet.
    for line in path.read_text(encoding="utf-8").rpartition("\n")[0].splitlines():
        if line.strip():
            warning = json.loads(line)
            found.setdefault(str(warning.get("kind", "")), []).append(warning)
    return [
        Notice(
            kind.replace("_", " "),
            str(warnings[-1].get("message", "")),
            _when([warning.get("epoch") for warning in warnings]),
            str(warnings[-1].get("docs") or ""),
        )
        for kind, warnings in found.items()
    ]


def _when(epochs: list[object]) -> str:
    first, last = epochs[0], epochs[-1]
    if first is None:
        return ""
    if first == last:
        return f"epoch {first}"
    return f"{len(epochs)} times, epochs {first} to {last}"
