"""TensorFlow Serving's REST forms: requests to predict, their answers, status and metadata."""

from __future__ import annotations

import base64
import binascii
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zoo_web.service.errors import HTTPError
from zoo_web.service.served import Served

VERSION = "1"
FLOATS = "serving_default"
BYTES = "translate_bytes"
INPUTS = {FLOATS: "pictures", BYTES: "picture_bytes"}
OUTPUTS = {FLOATS: "translated", BYTES: "translated_bytes"}


@dataclass(frozen=True)
class PredictRequest:
    """A request to predict.

    Args:
        by_row: whether it has `instances`, or `inputs` in a column.
        pictures: float32 (N, H, W, C), of the signature on floats.
        files: contents of picture files, of the signature on bytes.
    """

    by_row: bool
    pictures: np.ndarray | None = None
    files: tuple[bytes, ...] = ()


def bad(reason: str) -> HTTPError:
    """Return the error of a malformed request."""
    return HTTPError(400, reason)


def read_request(
    content: bytes | bytearray, shape: Sequence[int], most_pixels: int
) -> PredictRequest:
    """Read a request to predict.

    Args:
        content: the body, JSON.
        shape: (H, W, C) of the network.
        most_pixels: of float pictures together.

    Raises:
        HTTPError: 400 if it is not of TensorFlow Serving's form; 413 if it has too many pixels.
    """
    data = _json(content)
    if not isinstance(data, dict):
        raise bad("the request must be a JSON object with 'instances' or 'inputs'")
    strange = sorted(data.keys() - {"signature_name", "instances", "inputs"})
    if strange:
        raise bad(
            f"the request has the key {strange[0][:100]!r}; expected signature_name, instances or inputs"
        )
    signature = data.get("signature_name", FLOATS)
    if not isinstance(signature, str) or signature not in INPUTS:
        raise bad(f"there is no such signature_name; expected {FLOATS} or {BYTES}")
    if ("instances" in data) == ("inputs" in data):
        raise bad("the request must have either 'instances' or 'inputs'")
    by_row = "instances" in data
    items = _items(data, by_row, INPUTS[signature])
    if signature == BYTES:
        return PredictRequest(by_row, files=tuple(_file(item) for item in items))
    height, width, _ = shape
    if len(items) * height * width > most_pixels:
        raise HTTPError(
            413,
            f"{len(items)} pictures of {width} x {height} pixels are too many; at most "
            f"{most_pixels // (height * width)} are translated at once",
        )
    return PredictRequest(by_row, pictures=_pictures(items, shape))


def _json(content: bytes | bytearray) -> Any:
    def no_number(name: str) -> None:
        raise bad(f"the request holds {name}, which is no number of JSON")

    try:
        return json.loads(content.decode("utf-8"), parse_constant=no_number)
    except UnicodeDecodeError:
        raise bad("the request is not JSON: it is no UTF-8 text") from None
    except RecursionError:
        raise bad("the request is not JSON that can be read: its brackets are too deep") from None
    except json.JSONDecodeError as error:
        raise bad(f"the request is not JSON: {error.msg} at character {error.pos}") from None
    except ValueError:
        # Python refuses to convert numbers of thousands of digits.
        raise bad("the request is not JSON that can be read: its numbers are too long") from None


def _items(data: dict[str, Any], by_row: bool, name: str) -> list[Any]:
    """Return what was given for the one input, a list of an item for each picture."""
    items = data["instances" if by_row else "inputs"]
    if not by_row and isinstance(items, dict):
        items = _named(items, name, "inputs")
    if not isinstance(items, list):
        raise bad(f"'{'instances' if by_row else 'inputs'}' must be a list of pictures")
    if not items:
        raise bad("there is no picture in the request")
    if by_row:
        return [
            _named(item, name, "an instance")
            if isinstance(item, dict) and item.keys() != {"b64"}
            else item
            for item in items
        ]
    return items


def _named(given: dict[str, Any], name: str, where: str) -> Any:
    if given.keys() != {name}:
        names = ", ".join(sorted(given))[:100] or "nothing"
        raise bad(f"{where} must have the one input '{name}'; it has {names}")
    return given[name]


