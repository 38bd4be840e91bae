"""Where warnings go: a line on the terminal, and one in the run directory."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import TextIO

from tqdm import tqdm

from zoo.notebook.kernel import told_to
from zoo.recipe.schema import Warned
from zoo.runs.files import write_text

DOCS = "docs/troubleshooting.md"


class Reporter:
    """Tells each kind of warning once, until it clears.

    A line of the file is a JSON object: epoch (whole epochs that were trained), step (of the whole training), kind,
    message, and docs, where the kind is described.

    Args:
        path: the file, `warnings.jsonl`; made with the first warning.
        off: kinds that are not told.
        stream: where the sentences go; see `told_to` if None.
    """

    def __init__(
        self, path: Path, *, off: Collection[Warned] = (), stream: TextIO | None = None
    ) -> None:
        self.path = path
        self.off = frozenset(off)
        self.stream = told_to() if stream is None else stream
        self._standing: set[Warned] = set()

    def wants(self, *kinds: Warned) -> bool:
        """Return whether any of these kinds is to be told."""
        return not self.off.issuperset(kinds)

    def go_back(self, epoch: int) -> None:
        """Forget warnings of epochs that are trained again.

        Args:
            epoch: whole epochs that a resumed training has behind it.
        """
        if self.path.is_file():
            lines = self.path.read_text(encoding="utf-8").splitlines()
            kept = [line for line in lines if json.loads(line)["epoch"] <= epoch]
            write_text(self.path, "".join(f"{line}\n" for line in kept))

    def warn(self, kind: Warned, message: str, *, epoch: int, step: int) -> None:
        """Tell a warning, unless its kind is off or was told and has not cleared.

        Args:
            kind: what it is about.
            message: one sentence: what was seen, and what to try.
            epoch: epochs trained, the one that was seen included; 0 before training.
            step: steps trained.
        """
        if kind in self.off or kind in self._standing:
            return
        self._standing.add(kind)
        self.write(kind, message, epoch=epoch, step=step)
        # tqdm.write lifts a bar that is being drawn, writes, and draws the bar again below.
        tqdm.write(f"warning: {message} ({place(kind)})", file=self.stream)
        self.stream.flush()

    def clear(self, kind: Warned) -> None:
        """Note that a kind is no longer seen, so that it is told when it comes again."""
        self._standing.discard(kind)

    def write(self, kind: Warned, message: str, *, epoch: int, step: int) -> None:
        """Write a line of the file and tell nobody; the arguments are those of `warn`."""
        line = {
            "epoch": epoch,
            "step": step,
            "kind": kind,
            "message": message,
            "docs": place(kind),
        }
        before = self.path.read_text(encoding="utf-8") if self.path.is_file() else ""
        write_text(self.path, f"{before}{json.dumps(line, ensure_ascii=False)}\n")


def place(kind: Warned) -> str:
    """Return where the documentation describes a kind of warning."""
    return f"{DOCS}#{kind.replace('_', '-')}"
