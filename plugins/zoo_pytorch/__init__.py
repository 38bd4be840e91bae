"""Checkpoints of the PyTorch reference implementation: reading them, and putting their weights into our networks."""

from zoo import Register, hookimpl


@hookimpl
def register_commands(register: Register) -> None:
    """Register the import of checkpoints."""
    register(
        "import",
        "zoo_pytorch.command:import_",
        summary="Turn a PyTorch checkpoint of the reference into a Keras network and a run.",
    )
