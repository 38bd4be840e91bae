"""Finding a builder of TensorFlow Datasets, and having it write its dataset where it can be read at random."""

from __future__ import annotations

import contextlib
import re
import sys
from pathlib import Path
from typing import Any

import requests
import tensorflow_datasets as tfds
from tensorflow_datasets.core.download import download_manager, extractor, util

from zoo import DataError, nearest

# Registers the builder.
from zoo_tfds import published  # noqa: F401
from zoo_tfds.downloads import guarded

FILES = "array_record"
FAILURES = (
    requests.RequestException,
    util.DownloadError,
    download_manager.NonMatchingChecksumError,
    extractor.ExtractError,
    OSError,
    AssertionError,  # of builders whose files must all be fetched by hand
)


def prepared(name: str, data_dir: str | None, manual_dir: str | None) -> tfds.core.DatasetBuilder:
    """Return a builder whose dataset is on this machine; downloads and writes it first where it is not.

    Args:
        name: of the builder, and after a slash of its configuration, as `cycle_gan/horse2zebra`.
        data_dir: where datasets are; None is the library's place, `~/tensorflow_datasets`.
        manual_dir: where files are that were fetched by hand; None is `downloads/manual` in `data_dir`.

    Raises:
        DataError: if there is no such dataset, or it cannot be fetched, or cannot be read at random.
    """
    builder = _find(name, data_dir)
    if not builder.is_prepared():
        _prepare(builder, name, manual_dir)
    formats = [form.value for form in builder.info.available_file_formats()]
    if FILES not in formats:
        raise DataError(
            f"the dataset {name} in {builder.data_path} is stored as {', '.join(formats)}, which cannot be read at "
            "random; name another data_dir, where it will be written as array_record"
        )
    return builder


def _find(name: str, data_dir: str | None) -> tfds.core.DatasetBuilder:
    base, _, config = re.split(r":(?=[\d.*]+$)", name)[0].partition("/")
    folder = Path(data_dir).expanduser() if data_dir else None
    on_disk = Path(folder or tfds.core.constants.DATA_DIR).expanduser() / base
    known = tfds.list_builders(with_community_datasets=False)
    # Asked for a name that it does not know, the library looks for it on servers.
    if base not in known and not on_disk.is_dir():
        raise DataError(
            f"TensorFlow Datasets has no dataset {base}, and there is none in {on_disk.parent}.{nearest(base, known)}"
        )
    if base in known:
        configs = list(tfds.builder_cls(base).builder_configs)
        if config and configs and config not in configs:
            listed = ", ".join(configs[:20]) + (", …" if len(configs) > 20 else "")
            raise DataError(
                f"the dataset {base} has no configuration {config}; it has {listed}.{nearest(config, configs)}"
            )
    try:
        return tfds.builder(name, data_dir=folder)
    except (
        ValueError,
        TypeError,
        AssertionError,
        tfds.core.registered.DatasetNotFoundError,
    ) as error:
        raise DataError(f"the dataset {name} cannot be opened: {_first_line(error)}") from error


def _prepare(builder: tfds.core.DatasetBuilder, name: str, manual_dir: str | None) -> None:
    make = builder._make_download_manager

    def make_guarded(**options: Any) -> tfds.download.DownloadManager:
        return guarded(make(**options))

    builder._make_download_manager = make_guarded
    config = tfds.download.DownloadConfig(
        manual_dir=Path(manual_dir).expanduser() if manual_dir else None,
        try_download_gcs=False,  # a server more to wait for, and it has no array_record
    )
    try:
        # What the library says of its progress is no result of a command.
        with contextlib.redirect_stdout(sys.stderr):
            builder.download_and_prepare(download_config=config, file_format=FILES)
    except FAILURES as error:
        raise DataError(f"the dataset {name} cannot be prepared: {_first_line(error)}") from error


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[:3]) if lines else type(error).__name__
