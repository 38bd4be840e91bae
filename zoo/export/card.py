"""The model card of an export: what it is, what it was trained on, how good it is, what it takes and gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from zoo.export.exporter import Material
from zoo.export.verify import Verification
from zoo.pictures import PictureFormat
from zoo.runs import files
from zoo.runs.figure_names import NAMES, UNITS
from zoo.runs.formatting import number
from zoo.runs.run import Run

# What metrics.json says of the held-out pictures.
FIGURES = tuple(NAMES)


def model_card(
    run: Run,
    exporter: str,
    label: str,
    material: Material,
    proof: Verification,
    *,
    inverse: bool = False,
) -> str:
    """Return the model card of an export as Markdown, with the front matter that model hubs read.

    Args:
        run: what was exported.
        exporter: its name.
        label: of the export.
        material: what it was made of.
        proof: how far it is from the network.
        inverse: whether it translates from target to source.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("zoo.export", "."),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    metrics, recipe = run.metrics, run.recipe
    told = recipe.get("card", {})
    return environment.get_template("card.md.j2").render(
        name=material.name,
        exporter=exporter,
        label=label,
        inverse=inverse,
        description=told.get("description", ""),
        licence=told.get("licence", ""),
        data_licence=metrics.get("data_licence", ""),
        data=metrics.get("dataset", ""),
        train_examples=metrics.get("train_examples"),
        test_examples=metrics.get("test_examples"),
        model=_component(recipe, "model"),
        generator=_component(recipe, "generator"),
        parameters=number(material.network.count_params()),
        epochs=metrics.get("epochs"),
        steps=metrics.get("steps"),
        imported=(metrics.get("imported_from") or {}).get("file", ""),
        figures=[
            (NAMES[name], _figure(name, metrics[name])) for name in FIGURES if name in metrics
        ],
        proof=proof,
        shape=material.input_shape,
        channels=material.network.output_shape[-1],
        source=_values(material.formats.source),
        target=_values(material.formats.target),
        inference=recipe.get("inference", {}),
        versions=_versions(run.path / files.ENVIRONMENT),
    )


def _component(recipe: dict[str, Any], key: str) -> str:
    section = recipe.get(key, {})
    arguments = ", ".join(f"{name} {value}" for name, value in section.items() if name != "name")
    name = section.get("name", "unknown")
    return f"`{name}`" + (f" ({arguments})" if arguments else "")


def _figure(name: str, value: float) -> str:
    return f"{value:.2f} {UNITS[name]}" if name in UNITS else number(value)


def _values(form: PictureFormat) -> str:
    """Say how pictures of a format are stored, and what their values mean."""
    if form.classes:
        return f"label maps of {form.depth} classes, one-hot: 1 for the pixel's class and -1 for all others"
    channels = form.channels if isinstance(form.channels, str) else f"{form.channels} channels"
    holes = "" if form.nodata is None else f"; {form.nodata:g} marks holes"
    low, high = (", ".join(f"{value:g}" for value in bounds) for bounds in (form.low, form.high))
    return f"{channels} of {form.dtype}, of which {low} becomes -1 and {high} becomes 1{holes}"


def _versions(file: Path) -> str:
    if not file.is_file():
        return ""
    versions = json.loads(file.read_text(encoding="utf-8"))["versions"]
    return ", ".join(f"{name} {version}" for name, version in versions.items())
