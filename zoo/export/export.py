"""Exporting: write a run's network for a runtime, open it there, prove it, and say what it is."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from zoo.errors import ZooError
from zoo.export.card import model_card
from zoo.export.exporter import Exporter, Material
from zoo.export.material import gather
from zoo.export.opened import ABOUT, CARD, SAMPLES, VERIFICATION, Export, is_export, load_export
from zoo.export.verify import Verification, verify
from zoo.pictures import write_picture
from zoo.plugins import Host, load_host
from zoo.recipe.arguments import check_arguments
from zoo.runs.files import EXPORTS, write_json, write_text
from zoo.runs.plugin_record import copy_record
from zoo.runs.run import Run, load_run

Say = Callable[[str], None]
# Sources that travel with an export, to try it with.
MOST_SAMPLES = 8


def export_run(
    run: Run | str | Path,
    format: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    out: Path | None = None,
    name: str = "",
    inverse: bool = False,
    pictures: Sequence[Path] = (),
    host: Host | None = None,
    say: Say = print,
) -> Export:
    """Export the trained network of a run, and prove that it paints the same pictures.

    The export is opened again by its own runtime and paints held-out pictures. Only if it stays within its tolerance
    does its folder appear, whole; one that was there before is replaced.

    Args:
        run: or its directory.
        format: name of an exporter, one of `zoo list exporters`.
        arguments: of the exporter.
        out: folder to write; None is `export/<label>` in the run, of its best epoch `export/<label>-best`.
        name: of the model, as a server shows it; empty takes the run's.
        inverse: export the network from target to source.
        pictures: files and folders of sources to judge and calibrate with, in place of those the run keeps.
        host: the plugins that it may use, as `zoo.load_host` returns them; None for the installed ones.
        say: takes the few lines that tell what happens.

    Raises:
        ZooError: if there is no such exporter or its library is missing, if Keras does not run on TensorFlow, or if
            the export paints other pictures than the network.
    """
    run = run if isinstance(run, Run) else load_run(run, host=host)
    exporter, given = _exporter(format, arguments or {}, host or load_host())
    _check_backend()
    if inverse:
        run.require_inverse()
    suffix = ("-inverse" if inverse else "") + ("-best" if run.checkpoint == "best" else "")
    folder = out or run.path / EXPORTS / (exporter.label + suffix)
    _check_replaceable(folder)
    material = gather(run, name, inverse=inverse, pictures=pictures)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as place:
        partial = Path(place) / folder.name
        partial.mkdir()
        exporter.write(material, partial)
        copy_record(run.path, partial)
        proof = verify(
            material.network.predict_on_batch,
            exporter.open(partial),
            material.held_out,
            exporter.tolerance,
        )
        if proof.problem:
            raise ZooError(
                f"the export {exporter.label} of {run.path} is left out: {proof.problem}"
            )
        _describe(partial, run, format, given, exporter, material, proof, inverse)
        if folder.exists():
            shutil.rmtree(folder)
        partial.replace(folder)
    say(f"{exporter.label}: {proof}")
    say(f"export {folder} ({_size(folder) / 1e6:.1f} MB)")
    return load_export(folder, host=host)


def _exporter(
    name: str, arguments: Mapping[str, Any], host: Host
) -> tuple[Exporter, dict[str, Any]]:
    component = host.registry.get("exporter", name)
    if component.to_install:
        component.create({})  # raises, with what to install
    resolved, wrong = check_arguments(component, arguments)
    if wrong:
        told = "; ".join(
            f"{'.'.join(map(str, place))}: {message}" for place, message in wrong.items()
        )
        raise ZooError(f"the exporter {name}: {told}")
    return component.create(resolved), resolved


def _check_backend() -> None:
    import keras

    if (backend := keras.backend.backend()) != "tensorflow":
        raise ZooError(
            f"exporting needs Keras on TensorFlow, and it runs on {backend} here; weights are the same on all "
            "backends: use 'zoo export', or set KERAS_BACKEND=tensorflow before Python starts"
        )


def _check_replaceable(folder: Path) -> None:
    if folder.exists() and not is_export(folder) and (not folder.is_dir() or any(folder.iterdir())):
        raise ZooError(f"{folder} exists and is not an export; name another folder with --out")


def _describe(
    folder: Path,
    run: Run,
    name: str,
    arguments: dict[str, Any],
    exporter: Exporter,
    material: Material,
    proof: Verification,
    inverse: bool,
) -> None:
    """Write beside an export what it is, how it was proven, its model card and a few pictures to try."""
    from zoo.models.shared_statistics import settling

    about = {
        "format": name,
        # Without places of this machine, which say nothing where the folder is taken.
        "arguments": {
            key: None if isinstance(item, Path) else item for key, item in arguments.items()
        },
        "name": material.name,
        "input_shape": list(material.input_shape),
        "output_shape": list(material.network.output_shape[1:]),
        "alignment": material.alignment,
        "inverse": inverse,
        "own_statistics": settling(material.network) is not None,
        **material.formats.as_json(),
        "zoo": metadata.version("pix2pix-zoo"),
    }
    tolerance = {"difference": exporter.tolerance.difference, "psnr": exporter.tolerance.psnr}
    write_json(folder / ABOUT, about)
    write_json(folder / VERIFICATION, {**proof.as_json(), "tolerance": tolerance})
    write_text(
        folder / CARD, model_card(run, name, exporter.label, material, proof, inverse=inverse)
    )
    form = material.formats.source
    for number, picture in enumerate(material.held_out[:MOST_SAMPLES], start=1):
        path = folder / SAMPLES / f"{number:04d}{form.suffix}"
        write_picture(path, form.from_network(picture))


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
