"""What the OpenAPI document says of bodies and answers that the routes read and write themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

FILE = {"type": "string", "format": "binary"}
PICTURE = {
    "type": "array",
    "items": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
}
B64 = {
    "type": "object",
    "properties": {"b64": {"type": "string", "format": "byte"}},
    "required": ["b64"],
}
ERROR = {
    "application/json": {
        "schema": {
            "type": "object",
            "properties": {"error": {"type": "string"}},
            "required": ["error"],
        }
    }
}
REASONS = {
    400: "Malformed; the reason is in `error`.",
    401: "The server wants a token.",
    404: "There is no such thing here.",
    406: "The translated picture is in no kind of file that `Accept` names.",
    408: "The body did not come in time.",
    413: "The body is longer, or the picture larger, than allowed.",
    415: "The body is of another kind than expected.",
    503: "As many requests wait as may, or the server is loading or stopping; ask again after `Retry-After` seconds.",
    504: "It took longer than allowed.",
}
WORKING = (400, 401, 408, 413, 503, 504)


def failures(*codes: int) -> dict[int | str, dict[str, Any]]:
    """Return the errors that a route answers."""
    return {code: {"description": REASONS[code], "content": ERROR} for code in sorted(codes)}


def pictures_answered(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """Return the answer of a route that gives a picture."""
    content = {kind: {"schema": FILE} for kind in kinds}
    return {200: {"description": "The picture.", "content": content}}


def file_body(kinds: Sequence[str]) -> dict[str, Any]:
    """Return the body of a route that takes a picture: raw, or as the field `picture` of a form."""
    form = {"type": "object", "properties": {"picture": FILE}, "required": ["picture"]}
    content: dict[str, Any] = {kind: {"schema": FILE} for kind in kinds}
    content["multipart/form-data"] = {"schema": form}
    return {"requestBody": {"required": True, "content": content}}


def predict_body() -> dict[str, Any]:
    """Return the body of a request to predict."""
    instance = {"anyOf": [PICTURE, B64]}
    listed = {"type": "array", "items": instance}
    schema = {
        "type": "object",
        "properties": {
            "signature_name": {"type": "string", "enum": ["serving_default", "translate_bytes"]},
            "instances": listed,
            "inputs": listed,
        },
    }
    example = {"signature_name": "translate_bytes", "instances": [{"b64": "iVBORw0KGgo…"}]}
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": schema, "example": example}},
        }
    }


def predicted() -> dict[int | str, dict[str, Any]]:
    """Return the answer of a request to predict."""
    items = {"type": "array", "items": {"anyOf": [PICTURE, B64]}}
    schema = {"type": "object", "properties": {"predictions": items, "outputs": items}}
    return {
        200: {
            "description": "`predictions` for `instances`, `outputs` for `inputs`.",
            "content": {"application/json": {"schema": schema}},
        }
    }
