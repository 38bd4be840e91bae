"""Checkpoints of the PyTorch reference implementation: reading them, and putting their weights into our networks."""

from zoo.pytorch.network import import_network
from zoo.pytorch.read import read_state_dict
from zoo.pytorch.recognise import Recognised, recognise
from zoo.pytorch.weights import load_state_dict, pair_weights

__all__ = [
    "Recognised",
    "import_network",
    "load_state_dict",
    "pair_weights",
    "read_state_dict",
    "recognise",
]
