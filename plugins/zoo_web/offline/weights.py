"""Smaller ONNX files: weights in fewer bits, turned to float32 when the file is opened."""

from __future__ import annotations

from typing import Any

import numpy as np

# Smaller weights are not worth two more operations.
LEAST = 1024
# Which axis of an operation's weights counts its output channels.
OUTPUT_AXIS = {"Conv": 0, "ConvTranspose": 1}


def shrink(model: Any, precision: str) -> None:
    """Store the large weights of an ONNX model in fewer bits, in place.

    The operations compute in float32 as before: a cast stands between weights and operation, and runtimes do such
    constant work once, when they open the file. So it is as fast as float32 and nearly as exact.

    Args:
        model: `onnx.ModelProto`.
        precision: `"float16"`; or `"int8"`, with a scale for each output channel of a convolution.
    """
    from onnx import helper, numpy_helper

    graph = model.graph
    axes = _output_axes(graph)
    kept, nodes = [], []
    for stored in graph.initializer:
        array = numpy_helper.to_array(stored)
        if array.dtype != np.float32 or array.size < LEAST:
            kept.append(stored)
            continue
        name = stored.name
        small = f"{name}/{precision}"
        if precision == "float16":
            kept.append(numpy_helper.from_array(_halved(array), small))
            nodes.append(helper.make_node("Cast", [small], [name], to=1))
            continue
        numbers, scale = rounded(array, axes.get(name))
        kept += [
            numpy_helper.from_array(numbers, small),
            numpy_helper.from_array(scale, f"{name}/scale"),
        ]
        nodes += [
            helper.make_node("Cast", [small], [f"{name}/cast"], to=1),
            helper.make_node("Mul", [f"{name}/cast", f"{name}/scale"], [name]),
        ]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    computing = list(graph.node)
    del graph.node[:]
    graph.node.extend([*nodes, *computing])


def rounded(array: np.ndarray, axis: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Return weights as int8 and the float32 scale that they are to be multiplied with.

    Args:
        array: float32 weights.
        axis: has a scale for each place along it; None has one for all.
    """
    others = tuple(one for one in range(array.ndim) if one != axis)
    most = np.abs(array).max(axis=others, keepdims=True)
    scale = np.where(most > 0, most / 127, 1).astype(np.float32)
    return np.rint(array / scale).astype(np.int8), scale


def _halved(array: np.ndarray) -> np.ndarray:
    most = np.finfo(np.float16).max
    halved: np.ndarray = np.clip(array, -most, most).astype(np.float16)
    return halved


def _output_axes(graph: Any) -> dict[str, int]:
    """Return the axis of output channels of each weight of a convolution."""
    axes = {}
    for node in graph.node:
        grouped = any(part.name == "group" and part.i != 1 for part in node.attribute)
        if node.op_type in OUTPUT_AXIS and not (grouped and node.op_type == "ConvTranspose"):
            axes[node.input[1]] = OUTPUT_AXIS[node.op_type]
    return axes
