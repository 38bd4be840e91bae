"""TensorFlow's own lines: left out of what a command writes, all there with `--verbose`."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from command import Done

ZOO = str(Path(sys.executable).parent / "zoo")
NOTE = "E0000 00:00:17 cudart_stub.cc:31] no GPU\n"
# What is written while a plugin loads, and by a process of its own; the last line has no end.
PLUGIN = f"""
import os, subprocess, sys
NOTE = {NOTE.encode()!r}
os.write(2, NOTE + b"an error, E0000 1\\n")
subprocess.run([sys.executable, "-c", f"import os; os.write(2, {{NOTE + b'of a child' + os.linesep.encode()!r}})"])
print("told by Python", file=sys.stderr)
os.write(2, b"F0000 fatal")
"""


def run(plugin: Path, text: str, *words: str, **environment: str) -> Done:
    plugin.write_text(text)
    return subprocess.run(
        [ZOO, "list", "--plugin", str(plugin), *words],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_notes_are_left_out_and_nothing_else(tmp_path: Path) -> None:
    done = run(tmp_path / "loud.py", PLUGIN)
    assert done.returncode == 0
    # Python writes to the terminal by itself, the rest comes through another process.
    rest = done.stderr.replace("told by Python\n", "")
    assert rest == "an error, E0000 1\nof a child\nF0000 fatal"
    assert done.stderr != rest


@pytest.mark.parametrize("how", ["--verbose", "environment"])
def test_all_of_them_are_shown_on_request(how: str, tmp_path: Path) -> None:
    words, level = ((how,), "3") if how == "--verbose" else ((), "0")
    done = run(tmp_path / "loud.py", PLUGIN, *words, TF_CPP_MIN_LOG_LEVEL=level)
    assert done.stderr == (
        f"{NOTE}an error, E0000 1\n{NOTE}of a child\ntold by Python\nF0000 fatal"
    )


def test_nothing_is_lost_when_a_command_crashes(tmp_path: Path) -> None:
    crash = "import os, signal\nos.write(2, b'the reason\\n')\nos.kill(os.getpid(), signal.SIGABRT)"
    done = run(tmp_path / "crash.py", crash)
    assert done.returncode == -6
    assert done.stderr == "the reason\n"


def test_a_traceback_is_shown(tmp_path: Path) -> None:
    text = "import click, zoo\ndef boom():\n    raise MemoryError('all of it')\n"
    text += "command = click.Command('boom', callback=boom)\n"
    text += "@zoo.hookimpl\ndef register_commands(register):\n    register('boom', command)\n"
    (tmp_path / "boom.py").write_text(text)
    done = subprocess.run(
        [ZOO, "boom", "--plugin", str(tmp_path / "boom.py")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.endswith("MemoryError: all of it\n")


def test_a_process_that_is_left_behind_keeps_no_one_waiting(tmp_path: Path) -> None:
    text = "import subprocess\nsubprocess.Popen(['sleep', '30'], stdout=subprocess.DEVNULL)\n"
    (tmp_path / "slow.py").write_text(text)
    begin = time.monotonic()
    done = subprocess.run(
        [ZOO, "list", "--plugin", str(tmp_path / "slow.py")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=25,
        check=False,
    )
    assert done.returncode == 0
    assert time.monotonic() - begin < 20  # of 30


def test_stderr_stays_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "ask.py").write_text(
        "import os, sys\nprint('terminal', sys.stderr.isatty(), os.isatty(2), file=sys.stderr)\n"
    )
    ours, theirs = pty.openpty()
    subprocess.run(
        [ZOO, "list", "--plugin", str(tmp_path / "ask.py")],
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        timeout=60,
        check=True,
    )
    assert os.read(ours, 100) == b"terminal True False\r\n"
    os.close(ours)
    os.close(theirs)


@pytest.mark.parametrize(
    ("closed", "told"), [("2>&-", b""), ("<&-", b"a word\n"), (">&-", b"a word\n")]
)
def test_any_of_the_three_streams_may_be_closed(closed: str, told: bytes, tmp_path: Path) -> None:
    (tmp_path / "word.py").write_text("import os\nos.write(2, b'a word\\n')\n")
    loud = f"{ZOO} list --plugin {tmp_path / 'word.py'}" if told else f"{ZOO} list"
    done = subprocess.run(
        ["sh", "-c", f"{loud} {closed}"], capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0
    assert done.stderr == told


@pytest.mark.slow
def test_a_training_and_all_after_it_are_quiet(
    tiny_recipe: Path, tmp_path: Path, zoo_process: Callable[..., Done], pair_folder: Path
) -> None:
    def told(*words: object) -> str:
        done = zoo_process(*words)
        assert done.returncode == 0, done.stderr
        return str(done.stderr)

    trained = told("train", tiny_recipe, "--runs", tmp_path / "runs")
    (run,) = (tmp_path / "runs").iterdir()
    lines = [*trained.splitlines(), *told("resume", run, "training.epochs=3").splitlines()]
    assert [line.split()[0] for line in lines] == ["epoch"] * 2 + ["finished"] + [
        "epoch",
        "finished",
    ]
    assert told("validate", tiny_recipe) == ""
    assert told("translate", run, pair_folder, "--out", tmp_path / "out") == ""
    assert told("export", run, "--format", "saved_model") == ""
    assert told("show", "generator", "unet") == ""
    loud = zoo_process("validate", tiny_recipe, "--verbose")
    assert "0000 " in loud.stderr
