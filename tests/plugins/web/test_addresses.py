"""The other addresses: health, what the page asks, documentation, figures, and what stands around all of them."""

import socket

import pytest

pytest.importorskip("fastapi")

from plugins.web.live import PNG, SIZE, file_of, live, noise, served_by
from prometheus_client.parser import text_string_to_metric_families
from zoo_web.service.server import address_of, is_loopback, listen
from zoo_web.service.settings import Settings

import zoo
from zoo.errors import ZooError

PICTURE = file_of(noise(*SIZE, 3))


@pytest.fixture(scope="module")
def client():
    with live() as client:
        yield client


def test_health(client):
    assert client.get("/healthz").json() == {"status": "alive"}
    assert client.get("/readyz").json() == {"status": "ready"}


def test_the_page_is_told_about_the_model(client):
    plain = {
        "channels": "rgb",
        "dtype": "uint8",
        "low": [0.0],
        "high": [255.0],
        "classes": [],
        "suffix": ".png",
        "nodata": None,
        "fill": None,
        "masked": False,
        "unit": "",
    }
    assert client.get("/api/info").json() == {
        "name": "tiny",
        "size": [32, 32],
        "source": plain,
        "target": plain,
        "formats": {"answers": ["image/png", "image/jpeg", "image/webp", "image/tiff"]},
        "limits": {"bytes": 20_000_000, "pixels": 4096 * 4096, "seconds": 60.0},
        "samples": [],
        "token": False,
        "runtime": "keras",
        "version": zoo.__version__,
    }


def test_the_page_lies_at_the_root(client):
    answer = client.get("/")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.text == client.get("/index.html").text
    for path in ("/../app.py", "/%2e%2e/app.py", "/..%2fapp.py", "/page.py"):
        assert client.get(path).status_code == 404


def test_every_answer_forbids_what_is_not_from_here(client):
    paths = ("/", "/healthz", "/nothing", "/metrics", "/v1/models/other")
    for answer in [*map(client.get, paths), client.post("/translate", content=b"x", headers=PNG)]:
        assert answer.headers["Content-Security-Policy"].startswith(
            "default-src 'self'; img-src 'self' blob: data:;"
        )
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Server" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "code", "reason"),
    [
        ("GET", "/nothing", 404, "there is nothing at /nothing"),
        ("GET", "/v1/models/tiny/nothing", 404, "there is nothing at /v1/models/tiny/nothing"),
        ("GET", "/translate", 405, "GET is not answered at /translate"),
        ("DELETE", "/v1/models/tiny", 405, "DELETE is not answered at /v1/models/tiny"),
        ("POST", "/", 405, "POST is not answered at /"),
    ],
)
def test_what_is_not_here_is_told(client, method, path, code, reason):
    answer = client.request(method, path)
    assert (answer.status_code, answer.json()) == (code, {"error": reason})


# === Documentation ===


def test_the_documentation_loads_nothing(client):
    answer = client.get("/docs")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    for forbidden in ("<script", "http://", "https://", "@import", "url("):
        assert forbidden not in answer.text
    for path in client.get("/openapi.json").json()["paths"]:
        assert f"<code>{path}</code>" in answer.text


def test_the_openapi_document_tells_bodies_and_errors(client):
    paths = client.get("/openapi.json").json()["paths"]
    assert sorted(paths) == [
        "/api/info",
        "/api/preview",
        "/api/samples/{number}",
        "/api/samples/{number}/file",
        "/healthz",
        "/metrics",
        "/readyz",
        "/translate",
        "/v1/models/{name}",
        "/v1/models/{name}/metadata",
        "/v1/models/{name}/versions/{version}:predict",
        "/v1/models/{name}:predict",
    ]
    translate = paths["/translate"]["post"]
    assert list(translate["requestBody"]["content"]) == [
        "image/*",
        "application/octet-stream",
        "multipart/form-data",
    ]
    assert {"200", "400", "406", "408", "413", "415", "503", "504"} <= translate["responses"].keys()
    predict = paths["/v1/models/{name}:predict"]["post"]
    assert list(predict["requestBody"]["content"]) == ["application/json"]


# === Figures ===


def test_the_figures_are_prometheus_text():
    with live() as client:
        client.post("/translate", content=PICTURE, headers=PNG)
        client.post("/translate", content=b"x", headers=PNG)
        client.get("/made/up/by/a/client")
        answer = client.get("/metrics")
        assert answer.headers["Content-Type"].startswith("text/plain")
        families = {f.name: f for f in text_string_to_metric_families(answer.text)}
        counted = {
            (sample.labels["route"], sample.labels["code"]): sample.value
            for sample in families["zoo_requests"].samples
            if sample.name == "zoo_requests_total"
        }
        assert counted["/translate", "200"] == counted["/translate", "400"] == 1
        assert counted["page", "404"] == 1
        assert {"zoo_queue_length", "zoo_batch_pictures", "zoo_network_seconds"} <= families.keys()
        assert {"zoo_request_seconds", "process_resident_memory_bytes"} <= families.keys()


