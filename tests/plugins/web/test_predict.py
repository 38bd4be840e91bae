"""TensorFlow Serving's REST forms."""

import base64
import json

import numpy as np
import pytest

pytest.importorskip("fastapi")

from plugins.web.live import SIZE, Gate, file_of, live, noise, picture_in, served_by
from zoo_web.service.settings import Settings

PREDICT = "/v1/models/tiny:predict"
JSON = {"Content-Type": "application/json"}
ONE = np.full((*SIZE, 3), 0.5).tolist()


@pytest.fixture(scope="module")
def client():
    with live(
        served_by(facts={"format": "onnx"}), Settings(most_bytes=3_000_000, most_pixels=90_000)
    ) as client:
        yield client


def b64(content):
    return {"b64": base64.b64encode(content).decode()}


def refused(answer, code):
    assert (answer.status_code, list(answer.json())) == (code, ["error"])
    return answer.json()["error"]


# === Floats ===


@pytest.mark.parametrize(
    ("request_", "key"),
    [
        ({"instances": [ONE, ONE]}, "predictions"),
        ({"instances": [{"pictures": ONE}, {"pictures": ONE}]}, "predictions"),
        ({"inputs": [ONE, ONE], "signature_name": "serving_default"}, "outputs"),
        ({"inputs": {"pictures": [ONE, ONE]}}, "outputs"),
    ],
)
def test_floats_in_rows_and_columns(client, request_, key):
    answer = client.post(PREDICT, json=request_)
    assert answer.headers["Content-Type"] == "application/json"
    assert list(answer.json()) == [key]
    np.testing.assert_array_equal(answer.json()[key], np.full((2, *SIZE, 3), -0.5))


def test_floats_come_back_as_the_network_paints_them(client):
    pictures = np.random.default_rng(0).uniform(-1, 1, (3, *SIZE, 3)).astype(np.float32)
    answer = client.post(PREDICT, json={"instances": pictures.tolist()})
    painted = np.array(answer.json()["predictions"], np.float32)
    np.testing.assert_array_equal(painted, -pictures)


def test_whole_numbers_are_numbers(client):
    answer = client.post(PREDICT, json={"instances": np.ones((1, *SIZE, 3), int).tolist()})
    assert answer.json()["predictions"][0][0][0] == [-1.0] * 3


def test_curls_own_content_type_is_taken(client):
    content = json.dumps({"instances": [ONE]})
    for kind in ("application/x-www-form-urlencoded", "application/json; charset=utf-8"):
        answer = client.post(PREDICT, content=content, headers={"Content-Type": kind})
        assert answer.status_code == 200


def test_more_pictures_than_a_batch_are_painted_a_batch_at_a_time():
    gate = Gate()
    with live(served_by(gate), Settings(batch_size=2)) as client:
        gate.calls.clear()
        answer = client.post(PREDICT, json={"instances": [ONE] * 5})
        assert len(answer.json()["predictions"]) == 5
        assert gate.calls == [2, 2, 1]


# === Bytes ===


@pytest.mark.parametrize(
    ("wrap", "key"),
    [
        (lambda files: {"instances": files}, "predictions"),
        (lambda files: {"instances": [{"picture_bytes": file} for file in files]}, "predictions"),
        (lambda files: {"inputs": files}, "outputs"),
        (lambda files: {"inputs": {"picture_bytes": files}}, "outputs"),
    ],
)
def test_files_of_any_size_come_back_as_png(client, wrap, key):
    pictures = [noise(*SIZE, 3), noise(40, 90, 3)]
    request = wrap([b64(file_of(picture)) for picture in pictures])
    answer = client.post(PREDICT, json={"signature_name": "translate_bytes", **request})
    answered = answer.json()[key]
    assert [list(item) for item in answered] == [["b64"], ["b64"]]
    for item, picture in zip(answered, pictures, strict=True):
        translated = picture_in(base64.b64decode(item["b64"]))
        np.testing.assert_array_equal(translated, 255 - picture)


