"""A short load test of the real command; of its figures only those that tell of correctness are looked at."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("httpx")

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "serve.py"


def test_many_clients_are_served_and_wrong_requests_refused():
    result = subprocess.run(
        [sys.executable, str(SCRIPT), "--size", "32", "--seconds", "3", "--clients", "64"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert re.search(r"^failed valid +0$", result.stdout, re.M)
    assert re.search(r"^stopped with +0$", result.stdout, re.M)
    counts = re.findall(r"^  (.{26}) (\d+) expected, got {(\d+): \d+}$", result.stdout, re.M)
    assert {expected == got for _, expected, got in counts} == {True}
    assert len(counts) >= 8
