"""Errors that speak to the person: what was wrong, where, what was expected, what to try."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ZooError(Exception):
    """A user's mistake, told in a sentence or a few; the command line prints it and exits with 2."""


class DataError(ZooError):
    """Pictures or folders that cannot be used; names the files."""


def nearest(name: str, allowed: Iterable[str]) -> str:
    """Return `" Did you mean 'x'?"` for the allowed name most like `name`, or an empty string."""
    close = difflib.get_close_matches(str(name), [str(item) for item in allowed], n=1, cutoff=0.5)
    return f" Did you mean '{close[0]}'?" if close else ""
