"""`zoo import`: checkpoints of the PyTorch reference implementation as Keras networks and runs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import zoo
from zoo import Host, ZooError

if TYPE_CHECKING:
    import keras

    from zoo_pytorch.recognise import Recognised


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE.pth")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Write the Keras network to this file, whose name ends in .keras; a discriminator needs it.",
)
@click.option("--force", is_flag=True, help="Replace the file of --out if it is there already.")
@click.option(
    "--discriminator", is_flag=True, help="FILE.pth holds a discriminator; it becomes no run."
)
@click.option(
    "--size",
    type=click.IntRange(min=1),
    help="Height and width of the network's pictures; by default 256, or the least that a U-Net takes.",
)
@click.option(
    "--dropout", is_flag=True, help="Keep dropout on when translating, as the pix2pix paper does."
)
@click.option(
    "--statistics",
    type=click.Choice(["running", "picture"]),
    default="running",
    show_default=True,
    help="Batch norm by the running statistics of training, or by each picture's own.",
)
@click.option(
    "--runs",
    "root",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("runs"),
    show_default=True,
    help="Folder in which the run directory is made.",
)
@click.pass_obj
def import_(
    host: Host,
    file: Path,
    out: Path | None,
    force: bool,
    discriminator: bool,
    size: int | None,
    dropout: bool,
    statistics: str,
    root: Path,
) -> None:
    """Turn FILE.pth, a checkpoint of the PyTorch reference implementation, into a Keras network and a run.

    Architecture, normalisation, filters, channels and dropout are found from the weights; reading them needs the
    extra 'torch'. A generator becomes a run directory, which 'zoo translate' takes. It translates as the original
    does with --eval; without it the original's test.py does as --dropout --statistics picture.
    """
    _check(out, force, discriminator)
    from zoo import Inference, inference_network
    from zoo_pytorch.network import load_checkpoint

    found, network = load_checkpoint(file, size=size)
    if found.is_generator == discriminator:
        raise ZooError(_other_kind(file, found))
    click.echo(f"{file}: {found}")
    if found.drops_statistics:
        click.echo(
            "its running statistics of instance norm are left out, as the original leaves them out: "
            "each picture is normalised by its own"
        )
    if found.is_generator:
        if dropout and not found.arguments["dropout"]:
            raise ZooError(f"{file} was trained without dropout; leave --dropout out")
        choice: Any = {"dropout": dropout, "statistics": statistics}
        network = inference_network(network, Inference(**choice))
    if out is not None:
        _save(network, out)
        click.echo(f"wrote {out}")
    if found.is_generator:
        run = zoo.import_run(root, file, network, _recipe(host, file, found, choice))
        click.echo(f"run {run.path}")
        click.echo(
            f"translate pictures with: zoo translate {run.path} PICTURE_OR_FOLDER --out translated"
        )


def _check(out: Path | None, force: bool, discriminator: bool) -> None:
    """Refuse what cannot be written before the backend is imported, which takes seconds."""
    if out is None:
        if discriminator:
            raise ZooError(
                "a discriminator becomes no run; name a file for it with --out NAME.keras"
            )
        return
    if out.suffix != ".keras":
        raise ZooError(f"cannot write {out}: the name of a Keras network ends in .keras")
    if out.exists() and not force:
        raise ZooError(f"{out} exists already; choose another name, or --force to replace it")


def _other_kind(file: Path, found: Recognised) -> str:
    if found.is_generator:
        return f"{file} holds a generator, {found}; leave --discriminator out"
    return f"{file} holds a discriminator, {found}; import it with --discriminator --out NAME.keras"


def _save(network: keras.Model, path: Path) -> None:
    """Write a network so that its file appears whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        zoo.save_network(network, path)
    except OSError as error:
        raise ZooError(f"cannot write to {path.parent}: {error.strerror or error}") from error


def _recipe(host: Host, file: Path, found: Recognised, inference: dict[str, Any]) -> str:
    """Return what is known of a recipe as YAML text, every default written out."""
    import io

    from ruamel.yaml import YAML

    component = host.registry.get("generator", found.architecture)
    sections = {
        "generator": {"name": found.architecture, **component.resolve(found.arguments)},
        "inference": asdict(zoo.Inference(**inference)),
    }
    text = io.StringIO()
    text.write(
        f"# The generator of {file.name}. What else it was trained with is not in that file.\n"
    )
    YAML().dump(sections, text)
    return text.getvalue()
