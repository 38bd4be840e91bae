"""From a run or an export to what is served: the fastest lossless export whose runtime is installed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import zoo
from zoo import (
    Export,
    Host,
    Run,
    ZooError,
    is_export,
    load_export,
    load_host,
    load_run,
    missing_plugins,
    nearest,
)
from zoo_web.service.served import Served

KERAS = "keras"
# The fastest first, as measured on two cores: OpenVINO is as fast as ONNX Runtime on a U-Net with batch norm, and half
# as fast on a ResNet with instance norm.
FORMATS = ("onnx", "openvino", "litert", "saved_model")
ON_TENSORFLOW = (KERAS, "saved_model")
NAME = re.compile(r"[A-Za-z0-9_.-]+")

Start = Callable[[str], None]
Say = Callable[[str], None]


def open_served(
    path: str,
    *,
    format: str = "",
    name: str = "",
    threads: int | None = None,
    plugin_host: Host | None = None,
    start: Start,
    say: Say,
) -> Served:
    """Open what is to be served.

    Of a run it is the export of the fastest format that keeps float32's values, made now if there is none or the run
    was trained on since; Keras itself where no such format is installed or the run cannot be exported.

    Args:
        path: of a run, the beginning of its name, or an export.
        format: one of `FORMATS`, or `keras` for Keras itself; empty chooses.
        name: of the model; empty takes that of the export or the run.
        threads: of the runtime; None leaves it to the runtime.
        plugin_host: the plugins that it may use; None for the installed ones.
        start: called before Keras is needed, with the backend that it must have, or "" for any.
        say: takes the lines that tell what happens.

    Raises:
        ZooError: if there is no such run or export, or it cannot be opened as asked.
    """
    if is_export(Path(path)):
        export = load_export(path, host=plugin_host)
        if format not in ("", export.format):
            raise ZooError(
                f"{path} is an export of the format {export.format}, not {format}; leave --format out"
            )
        served = _of_export(export, threads, start)
    else:
        if format and format not in (*FORMATS, KERAS):
            allowed = (*FORMATS, KERAS)
            raise ZooError(
                f"the format {format} cannot be served from a run; expected {', '.join(allowed)}."
                f"{nearest(format, allowed)}"
            )
        served = _of_run(load_run(path, host=plugin_host), format, threads, start, say)
    if name and not NAME.fullmatch(name):
        raise ZooError(f"the name '{name}' is none for addresses; use letters, digits, _, - and .")
    return replace(served, name=name) if name else served


def _of_run(run: Run, format: str, threads: int | None, start: Start, say: Say) -> Served:
    wanted = [format] if format else _installed(run.host)
    if wanted and wanted != [KERAS]:
        export = _newest(run, wanted)
        if export is None:
            say(f"exporting {run.path} as {wanted[0]}")
            start("tensorflow")
            try:
                export = zoo.export_run(run, wanted[0], host=run.host, say=say)
            except ZooError as error:
                if format or missing_plugins(run.path):
                    raise
                say(f"not exported: {error}; Keras itself translates, which is slower")
        if export is not None:
            served = _of_export(export, threads, start)
            return replace(served, settle=_settle(run, start)) if export.own_statistics else served
    start("")
    return _of_keras(run)


def _settle(run: Run, start: Start) -> Callable[[np.ndarray], Callable[[np.ndarray], Any]]:
    """Return what settles the statistics of pictures of several tiles: Keras, started with the first of them."""

    @cache
    def opened() -> Callable[[np.ndarray], Callable[[np.ndarray], Any]]:
        start("")
        assert run.settle is not None
        return run.settle

    return lambda tiles: opened()(tiles)


def _installed(host: Host | None) -> list[str]:
    registry = (host or load_host()).registry
    return [name for name in FORMATS if not registry.get("exporter", name).to_install]


def _newest(run: Run, formats: Iterable[str]) -> Export | None:
    """Return the export of the first of some formats that is lossless and no older than the generator."""
    exports = [item for item in zoo.list_exports(run) if not item.path.name.endswith("-inverse")]
    for format in formats:
        for export in exports:
            if export.format == format and export.exporter.tolerance.difference is not None:
                return export
    return None


def _of_export(export: Export, threads: int | None, start: Start) -> Served:
    if export.format in ON_TENSORFLOW:
        start("")
    return Served(
        name=export.name,
        translator=export.translator(threads=threads),
        formats=export.formats,
        size=export.size,
        samples=export.samples,
        runtime=export.format,
        facts={
            "format": export.format,
            **export.formats.as_json(),
            "verification": export.verification,
        },
    )


def _of_keras(run: Run) -> Served:
    translator = run.translator()
    return Served(
        name=run.name,
        translator=translator,
        formats=run.formats,
        size=translator.size,
        samples=tuple(run.examples("held_out")),
        runtime=KERAS,
        settle=run.settle,
        facts={
            "format": KERAS,
            **run.formats.as_json(),
        },
    )
