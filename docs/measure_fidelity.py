"""Measure how far our networks and trainings are from the reference's, on every backend, and write docs/fidelity.md.

    python docs/measure_fidelity.py

Each backend runs in a process of its own; one that is not installed is left as it was measured before.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parent
TESTS = DOCS.parent / "tests"
BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "torch"}
TABLE = re.compile(r"(<!-- measured -->\n).*?(<!-- end -->)", re.DOTALL)


def measure() -> dict[str, float]:
    """Return the largest error of everything that is compared, on the backend of this process."""
    sys.path.insert(0, str(TESTS))
    import differences

    return differences.measure()


def table(found: dict[str, dict[str, float]]) -> str:
    """Return the Markdown table: a row for everything that is compared, a column for each backend."""
    names = [BACKENDS[backend] for backend in found]
    lines = [f"| largest difference | {' | '.join(names)} |", "| --- |" + " --- |" * len(names)]
    for row in next(iter(found.values())):
        cells = " | ".join(f"{measured[row]:.1e}" for measured in found.values())
        lines.append(f"| {row} | {cells} |")
    return "\n".join([*lines, ""])


def main() -> None:
    """Measure on every backend and write the page."""
    if sys.argv[1:] == ["--here"]:
        print(json.dumps(measure()))
        return
    found = {}
    for backend in BACKENDS:
        if importlib.util.find_spec(backend) is None:
            sys.exit(f"{backend} is not installed; the table needs all of {', '.join(BACKENDS)}")
        result = subprocess.run(
            [sys.executable, __file__, "--here"],
            env={**os.environ, "KERAS_BACKEND": backend},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        found[backend] = json.loads(result.stdout.splitlines()[-1])
    page = DOCS / "fidelity.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(TABLE.sub(rf"\g<1>{table(found)}\g<2>", text), encoding="utf-8")
    print(f"wrote {page.relative_to(DOCS.parent)}")


if __name__ == "__main__":
    main()