def test_files_of_one_request_share_batches():
    gate = Gate()
    with live(served_by(gate), Settings(batch_size=4)) as client:
        gate.calls.clear()
        files = [b64(file_of(noise(*SIZE, 3)))] * 6
        request = {"signature_name": "translate_bytes", "instances": files}
        assert len(client.post(PREDICT, json=request).json()["predictions"]) == 6
        assert gate.calls == [4, 2]


# === Refused ===

BYTES = {"signature_name": "translate_bytes"}
DEEP = b'{"instances": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
EITHER = "the request must have either 'instances' or 'inputs'"
EVERY = "every picture must be a list of 32 x 32 x 3 numbers (height, width, channels)"
RANGE = "the values of pictures must lie in [-1, 1]"
B64 = 'every picture must be {"b64": "…"}, the content of a picture file in Base64'


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (b"", "the request's body is empty"),
        (
            b"{",
            "the request is not JSON: Expecting property name enclosed in double quotes at character 1",
        ),
        (b"\xff\xfe", "the request is not JSON: it is no UTF-8 text"),
        (DEEP, "the request is not JSON that can be read: its brackets are too deep"),
        (
            b'{"instances": [' + b"1" * 5000 + b"]}",
            "the request is not JSON that can be read: its numbers are too long",
        ),
        (b'{"instances": [NaN]}', "the request holds NaN, which is no number of JSON"),
        (b'{"instances": [-Infinity]}', "the request holds -Infinity, which is no number of JSON"),
        (b"[]", "the request must be a JSON object with 'instances' or 'inputs'"),
        ({}, EITHER),
        ({"instances": [ONE], "inputs": [ONE]}, EITHER),
        (
            {"instance": [ONE]},
            "the request has the key 'instance'; expected signature_name, instances or inputs",
        ),
        (
            {"signature_name": "translate", "instances": [ONE]},
            "there is no such signature_name; expected serving_default or translate_bytes",
        ),
        (
            {"signature_name": ["serving_default"], "instances": [ONE]},
            "there is no such signature_name; expected serving_default or translate_bytes",
        ),
        ({"instances": []}, "there is no picture in the request"),
        ({"instances": 3}, "'instances' must be a list of pictures"),
        ({"instances": {"pictures": [ONE]}}, "'instances' must be a list of pictures"),
        ({"inputs": "x"}, "'inputs' must be a list of pictures"),
        (
            {"inputs": {"picture": [ONE]}},
            "inputs must have the one input 'pictures'; it has picture",
        ),
        (
            {"instances": [{"pictures": ONE, "x": 1}]},
            "an instance must have the one input 'pictures'; it has pictures, x",
        ),
        ({"instances": [{}]}, "an instance must have the one input 'pictures'; it has nothing"),
        ({"instances": [1.0]}, EVERY),
        ({"instances": [ONE[:31]]}, EVERY),
        ({"instances": [[*ONE[:31], ONE[0][:31]]]}, EVERY),
        ({"instances": [np.zeros((*SIZE, 1)).tolist()]}, EVERY),
        ({"instances": [b64(file_of(noise(*SIZE, 3)))]}, EVERY),
        ({"instances": [[[["0.5"] * 3] * 32] * 32]}, "the values of pictures must be numbers"),
        ({"instances": [[[[True] * 3] * 32] * 32]}, "the values of pictures must be numbers"),
        ({"instances": [[[[None] * 3] * 32] * 32]}, "the values of pictures must be numbers"),
        ({"instances": [[[[[1]] * 3] * 32] * 32]}, "the values of pictures must be numbers"),
        ({"instances": [[[[2] * 3] * 32] * 32]}, RANGE),
        ({"instances": [[[[10**400] * 3] * 32] * 32]}, RANGE),
        (json.dumps({"instances": [ONE]}).replace("0.5", "1e999", 1).encode(), RANGE),
        ({**BYTES, "instances": [ONE]}, B64),
        ({**BYTES, "instances": ["iVBORw0KGgo="]}, B64),
        ({**BYTES, "instances": [{"b64": 3}]}, B64),
        (
            {**BYTES, "inputs": {"b64": "x"}},
            "inputs must have the one input 'picture_bytes'; it has b64",
        ),
        ({**BYTES, "instances": [{"b64": "no base64"}]}, "a picture's b64 is not Base64"),
        ({**BYTES, "instances": [{"b64": "ü"}]}, "a picture's b64 is not Base64"),
        ({**BYTES, "instances": [{"b64": ""}]}, "the picture is empty"),
        (
            {**BYTES, "instances": [b64(file_of(noise(*SIZE, 3))), b64(b"x")]},
            "picture 1: the picture is not one that can be read; expected JPEG, PNG, WebP, TIFF, BMP or "
            "NumPy's .npy",
        ),
    ],
)
def test_what_is_malformed_is_told(client, request_, reason):
    content = request_ if isinstance(request_, bytes) else json.dumps(request_)
    assert refused(client.post(PREDICT, content=content, headers=JSON), 400) == reason


