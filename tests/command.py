"""The `zoo` command as tests call it: within their own process, or in one of its own."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path

from zoo.cli import main
from zoo.plugins import load_host

Done = subprocess.CompletedProcess[str]


def run_in_process(*arguments: object, cwd: Path) -> Done:
    """Run `zoo` in this process, whose backend is already loaded, and return what it printed.

    That is all that differs from `run_process`, and saves the seconds in which a new process imports TensorFlow.
    """
    words = [str(word) for word in arguments]
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    load_host.cache_clear()  # plugins that are files of other tests
    code: object = None
    with contextlib.chdir(cwd), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(words)
        except SystemExit as ended:
            code = ended.code
    assert isinstance(code, int)
    told = [stream.buffer.getvalue().decode() for stream in (out, err)]
    return subprocess.CompletedProcess(words, code, *told)


def run_process(*arguments: object, cwd: Path, timeout: float = 120, **environment: str) -> Done:
    """Run the installed `zoo` in a process of its own and return what it printed."""
    return subprocess.run(
        [str(Path(sys.executable).parent / "zoo"), *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=timeout,
        stdin=subprocess.DEVNULL,
        check=False,
    )
