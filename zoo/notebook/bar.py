"""A progress bar in a notebook, drawn in place."""

from __future__ import annotations

import time
from html import escape

# Least seconds between two drawings: each is a message to the page.
PAUSE = 0.3


class NotebookBar:
    """What a training needs of a `tqdm` bar, as HTML that needs no widgets; below it one line of text.

    Args:
        total: steps of the whole training.
        initial: steps that are done already.
    """

    def __init__(self, total: int, initial: int = 0) -> None:
        # Only a notebook has it.
        from IPython.display import HTML, display

        self._html = HTML
        self.total = total
        self.done = initial
        self._text = self._line = ""
        self._next = 0.0
        self._shown = display(HTML(self._drawn()), display_id=True)

    def set_description_str(self, text: str, refresh: bool = True) -> None:
        """Set what stands beside the bar."""
        self._text = text
        if refresh:
            self._draw()

    def note(self, line: str) -> None:
        """Set the line below the bar."""
        self._line = line
        self._draw()

    def update(self, steps: int) -> None:
        """Move the bar."""
        self.done += steps
        if time.monotonic() >= self._next:
            self._draw()

    def close(self) -> None:
        """Draw the bar where it stands."""
        self._draw()

    def _draw(self) -> None:
        self._next = time.monotonic() + PAUSE
        self._shown.update(self._html(self._drawn()))

    def _drawn(self) -> str:
        share = 100 * self.done / self.total
        line = f"<div>{escape(self._line)}</div>" if self._line else ""
        return (
            f'<div style="font-family: monospace; font-size: 90%"><div>'
            f'<progress max="{self.total}" value="{self.done}" style="width: 16em"></progress> {share:.0f}% '
            f"{escape(self._text)}</div>{line}</div>"
        )
