"""The stages of `.ci/run`: which there are, what each builds on, and that the workflow on GitHub calls them all.

The programs that the stages call are stubs here, which write down that they were called.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from packaging.specifiers import SpecifierSet
from ruamel.yaml import YAML

ROOT = Path(__file__).parent.parent
RUN = ROOT / ".ci" / "run"
STAGES = {
    "readme": "the README's test command",
    "lint": "lint and types",
    "wheel": "the wheel, far from the checkout",
    "extras": "every extra, JAX and torch are installed",
    "left": "what the extras let run",
    "jax": "jax",
    "torch": "torch",
    "slow": "slow proofs",
    "complete": "no test was left over",
}
# With those that a stage only looks for, lest it install them.
PROGRAMS: tuple[str, ...] = ("python3", "pip", "pytest", "ruff", "mypy", "python", "zoo", "npm")
PROGRAMS += ("apt-get", "chromium", "strace")
STUB = """#!/usr/bin/env bash
call="${0##*/} $*"
work=${PYTEST_ADDOPTS#*--ledger=}
echo "${KERAS_BACKEND:+$KERAS_BACKEND: }${call//"${work%/passed*}"/WORK}" >>"$CALLS"
case $call in
  "python3 -m venv"*) mkdir -p "$3/bin" && : >"$3/bin/activate" ;;
  "python -m build"*) mkdir "$5" && : >"$5/zoo.whl" ;;
  "python -c"*) echo 1.0 ;;
