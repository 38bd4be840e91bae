"""What a server holds on to: its queue, its time, its token, and how much it reads."""

import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

pytest.importorskip("fastapi")

import httpx
from plugins.web.live import PNG, SIZE, Gate, file_of, live, noise, picture_in, served_by, wait_for
from zoo_web.service.settings import Settings

from zoo.errors import ZooError

PICTURE = file_of(noise(*SIZE, 3))


def refused(answer, code):
    assert (answer.status_code, list(answer.json())) == (code, ["error"])
    return answer.json()["error"]


def translate(client, content=PICTURE, **headers):
    return client.post("/translate", content=content, headers={**PNG, **headers})


def raw(client, request: bytes, *, until: bytes = b"}") -> bytes:
    """Send bytes as they are, and read until something."""
    with socket.create_connection((client.base_url.host, client.base_url.port), 10) as connection:
        connection.sendall(request)
        answer = b""
        while until not in answer and (piece := connection.recv(65536)):
            answer += piece
        return answer


def head(length: str, path: str = "/translate") -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/png\r\n{length}\r\n\r\n"
    ).encode()


def metric(client, name: str) -> float:
    (line,) = (
        line for line in client.get("/metrics").text.splitlines() if line.startswith(f"{name} ")
    )
    return float(line.split()[1])


# === Queue and batches ===


def test_waiting_requests_are_painted_together():
    gate = Gate()
    with live(served_by(gate), Settings(batch_size=3)) as client, ThreadPoolExecutor(8) as pool:
        gate.entered.acquire()
        gate.close()
        first = pool.submit(translate, client)
        gate.entered.acquire()
        # One is in the network; of the others four are at hand, and three fit in a batch.
        others = [pool.submit(translate, client) for _ in range(7)]
        batcher = client.app.state.engine._batcher
        wait_for(lambda: len(batcher._chunks) == 4)
        gate.open()
        assert [future.result().status_code for future in [first, *others]] == [200] * 8
        assert gate.calls[:2] == [1, 3]
        assert sum(gate.calls) == 8
        assert metric(client, "zoo_batch_pictures_sum") == 9


def test_each_gets_its_own_picture_back():
    pictures = [np.full((30 + n, 40, 3), 10 * n, np.uint8) for n in range(12)]
    with live(settings=Settings(batch_size=4)) as client, ThreadPoolExecutor(12) as pool:
        answers = pool.map(lambda picture: translate(client, file_of(picture)), pictures)
        for answer, picture in zip(answers, pictures, strict=True):
            np.testing.assert_array_equal(picture_in(answer.content), 255 - picture)


def test_small_requests_need_not_wait_for_all_of_a_large_one():
    gate = Gate()
    with live(served_by(gate), Settings(batch_size=2)) as client, ThreadPoolExecutor(2) as pool:
        gate.entered.acquire()
        gate.close()
        large = pool.submit(translate, client, file_of(noise(320, 320, 3)))
        gate.entered.acquire()
        small = pool.submit(translate, client)
        wait_for(lambda: client.app.state.engine._batcher._chunks)
        gate.open()
        assert small.result().status_code == 200
        assert large.result().status_code == 200
        assert gate.calls[:2] == [2, 1]
        assert len(gate.calls) > 50


def test_a_full_queue_refuses_and_counts():
    gate = Gate()
    settings = Settings(batch_size=1, queue=2)
    most = settings.workers + settings.queue
    with live(served_by(gate), settings) as client, ThreadPoolExecutor(most) as pool:
        gate.close()
        waiting = [pool.submit(translate, client) for _ in range(most)]
        wait_for(lambda: metric(client, "zoo_queue_length") == 2)
        answer = translate(client)
        assert (
            refused(answer, 503) == "2 requests are waiting, as many as may; ask again in a moment"
        )
        assert answer.headers["Retry-After"] == "1"
        gate.open()
        assert [future.result().status_code for future in waiting] == [200] * most
        assert metric(client, "zoo_queue_length") == 0
        assert translate(client).status_code == 200