def _file(item: Any) -> bytes:
    text = item.get("b64") if isinstance(item, dict) and len(item) == 1 else None
    if not isinstance(text, str):
        raise bad('every picture must be {"b64": "…"}, the content of a picture file in Base64')
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise bad("a picture's b64 is not Base64") from None


def _pictures(items: list[Any], shape: Sequence[int]) -> np.ndarray:
    """Return nested lists as float32 (N, H, W, C).

    NumPy would take strings and ragged lists as well, at any cost in memory.
    """
    level = items
    for size in shape:
        if any(type(item) is not list or len(item) != size for item in level):
            raise bad(
                f"every picture must be a list of {' x '.join(map(str, shape))} numbers "
                "(height, width, channels)"
            )
        level = list(itertools.chain.from_iterable(level))
    if not set(map(type, level)) <= {int, float}:
        raise bad("the values of pictures must be numbers")
    try:
        values = np.fromiter(level, np.float64, len(level))
    except OverflowError:
        values = np.array([np.inf])
    if not (values.min() >= -1.001 and values.max() <= 1.001):
        raise bad("the values of pictures must lie in [-1, 1]")
    return values.astype(np.float32).reshape(len(items), *shape)


def write_answer(request: PredictRequest, answers: Sequence[np.ndarray] | Sequence[bytes]) -> bytes:
    """Return the JSON of an answer, an item for each picture.

    Args:
        request: to predict.
        answers: float32 (H, W, D) each, or files.
    """

    def text(answer: np.ndarray | bytes) -> str:
        if isinstance(answer, bytes):
            return json.dumps({"b64": base64.b64encode(answer).decode("ascii")})
        return json.dumps(answer.tolist())

    key = "predictions" if request.by_row else "outputs"
    # Picture by picture: the lists of all of them would take many times the memory of the text.
    return f'{{"{key}": [{", ".join(text(answer) for answer in answers)}]}}'.encode()


def in_chunks(
    pictures: np.ndarray, size: int, paint: Callable[[np.ndarray], np.ndarray]
) -> Iterator[np.ndarray]:
    """Run pictures through a network a few at a time; yield them one by one."""
    for first in range(0, len(pictures), size):
        yield from np.asarray(paint(pictures[first : first + size]), np.float32)


def status(*, loading: bool) -> dict[str, Any]:
    """Return the state of the model, as TensorFlow Serving tells it."""
    return {
        "model_version_status": [
            {
                "version": VERSION,
                "state": "LOADING" if loading else "AVAILABLE",
                "status": {"error_code": "OK", "error_message": ""},
            }
        ]
    }


def metadata(served: Served) -> dict[str, Any]:
    """Return what the model takes and gives, as TensorFlow Serving tells it, and its facts."""
    height, width = served.size
    depths = served.translator.formats.source.depth, served.formats.target.depth
    return {
        "model_spec": {"name": served.name, "signature_name": "", "version": VERSION},
        "metadata": {
            "signature_def": {
                "signature_def": {
                    FLOATS: _signature(
                        FLOATS, "DT_FLOAT", *((-1, height, width, depth) for depth in depths)
                    ),
                    BYTES: _signature(BYTES, "DT_STRING", (-1,), (-1,)),
                }
            },
            "zoo": dict(served.facts),
        },
    }


def _signature(name: str, dtype: str, taken: Sequence[int], given: Sequence[int]) -> dict[str, Any]:
    def tensor(part: str, shape: Sequence[int]) -> dict[str, Any]:
        return {
            "dtype": dtype,
            "tensor_shape": {
                "dim": [{"size": str(size), "name": ""} for size in shape],
                "unknown_rank": False,
            },
            "name": f"{name}_{part}:0",
        }

    return {
        "inputs": {INPUTS[name]: tensor(INPUTS[name], taken)},
        "outputs": {OUTPUTS[name]: tensor(OUTPUTS[name], given)},
        "method_name": "tensorflow/serving/predict",
        "defaults": {},
    }
