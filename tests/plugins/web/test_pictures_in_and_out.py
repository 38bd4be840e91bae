"""`POST /translate`: pictures in, pictures out, and what is wrong with those that are refused."""

import io
import tempfile
from typing import Any

import numpy as np
import pytest

pytest.importorskip("fastapi")

import tifffile
from data.hostile_files import npy, png, zeros
from data.test_hostile_files import CASES
from PIL import Image, ImageOps
from plugins.web.live import PNG, SIZE, Gate, file_of, live, noise, picture_in, served_by
from zoo_web.service.settings import Settings

from zoo.pictures import Formats, PictureFormat, write_picture

SCAN = PictureFormat("grey", "uint16", (0.0,), (65535.0,))
HEIGHTS = PictureFormat(1, "float32", (0.0,), (100.0,), suffix=".tif")
CLASSES = PictureFormat("grey", classes=(0, 1, 5))
UNKNOWN = (
    "the picture is not one that can be read; expected JPEG, PNG, WebP, TIFF, BMP or NumPy's .npy"
)
WRONG_TYPE = (
    "is not read; send the picture itself with a Content-Type such as image/png, or as the field "
    "'picture' of multipart/form-data"
)


@pytest.fixture(scope="module")
def client():
    with live(settings=Settings(most_bytes=3_000_000, most_pixels=90_000)) as client:
        yield client


def refused(answer, code):
    assert answer.headers["Content-Type"] == "application/json"
    assert (answer.status_code, list(answer.json())) == (code, ["error"])
    return answer.json()["error"]


# === What is translated ===


@pytest.mark.parametrize("shape", [SIZE, (1, 1), (20, 70), (100, 45)])
def test_a_picture_of_any_size_comes_back_translated(client, shape):
    picture = noise(*shape, 3)
    answer = client.post("/translate", content=file_of(picture), headers=PNG)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    np.testing.assert_array_equal(picture_in(answer.content), 255 - picture)


def test_a_form_holds_the_picture_in_its_field(client):
    picture = noise(*SIZE, 3)
    files = {"picture": ("any name.bin", file_of(picture), "text/plain")}
    answer = client.post("/translate", files=files, data={"other": "x"})
    np.testing.assert_array_equal(picture_in(answer.content), 255 - picture)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "BMP", "TIFF"])
def test_the_content_tells_the_kind_of_file(client, kind):
    content = file_of(noise(*SIZE, 3), kind)
    answer = client.post(
        "/translate", content=content, headers={"Content-Type": "application/octet-stream"}
    )
    assert picture_in(answer.content).shape == (*SIZE, 3)


def test_a_numpy_array_is_a_picture_too(client):
    picture = noise(*SIZE, 3)
    answer = client.post("/translate", content=npy(picture), headers={"Content-Type": "image/x"})
    np.testing.assert_array_equal(picture_in(answer.content), 255 - picture)


def test_no_picture_is_written_to_a_file_on_its_way(client, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a temporary file")

    for name in ("TemporaryDirectory", "NamedTemporaryFile", "TemporaryFile", "mkstemp", "mkdtemp"):
        monkeypatch.setattr(tempfile, name, refuse)
    picture = noise(*SIZE, 3)
    contents = [npy(picture), *(file_of(picture, kind) for kind in ("PNG", "JPEG", "TIFF"))]
    for content in contents:
        for address in ("/translate", "/api/preview"):
            assert client.post(address, content=content, headers=PNG).status_code == 200
    assert client.post("/translate", files={"picture": npy(picture)}).status_code == 200


def test_a_dicom_file_is_not_read(client):
    content = bytes(128) + b"DICM" + bytes(200)
    assert refused(client.post("/translate", content=content, headers=PNG), 400) == UNKNOWN
    content = file_of(noise(*SIZE, 3), "TIFF").ljust(132, b"x")
    both = content[:128] + b"DICM" + content[132:]
    assert refused(client.post("/translate", content=both, headers=PNG), 400) == UNKNOWN


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_upright(client, kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = noise(3, 5, 3).repeat(8, 0).repeat(8, 1)
    options: dict[str, Any] = (
        {"lossless": True} if kind == "WEBP" else {"quality": 100, "subsampling": 0}
    )
    if kind == "TIFF":
        options = {"compression": "tiff_lzw"}
    content = file_of(picture, kind, exif=exif, **options)
    answer = picture_in(client.post("/translate", content=content, headers=PNG).content)
    wanted = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(content))))
    np.testing.assert_allclose(255 - answer.astype(int), wanted.astype(int), atol=3)


