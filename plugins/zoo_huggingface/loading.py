"""Loading a dataset by the library `datasets`, quietly, and without waiting for a hub that cannot be reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import datasets
import huggingface_hub

from zoo import DataError

# Loaders of the library by kind of file; any other path is a folder, or a name on the hub.
LOADERS = ("arrow", "imagefolder", "parquet", "webdataset")
PATIENCE = 5.0  # seconds to connect, and again to be answered


def load(path: str, config: str | None, files: Any) -> Mapping[str, datasets.Dataset]:
    """Return the splits of a dataset, whose rows lie in memory-mapped files.

    Args:
        path: a loader, a folder, or a name on the hub.
        config: name of a configuration of the dataset.
        files: files, patterns, or a mapping from splits to them.

    Raises:
        DataError: if it cannot be loaded; says why.
    """
    if path in LOADERS and not files:
        raise DataError(f"{path} is a kind of files; name the files with data_files")
    folder = Path(path).expanduser()
    local = folder.is_dir() or (path in LOADERS and "://" not in str(files))
    unreachable = "" if local else _unreachable()
    try:
        # Without a connection what was fetched before is taken, at once; the library would first try six times.
        with _quiet(offline=local or bool(unreachable)):
            splits: Mapping[str, Any] = datasets.load_dataset(
                str(folder) if folder.is_dir() else path, config, data_files=files
            )
            return splits
    except Exception as error:  # Each loader raises what its own library does.
        if unreachable:
            raise DataError(
                f"the dataset {path} is not on this machine, and {_hub()} cannot be reached ({unreachable}); "
                "fetch its files on another machine and name them with data_files, with parquet, imagefolder or "
                "webdataset as path"
            ) from error
        reason = (str(error.__cause__ or error).strip() or type(error).__name__).splitlines()[0]
        of = f" of {files}" if files else ""
        raise DataError(f"the dataset {path}{of} cannot be loaded: {reason}") from error


def _hub() -> str:
    endpoint: str = huggingface_hub.constants.ENDPOINT
    return endpoint


def _unreachable() -> str:
    """Return why the hub cannot be reached; empty if it can."""
    if huggingface_hub.constants.HF_HUB_OFFLINE:
        return "HF_HUB_OFFLINE is set"
    try:
        huggingface_hub.get_session().head(_hub(), timeout=PATIENCE)
    except Exception as error:  # Those of the library for HTTP, which differ between versions.
        return str(error) or type(error).__name__
    return ""


@contextmanager
def _quiet(*, offline: bool) -> Iterator[None]:
    """Count no downloads, send no telemetry, and, if asked, use no connection at all."""
    constants, config = huggingface_hub.constants, datasets.config
    wanted = [
        (constants, "HF_HUB_DISABLE_TELEMETRY", True),
        (config, "HF_UPDATE_DOWNLOAD_COUNTS", False),
        (constants, "HF_HUB_OFFLINE", offline),
        (config, "HF_HUB_OFFLINE", offline),
    ]
    before = [(module, name, getattr(module, name)) for module, name, _ in wanted]
    try:
        for module, name, value in wanted:
            setattr(module, name, value)
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)
