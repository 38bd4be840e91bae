"""Nothing of a user's work leaves the machine, and nothing is left behind on it: as the system calls tell."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from zoo.training.train import train

pytestmark = [
    pytest.mark.skipif(
        keras.backend.backend() != "tensorflow", reason="what exports is one process on TensorFlow"
    ),
    pytest.mark.skipif(not shutil.which("strace"), reason="needs strace"),
]

# Written by a process and not opened for reading alone; flags as strace spells them.
OPENED = re.compile(r'openat\(AT_FDCWD[^,]*, "([^"]+)", ([A-Z_|]+)[^)]*\)\s+= \d+')
MADE = re.compile(r'(?:creat|mkdir|mkdirat|rename|renameat2?)\((?:AT_FDCWD[^,]*, )?"([^"]+)"')
ADDRESS = re.compile(r'inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"')
SOCKET = re.compile(r"(?:connect|sendto|sendmsg)\(.*sa_family=(AF_\w+)")
SOCKET_OF_WANDB = re.compile(r"/tmp/wandb-\d+-\d+-\d+(/.*)?")
PLACES = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "KERAS_HOME", "MPLCONFIGDIR")
LOOPBACK = ("127.0.0.1", "::1", "0.0.0.0", "::")


@pytest.fixture
def run(tiny_recipe, tmp_path):
    return train(tiny_recipe, "training.epochs=1", root=tmp_path / "runs", say=lambda line: None)


class Watched:
    """Starts `zoo` under strace, with a home folder of its own; tells what it wrote and whom it called.

    Args:
        folder: for its files.
        home: as a training leaves it: Keras's settings and Matplotlib's list of fonts, which those two make once.
    """

    def __init__(self, folder: Path, home: Path) -> None:
        self.log, self.home, self.temporary = (
            folder / name for name in ("calls.log", "home", "temporary")
        )
        shutil.copytree(home, self.home)
        self.before = set(self.home.rglob("*"))
        self.temporary.mkdir()

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        environment = {
            **os.environ,
            "HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        for name in (*PLACES, "ORT_DISABLE_TELEMETRY"):
            environment.pop(name, None)
        traced = "trace=connect,sendto,sendmsg,openat,creat,mkdir,mkdirat,rename,renameat,renameat2"
        command = ["strace", "-f", "-qq", "-e", traced, "-e", "signal=none", "-o", str(self.log)]
        return subprocess.Popen(
            [*command, str(Path(sys.executable).parent / "zoo"), *map(str, arguments)],
            env=environment,
            cwd=self.home,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: object) -> None:
        process = self.start(*arguments)
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors

    def written(self, *allowed: Path) -> set[str]:
        """Files and folders outside the allowed ones that were made or opened for writing."""
        found = set()
        for line in self.log.read_text(errors="replace").splitlines():
            for path, flags in OPENED.findall(line):
                if re.search("O_WRONLY|O_RDWR|O_CREAT", flags):
                    found.add(path)
            if not line.rstrip().endswith(")") and re.search(r"= 0$", line):
                found.update(MADE.findall(line))
        places = [str(path) for path in (*allowed, self.temporary, "/dev/", "/proc/")]
        return {
            path
            for path in found
            if path.startswith("/") and not any(path.startswith(place) for place in places)
        }

    def called(self) -> set[str]:
        """Addresses other than this machine's own that were called."""
        found: set[str] = set()
        for line in self.log.read_text(errors="replace").splitlines():
            if family := SOCKET.search(line):
                addresses = [one or other for one, other in ADDRESS.findall(line)]
                found.update(addresses or {family.group(1)} - {"AF_UNIX", "AF_NETLINK"})
        return found - set(LOOPBACK)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    code = "import keras, matplotlib.font_manager"
    subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "HOME": str(folder)}, check=True
    )
    return folder


@pytest.fixture
def watched(tmp_path, home):
    return Watched(tmp_path, home)


def assert_private(watched: Watched, *allowed: Path) -> None:
    assert watched.log.stat().st_size > 1000
    assert watched.called() == set()
    assert watched.written(*allowed) == set()
    assert set(watched.home.rglob("*")) == watched.before
    assert list(watched.temporary.iterdir()) == []


def test_what_is_watched_for_is_seen(tmp_path, watched):
    (tmp_path / "calling.py").write_text(
        "import socket, pathlib\n"
        "from zoo.errors import ZooError\n"
        f"pathlib.Path({str(tmp_path / 'left.txt')!r}).write_text('x')\n"
        f"pathlib.Path({str(tmp_path / 'folder')!r}).mkdir()\n"
        "with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:\n"
        "    s.connect(('203.0.113.1', 9))\n"
    )
    watched.run("plugins", "--plugin", tmp_path / "calling.py")
    assert watched.called() == {"203.0.113.1"}
    assert {str(tmp_path / "left.txt"), str(tmp_path / "folder")} <= watched.written()


@pytest.mark.parametrize(
    ("name", "library"),
    [
        ("keras", "keras"),
        ("saved_model", "tensorflow_serving"),
        ("litert", "ai_edge_litert"),
        ("onnx", "onnxruntime"),
        ("openvino", "openvino"),
    ],
)
def test_an_export_stays_at_home(run, watched, name, library):
    # Not by importing it: that alone writes into the home folder of whoever tests.
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    watched.run("export", run.path, "--format", name)
    assert_private(watched, run.path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "library"), [("tensorboard", "tensorboard"), ("mlflow", "mlflow"), ("wandb", "wandb")]
)
def test_a_tracked_training_stays_at_home(tiny_recipe, tmp_path, watched, name, library):
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    runs = tmp_path / "runs"
    watched.run("train", tiny_recipe, "--track", name, "training.epochs=1", "--runs", runs)
    assert (next(runs.iterdir()) / name).is_dir()
    assert watched.called() == set()
    # The name of a socket has to be short: W&B's own process listens in a folder of its own below /tmp.
    written = {path for path in watched.written(runs) if not SOCKET_OF_WANDB.fullmatch(path)}
    assert written == set()


def test_a_translation_stays_at_home(run, watched, tmp_path):
    out = tmp_path / "translated"
    watched.run("translate", run.path, *run.examples(), "--out", out)
    assert len(list(out.iterdir())) == 2
    assert_private(watched, out)


def test_a_served_request_stays_at_home(run, watched):
    pytest.importorskip("uvicorn")
    process = watched.start("serve", run.path, "--port", "0")
    address = ""
    while not address:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        address = "".join(re.findall(r"http://127\.0\.0\.1:\d+", line))
    picture = run.examples()[0].read_bytes()
    request = urllib.request.Request(
        f"{address}/translate", picture, headers={"Content-Type": "image/png"}
    )
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                painted = Image.open(answer)
                painted.load()
            break
        except urllib.error.URLError:
            assert time.monotonic() < deadline
            time.sleep(0.5)
    # Not strace, which keeps the signal to itself.
    (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(child), signal.SIGTERM)
    process.communicate(timeout=60)
    assert np.asarray(painted).shape == (16, 16, 3)
    assert_private(watched, run.path)
