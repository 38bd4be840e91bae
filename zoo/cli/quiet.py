"""Starting the backend without the notes that TensorFlow's libraries print before its log level applies."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator

# Told by the C++ libraries on every machine without a GPU, whatever TF_CPP_MIN_LOG_LEVEL says.
NOTES = re.compile(rb"^(WARNING: All log messages before absl::InitializeLog|[IWE]0000 )")

# The value of TF_CPP_MIN_LOG_LEVEL that `--verbose` sets: nothing is left out.
SHOW_ALL = "0"


def start_backend() -> None:
    """Import Keras and its backend, and have TensorFlow look for devices; anything but those notes is shown."""
    # TensorFlow reads this when it is imported; a user's own choice stays.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with without_notes():
        import keras

        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            tf.config.list_physical_devices()


@contextlib.contextmanager
def without_notes() -> Iterator[None]:
    """Catch what is written to file descriptor 2, and write it again without the notes; after an error too."""
    # Python has no stderr where its descriptor was closed, as `2>&-` does.
    if sys.stderr is None or os.environ.get("TF_CPP_MIN_LOG_LEVEL") == SHOW_ALL:
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as caught:
        os.dup2(caught.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            caught.seek(0)
            for line in caught:
                if not NOTES.match(line):
                    os.write(2, line)