def test_a_file_of_several_pages_is_refused(client):
    file = io.BytesIO()
    tifffile.imwrite(file, noise(3, 20, 40), photometric="minisblack")
    answer = client.post("/translate", content=file.getvalue(), headers=PNG)
    assert refused(answer, 400) == (
        "the picture has 3 pages; expected one picture: save each page as a file, or set channels to 3 if the pages "
        "are its channels"
    )


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", "image/png"),
        ("image/*", "image/png"),
        ("image/jpeg", "image/jpeg"),
        ("image/webp;q=0.5, image/jpeg;q=0.4", "image/webp"),
        ("image/png;q=0, */*;q=0.1", "image/jpeg"),
        ("text/html, image/avif, image/webp, */*;q=0.8", "image/webp"),
        ("image/tiff", "image/tiff"),
        ("image/jpeg;q=high, image/webp", "image/webp"),
    ],
)
def test_the_client_chooses_among_kinds_of_file(client, accept, expected):
    answer = client.post(
        "/translate", content=file_of(noise(*SIZE, 3)), headers={**PNG, "Accept": accept}
    )
    assert (answer.headers["Content-Type"], answer.headers["Vary"]) == (expected, "Accept")
    assert picture_in(answer.content).shape == (*SIZE, 3)


def test_a_kind_that_no_picture_is_written_in_is_refused(client):
    answer = client.post(
        "/translate", content=file_of(noise(*SIZE, 3)), headers={**PNG, "Accept": "text/html"}
    )
    assert refused(answer, 406) == (
        "the translated picture can be answered as image/png, image/jpeg, image/webp, image/tiff, "
        "of which the request accepts none"
    )


def test_16_bits_stay_16_bits():
    picture = noise(*SIZE, dtype=np.uint16) * 256
    with live(served_by(formats=Formats(SCAN, SCAN))) as client:
        answer = client.post("/translate", content=file_of(picture), headers=PNG)
        assert answer.headers["Content-Type"] == "image/png"
        np.testing.assert_array_equal(picture_in(answer.content), 65535 - picture)
        wrong = client.post("/translate", content=file_of(noise(*SIZE)), headers=PNG)
        assert refused(wrong, 400) == "the picture has values of 8 bits; expected 16 bits"


def test_floats_are_answered_as_tiff():
    picture = noise(*SIZE, dtype=np.float32) / 255 * 100
    file = io.BytesIO()
    tifffile.imwrite(file, picture)
    with live(served_by(formats=Formats(HEIGHTS, HEIGHTS))) as client:
        answer = client.post("/translate", content=file.getvalue(), headers=PNG)
        assert answer.headers["Content-Type"] == "image/tiff"
        np.testing.assert_allclose(
            tifffile.imread(io.BytesIO(answer.content)), 100 - picture, atol=1e-4
        )


def test_label_maps_are_checked_and_shown_by_their_colours():
    labels = np.array([[0, 1], [5, 255]], np.uint8).repeat(16, 0).repeat(16, 1)
    with live(served_by(formats=Formats(CLASSES, CLASSES))) as client:
        answer = client.post("/translate", content=file_of(labels), headers=PNG)
        assert set(np.unique(picture_in(answer.content))) <= {0, 1, 5}
        wrong = client.post("/translate", content=file_of(labels + 3), headers=PNG)
        assert refused(wrong, 400) == (
            "the picture has pixels of the value 3, which is none of its 3 classes"
        )
        shown = picture_in(
            client.post("/api/preview", content=file_of(labels), headers=PNG).content
        )
        assert shown.shape == (*SIZE, 3)
        np.testing.assert_array_equal(shown[0, 0], CLASSES.palette[0])
        np.testing.assert_array_equal(shown[31, 31], [255, 255, 255])


def test_a_preview_shows_what_browsers_do_not():
    file = io.BytesIO()
    tifffile.imwrite(file, np.full(SIZE, 50, np.float32))
    with live(served_by(formats=Formats(HEIGHTS, SCAN))) as client:
        answer = client.post("/api/preview", content=file.getvalue(), headers=PNG)
        np.testing.assert_array_equal(picture_in(answer.content), np.full((*SIZE, 3), 128))
        white = file_of(np.full(SIZE, 65535, np.uint16))
        answer = client.post("/api/preview?side=target", content=white, headers=PNG)
        np.testing.assert_array_equal(picture_in(answer.content), np.full((*SIZE, 3), 255))
        answer = client.post("/api/preview?side=both", content=white, headers=PNG)
        assert refused(answer, 400) == "side must be source or target"


def test_samples_are_shown_and_handed_out_as_they_are(tmp_path):
    picture = noise(*SIZE, dtype=np.uint16) * 256
    write_picture(tmp_path / "one.png", picture)
    served = served_by(formats=Formats(SCAN, SCAN), samples=(tmp_path / "one.png",))
    with live(served) as client:
        listed = client.get("/api/info").json()["samples"]
        assert listed == [
            {"name": "one.png", "url": "/api/samples/0", "file": "/api/samples/0/file"}
        ]
        shown = picture_in(client.get(listed[0]["url"]).content)
        assert (shown.shape, shown.dtype) == ((*SIZE, 3), np.uint8)
        file = client.get(listed[0]["file"])
        assert file.headers["Content-Type"] == "image/png"
        np.testing.assert_array_equal(picture_in(file.content), picture)
        for wrong in ("1", "-1", "x", "9" * 30, "٣"):
            assert refused(client.get(f"/api/samples/{wrong}"), 404) == (
                "there are 1 samples, numbered from 0"
            )


