"""`zoo serve`."""

from __future__ import annotations

import importlib.util
import logging

import click

import zoo
from zoo import ZooError

NEEDED = ("fastapi", "uvicorn", "python_multipart", "prometheus_client")


@click.command("serve")
@click.argument("run_or_export")
@click.option(
    "--format",
    default="",
    help="What translates RUN: openvino, onnx, litert, saved_model or keras; otherwise the first that is installed. "
    "It is exported if it was not.",
)
@click.option("--name", default="", help="Name of the model in addresses.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port",
    default=8501,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen at; 0 takes a free one.",
)
@click.option(
    "--token",
    envvar="ZOO_TOKEN",
    help="What requests must hold as 'Authorization: Bearer TOKEN'; better given as ZOO_TOKEN.",
)
@click.option(
    "--batch-size",
    default=4,
    show_default=True,
    type=click.IntRange(1),
    help="Most tiles in one call of the network, of one request or several.",
)
@click.option(
    "--queue",
    default=64,
    show_default=True,
    type=click.IntRange(1),
    help="Most requests that wait; a further one is answered 503.",
)
@click.option(
    "--timeout",
    default=60.0,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    help="Seconds that a request may take; then it is answered 504.",
)
@click.option(
    "--most-bytes",
    default=20_000_000,
    show_default=True,
    type=click.IntRange(1),
    help="Most bytes of a request; a longer one is answered 413.",
)
@click.option(
    "--most-pixels",
    default=4096 * 4096,
    show_default=True,
    type=click.IntRange(1),
    help="Most pixels of a picture; a larger one is answered 413.",
)
@click.option("--threads", type=click.IntRange(1), help="Threads of the runtime.")
@click.option(
    "--allow-host",
    multiple=True,
    metavar="NAME",
    help="Name by which the server is called, behind a proxy for one, or *.NAME; may be given more than once. "
    "On loopback localhost is allowed beside it, elsewhere any name if none is given.",
)
@click.option(
    "--allow-origin",
    multiple=True,
    metavar="ORIGIN",
    help="Origin of a web page elsewhere that may use the server, as https://example.org; may be given more than once.",
)
@click.pass_context
def serve(
    ctx: click.Context,
    run_or_export: str,
    format: str,
    name: str,
    host: str,
    port: int,
    token: str | None,
    batch_size: int,
    queue: int,
    timeout: float,
    most_bytes: int,
    most_pixels: int,
    threads: int | None,
    allow_host: tuple[str, ...],
    allow_origin: tuple[str, ...],
) -> None:
    """Serve RUN_OR_EXPORT over HTTP until Ctrl-C: a page to try it, pictures in and out, TensorFlow Serving's REST.

    Of a run the fastest export that keeps float32's values translates; one is made if there is none. What the server
    needs comes with the extra 'serve'.
    """
    missing = [module for module in NEEDED if not importlib.util.find_spec(module)]
    if missing:
        raise ZooError(
            f"zoo serve needs the library {missing[0]}, which is not installed; install it with: "
            "pip install 'pix2pix-zoo[serve]'"
        )
    from zoo_web.service.opening import open_served
    from zoo_web.service.server import LOOPBACK_NAMES, address_of, is_loopback, listen, run_server
    from zoo_web.service.settings import Settings

    loopback = is_loopback(host)
    settings = Settings(
        batch_size=batch_size,
        queue=queue,
        timeout=timeout,
        most_bytes=most_bytes,
        most_pixels=most_pixels,
        token=token,
        hosts=(*LOOPBACK_NAMES, host, *allow_host) if loopback else allow_host,
        origins=allow_origin,
    )
    # Before the model is loaded, which takes seconds, or exported, which takes more.
    with listen(host, port) as opened:
        served = open_served(
            run_or_export,
            format=format,
            name=name,
            threads=threads,
            plugin_host=ctx.obj,
            start=_start,
            say=click.echo,
        )
        if not loopback and token is None:
            click.echo(
                f"zoo: warning: everybody who reaches {host} may use this server; set ZOO_TOKEN to ask for a token",
                err=True,
            )
        from zoo_web.service.app import create_app

        app = create_app(served, settings)
        logging.basicConfig(format="zoo: %(message)s", level=logging.WARNING)
        click.echo(f"serving {served.name} with {served.runtime} at {address_of(opened)}")
        run_server(app, opened)
    click.echo("stopped")


def _start(backend: str) -> None:
    if backend:
        zoo.use_backend(backend)
