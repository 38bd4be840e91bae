"""`zoo serve` by the real command: what it serves, how it starts, stops, and refuses to start."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("fastapi")

import httpx
import keras
from plugins.web.live import PNG, file_of, noise, picture_in, served_by, wait_for
from zoo_web.service import server
from zoo_web.service.app import create_app
from zoo_web.service.opening import open_served

import zoo
from zoo.cli import main
from zoo.errors import ZooError
from zoo.training.train import train

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="the command is the same on every backend"
)


@pytest.fixture(scope="module")
def trained():
    """The folder of a trained run, once for all tests; filled by the first."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture
def run(trained, tiny_recipe, tmp_path):
    """A run of its own for each test, which keeps examples."""
    if not any(trained.iterdir()):
        options = ("training.epochs=1", "inference.statistics=picture")
        train(tiny_recipe, *options, root=trained, say=lambda line: None)
    shutil.copytree(trained, tmp_path / "runs")
    (path,) = (tmp_path / "runs").iterdir()
    return zoo.Run(path.rename(tmp_path / "runs" / "tiny"))


@contextmanager
def serving(*arguments, cwd, **environment):
    """Start the command; give its process and a client once it is ready."""
    command = Path(sys.executable).parent / "zoo"
    process = subprocess.Popen(
        [str(command), "serve", *map(str, arguments), "--port", "0"],
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    lines = []
    try:
        for line in process.stdout:
            lines.append(line)
            if found := re.search(r"^serving .* at (http://127\.0\.0\.1:\d+)/$", line):
                break
        else:
            raise AssertionError(f"{lines} {process.stderr.read()}")
        client: Any
        with httpx.Client(base_url=found[1], timeout=60, trust_env=False) as client:
            wait_for(lambda: client.get("/readyz").status_code == 200)
            client.lines = lines
            yield process, client
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def test_a_run_is_served_until_it_is_told_to_stop(run, tmp_path):
    picture = noise(40, 50, 3)
    with serving("runs/tiny", "--format", "keras", cwd=tmp_path) as (process, client):
        assert client.lines[-1].startswith("serving tiny with keras at http://127.0.0.1:")
        answer = client.post("/translate", content=file_of(picture), headers=PNG)
        difference = picture_in(answer.content).astype(int) - run(picture)
        assert np.abs(difference).max() <= 1
        samples = client.get("/api/info").json()["samples"]
        assert len(samples) == len(run.examples("held_out")) > 0
        sample = client.get(samples[0]["file"])
        assert client.post("/translate", content=sample.content, headers=PNG).status_code == 200

        def network_calls():
            found = re.search(r"zoo_network_seconds_count (\S+)", client.get("/metrics").text)
            return float(found[1])

        before = network_calls()
        with ThreadPoolExecutor(2) as pool:
            content = file_of(noise(220, 220, 3))
            asked = [
                pool.submit(client.post, "/translate", content=content, headers=PNG)
                for _ in range(2)
            ]
            wait_for(lambda: network_calls() > before + 3)
            process.send_signal(signal.SIGTERM)
            assert [future.result().status_code for future in asked] == [200, 200]
        assert process.wait(30) == 0
        assert process.stdout.read() == "stopped\n"
        assert process.stderr.read() == ""


def test_a_run_is_exported_once_and_its_export_served_without_keras(run, tmp_path, monkeypatch):
    pytest.importorskip("onnxruntime")
    pytest.importorskip("tf2onnx")
    picture = noise(16, 16, 3)
    with serving("runs/tiny", "--format", "onnx", cwd=tmp_path) as (process, client):
        assert client.lines[0] == f"exporting {Path('runs/tiny')} as onnx\n"
        first = client.post("/translate", content=file_of(picture), headers=PNG).content
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    # The statistics of several tiles are settled by Keras, which is started for it without a word.
    large = noise(40, 50, 3)
    with serving("runs/tiny", "--format", "onnx", cwd=tmp_path) as (process, client):
        assert client.lines == [f"serving tiny with onnx at {client.base_url}/\n"]
        answer = client.post("/translate", content=file_of(large), headers=PNG)
        assert np.abs(picture_in(answer.content).astype(int) - run(large)).max() <= 1
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert process.stderr.read() == ""
    export = run.path / "export" / "onnx"
    with serving(export, "--name", "mine", cwd=tmp_path, KERAS_BACKEND="none such") as (_, client):
        assert client.lines == [f"serving mine with onnx at {client.base_url}/\n"]
        second = client.post("/translate", content=file_of(picture), headers=PNG).content
        facts = client.get("/v1/models/mine/metadata").json()["metadata"]["zoo"]
    assert first == second
    assert np.abs(picture_in(first).astype(int) - run(picture)).max() <= 1
    assert (facts["format"], facts["verification"]["difference"] < 1e-4) == ("onnx", True)
    # An export that is older than the generator is made again.
    monkeypatch.setattr("zoo.export.export.export_run", refuse)
    opened = open_served(str(run.path), format="onnx", start=print, say=print)
    assert opened.runtime == "onnx"
    os.utime(run.path / "generator.keras", (2**31, 2**31))
    with pytest.raises(ZooError, match=r"^made again$"):
        open_served(str(run.path), format="onnx", start=print, say=print)
    with pytest.raises(ZooError) as caught:
        open_served(str(export), format="litert", start=print, say=print)
    assert str(caught.value) == (
        f"{export} is an export of the format onnx, not litert; leave --format out"
    )


def refuse(*_, **__):
    raise ZooError("made again")


def test_a_run_that_cannot_be_exported_is_served_by_keras(run):
    pytest.importorskip("onnxruntime")
    pytest.importorskip("tf2onnx")
    shutil.rmtree(run.path / "examples")
    said: list[str] = []
    started: list[str] = []
    served = open_served(str(run.path), start=started.append, say=said.append)
    assert (served.runtime, served.samples, started[-1]) == ("keras", (), "")
    assert re.fullmatch(
        rf"not exported: {re.escape(str(run.path))} keeps no pictures to judge an export by; .*; "
        "Keras itself translates, which is slower",
        said[-1],
    )
    with pytest.raises(ZooError, match="keeps no pictures to judge an export by"):
        open_served(str(run.path), format="onnx", start=started.append, say=said.append)


# === Refusals ===


@pytest.fixture
def in_process(monkeypatch, tmp_path, capsys):
    """Runs `zoo serve` up to where it would serve; returns the exit code, stdout and stderr."""

    def call(*arguments):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("KERAS_BACKEND", keras.backend.backend())
        monkeypatch.setattr(server, "run_server", lambda app, opened: None)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["serve", *map(str, arguments)])
        return ended.value.code, *capsys.readouterr()

    return call


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "the run nowhere does not exist; 'zoo runs' lists those below runs/."),
        (
            ["runs/tiny", "--format", "onx"],
            "the format onx cannot be served from a run; expected onnx, openvino, litert, saved_model, "
            "keras. Did you mean 'onnx'?",
        ),
        (
            ["runs/tiny", "--format", "keras", "--name", "a/b"],
            "the name 'a/b' is none for addresses; use letters, digits, _, - and .",
        ),
        (
            ["runs/tiny", "--token", ""],
            "the token is empty; give one, or leave it out to let everybody in",
        ),
        (
            ["runs/tiny", "--host", "no.such.invalid"],
            "the host no.such.invalid is not known; try --host 127.0.0.1",
        ),
    ],
)
def test_what_cannot_be_served_is_told(run, in_process, arguments, message):
    assert in_process(*arguments, "--port", 0) == (2, "", f"zoo: {message}\n")


