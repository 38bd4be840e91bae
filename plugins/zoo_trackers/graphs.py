"""Networks as graphs of layers, for TensorBoard, on every backend: from what Keras would save of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def layer_graph(networks: Mapping[str, keras.Model]) -> Any:
    """Return the layers of networks, and which follows which.

    Args:
        networks: by their names, which the names of their layers begin with.

    Returns:
        A `tensorboard.compat.proto.graph_pb2.GraphDef`.
    """
    from tensorboard.compat.proto.graph_pb2 import GraphDef
    from tensorboard.compat.proto.node_def_pb2 import NodeDef

    nodes = []
    for name, network in networks.items():
        for layer, inputs, kind in _layers(network):
            inside = [f"{name}/{before}" for before in dict.fromkeys(inputs)]
            nodes.append(NodeDef(name=f"{name}/{layer}", op=kind, input=inside))
    return GraphDef(node=nodes)


def _layers(network: keras.Model) -> Iterator[tuple[str, list[str], str]]:
    """Yield the name of each layer, the names of those before it and its class; a network in a network is a layer."""
    config = network.get_config()
    before: list[str] = []
    for layer in config.get("layers", ()):
        name = layer.get("name") or layer["config"]["name"]
        if "inbound_nodes" in layer:
            before = list(_sources(layer["inbound_nodes"]))
        yield name, before, layer["class_name"]
        before = [name]


def _sources(value: Any) -> Iterator[str]:
    """Yield the names of the layers whose outputs are named somewhere in what a layer is called with."""
    if isinstance(value, Mapping):
        if "keras_history" in value:
            yield str(value["keras_history"][0])
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _sources(item)
