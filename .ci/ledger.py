"""A pytest plugin for `.ci/run`: which tests have passed in an earlier stage, so that none runs twice and none is forgotten.

The README's own command runs every test that its environment can run; each later stage installs more and runs those
that are left. A test that no stage has run fails the last one, unless ALLOWED says why it cannot run everywhere.

Options:
    --ledger FILE: ids of tests that passed, one a line; read before a stage and added to after it.
    --left: run only tests that are not in the ledger.
    --complete: fail if after this stage a test of those collected has never passed and is not allowed to be missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

# Tests that need what cannot be installed here, by the start of their ids.
ALLOWED = {
    "tests/export/test_serving_rest.py::test_tensorflow_model_server": "the server is in no registry",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("ledger")
    group.addoption("--ledger", type=Path, help="file of the ids of tests that passed")
    group.addoption("--left", action="store_true", help="run only tests not in the ledger")
    group.addoption("--complete", action="store_true", help="fail if a test has never passed")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("ledger"):
        config.pluginmanager.register(Ledger(config), "zoo-ledger")


class Ledger:
    """Reads the ledger before collection and writes it when the session ends."""

    def __init__(self, config: pytest.Config) -> None:
        self.path: Path = config.getoption("ledger")
        self.left = config.getoption("left")
        self.complete = config.getoption("complete")
        self.passed = set(_lines(self.path))
        self.seen: set[str] = set()
        # pytest-xdist's workers have this; their controller hears of every report.
        self.is_worker = hasattr(config, "workerinput")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        if self.left:
            done = [item for item in items if item.nodeid in self.passed]
            config.hook.pytest_deselected(items=done)
            items[:] = [item for item in items if item.nodeid not in self.passed]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seen.add(report.nodeid)
        if report.when == "call" and report.passed:
            self.passed.add(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.is_worker:
            return
        self.path.write_text("".join(f"{line}\n" for line in sorted(self.passed)))
        if self.complete and (forgotten := sorted(_not_allowed(self.seen - self.passed))):
            print("\nno stage has run:", *forgotten, sep="\n  ")
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.is_file() else []


def _not_allowed(names: Iterable[str]) -> Iterable[str]:
    return (name for name in names if not name.startswith(tuple(ALLOWED)))
