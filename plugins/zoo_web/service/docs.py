"""A page that lists the addresses of a server, made of its OpenAPI document; no script, nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources
from typing import Any

import jinja2


def docs_page(schema: dict[str, Any]) -> tuple[str, str]:
    """Return the page.

    Args:
        schema: an OpenAPI document.

    Returns:
        HTML, and the Content-Security-Policy to send with it.
    """
    folder = resources.files("zoo_web.service")
    style = folder.joinpath("docs.css").read_text(encoding="utf-8")
    html = _template().render(schema=schema, style=style, operations=_operations(schema))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return (
        html,
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'",
    )


@cache
def _template() -> jinja2.Template:
    text = resources.files("zoo_web.service").joinpath("docs.html.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(text)


def _operations(schema: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the operations under their tags, in the order of the document."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            tag = (operation.get("tags") or ["others"])[0]
            body = operation.get("requestBody", {}).get("content", {})
            answers = {
                code: {
                    "description": answer["description"],
                    "kinds": list(answer.get("content", {})),
                }
                for code, answer in sorted(operation["responses"].items())
            }
            found.setdefault(tag, []).append(
                {
                    "method": method.upper(),
                    "path": path,
                    "summary": operation.get("summary", ""),
                    "description": operation.get("description", ""),
                    "parameters": operation.get("parameters", []),
                    "body": list(body),
                    "answers": answers,
                }
            )
    return found
