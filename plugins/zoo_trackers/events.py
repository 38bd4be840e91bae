"""TensorBoard's event files, written by its own library without TensorFlow or torch, which need seconds to import."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import Any

from PIL import Image


class EventFile:
    """A new event file, which TensorBoard shows with all others of its folder.

    Args:
        folder: made if it is missing.
    """

    def __init__(self, folder: Path) -> None:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.summary.writer.record_writer import RecordWriter

        folder.mkdir(parents=True, exist_ok=True)
        begun = time.time_ns()
        # TensorBoard reads the files of a folder in the order of their names.
        name = f"events.out.tfevents.{begun // 10**9}.{socket.gethostname()}.{os.getpid()}.{begun}"
        self._file = (folder / name).open("wb")
        self._writer: Any = RecordWriter(self._file)
        self._event = Event
        self._add(file_version="brain.Event:2")

    def add(self, summary: Any, step: int = 0) -> None:
        """Write a `tensorboard.compat.proto.summary_pb2.Summary`."""
        self._add(summary=summary, step=step)

    def add_graph(self, graph: Any) -> None:
        """Write a `tensorboard.compat.proto.graph_pb2.GraphDef`."""
        self._add(graph_def=graph.SerializeToString())

    def flush(self) -> None:
        """See that all that was written can be read."""
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _add(self, **contents: Any) -> None:
        event = self._event(wall_time=time.time(), **contents)
        self._writer.write(event.SerializeToString())


def figure_summary(tag: str, value: float) -> Any:
    """Return the summary of a single number, in the form that every reader of event files knows.

    Args:
        tag: the name of the curve.
        value: kept in float32.
    """
    from tensorboard.compat.proto.summary_pb2 import Summary

    return Summary(value=[Summary.Value(tag=tag, simple_value=value)])


def picture_summary(tag: str, picture: Path) -> Any:
    """Return the summary that holds a PNG file as it is.

    Args:
        tag: the name of the series of pictures.
        picture: the file.
    """
    from tensorboard.compat.proto.summary_pb2 import Summary

    with Image.open(picture) as opened:
        width, height = opened.size
        channels = len(opened.getbands())
    image = Summary.Image(
        height=height,
        width=width,
        colorspace=channels,
        encoded_image_string=picture.read_bytes(),
    )
    return Summary(value=[Summary.Value(tag=tag, image=image)])