esac
[[ -z $FAILS || $call != $FAILS ]]
"""


class Ended(NamedTuple):
    """What a run of `.ci/run` came to."""

    code: int
    titles: list[str]
    calls: list[str]
    output: str


@pytest.fixture
def ci(tmp_path: Path) -> Callable[..., Ended]:
    """Calls `.ci/run` with names of stages; a call that the pattern `fails` matches fails."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in PROGRAMS:
        (folder / name).write_text(STUB)
        (folder / name).chmod(0o755)

    def call(*stages: str, fails: str = "") -> Ended:
        calls = tmp_path / "calls"
        calls.write_text("")
        environment = {
            "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
            "TMPDIR": str(tmp_path),
            "CALLS": str(calls),
            "FAILS": fails,
        }
        done = subprocess.run(
            [RUN, *stages],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        titles = re.findall(r"^== (.*) \(\d+s\)$", done.stdout, re.M)
        return Ended(done.returncode, titles, calls.read_text().splitlines(), done.stdout)

    return call


def test_without_names_every_stage_runs_in_its_order(ci: Callable[..., Ended]) -> None:
    ended = ci()
    assert ended.code == 0
    assert ended.titles == list(STAGES.values())
    # The seconds of each stage in the end.
    assert re.findall(r"^ +\d+s  (.*)$", ended.output, re.M) == ended.titles
    tests = [call.split() for call in ended.calls if re.match(r"(\w+: )?pytest ", call)]
    assert [" ".join(words[:4]) for words in tests] == [
        "pytest --durations=30",
        "pytest --left",
        "jax: pytest -m not",
        "torch: pytest -m not",
        "pytest -m slow --dist",
        "pytest -m -n 0",
    ]
    assert "--complete" in tests[-1]
    assert ended.calls.count("pip install --quiet .[test]") == 1


@pytest.mark.parametrize(
    ("names", "titles"),
    [
        ("readme", "readme"),
        ("lint", "lint"),
        ("wheel lint", "lint wheel"),
        ("extras", "wheel extras"),
        ("left readme", "readme wheel extras left"),
        ("jax", "wheel extras jax"),
        ("torch", "wheel extras torch"),
        ("slow slow", "wheel extras slow"),
        # Tests of stages that did not run would be left over.
        ("complete", " ".join(STAGES)),
    ],
)
def test_a_stage_brings_what_it_builds_on(
    names: str, titles: str, ci: Callable[..., Ended]
) -> None:
    ended = ci(*names.split())
    assert ended.code == 0
    assert ended.titles == [STAGES[name] for name in titles.split()]
    # The package with what its tests need comes first, and once.
    assert ended.calls[1] == "pip install --quiet .[test]"
    assert ended.calls.count(ended.calls[1]) == 1


@pytest.mark.parametrize(
    ("fails", "last"),
    [
        ("pip install --quiet .[[]test]", "readme"),
        ("pytest --durations=30", "readme"),
        ("ruff check*", "lint"),
        ("ruff format*", "lint"),
        ("mypy*", "lint"),
        ("python -m build*", "wheel"),
        ("zoo validate*", "wheel"),
        ("npm*", "extras"),
        ("pytest --left", "left"),
        ("pytest -m not*", "jax"),
        ("pytest -m slow*", "slow"),
        ("pytest -m  *", "complete"),
    ],
)
def test_the_first_failure_ends_it(fails: str, last: str, ci: Callable[..., Ended]) -> None:
    ended = ci(fails=fails)
    assert ended.code == 1
    names = list(STAGES)
    assert ended.titles == [STAGES[name] for name in names[: names.index(last) + 1]]
    assert not re.search(r"^ +\d+s  ", ended.output, re.M)


@pytest.mark.parametrize("name", ["tests", "", "LINT", "li*"])
def test_a_stage_that_is_not_there_is_refused_before_anything(
    name: str, ci: Callable[..., Ended]
) -> None:
    ended = ci("lint", name)
    assert ended.code == 2
    assert ended.output == f".ci/run: there is no stage '{name}'; there are {' '.join(STAGES)}\n"
    assert ended.calls == []


def workflow() -> dict[str, Any]:
    # YAML 1.2, in which `on` is a text.
    return YAML(typ="safe").load(ROOT / ".github" / "workflows" / "ci.yaml")


def called_stages(job: dict[str, Any]) -> list[list[str]]:
    """Return the names that each call of `.ci/run` in a job has, for each row of its matrix."""
    rows = job.get("strategy", {}).get("matrix", {}).get("include", [{}])
    found = []
    for step in job["steps"]:
        for words in re.findall(r"\.ci/run\b(.*)", step.get("run", "")):
            for row in rows:
                named = r"\$\{\{ matrix\.(\w+) \}\}"
                filled = re.sub(named, partial(lambda row, key: row[key[1]], row), words)
                found.append(filled.split())
    return found


def test_the_workflow_calls_every_stage_and_no_other() -> None:
    calls = [call for job in workflow()["jobs"].values() for call in called_stages(job)]
    # A call without names is that of all.
    assert [] in calls
    named = [name for call in calls for name in call]
    assert set(named) == set(STAGES) - {"complete"}


def test_the_workflow_tries_every_python_that_the_project_names() -> None:
    rows = workflow()["jobs"]["stages"]["strategy"]["matrix"]["include"]
    project = (ROOT / "pyproject.toml").read_text()
    versions = re.findall(r"Python :: (3\.\d+)", project)
    assert [row["python"] for row in rows if "readme" in row["stages"].split()] == versions
    assert {row["python"] for row in rows if row["stages"] != "readme"} == {versions[0]}


def test_the_workflow_may_only_read() -> None:
    found = workflow()
    assert found["permissions"] == {"contents": "read"}
    assert not any("permissions" in job for job in found["jobs"].values())


def test_pre_commit_has_a_ruff_of_the_range_that_lint_has() -> None:
    (found,) = re.findall(r"'ruff([^']+)'", RUN.read_text())
    repos = YAML(typ="safe").load(ROOT / ".pre-commit-config.yaml")["repos"]
    (ruff,) = [repo for repo in repos if repo["repo"].endswith("/ruff-pre-commit")]
    assert ruff["rev"].removeprefix("v") in SpecifierSet(found)
