"""Break the core on purpose, one line at a time, and see whether a test notes it: writes docs/mutations.md.

    python docs/measure_mutations.py            # all of docs/mutations.yaml, on two cores in ten minutes
    python docs/measure_mutations.py halv pool  # those whose file or description has one of these words; writes nothing

Each mutation is made in a copy of the repository, in which its tests run. A test that fails notes it; without one it
survives, and the exit code is 1.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
LIST, PAGE = ROOT / "docs" / "mutations.yaml", ROOT / "docs" / "mutations.md"
COPIED = ("zoo", "plugins", "recipes", "tests", "docs", "benchmarks", "pyproject.toml", "README.md")
AT_A_TIME = 2
PATIENCE = 600  # seconds for the tests of one mutation


@dataclass(frozen=True)
class Mutation:
    """A line that is made wrong.

    Args:
        what: what is wrong then, in a few words.
        file: below the root of the repository.
        before: what is replaced; it is there once.
        after: what takes its place.
        tests: files and folders below `tests` that are to note it.
        backend: Keras's.
    """

    what: str
    file: str
    before: str
    after: str
    tests: str
    backend: str = "tensorflow"

    def made_in(self, root: Path) -> None:
        """Break the file below a root."""
        file = root / self.file
        text = file.read_text()
        if text.count(self.before) != 1:
            raise ValueError(f"{self.file} has {text.count(self.before)} times: {self.before}")
        file.write_text(text.replace(self.before, self.after))


def mutations() -> list[Mutation]:
    """Return the list."""
    return [Mutation(**item) for item in YAML(typ="safe").load(LIST)]


def noted_by(mutation: Mutation, folder: Path) -> str:
    """Break a copy and run its tests; return the first one that fails, or nothing.

    Args:
        mutation: what to break.
        folder: an empty one for the copy.
    """
    for name in COPIED:
        place = ROOT / name
        if place.is_dir():
            shutil.copytree(place, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(place, folder / name)
    mutation.made_in(folder)
    tests = [f"tests/{name}" for name in mutation.tests.split()]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", *tests],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": f"{folder}:{folder / 'plugins'}",
            "KERAS_BACKEND": mutation.backend,
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode == 0:
        return ""
    noted = re.search(r"^(?:FAILED|ERROR) tests/(\S+)", done.stdout, re.MULTILINE)
    if noted is None:
        raise RuntimeError(f"{mutation.what}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return noted[1]


def attempt(mutation: Mutation) -> str:
    """Try one mutation, and say on the terminal what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        noted = noted_by(mutation, Path(folder))
    print(f"{'noted' if noted else 'SURVIVED'}: {mutation.what}: {noted}", flush=True)
    return noted


def page(tried: list[Mutation], noted: list[str]) -> str:
    """Return the page: each mutation with the test that noted it."""
    lines = [
        "# Mutations",
        "",
        f"{len(tried)} lines of the core were made wrong, one at a time ([mutations.yaml](mutations.yaml)), and the",
        "tests of that part were run. Each was noted; the first test that failed is named.",
        "`python docs/measure_mutations.py` does it again and writes this page.",
        "",
        "| file | what is wrong then | noted by |",
        "|---|---|---|",
    ]
    for item, test in zip(tried, noted, strict=True):
        backend = "" if item.backend == "tensorflow" else f" ({item.backend})"
        lines.append(f"| `{item.file}` | {item.what}{backend} | `{test}` |")
    return "\n".join(lines) + "\n"


def main(words: list[str]) -> int:
    """Try the mutations whose file or description has one of the words, or all; return the exit code."""
    chosen = [
        item
        for item in mutations()
        if not words or any(word in f"{item.file} {item.what}" for word in words)
    ]
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        noted = list(pool.map(attempt, chosen))
    survived = noted.count("")
    print(f"{len(chosen)} mutations, {survived} survived")
    if not words and not survived:
        PAGE.write_text(page(chosen, noted))
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
