"""A pytest plugin for `.ci/run`: which tests have passed, so that none runs twice for nothing and none is left over.

The README's own command runs the tests that its environment can run; later stages install more and run what is left.

Options:
    --ledger FILE: ids of tests that passed, one a line; read before a stage and added to after it.
    --left: run only tests that are not in the ledger.
    --complete: with --collect-only, fail if one of the tests found is not in the ledger, or a file was not collected.
"""

from __future__ import annotations

from pathlib import Path

import pytest

# What cannot run everywhere, by the start of its id, and why.
NOT_HERE = {
    "tests/export/test_serving_rest.py::test_the_server_answers": "no registry has the program tensorflow_model_server",
    "tests/data/test_hostile_files.py::test_files_and_folders_that_may_not_be_read": "root may read everything",
    "tests/plugins/test_zoo_tfds_builder.py::TestWithTest::test_session": "TensorFlow's own, which is no test",
    "tests/plugins/test_zoo_tfds_builder.py::TestWithoutTest::test_session": "TensorFlow's own, which is no test",
    "tests/plugins/web/test_addresses.py::test_addresses_of_ipv6_stand_in_brackets": "not every machine has IPv6",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("ledger")
    group.addoption("--ledger", type=Path, help="file with the ids of tests that passed")
    group.addoption("--left", action="store_true", help="run only tests that are not in it")
    group.addoption("--complete", action="store_true", help="fail if a test is not in it")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("ledger"):
        config.pluginmanager.register(Ledger(config), "zoo-ledger")


class Ledger:
    """Reads the ledger when a session starts and writes it when it ends."""

    def __init__(self, config: pytest.Config) -> None:
        self.path: Path = config.getoption("ledger")
        self.left: bool = config.getoption("left")
        self.complete: bool = config.getoption("complete")
        self.passed = set(self.path.read_text().splitlines() if self.path.is_file() else [])
        self.forgotten: list[str] = []
        # pytest-xdist's workers have this; their controller hears of every report.
        self.is_worker = hasattr(config, "workerinput")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        if self.complete:
            self.forgotten += [item.nodeid for item in items if item.nodeid not in self.passed]
        if self.left:
            config.hook.pytest_deselected(items=[i for i in items if i.nodeid in self.passed])
            items[:] = [item for item in items if item.nodeid not in self.passed]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if self.complete and report.skipped:
            self.forgotten.append(report.nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            self.passed.add(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        forgotten = [name for name in self.forgotten if not name.startswith(tuple(NOT_HERE))]
        if forgotten:
            print("\nno stage ran:", *forgotten, sep="\n  ")
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if not self.is_worker:
            self.path.write_text("".join(f"{name}\n" for name in sorted(self.passed)))