def test_refusals_and_previews_do_not_wait_for_translations():
    gate = Gate()
    settings = Settings(batch_size=1)
    with live(served_by(gate), settings) as client, ThreadPoolExecutor(settings.workers) as pool:
        gate.close()
        busy = [pool.submit(translate, client) for _ in range(settings.workers)]
        wait_for(lambda: client.app.state.engine._in_flight == settings.workers)
        assert translate(client, b"no picture").status_code == 400
        assert client.post("/v1/models/tiny:predict", json=[]).status_code == 400
        assert client.post("/api/preview", content=PICTURE, headers=PNG).status_code == 200
        gate.open()
        assert [future.result().status_code for future in busy] == [200] * settings.workers


def test_a_body_that_is_still_coming_holds_its_place():
    settings = Settings(batch_size=1, queue=1)
    with live(settings=settings) as client:
        slow = [
            socket.create_connection((client.base_url.host, client.base_url.port), 10)
            for _ in range(settings.workers + 1)
        ]
        for connection in slow:
            connection.sendall(head("Content-Length: 9") + b"x")
        engine = client.app.state.engine
        wait_for(lambda: engine._in_flight == len(slow))
        assert translate(client).status_code == 503
        for connection in slow:
            connection.close()
        wait_for(lambda: engine.idle)
        assert translate(client).status_code == 200


def test_statistics_of_a_large_picture_are_settled_in_the_networks_thread():
    threads = set()

    def paint(batch):
        threads.add(threading.current_thread().name)
        return -batch

    def settle(tiles):
        threads.add(threading.current_thread().name)
        return lambda batch: -np.full_like(batch, tiles.max())

    pictures = [np.full((40 + n, 50, 3), 10 * n, np.uint8) for n in range(6)]
    with live(served_by(paint, settle=settle)) as client, ThreadPoolExecutor(6) as pool:
        answers = pool.map(lambda picture: translate(client, file_of(picture)), pictures)
        for answer, picture in zip(answers, pictures, strict=True):
            np.testing.assert_array_equal(picture_in(answer.content), 255 - picture)
    assert threads == {"zoo-network"}


# === Time ===


def test_what_takes_too_long_is_dropped():
    gate = Gate()
    with live(served_by(gate), Settings(batch_size=1, timeout=0.3)) as client:
        gate.entered.acquire()
        gate.close()
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: translate(client), range(6)))
        reasons = {refused(answer, 504) for answer in answers}
        assert reasons == {"the picture was not translated within 0.3 seconds"}
        gate.open()
        # Only the one that was in the network was painted.
        wait_for(lambda: not client.app.state.engine._batcher._chunks)
        assert translate(client).status_code == 200
        assert gate.calls == [1, 1]


def test_a_large_picture_is_dropped_between_its_tiles():
    gate = Gate()
    with live(served_by(gate), Settings(batch_size=1, timeout=0.3)) as client:
        gate.entered.acquire()
        gate.close()
        assert translate(client, file_of(noise(320, 320, 3))).status_code == 504
        gate.open()
        assert translate(client).status_code == 200
        assert gate.calls == [1, 1]


def test_a_body_that_does_not_come_is_not_waited_for():
    with live(settings=Settings(timeout=0.2)) as client:
        answer = raw(client, head("Content-Length: 9") + b"x")
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b'{"error":"the request\'s body did not come within 0.2 seconds"}' in answer


def test_the_work_of_a_client_that_went_away_is_dropped(caplog):
    gate = Gate()
    with live(served_by(gate), Settings(batch_size=1)) as client, ThreadPoolExecutor(1) as pool:
        gate.entered.acquire()
        gate.close()
        first = pool.submit(translate, client)
        gate.entered.acquire()
        with socket.create_connection((client.base_url.host, client.base_url.port), 10) as gone:
            gone.sendall(head(f"Content-Length: {len(PICTURE)}") + PICTURE)
            wait_for(lambda: client.app.state.engine._batcher._chunks)
        wait_for(lambda: client.app.state.engine._in_flight == 1)
        gate.open()
        assert first.result().status_code == 200
        assert translate(client).status_code == 200
        assert gate.calls == [1, 1]
        name = 'zoo_requests_total{code="499",route="/translate"}'
        wait_for(lambda: metric(client, name) == 1)
        assert caplog.records == []


# === Size ===

LONG = "the request's body is longer than 1,000 bytes, the most that is read"


@pytest.fixture(scope="module")
def short():
    with live(settings=Settings(most_bytes=1000)) as client:
        yield client