# === What is refused ===


@pytest.mark.parametrize(
    ("content", "kind", "code", "reason"),
    [
        (b"GIF89a", "image/gif", 400, UNKNOWN),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "image/eps", 400, UNKNOWN),
        (b"", "image/png", 400, "the request's body is empty"),
        (b"x", "text/plain", 415, f"a body of the type text/plain {WRONG_TYPE}"),
        (b"x", "", 415, f"a body of the type nothing {WRONG_TYPE}"),
        (
            png(301, 300, zeros(64)),
            "image/png",
            413,
            "the picture has 301 x 300 pixels; at most 0.09 million are translated",
        ),
        (
            png(50_000, 50_000, zeros(64)),
            "image/png",
            413,
            "the picture has more than 178 million pixels, far more than are translated",
        ),
        (
            npy(np.zeros((301, 300), np.uint8)),
            "image/x",
            413,
            "the picture has 300 x 301 pixels; at most 0.09 million are translated",
        ),
        (
            npy(np.zeros(9, np.uint8)),
            "image/x",
            400,
            "the picture cannot be read as a picture: its array has the shape (9,); expected "
            "(height, width) or (height, width, channels)",
        ),
        (b"x", "multipart/form-data", 400, "the form's Content-Type names no boundary"),
        (b"x", "multipart/form-data; boundary=a", 400, "the form is damaged or incomplete"),
        (
            b'--a\r\nContent-Disposition: form-data; name="picture"\r\n\r\nx',
            "multipart/form-data; boundary=a",
            400,
            "the form is damaged or incomplete",
        ),
        (
            b"--a\r\nX: " + b"y" * 9000 + b"\r\n\r\nx\r\n--a--\r\n",
            "multipart/form-data; boundary=a",
            400,
            "the form is damaged or incomplete",
        ),
    ],
)
def test_a_wrong_body_is_told_why(client, content, kind, code, reason):
    answer = client.post("/translate", content=content, headers={"Content-Type": kind})
    assert refused(answer, code) == reason


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (
            {"image": b"x"},
            "the form must have one field 'picture' with the picture file; it has the fields: image",
        ),
        ({"picture": b""}, "the field 'picture' of the form is empty"),
        ({"picture": b"x"}, UNKNOWN),
        ([("picture", b"x")] * 33, "the form has more than 32 fields"),
    ],
)
def test_a_wrong_form_is_told_why(client, files, reason):
    assert refused(client.post("/translate", files=files), 400) == reason


def test_hostile_files_are_refused_or_translated(client, tmp_path):
    codes = {}
    for number, case in enumerate(CASES):
        folder = tmp_path / str(number)
        folder.mkdir()
        case.write(folder)
        for path in sorted(folder.glob("x.*")):
            if path.is_symlink() or not path.is_file():
                continue
            answer = client.post("/translate", content=path.read_bytes(), headers=PNG)
            codes[case.name] = answer.status_code
            if answer.status_code != 200:
                assert str(tmp_path) not in refused(answer, answer.status_code)
    assert len(codes) > 70
    assert {name: code for name, code in codes.items() if code not in (200, 400, 413)} == {}
    assert set(codes.values()) == {200, 400, 413}


def test_a_bug_shows_no_insides(caplog):
    gate = Gate()

    def broken(batch):
        if len(gate.calls) > 0:
            raise RuntimeError("the secret is 42")
        return gate(batch)

    with live(served_by(broken)) as other:
        answer = other.post("/translate", content=file_of(noise(*SIZE, 3)), headers=PNG)
        assert refused(answer, 500) == "the server failed; its log says why"
        assert "the secret is 42" in caplog.text
        assert 'zoo_requests_total{code="500",route="/translate"} 1.0' in other.get("/metrics").text


def test_a_network_that_answers_another_shape_is_a_bug(caplog):
    def first_alone(batch):
        return -batch if not batch.any() else batch[:, :4]

    with live(served_by(first_alone)) as client:
        answer = client.post("/translate", content=file_of(noise(*SIZE, 3)), headers=PNG)
        assert answer.status_code == 500
        assert "the network answered (1, 4, 32, 3) to pictures of (1, 32, 32, 3)" in caplog.text


def test_holes_of_a_tiff_file_are_holes_of_its_answer():
    """Its own tag tells them, whatever value the run's files mark them with."""
    form = PictureFormat(1, "int16", (0.0,), (3000.0,), suffix=".tif", nodata=-9999.0)
    heights = np.full(SIZE, 1000, np.int16)
    heights[:2, :2] = -1
    file = io.BytesIO()
    tifffile.imwrite(file, heights, extratags=[(42113, "s", 0, "-1", True)])
    with live(served_by(lambda batch: batch, formats=Formats(form, form))) as client:
        answer = client.post("/translate", content=file.getvalue(), headers=PNG)
    with tifffile.TiffFile(io.BytesIO(answer.content)) as tiff:
        assert tiff.pages.first.tags[42113].value == "-9999"
        np.testing.assert_array_equal(tiff.asarray(), np.where(heights == -1, -9999, heights))