def test_a_taken_port_ends_the_command_before_anything_is_loaded(in_process):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, out, err = in_process("nowhere", "--port", port)
    assert (code, out) == (2, "")
    assert err == (
        f"zoo: the port {port} of 127.0.0.1 is taken; choose another with --port, or 0 for any free one\n"
    )


def test_numbers_out_of_range_are_usage_errors(in_process):
    for option in ("--queue", "--batch-size", "--most-bytes", "--most-pixels", "--timeout"):
        code, _, err = in_process("x", option, "0")
        assert code == 2
        assert f"Invalid value for '{option}': 0" in err


def test_a_missing_library_is_told_with_what_to_install(in_process, monkeypatch):
    monkeypatch.setattr("zoo_web.command.NEEDED", ("fastapi", "no_such_module"))
    assert in_process("x") == (
        2,
        "",
        "zoo: zoo serve needs the library no_such_module, which is not installed; install it with: "
        "pip install 'pix2pix-zoo[serve]'\n",
    )


def test_beyond_loopback_a_missing_token_is_warned_of(run, in_process, monkeypatch):
    arguments = ("runs/tiny", "--format", "keras", "--port", 0, "--host", "0.0.0.0")
    warning = "zoo: warning: everybody who reaches 0.0.0.0 may use this server; set ZOO_TOKEN to ask for a token\n"
    assert in_process(*arguments)[::2] == (0, warning)
    monkeypatch.setenv("ZOO_TOKEN", "secret")
    code, out, err = in_process(*arguments)
    assert (code, err) == (0, "")
    assert "secret" not in out


def test_a_network_that_cannot_translate_ends_the_server():
    app = create_app(served_by(lambda batch: batch[:, :8]))
    with server.listen("127.0.0.1", 0) as opened, pytest.raises(ZooError) as caught:
        server.run_server(app, opened)
    assert str(caught.value) == (
        "the model cannot translate a picture: the network answered (1, 8, 32, 3) to pictures of "
        "(1, 32, 32, 3)"
    )
