"""Trained networks in a browser: the service with its page, and the page that needs no server."""

from zoo import Register, hookimpl


@hookimpl
def register_exporters(register: Register) -> None:
    """Register the page that needs no server."""
    register(
        "web",
        "zoo_web.offline.exporter:Web",
        summary="a page that translates in the visitor's own browser, with all its files",
        needs="onnxruntime",
        extra="pix2pix-zoo[onnx]",
    )


@hookimpl
def register_commands(register: Register) -> None:
    """Register the service."""
    register(
        "serve",
        "zoo_web.command:serve",
        summary="Serve a run over HTTP: REST, a page to try it, metrics.",
    )
