"""What a run ran on."""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

VERSIONS_OF = (
    "pix2pix-zoo",
    "keras",
    "tensorflow",
    "jax",
    "jaxlib",
    "torch",
    "numpy",
    "pillow",
    "pluggy",
)


def environment() -> dict[str, Any]:
    """Say what a run ran on: versions, backend, machine; no names of people or hosts."""
    import keras

    versions = {}
    for name in VERSIONS_OF:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return {
        "backend": keras.backend.backend(),
        "versions": versions,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processors": os.cpu_count(),
        "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
    }