def test_a_long_body_is_refused_by_its_stated_length(short):
    assert refused(translate(short, bytes(1001)), 413) == LONG
    assert raw(short, head("Content-Length: 99999999999999999999")).startswith(b"HTTP/1.1 413 ")
    answer = short.post("/v1/models/tiny:predict", json={"instances": [0] * 999})
    assert refused(answer, 413) == LONG


def test_a_long_body_in_chunks_is_refused_once_it_is_too_long(short):
    def chunks():
        for _ in range(11):
            yield bytes(100)

    assert refused(translate(short, chunks()), 413) == LONG


def test_an_endless_body_is_refused_while_it_comes(short):
    with socket.create_connection((short.base_url.host, short.base_url.port), 10) as connection:
        connection.sendall(head("Transfer-Encoding: chunked"))
        for _ in range(11):
            connection.sendall(b"64\r\n" + bytes(100) + b"\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (head("Content-Length: 3") + b"abc", b"400"),
        (head("Content-Length: 3") + b"abcdef", b"400"),
        (head("Content-Length: 0"), b"400"),
        (head("X: y"), b"400"),
        (head("Content-Length: -1"), b"400"),
        (head("Content-Length: x"), b"400"),
        (head("Content-Length: 3\r\nContent-Length: 4") + b"abcd", b"400"),
        (head("Transfer-Encoding: chunked") + b"zz\r\nabc\r\n", b"400"),
        (head("X: " + "y" * 100_000), b"4"),
    ],
)
def test_lies_about_the_length_are_refused(short, request_, code):
    assert raw(short, request_, until=b"\r\n\r\n").startswith(b"HTTP/1.1 " + code)
    assert short.get("/healthz").status_code == 200


def test_bodies_together_are_bounded(monkeypatch):
    monkeypatch.setattr(Settings, "most_held", 3000)
    settings = Settings(most_bytes=2000)
    with live(settings=settings) as client:
        engine = client.app.state.engine
        with socket.create_connection((client.base_url.host, client.base_url.port), 10) as slow:
            slow.sendall(head("Content-Length: 2000") + bytes(1999))
            wait_for(lambda: engine._held == 1999)
            assert refused(translate(client, bytes(1500)), 503) == (
                "the requests that wait fill the memory; ask again in a moment"
            )
        wait_for(lambda: engine._held == 0)


def test_an_answer_that_is_not_taken_counts_until_the_connection_is_closed():
    # Noise stays large as PNG: more than what sockets hold by themselves.
    content = file_of(noise(1500, 1500, 3), "PNG")
    with live(settings=Settings(timeout=2)) as client:
        engine = client.app.state.engine
        address = (client.base_url.host, client.base_url.port)
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.connect(address)
            slow.sendall(head(f"Content-Length: {len(content)}", "/api/preview") + content)
            wait_for(lambda: engine.idle and engine._held > 5_000_000)
            wait_for(lambda: engine._held == 0)
        assert client.get("/healthz").status_code == 200


def test_large_pictures_are_not_all_decoded_at_once():
    gate = Gate()
    large = file_of(noise(100, 100, 3))
    settings = Settings(batch_size=4, most_pixels=100 * 100)
    with live(served_by(gate), settings) as client, ThreadPoolExecutor(4) as pool:
        gate.entered.acquire()
        gate.close()
        answers = [pool.submit(translate, client, large) for _ in range(3)]
        engine = client.app.state.engine
        wait_for(lambda: engine._in_flight == 3 and engine.pixel_budget.used == 20_000)
        # A small one overtakes the third.
        answers.append(pool.submit(translate, client))
        wait_for(lambda: engine.pixel_budget.used == 20_000 + 32 * 32)
        gate.open()
        assert [answer.result().status_code for answer in answers] == [200] * 4
        wait_for(lambda: engine.pixel_budget.used == 0)


# === Token ===


def test_a_token_is_asked_for_where_it_matters():
    wanted = "this server wants a token: send it as 'Authorization: Bearer TOKEN'"
    with live(settings=Settings(token="gehäim")) as client:
        for path in ("/healthz", "/readyz", "/", "/api/info", "/docs", "/openapi.json"):
            assert client.get(path).status_code == 200, path
        assert client.get("/api/info").json()["token"] is True
        calls = [
            ("POST", "/translate"),
            ("POST", "/api/preview"),
            ("POST", "/v1/models/tiny:predict"),
            ("GET", "/v1/models/tiny"),
            ("GET", "/v1/models/tiny/metadata"),
            ("GET", "/metrics"),
            ("GET", "/api/samples/0"),
            ("GET", "/api/samples/0/file"),
        ]
        right = {"Authorization": "Bearer gehäim".encode()}
        for method, path in calls:
            for header in (
                {},
                {"Authorization": "Bearer"},
                {"Authorization": "Bearer gehaim"},
                {"Authorization": "Basic gehäim".encode()},
                {"Authorization": "Bearer gehäim".encode("latin-1")},
            ):
                answer = client.request(method, path, headers={**PNG, **header})
                assert refused(answer, 401) == wanted
                assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert client.request(method, path, headers={**PNG, **right}).status_code != 401
        answer = client.post("/translate", content=PICTURE, headers={**PNG, **right})
        assert answer.status_code == 200


def test_without_a_token_nobody_is_asked():
    with live() as client:
        assert client.get("/api/info").json()["token"] is False
        assert client.get("/metrics").status_code == 200


# === The end ===


def test_what_was_asked_before_the_stop_is_answered_and_new_requests_are_not():
    gate = Gate()
    with live(served_by(gate), Settings(batch_size=1)) as client, ThreadPoolExecutor(5) as pool:
        gate.entered.acquire()
        gate.close()
        asked = [pool.submit(translate, client) for _ in range(5)]
        engine = client.app.state.engine
        wait_for(lambda: engine._in_flight == 5)
        engine.stop()
        assert refused(client.get("/readyz"), 503) == "the server is stopping"
        answer = translate(client)
        assert refused(answer, 503) == "the server is stopping; ask again in a moment"
        assert client.get("/healthz").status_code == 200
        gate.open()
        assert [future.result().status_code for future in asked] == [200] * 5


def test_a_second_signal_refuses_what_waits():
    gate = Gate()
    with live(served_by(gate), Settings(batch_size=1)) as client, ThreadPoolExecutor(5) as pool:
        gate.entered.acquire()
        gate.close()
        asked = [pool.submit(translate, client) for _ in range(5)]
        engine = client.app.state.engine
        wait_for(lambda: engine._in_flight == 5)
        for _ in range(2):
            client.server.handle_exit(signal.SIGTERM, None)
        for future in asked:
            assert refused(future.result(), 503) == "the server was stopped at once"
        gate.open()


def test_no_thread_is_left_behind():
    before = threading.active_count()
    with live() as client:
        assert translate(client).status_code == 200
    wait_for(lambda: threading.active_count() == before)


def test_the_server_is_not_ready_while_the_model_loads():
    gate = Gate()
    gate.close()
    with ThreadPoolExecutor(1) as pool:
        answers = []

        def watch(app_client):
            answers.append(app_client.get("/readyz"))
            answers.append(app_client.get("/v1/models/tiny"))
            gate.open()

        original = httpx.Client.get

        def get(self, path, **more):
            if path == "/readyz" and not answers:
                answers.append(None)
                pool.submit(watch, self)
            return original(self, path, **more)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(httpx.Client, "get", get)
            with live(served_by(gate)):
                pass
    assert refused(answers[1], 503) == "the model is being loaded"
    assert answers[2].json()["model_version_status"][0]["state"] == "LOADING"


# === Settings ===


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"batch_size": 0}, "batch_size is 0; expected 1 or more"),
        ({"queue": 0}, "queue is 0; expected 1 or more"),
        ({"most_bytes": -1}, "most_bytes is -1; expected 1 or more"),
        ({"timeout": 0.0}, "timeout is 0.0; expected more than 0 seconds"),
        ({"timeout": float("nan")}, "timeout is nan; expected more than 0 seconds"),
        ({"token": " "}, "the token is empty; give one, or leave it out to let everybody in"),
        *(
            (
                {"hosts": ("localhost", name)},
                f"the host {name} is no name; expected one such as zoo.example.org or *.example.org",
            )
            for name in ("*example.org", "zoo.*", "*.*")
        ),
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong, reason):
    with pytest.raises(ZooError) as caught:
        Settings(**wrong)
    assert str(caught.value) == reason
