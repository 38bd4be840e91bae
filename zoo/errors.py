"""Errors that speak to the person: what was wrong, where, what was expected, what to try."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ZooError(Exception):
    """A user's mistake, told in a sentence or a few; the command line prints it and exits with 2."""


class DataError(ZooError):
    """Pictures or folders that cannot be used; names the files.

    Args:
        message: what is wrong, what was expected, what to try.
        argument: the argument of the dataset that is to blame, such as `path`; empty for none in particular.
    """

    def __init__(self, message: str, argument: str = "") -> None:
        super().__init__(message)
        self.argument = argument


class ConflictError(ValueError):
    """Parts of a recipe that do not fit together; a factory raises it for a part that is not its own.

    Args:
        message: what does not fit, what was expected, what to try.
        key: the part that is to blame, such as `losses.penalties`, or `discriminator`.
    """

    def __init__(self, message: str, key: str) -> None:
        super().__init__(message)
        self.key = key


def nearest(name: str, allowed: Iterable[str]) -> str:
    """Return `" Did you mean 'x'?"` for the allowed name most like `name`, or an empty string."""
    name = shortened(str(name))
    close = difflib.get_close_matches(name, [str(item) for item in allowed], n=1, cutoff=0.5)
    return f" Did you mean '{close[0]}'?" if close else ""


def shortened(text: str, most: int = 60) -> str:
    """Return a text that somebody gave as a message can show it: of at most so many letters, in one line."""
    text = text if len(text) <= most else f"{text[: most - 3]}..."
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )
