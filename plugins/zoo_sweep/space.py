"""The values that a sweep tries, as they are written on the command line: `key=a,b,c` and `key=1e-4:1e-2:log`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from zoo import ZooError

NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
RANGE = re.compile(rf"({NUMBER}):({NUMBER})(?::(log|{NUMBER}))?")
WHOLE = re.compile(r"[-+]?\d+")
OPENING, CLOSING = "[{(", "]})"


@dataclass(frozen=True)
class Values:
    """What a key of the recipe is set to.

    Args:
        key: dotted, as in overrides; ends in `+` where the value is added to a list.
        texts: the values as they were written; one of a key that is not swept. Empty for a range.
        low: least number of a range, as it was written.
        high: greatest number of a range, as it was written.
        spacing: of a range `log`, a step, or empty for evenly spread numbers.
    """

    key: str
    texts: tuple[str, ...] = ()
    low: str = ""
    high: str = ""
    spacing: str = ""

    @property
    def is_range(self) -> bool:
        """Whether it is a range of numbers."""
        return not self.texts

    @property
    def is_whole(self) -> bool:
        """Whether the numbers of a range are whole."""
        written = [
            self.low,
            self.high,
            *([self.spacing] if self.spacing not in ("", "log") else []),
        ]
        return all(WHOLE.fullmatch(text) for text in written)

    @property
    def is_swept(self) -> bool:
        """Whether it has more than one value."""
        return len(self.texts) != 1

    @property
    def ends(self) -> tuple[str, ...]:
        """All values of a list, or both ends of a range."""
        return self.texts or (self.low, self.high)


def parse_values(words: Sequence[str]) -> list[Values]:
    """Return what the words of a sweep say, in their order.

    Args:
        words: `key=value`, `key=a,b,c`, `key=low:high`, `key=low:high:step` or `key=low:high:log`. Commas within
            brackets and quotes are the value's own.

    Raises:
        ZooError: if a word says nothing of that, a key comes twice, or none has several values.
    """
    found: list[Values] = []
    for word in words:
        values = _parse(word)
        if any(values.key == other.key and not values.key.endswith("+") for other in found):
            raise ZooError(
                f"{word}: the key {values.key} comes twice; give it all its values at once"
            )
        found.append(values)
    swept = [values.key for values in found if values.is_swept]
    if not swept:
        raise ZooError(
            "there is nothing to sweep: give a key several values, as optimizers.generator.learning_rate=1e-4,2e-4, or "
            "a range, as losses.reconstruction.0.weight=10.0:200.0:log"
        )
    if len(set(swept)) < len(swept):
        raise ZooError(f"{swept[0]} comes twice with several values; give it all of them at once")
    return found


def _parse(word: str) -> Values:
    key, equals, text = word.partition("=")
    if not equals or not all(key.removesuffix("+").split(".")):
        raise ZooError(
            f"{word}: expected key.path=values, as in training.batch_size=1,4 or {key}=1:8"
        )
    if found := RANGE.fullmatch(text):
        low, high, spacing = found.groups(default="")
        return _range(word, Values(key, (), low, high, spacing))
    texts = tuple(split(text))
    if len(texts) > 1 and not all(texts):
        raise ZooError(
            f"{word}: there is nothing between two commas; expected values, as {key}=a,b,c"
        )
    if len(set(texts)) < len(texts):
        raise ZooError(f"{word}: a value comes twice")
    return Values(key, texts)


def _range(word: str, values: Values) -> Values:
    low, high = float(values.low), float(values.high)
    if low >= high:
        raise ZooError(
            f"{word}: a range goes upwards; expected {values.key}={values.high}:{values.low}"
        )
    if values.spacing == "log" and low <= 0:
        raise ZooError(f"{word}: a logarithmic range begins above 0, got {values.low}")
    if values.spacing not in ("", "log") and float(values.spacing) <= 0:
        raise ZooError(f"{word}: a step is above 0, got {values.spacing}")
    return values


def split(text: str) -> Iterator[str]:
    """Yield what stands between the commas of a text, without those within brackets and quotes."""
    part, depth, quote = "", 0, ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in OPENING:
            depth += 1
        elif letter in CLOSING:
            depth -= 1
        elif letter == "," and depth == 0:
            yield part.strip()
            part = ""
            continue
        part += letter
    yield part.strip()


def overrides(space: Sequence[Values], chosen: dict[str, str]) -> list[str]:
    """Return the overrides of one trial, in the order in which they were given.

    Args:
        space: all keys.
        chosen: the values of those that are swept, by key.
    """
    return [
        f"{values.key}={chosen[values.key] if values.is_swept else values.texts[0]}"
        for values in space
    ]


def combinations(space: Sequence[Values]) -> Iterator[dict[str, str]]:
    """Yield every combination of the values of swept keys; of ranges their ends."""
    swept = [values for values in space if values.is_swept]
    for texts in itertools.product(*(values.ends for values in swept)):
        yield {values.key: text for values, text in zip(swept, texts, strict=True)}
