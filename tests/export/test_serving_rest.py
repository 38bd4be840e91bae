"""A served model asked over REST: as the server would answer, by the lines of the documentation, and by the server."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import re
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from PIL import Image

pytest.importorskip("tensorflow_serving")

from serving_rest import InvalidRequestError, Served

from zoo.export.exporter import Material
from zoo.export.formats.saved_model import SavedModel
from zoo.translation.translator import Translator

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="a SavedModel is written on TensorFlow"
)
SIZE = (32, 32)
DOCS = Path(__file__).parents[2] / "docs" / "serving.md"


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(5)
    inputs = keras.Input((*SIZE, 3))
    x = keras.layers.Conv2D(3, 3, padding="same", activation="tanh")(inputs)
    return keras.Model(inputs, x)


@pytest.fixture(scope="module")
def folder(network, tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    held_out = np.zeros((1, *SIZE, 3), np.float32)
    SavedModel(most_pixels=5000).write(Material(network, "facades", held_out, held_out), folder)
    return folder


@pytest.fixture(scope="module")
def served(folder):
    return Served(folder / "facades" / "1")


def picture(height, width):
    rng = np.random.default_rng(height)
    small = Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8))
    return small.resize((width, height))


def content(height, width, kind="PNG"):
    file = io.BytesIO()
    picture(height, width).save(file, kind)
    return file.getvalue()


def b64(data):
    return {"b64": base64.b64encode(data).decode()}


def opened(answer):
    return Image.open(io.BytesIO(base64.b64decode(answer["b64"])))


def check_translated(network, answer, sent):
    expected = Translator(network, SIZE)(Image.open(io.BytesIO(sent)))
    difference = np.asarray(opened(answer)).astype(int) - np.asarray(expected)
    assert difference.shape == np.asarray(expected).shape
    assert np.abs(difference).max() <= 1


# === By the server's rules ===


def check_both_forms(network, predict):
    """Post what the documentation says can be posted; `predict` takes JSON and answers it."""
    sent = [content(20, 30), content(70, 60, "JPEG"), content(32, 32, "BMP")]
    named = [{"picture_bytes": b64(item)} for item in sent]
    bare = [b64(item) for item in sent]
    for form, key in (
        ({"instances": named}, "predictions"),
        ({"instances": bare}, "predictions"),
        ({"inputs": {"picture_bytes": bare}}, "outputs"),
        ({"inputs": bare}, "outputs"),
    ):
        body = json.dumps({"signature_name": "translate_bytes", **form})
        answers = json.loads(predict(body))[key]
        for answer, item in zip(answers, sent, strict=True):
            check_translated(network, answer, item)
    floats = np.random.default_rng(0).uniform(-1, 1, (2, *SIZE, 3)).astype(np.float32).round(3)
    painted = network.predict_on_batch(floats)
    for form, key in (
        ({"instances": floats.tolist()}, "predictions"),
        ({"instances": [{"pictures": item} for item in floats.tolist()]}, "predictions"),
        ({"inputs": floats.tolist()}, "outputs"),
        ({"inputs": {"pictures": floats.tolist()}}, "outputs"),
    ):
        np.testing.assert_allclose(json.loads(predict(json.dumps(form)))[key], painted, atol=1e-4)


def test_both_forms_of_request_are_answered(network, served):
    check_both_forms(network, served.predict)


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"hello", "the bytes are no JPEG, PNG, BMP or GIF picture"),
        (content(40, 30, "JPEG")[:-99], "Invalid JPEG data or crop window"),
        (content(71, 71), "the picture has more than the 5000 pixels that are translated"),
    ],
)
def test_what_cannot_be_translated_is_an_invalid_request(served, sent, reason):
    body = {"signature_name": "translate_bytes", "instances": [b64(content(9, 9)), b64(sent)]}
    with pytest.raises(InvalidRequestError, match=re.escape(reason)):
        served.predict(json.dumps(body))


def test_pictures_of_another_size_are_an_invalid_request(served):
    with pytest.raises(InvalidRequestError, match=r"shape \(1, 9, 9, 3\)"):
        served.predict(json.dumps({"instances": np.zeros((1, 9, 9, 3)).tolist()}))


# === The documentation's lines ===


class Handler(BaseHTTPRequestHandler):
    """Answers requests as TensorFlow Serving does."""

    server: Any

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            assert self.path == "/v1/models/facades:predict"
            status, answer = 200, self.server.served.predict(body)
        except InvalidRequestError as error:
            status, answer = 400, json.dumps({"error": str(error)})
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def listening(served):
    server: Any
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.served = served
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def commands():
    """The shell blocks of the documentation that post something."""
    blocks = re.findall(r"```sh\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    posting = [block for block in blocks if "curl" in block]
    assert len(posting) == 3
    return posting


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl")
def test_the_lines_of_the_documentation_work(network, served, tmp_path):
    sent = {"picture.jpg": content(70, 50, "JPEG"), "other.png": content(20, 30)}
    for name, data in sent.items():
        (tmp_path / name).write_bytes(data)
    by_row, by_column, floats = commands()

    def run(command):
        with listening(served) as port:
            command = command.replace("localhost:8501", f"127.0.0.1:{port}")
            command = command.replace("256", str(SIZE[0]))
            return subprocess.run(
                ["bash", "-euo", "pipefail", "-c", command],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )

    for command in (by_row, by_column, floats):
        done = run(command)
        assert (done.returncode, done.stderr) == (0, "")
    translated = {"b64": base64.b64encode((tmp_path / "translated.png").read_bytes())}
    check_translated(network, translated, sent["picture.jpg"])
    answers = json.loads((tmp_path / "answers.json").read_text())["outputs"]
    for answer, data in zip(answers, sent.values(), strict=True):
        check_translated(network, answer, data)
    painted = json.loads((tmp_path / "floats.json").read_text())["predictions"]
    expected = network.predict_on_batch(np.zeros((1, *SIZE, 3), np.float32))
    np.testing.assert_allclose(painted, expected, atol=1e-4)

    (tmp_path / "picture.jpg").write_bytes(b"no picture")
    done = run(by_row)
    assert done.returncode == 1
    assert "the bytes are no JPEG, PNG, BMP or GIF picture" in done.stderr


# === The server ===


def free_port():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


@pytest.mark.skipif(
    not shutil.which("tensorflow_model_server"), reason="there is no tensorflow_model_server"
)
def test_the_server_answers(network, folder, tmp_path):
    config = (folder / "models.config").read_text().replace("/models/", f"{folder}/")
    (tmp_path / "here.config").write_text(config)
    rest = free_port()
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            [
                "tensorflow_model_server",
                f"--port={free_port()}",
                f"--rest_api_port={rest}",
                f"--model_config_file={tmp_path / 'here.config'}",
            ],
            stdout=log,
            stderr=log,
        )
    url = f"http://127.0.0.1:{rest}/v1/models/facades"

    def predict(body):
        with urllib.request.urlopen(f"{url}:predict", body.encode(), timeout=60) as answer:
            return answer.read()

    try:
        until = time.monotonic() + 60
        while not _available(url):
            assert server.poll() is None, (tmp_path / "log").read_text()
            assert time.monotonic() < until, (tmp_path / "log").read_text()
            time.sleep(0.2)
        check_both_forms(network, predict)
        with pytest.raises(urllib.error.HTTPError, match="400"):
            predict(json.dumps({"signature_name": "translate_bytes", "inputs": ["hello"]}))
        assert "Finished reading warmup data" in (tmp_path / "log").read_text()
    finally:
        server.terminate()
        server.wait(30)


def _available(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return b"AVAILABLE" in answer.read()
    except OSError:
        return False
