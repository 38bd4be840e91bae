"""Keeping the notes of TensorFlow's libraries out of notebooks, which paint them red between the cells' own outputs."""

from __future__ import annotations

import os
import re
import sys

from zoo.notebook.kernel import in_notebook

# Of the C++ libraries, before TF_CPP_MIN_LOG_LEVEL applies and whatever it says: information, warnings, and errors
# without consequence. What has consequences raises an exception as well; fatal errors (F0000) are shown.
NOTES = re.compile(rb"WARNING: All log messages before absl::InitializeLog|[IWE]0000 \d")
LOG_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
# Its values for all of TensorFlow's log, and for nothing but fatal errors.
SHOW_ALL, SHOW_FATAL = "0", "3"

# What passes all other lines on, at once and after a crash too; an interrupt is for the kernel.
FILTER = """
import os, re, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
notes, rest = re.compile(os.fsencode(sys.argv[1])), b""
while more := os.read(0, 2**16):
    *lines, rest = (rest + more).split(b"\\n")
    text = b"".join(line + b"\\n" for line in lines if not notes.match(line))
    while text:
        text = text[os.write(1, text):]
os.write(1, rest)
"""


def keep_notebook_quiet() -> None:
    """Leave the notes out of what libraries write to file descriptor 2 from now on, if this is a notebook.

    Python's own `sys.stderr`, with its warnings and tracebacks, is another way in a notebook and stays as it is.
    """
    if not in_notebook() or os.environ.setdefault(LOG_LEVEL, SHOW_FATAL) == SHOW_ALL:
        return
    if not (hasattr(os, "posix_spawn") and sys.executable):
        return
    source, sink = os.pipe()
    os.posix_spawn(
        sys.executable,
        [sys.executable, "-I", "-S", "-c", FILTER, os.fsdecode(NOTES.pattern)],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, source, 0), (os.POSIX_SPAWN_DUP2, 2, 1)],
    )
    os.close(source)
    os.dup2(sink, 2)
    os.close(sink)
