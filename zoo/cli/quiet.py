"""Keeping TensorFlow's notes off the terminal: they are told on every machine without a GPU, and frighten newcomers."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator

from zoo.notebook.quiet import LOG_LEVEL, NOTES, SHOW_ALL, SHOW_FATAL

# OpenCV would share a picture out over threads of its own, which then fight with ours over the cores; and what is wrong
# with a file is told in one sentence, and not by the decoder on the way. It reads them when it is imported.
OPENCV = {"OPENCV_FOR_THREADS_NUM": "1", "OPENCV_LOG_LEVEL": "SILENT"}
# What this process writes last. Others may hold the pipe open for longer, as multiprocessing's do.
LAST = b"\0zoo wrote all\0"


@contextlib.contextmanager
def without_notes() -> Iterator[None]:
    """Leave the notes out of what is written to file descriptor 2, also by processes that are started meanwhile.

    A process beside this one passes on everything else line by line, at once, and after a crash too. Python's own
    `sys.stderr` goes to the terminal directly, so that it stays one.
    """
    wanted = os.environ.setdefault(LOG_LEVEL, SHOW_FATAL) == SHOW_ALL
    # Python has no stderr where its descriptor was closed, as `2>&-` does.
    if wanted or sys.stderr is None or not hasattr(os, "fork"):
        yield
        return
    sys.stderr.flush()
    terminal = os.dup(2)
    source, sink = os.pipe()
    answer, answered = os.pipe()
    if os.fork() == 0:
        os.close(sink)
        _pass_on(source, terminal, answered)
    os.close(source)
    os.close(answered)
    os.dup2(sink, 2)
    os.close(sink)
    before = sys.stderr
    sys.stderr = os.fdopen(
        terminal, "w", buffering=1, encoding=before.encoding, errors=before.errors, closefd=False
    )
    try:
        yield
    finally:
        sys.stderr.flush()
        with contextlib.suppress(OSError):  # of a process that was killed
            os.write(2, LAST)
            os.read(answer, 1)
        os.dup2(terminal, 2)
        sys.stderr = before
        os.close(terminal)
        os.close(answer)


def _pass_on(source: int, terminal: int, answered: int) -> None:
    """Copy lines until nobody can write any more, and end this process; answer when the command has written all."""
    try:
        # Ctrl-C and the like are for the command; this process ends with it.
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
        # A program that reads the command's output waits until all have closed it. Where one of the three was closed
        # before, its number is that of something else.
        for other in {0, 1, 2} - {source, terminal, answered}:
            with contextlib.suppress(OSError):
                os.close(other)
        rest = b""
        while more := os.read(source, 2**16):
            text = rest + more
            *lines, rest = text.replace(LAST, b"").split(b"\n")
            _write(terminal, b"".join(line + b"\n" for line in lines if not NOTES.match(line)))
            if LAST in text:
                _write(terminal, rest)
                rest = b""
                os.write(answered, b"1")
        _write(terminal, rest)
    finally:
        os._exit(0)


def _write(terminal: int, text: bytes) -> None:
    while text:
        text = text[os.write(terminal, text) :]