def test_too_many_pixels_are_refused(client):
    few = np.zeros((88, *SIZE, 3), int).tolist()
    assert refused(client.post(PREDICT, json={"instances": few}), 413) == (
        "88 pictures of 32 x 32 pixels are too many; at most 87 are translated at once"
    )
    files = [b64(file_of(np.zeros((200, 300, 3), np.uint8)))] * 2
    assert refused(client.post(PREDICT, json={**BYTES, "instances": files}), 413) == (
        "the pictures have together 0.12 million pixels; at most 0.09 million are translated"
    )


def test_other_kinds_of_body_are_refused(client):
    answer = client.post(PREDICT, content=b"x", headers={"Content-Type": "image/png"})
    assert refused(answer, 415) == (
        "a body of the type image/png is not read; expected application/json"
    )


# === Status and metadata ===


def test_the_state_of_the_model(client):
    expected = {
        "model_version_status": [
            {
                "version": "1",
                "state": "AVAILABLE",
                "status": {"error_code": "OK", "error_message": ""},
            }
        ]
    }
    assert client.get("/v1/models/tiny").json() == expected
    assert client.get("/v1/models/tiny/versions/1").json() == expected


def test_the_metadata_name_signatures_types_and_shapes(client):
    data = client.get("/v1/models/tiny/metadata").json()
    assert data == client.get("/v1/models/tiny/versions/1/metadata").json()
    assert data["model_spec"] == {"name": "tiny", "signature_name": "", "version": "1"}
    assert data["metadata"]["zoo"] == {"format": "onnx"}
    signatures = data["metadata"]["signature_def"]["signature_def"]
    assert sorted(signatures) == ["serving_default", "translate_bytes"]
    floats = signatures["serving_default"]
    assert floats["method_name"] == "tensorflow/serving/predict"
    assert floats["inputs"] == {
        "pictures": {
            "dtype": "DT_FLOAT",
            "tensor_shape": {
                "dim": [{"size": size, "name": ""} for size in ("-1", "32", "32", "3")],
                "unknown_rank": False,
            },
            "name": "serving_default_pictures:0",
        }
    }
    assert list(floats["outputs"]) == ["translated"]
    encoded = signatures["translate_bytes"]
    assert encoded["inputs"]["picture_bytes"]["dtype"] == "DT_STRING"
    assert encoded["outputs"]["translated_bytes"]["tensor_shape"]["dim"] == [
        {"size": "-1", "name": ""}
    ]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/v1/models/other", "there is no model 'other' here, only 'tiny'"),
        ("/v1/models/other/metadata", "there is no model 'other' here, only 'tiny'"),
        ("/v1/models/tiny/versions/2", "there is only version 1 of 'tiny'"),
        ("/v1/models/tiny/versions/x/metadata", "there is only version 1 of 'tiny'"),
    ],
)
def test_other_models_are_not_here(client, path, reason):
    assert refused(client.get(path), 404) == reason


def test_another_model_cannot_predict(client):
    for path in ("/v1/models/other:predict", "/v1/models/other/versions/1:predict"):
        assert refused(client.post(path, json={"instances": [ONE]}), 404) == (
            "there is no model 'other' here, only 'tiny'"
        )
    assert refused(client.post("/v1/models/tiny/versions/3:predict", json={}), 404) == (
        "there is only version 1 of 'tiny'"
    )
