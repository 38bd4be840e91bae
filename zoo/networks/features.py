"""Features that networks offer by name, for losses and players that look into them."""

from __future__ import annotations

from collections.abc import Sequence

import keras

ATTRIBUTE = "offered_features"


def offer_features(network: keras.Model, names: Sequence[str]) -> keras.Model:
    """Say which layers' outputs are a network's features, from the first to the last; return the network.

    Files do not hold it: a model that uses features keeps their names in its own configuration, and
    `feature_network` finds them in a network that was loaded.

    Args:
        network: functional or sequential.
        names: of its layers.

    Raises:
        ValueError: if it has no layer of a name.
    """
    for name in names:
        network.get_layer(name)
    setattr(network, ATTRIBUTE, tuple(names))
    return network


def offered_features(network: keras.Model) -> tuple[str, ...]:
    """Return the names of the features that a network offers; none if it was not built with any.

    Args:
        network: any.
    """
    return tuple(getattr(network, ATTRIBUTE, ()))


def feature_network(network: keras.Model, names: Sequence[str]) -> keras.Model:
    """Return a network that shares a network's layers and answers ([feature, …], what the network answers).

    Args:
        network: functional or sequential.
        names: of layers, as `offered_features` gives them.

    Raises:
        ValueError: if it has no layer of a name.
    """
    features = [network.get_layer(name).output for name in names]
    # A sequential network has `inputs` and `outputs`, but no `input` and `output` before it is called.
    outputs = network.outputs
    return keras.Model(network.inputs[0], [features, outputs if len(outputs) > 1 else outputs[0]])
