"""`zoo watch`: what it serves, to whom, and how it ends."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from run_on_disk import draw_sample, write_run

from zoo.errors import ZooError
from zoo.report.watch import Watcher


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return write_run(tmp_path / "runs" / "earth-1")


@pytest.fixture
def watcher(run: Path) -> Iterator[Watcher]:
    with Watcher(run).beside() as served:
        yield served


def get(watcher: Watcher, path: str, method: str = "GET", **headers: str) -> tuple[int, str]:
    address = urlsplit(watcher.address)
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def state(watcher: Watcher) -> str:
    return str(json.loads(get(watcher, "/state")[1])["version"])


def test_it_serves_the_page_and_its_version(watcher: Watcher, run: Path) -> None:
    before = set(run.rglob("*"))
    status, text = get(watcher, "/")
    assert status == 200
    assert "<h1>earth-1</h1>" in text
    assert re.findall('name="zoo-version" content="(.*)"', text) == [state(watcher)]
    assert "connect-src &#39;self&#39;" in text
    assert get(watcher, "/report.html") == (200, text)
    assert set(run.rglob("*")) == before


def test_the_version_changes_with_the_run(watcher: Watcher, run: Path) -> None:
    versions = [state(watcher)]
    draw_sample(run, 4)
    versions.append(state(watcher))
    with (run / "history.csv").open("a") as file:
        file.write("4,1600,440,1,1,1,1,1,1,0.1,20\n")
    versions.append(state(watcher))
    (run / "warnings.jsonl").write_text('{"epoch": 4, "kind": "a", "message": "b"}\n')
    versions.append(state(watcher))
    assert len(set(versions)) == 4
    assert state(watcher) == versions[-1]
    assert '"epoch":4' in get(watcher, "/")[1]


def test_nothing_else_is_served_and_nothing_is_taken(watcher: Watcher) -> None:
    for path in ("/recipe.yaml", "/../history.csv", "/samples/", "/%2e%2e/"):
        assert get(watcher, path)[0] == 404
    assert get(watcher, "/", "POST")[0] == 501
    assert get(watcher, "/", "DELETE")[0] == 501


@pytest.mark.parametrize("name", ["example.org", "example.org:80", "127.0.0.1.example.org"])
def test_a_page_elsewhere_whose_name_points_here_is_refused(watcher: Watcher, name: str) -> None:
    status, text = get(watcher, "/", Host=name)
    assert status == 403
    assert "earth-1" not in text
    assert get(watcher, "/", Host="localhost:1")[0] == 200


def test_a_port_that_is_taken_is_told(watcher: Watcher, run: Path) -> None:
    port = urlsplit(watcher.address).port
    with pytest.raises(
        ZooError, match=rf"^the port {port} is taken; choose another with --port, or 0"
    ):
        Watcher(run, port or 0)


def test_the_command_says_the_address_and_stops_with_ctrl_c(run: Path) -> None:
    command = [Path(sys.executable).parent / "zoo", "watch", run, "--port", "0", "--no-browser"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell has programs that it runs in the background ignore Ctrl-C, and theirs too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.fullmatch(r"watching (.*) at http://127\.0\.0\.1:(\d+)/; Ctrl-C stops\n", line)
        assert found
        assert found[1] == str(run)
        connection = http.client.HTTPConnection("127.0.0.1", int(found[2]))
        connection.request("GET", "/")
        assert b"<h1>earth-1</h1>" in connection.getresponse().read()
        connection.close()
        process.send_signal(signal.SIGINT)
        try:
            out, err = process.communicate(timeout=10)
        finally:
            process.kill()
    assert (out, err, process.returncode) == ("stopped\n", "", 0)


def test_what_is_no_run_is_told(zoo_command, tmp_path: Path) -> None:
    done = zoo_command("watch", tmp_path / "nothing")
    assert done.returncode == 2
    assert done.stderr.startswith(f"zoo: the run {tmp_path / 'nothing'} does not exist; ")
    (tmp_path / "folder").mkdir()
    done = zoo_command("watch", tmp_path / "folder")
    assert done.stderr == f"zoo: {tmp_path / 'folder'} is not a run: it holds no recipe.yaml\n"
