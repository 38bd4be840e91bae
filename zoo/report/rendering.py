"""One HTML page out of a template: styles and scripts inlined, and a policy that lets nothing else run or load."""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup

from zoo.report.shared_assets import ASSETS

STYLES = ("vendor/uplot/uPlot.min.css", "shared/comparison.css", "page.css")
# A classic script, which gives the page's the name `uPlot`, and a module of the others one after the other.
LIBRARY = "vendor/uplot/uPlot.iife.min.js"
SCRIPTS = ("shared/comparison.js", "view.js", "charts.js", "heat.js")


def render(template: str, scripts: Sequence[str], *, watched: str = "", **values: Any) -> str:
    """Return a page that holds all it shows: it loads nothing, and only its own scripts run.

    Args:
        template: a file of the assets.
        scripts: further files of the assets, after those that all pages have.
        watched: of a page that is served and follows a run, the version of it that this is; empty for a file.
        values: what the template shows. All are escaped.
    """
    module = "\n".join(_text(name) for name in (*SCRIPTS, *scripts))
    hashes = " ".join(f"'sha256-{_digest(text)}'" for text in (_text(LIBRARY), module))
    policy = (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
        f"script-src {hashes}; connect-src {chr(39)}{'self' if watched else 'none'}{chr(39)}"
    )
    return (
        _environment()
        .get_template(template)
        .render(
            style=Markup("\n".join(_text(name) for name in STYLES)),
            library=Markup(_text(LIBRARY)),
            module=Markup(module),
            policy=policy,
            watched=watched,
            **values,
        )
    )


def script_json(value: Any) -> Markup:
    """Return plain data as JSON that may stand within a `script` element; numbers that are none become null."""
    text = json.dumps(_finite(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ASSETS),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["script_json"] = script_json
    return environment


@cache
def _text(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