def test_addresses_that_clients_make_up_make_no_new_figures():
    with live() as client:
        for number in range(50):
            client.get(f"/{number}")
            client.get(f"/v1/models/{number}")
            client.post(f"/v1/models/{number}:predict")
            client.request(f"MADE{number}", "/translate")
        families = text_string_to_metric_families(client.get("/metrics").text)
        (requests,) = (family for family in families if family.name == "zoo_requests")
        assert len(requests.samples) < 20


def test_nothing_is_reported_to_anybody(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as collector:
        collector.settimeout(0.2)
        address = f"http://127.0.0.1:{collector.getsockname()[1]}"
        monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
        with live() as client:
            assert client.post("/translate", content=PICTURE, headers=PNG).status_code == 200
        with pytest.raises(TimeoutError):
            collector.accept()


# === Names and origins ===


def test_a_name_that_is_not_the_servers_is_refused():
    hosts = ("localhost", "127.0.0.1", "[::1]", "Zoo.example.org")
    with live(settings=Settings(hosts=hosts)) as client:
        for known in ("localhost", "LOCALHOST:80", "127.0.0.1:99", "[::1]", "[::1]:8501"):
            assert client.get("/healthz", headers={"Host": known}).status_code == 200, known
        assert client.get("/healthz", headers={"Host": "zoo.example.org"}).status_code == 200
        for unknown in ("evil.example", "evil.example:8501", "localhost.evil.example", "::1", ""):
            answer = client.get("/healthz", headers={"Host": unknown})
            assert answer.status_code == 400, unknown
            assert answer.json() == {"error": "Invalid host header"}
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        counted = client.get("/metrics", headers={"Host": "localhost"}).text
        assert 'zoo_requests_total{code="400",route="other"} 5.0' in counted


@pytest.mark.parametrize("hosts", [(), ("*",)])
def test_any_name_is_answered_where_none_is_given(hosts):
    with live(settings=Settings(hosts=hosts)) as client:
        for name in ("a.example", "a.example:80", "127.0.0.1", "[::1]", "[2001:db8::1]:8501"):
            assert client.get("/healthz", headers={"Host": name}).status_code == 200, name


def test_names_below_another_are_answered_where_that_is_given():
    with live(settings=Settings(hosts=("127.0.0.1", "*.example", "www.zoo.org"))) as client:
        for name in ("a.example", "A.b.example:80", "www.zoo.org"):
            assert client.get("/healthz", headers={"Host": name}).status_code == 200, name
        # Nor is anybody sent on from a name that is not the server's.
        for name in ("example", "aexample", "zoo.org"):
            assert client.get("/healthz", headers={"Host": name}).status_code == 400, name


def test_pages_elsewhere_may_use_the_server_if_they_are_named():
    with live(settings=Settings(origins=("https://one.example",), token="x")) as client:
        asked = {
            "Origin": "https://one.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        }
        answer = client.options("/translate", headers=asked)
        assert answer.headers["Access-Control-Allow-Origin"] == "https://one.example"
        other = client.options("/translate", headers={**asked, "Origin": "https://two.example"})
        assert "Access-Control-Allow-Origin" not in other.headers
        assert (other.status_code, other.json()) == (400, {"error": "Disallowed CORS origin"})
        refused = client.post("/translate", headers={**PNG, "Origin": "https://one.example"})
        assert refused.status_code == 401
        assert refused.headers["Access-Control-Allow-Origin"] == "https://one.example"


# === Sockets ===


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.0.2.1", False),
        ("example.org", False),
    ],
)
def test_what_only_this_machine_reaches(host, expected):
    assert is_loopback(host) is expected


def test_a_taken_port_is_told():
    with listen("127.0.0.1", 0) as opened:
        port = opened.getsockname()[1]
        assert address_of(opened) == f"http://127.0.0.1:{port}/"
        with pytest.raises(ZooError) as caught:
            listen("127.0.0.1", port)
    assert str(caught.value) == (
        f"the port {port} of 127.0.0.1 is taken; choose another with --port, or 0 for any free one"
    )


def test_hosts_that_are_not_of_this_machine_are_told():
    with pytest.raises(ZooError, match=r"^192\.0\.2\.1 is no address of this machine: "):
        listen("192.0.2.1", 0)
    with pytest.raises(
        ZooError, match=r"^the host no\.such\.invalid is not known; try --host 127\.0\.0\.1$"
    ):
        listen("no.such.invalid", 0)


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
def test_addresses_of_ipv6_stand_in_brackets():
    try:
        opened = listen("::1", 0)
    except ZooError:
        pytest.skip("this machine has no IPv6 loopback")
    with opened:
        assert address_of(opened) == f"http://[::1]:{opened.getsockname()[1]}/"


def test_samples_are_listed_in_their_order(tmp_path):
    paths = [tmp_path / name for name in ("b.png", "a.png")]
    for path in paths:
        path.write_bytes(PICTURE)
    with live(served_by(samples=tuple(paths))) as client:
        listed = client.get("/api/info").json()["samples"]
        assert [(sample["name"], sample["url"]) for sample in listed] == [
            ("b.png", "/api/samples/0"),
            ("a.png", "/api/samples/1"),
        ]
