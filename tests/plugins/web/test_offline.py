"""The page that translates in the visitor's own browser, in a real one."""

import functools
import hashlib
import io
import json
import re
import tarfile
import threading
import urllib.error
from contextlib import contextmanager
from dataclasses import replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import keras
import numpy as np
import pytest
import zoo_web
from PIL import Image
from small_networks import material, psnr, small_network
from zoo_web.offline import runtime as fetching
from zoo_web.offline.exporter import Web
from zoo_web.offline.weights import rounded

import zoo
from zoo.errors import ZooError
from zoo.pictures import RGB, Formats, PictureFormat, Stream
from zoo.translation.tiling import TiledAxis
from zoo.translation.translator import Translator

GREY = PictureFormat("grey")
COLOURS = PictureFormat(classes=((255, 255, 255), (200, 0, 0), (0, 0, 200)))
NUMBERS = PictureFormat("grey", classes=(7, 40, 2))
DEEP = PictureFormat("grey", "uint16", (1000.0,), (3000.0,))
SCALED = PictureFormat(low=(10.0, 20.0, 30.0), high=(200.0, 220.0, 240.0))
HOLES = PictureFormat(low=(10.0,), high=(250.0,), nodata=200.0, fill=60.0)


def noise(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def png(picture):
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


# === The runtime's files ===


@pytest.fixture
def small_runtime(monkeypatch, tmp_path):
    """Small files in place of the runtime's, by their own checksums; an empty cache, and no network."""
    contents = {name: name.encode() for name in fetching.FILES}
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    monkeypatch.setattr(fetching, "FILES", sums)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    monkeypatch.delenv(fetching.VARIABLE, raising=False)

    def unreachable(address, timeout):
        raise urllib.error.URLError("Network is unreachable")

    monkeypatch.setattr("urllib.request.urlopen", unreachable)
    return contents


def put(contents, folder):
    folder.mkdir(parents=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("place", ["", "dist", "package/dist", "node_modules/onnxruntime-web/dist"])
def test_the_runtime_is_taken_from_a_folder(small_runtime, tmp_path, place):
    put(small_runtime, tmp_path / "given" / place)
    assert fetching.runtime_files(tmp_path / "given") == small_runtime


def test_the_runtime_is_taken_from_a_package_or_the_variable(small_runtime, tmp_path, monkeypatch):
    package = tmp_path / "onnxruntime-web.tgz"
    with tarfile.open(package, "w:gz") as archive:
        archive.add(put(small_runtime, tmp_path / "package" / "dist"), "package/dist")
    assert fetching.runtime_files(package) == small_runtime
    monkeypatch.setenv(fetching.VARIABLE, str(tmp_path / "package"))
    assert fetching.runtime_files() == small_runtime


def test_the_runtime_is_downloaded_once(small_runtime, monkeypatch):
    asked = []

    def download(address, timeout):
        asked.append(address)
        return io.BytesIO(small_runtime[address.rsplit("/", 1)[1]])

    monkeypatch.setattr("urllib.request.urlopen", download)
    for _ in range(2):
        assert fetching.runtime_files() == small_runtime
    assert asked == [fetching.ADDRESS + name for name in fetching.FILES]
    assert sorted(path.name for path in fetching.cache_folder().iterdir()) == sorted(small_runtime)


def test_without_a_network_it_says_what_to_fetch_and_where_to_put_it(small_runtime):
    first, second = (fetching.ADDRESS + name for name in fetching.FILES)
    with pytest.raises(ZooError) as raised:
        fetching.runtime_files()
    assert str(raised.value) == (
        f"onnxruntime-web cannot be downloaded (Network is unreachable); fetch {first} and {second} "
        f"and put them into {fetching.cache_folder()}, or give the folder or npm package "
        f"(npm pack onnxruntime-web@{fetching.VERSION}) as runtime=PATH"
    )


def test_other_files_are_refused(small_runtime, tmp_path, monkeypatch):
    name, other = fetching.FILES
    folder = put({**small_runtime, other: b"an older one"}, tmp_path / "given")
    with pytest.raises(ZooError) as raised:
        fetching.runtime_files(folder)
    assert str(raised.value) == (
        f"{other} from {folder} is not the file of onnxruntime-web {fetching.VERSION}: its SHA-256 "
        "differs; remove it and fetch it again, in that version"
    )
    monkeypatch.setattr("urllib.request.urlopen", lambda address, timeout: io.BytesIO(b"hello"))
    with pytest.raises(ZooError, match=f"^{name} from https://cdn.jsdelivr.net/npm/onnx.*differs"):
        fetching.runtime_files()
    assert not fetching.cache_folder().exists()


def test_a_folder_or_package_without_the_runtime_is_refused(small_runtime, tmp_path):
    first, second = fetching.FILES
    with pytest.raises(ZooError) as raised:
        fetching.runtime_files(tmp_path)
    assert str(raised.value) == (
        f"{tmp_path} does not hold onnxruntime-web: expected {first} and {second} in it or in its dist/"
    )
    package = tmp_path / "broken.tgz"
    package.write_bytes(b"no archive")
    with pytest.raises(ZooError, match=r"broken\.tgz cannot be read as an npm package: "):
        fetching.runtime_files(package)
    with tarfile.open(package, "w:gz"):
        pass
    with pytest.raises(ZooError) as raised:
        fetching.runtime_files(package)
    assert str(raised.value) == (
        f"{package} is not a package of onnxruntime-web: it holds no {first}; "
        f"make one with: npm pack onnxruntime-web@{fetching.VERSION}"
    )


# === What is written ===


@pytest.fixture
def no_runtime(monkeypatch):
    monkeypatch.setattr(fetching, "runtime_files", lambda given: {"ort.mjs": b"nothing"})


@pytest.mark.usefixtures("no_runtime")
@pytest.mark.parametrize(
    ("precision", "least", "most_bytes"),
    [("float32", 120, 1.02), ("float16", 70, 0.6), ("int8", 45, 0.4)],
)
def test_what_it_writes_paints_the_same(precision, least, most_bytes, tmp_path):
    pytest.importorskip("tf2onnx")
    pytest.importorskip("onnxruntime")
    network = keras.models.clone_model(small_network("unet"))
    network.set_weights(small_network("unet").get_weights())
    given = material(network)
    exporter = Web(precision=precision)
    exporter.write(given, tmp_path)
    painted = exporter.open(tmp_path, 1)(given.held_out)
    expected = network.predict_on_batch(given.held_out)
    assert psnr(painted, expected) > min(least, exporter.tolerance.psnr or least)
    weights = 4 * network.count_params()
    assert (tmp_path / "model.onnx").stat().st_size < most_bytes * weights + 40_000
    assert exporter.label == "web"


@pytest.mark.usefixtures("no_runtime")
def test_the_folder_is_the_page_and_all_that_it_needs(tmp_path):
    pytest.importorskip("tf2onnx")

    given = replace(material(small_network("unet")), alignment=4)
    Web().write(given, tmp_path)
    page = {*(Path(zoo_web.__file__).parent / "page").iterdir(), *zoo.shared_assets().iterdir()}
    there = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert there - {one.name for one in page} == {
        *("model.onnx", "info.json", "runtime/ort.mjs", "runtime/LICENSE.txt"),
        *("samples/0001.png", "samples/0002.png"),
    }
    assert "Microsoft Corporation" in (tmp_path / "runtime" / "LICENSE.txt").read_text("utf-8")
    html = (tmp_path / "index.html").read_text("utf-8")
    assert 'http-equiv="Content-Security-Policy" content="default-src \'self\'; ' in html
    assert re.findall('name="zoo-translator" content="(.*)"', html) == ["browser"]
    # Of the page that a server translates for, nothing is another but what it says of itself.
    changed = {one.name for one in page if one.read_bytes() != (tmp_path / one.name).read_bytes()}
    assert changed == {"index.html"}
    info = json.loads((tmp_path / "info.json").read_text("utf-8"))
    assert {key: info[key] for key in ("name", "size", "alignment", "overlap", "limits")} == {
        "name": "small",
        "size": [32, 32],
        "alignment": 4,
        "overlap": Translator(lambda batch: batch, (32, 32)).overlap,
        "limits": {"pixels": 50_000_000},
    }
    assert info["model"]["bytes"] == (tmp_path / "model.onnx").stat().st_size
    np.testing.assert_array_equal(
        RGB.read(tmp_path / "samples" / "0002.png"), RGB.from_network(given.held_out[1])
    )


def test_weights_are_rounded_by_output_channel():
    weights = np.array([[[1.0, -127.0]], [[0.0, 0.0]], [[0.5, 0.254]]], np.float32)
    numbers, scale = rounded(weights, 0)
    assert numbers.dtype == np.int8
    assert numbers.tolist() == [[[1, -127]], [[0, 0]], [[127, 65]]]
    np.testing.assert_allclose(scale, [[[1]], [[1]], [[0.5 / 127]]])
    assert rounded(weights, None)[1].shape == (1, 1, 1)


@pytest.mark.parametrize(
    ("formats", "message"),
    [
        (
            Formats(source=PictureFormat(channels=6, dtype="uint8")),
            "a web page cannot read the run's pictures: browsers read colours and grey of 8 bits, and "
            "these have the channels 6 of uint8; use 'zoo serve'",
        ),
        (
            Formats(source=DEEP),
            "a web page cannot read the run's pictures: browsers read colours and grey of 8 bits, and "
            "these have the channels grey of uint16; use 'zoo serve'",
        ),
        (
            Formats(target=PictureFormat(channels=1, dtype="float32", suffix=".tif")),
            "a web page cannot write the run's translations: it writes colours and grey of 8 or 16 bits, and "
            "these have the channels 1 of float32; use 'zoo serve'",
        ),
    ],
)
def test_pictures_that_browsers_cannot_hold_are_refused(formats, message, tmp_path):
    given = replace(material(small_network("unet")), formats=formats)
    with pytest.raises(ZooError) as raised:
        Web().write(given, tmp_path)
    assert str(raised.value) == message


# === In the browser ===


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        """Say nothing."""


@contextmanager
def hosted(folder):
    """Serve a folder as `python -m http.server` does."""
    with ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))
    ) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def browser():
    pytest.importorskip("playwright")
    from browser import chromium

    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def scripts(browser, tmp_path_factory):
    """A page from which the export's scripts can be imported, without a network or its runtime."""
    from zoo_web.offline.exporter import _write_page

    folder = tmp_path_factory.mktemp("scripts")
    _write_page(folder)
    (folder / "info.json").write_text(json.dumps({"source": NUMBERS.as_json()}))
    (folder / "empty.html").write_text('<!doctype html><link rel="icon" href="icon.svg">')
    with hosted(folder) as address:
        page = browser.new_page()
        page.goto(f"{address}empty.html")
        yield page
        page.close()


CASES = [
    (length, size, overlap, alignment)
    for size in (16, 32)
    for length in (1, 2, 15, 16, 17, 31, 33, 64, 75, 200)
    for overlap in (0.0, 0.25, 0.4, 0.5, 0.8)
    for alignment in (1, 2, 4, 8)
]


def test_tiles_lie_as_in_python(scripts):
    answers = scripts.evaluate(
        """async (cases) => {
            const { tiledAxis } = await import("/tiling.js");
            return cases.map((one) => {
                const axis = tiledAxis(...one);
                return [axis.length, axis.before, axis.starts, axis.weights.map((w) => [...w])];
            });
        }""",
        CASES,
    )
    for case, (length, before, starts, weights) in zip(CASES, answers, strict=True):
        axis = TiledAxis(*case)
        assert (length, before, starts) == (axis.length, axis.padding[0], axis.starts), case
        np.testing.assert_allclose(weights, axis.weights, atol=1e-7, err_msg=str(case))


def in_page(scripts, picture, **options):
    """Translate an array in the page; see `file_in_page`."""
    return file_in_page(scripts, png(picture), **options)


def file_in_page(scripts, file, *, source, target, alignment=1):
    """Translate the bytes of a file with the export's scripts and a network that returns what it is given."""
    info = {
        "size": [16, 32],
        "overlap": 0.25,
        "alignment": alignment,
        "source": source.as_json(),
        "target": target.as_json(),
    }
    content = scripts.evaluate(
        """async ([content, info, depth]) => {
            const { translateTiled } = await import("/tiled-inference.js");
            const blob = new Blob([new Uint8Array(content)]);
            const network = async (values) => ({values, channels: depth});
            const { result } = await translateTiled(blob, info, network, async () => {});
            return [...new Uint8Array(await result.arrayBuffer())];
        }""",
        [list(file), info, source.depth],
    )
    return target.read(Stream.of(bytes(content), "answer"))


def in_python(picture, *, source, target, alignment=1):
    translator = Translator(
        lambda batch: batch,
        (16, 32),
        overlap=0.25,
        formats=Formats(source, target),
        alignment=alignment,
    )
    return target.as_stored(translator(picture).reshape(*picture.shape[:2], -1))


@pytest.mark.parametrize("shape", [(1, 1), (5, 9), (16, 32), (17, 40), (50, 71)])
@pytest.mark.parametrize(
    ("source", "target"),
    [
        (RGB, RGB),
        (GREY, GREY),
        (GREY, DEEP),
        (SCALED, SCALED),
        (HOLES, RGB),
        (RGB, COLOURS),
        (RGB, NUMBERS),
    ],
    ids=["colours", "grey", "16 bits", "scaled", "holes", "classes' colours", "classes' numbers"],
)
def test_values_of_files_are_as_in_python(scripts, shape, source, target):
    picture = noise(*shape, 3) if source.depth == 3 else noise(*shape)
    got = in_page(scripts, picture, source=source, target=target, alignment=2)
    expected = in_python(picture, source=source, target=target, alignment=2)
    assert got.dtype == expected.dtype
    np.testing.assert_allclose(got.astype(int), expected.astype(int), atol=1)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_upright(scripts, kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    blocks = noise(3, 5, 3).repeat(8, 0).repeat(8, 1)
    content = io.BytesIO()
    options = {"lossless": True} if kind == "WEBP" else {"quality": 100, "subsampling": 0}
    Image.fromarray(blocks).save(content, kind, exif=exif, **options)
    got = file_in_page(scripts, content.getvalue(), source=RGB, target=RGB)
    expected = RGB.read(Stream.of(content.getvalue(), "sent"))
    np.testing.assert_allclose(got.astype(int), expected.astype(int), atol=3)


@pytest.mark.parametrize("target", [DEEP, NUMBERS], ids=["16 bits", "classes' numbers"])
def test_what_screens_do_not_show_is_shown_as_in_python(scripts, target):
    values = np.random.default_rng(1).uniform(-1, 1, (16, 32, target.depth)).astype(np.float32)
    pixels = scripts.evaluate(
        """async ([values, target, depth]) => {
            const { previewFormat } = await import("/formats.js");
            const format = previewFormat(target, depth);
            const shown = format.make(16 * 32 * format.channels);
            for (let pixel = 0; pixel < 16 * 32; pixel++) {
                format.write(values, pixel * depth, shown, pixel * format.channels);
            }
            return [...shown];
        }""",
        [values.ravel().tolist(), target.as_json(), target.depth],
    )
    shown = np.array(pixels).reshape(16, 32, -1)
    everywhere = np.where(values == values.max(axis=-1, keepdims=True), 1, -1)
    expected = target.for_people(everywhere if target.classes else values)
    np.testing.assert_allclose(shown - expected.astype(int), 0, atol=1)


def test_label_maps_of_numbers_are_shown_in_colours(scripts):
    indices = noise(10, 12) % 3
    values = np.array(NUMBERS.classes, np.uint8)[indices]
    values[0, 0] = 255  # of no class
    pixels = scripts.evaluate(
        """async (content) => {
            sessionStorage.setItem("zoo-isolation", "1"); // or the page is loaded once more
            const { preview } = await import("/browser-translator.js");
            const seen = await preview(new Blob([new Uint8Array(content)], {type: "image/png"}), "source");
            return [...new Uint8Array(await seen.arrayBuffer())];
        }""",
        list(png(values)),
    )
    shown = RGB.read(Stream.of(bytes(pixels), "preview"))
    assert shown[0, 0].tolist() == [255, 255, 255]
    expected = NUMBERS.palette[indices]
    expected[0, 0] = 255
    np.testing.assert_allclose(shown.astype(int), expected.astype(int), atol=1)


@pytest.mark.parametrize("form", [COLOURS, NUMBERS], ids=["colours", "numbers"])
def test_label_maps_are_read_as_in_python(scripts, form):
    values = np.array(form.classes, np.uint8)[noise(40, 50) % 3]
    got = in_page(scripts, values, source=form, target=form)
    np.testing.assert_array_equal(got, form.as_stored(values.reshape(40, 50, -1)))


@pytest.mark.parametrize(
    ("form", "picture", "message"),
    [
        (
            COLOURS,
            np.full((4, 4, 3), 9, np.uint8),
            "This label map has pixels of the colour 9, 9, 9, which is none of its 3 classes.",
        ),
        (
            NUMBERS,
            np.full((4, 4), 9, np.uint8),
            "This label map has pixels of the value 9, which is none of its 3 classes.",
        ),
        (
            NUMBERS,
            np.full((4, 4, 3), [7, 7, 40], np.uint8),
            "This label map has colours; expected a grey picture of the classes' numbers.",
        ),
    ],
)
def test_pixels_of_no_class_are_refused(scripts, form, picture, message):
    import playwright.sync_api

    with pytest.raises(playwright.sync_api.Error) as raised:
        in_page(scripts, picture, source=form, target=form)
    assert message in str(raised.value)


def test_transparency_is_laid_on_white(scripts):
    picture = noise(20, 40, 4)
    picture[..., 3] = np.where(picture[..., 3] > 127, 255, 0)
    got = in_page(scripts, picture, source=RGB, target=RGB)
    np.testing.assert_allclose(got.astype(int), RGB.as_stored(picture).astype(int), atol=1)


# === The whole page ===


@pytest.fixture(scope="module")
def runtime():
    """The runtime itself; a test does not download it."""
    import os

    given = os.environ.get(fetching.VARIABLE)
    cached = all((fetching.cache_folder() / name).is_file() for name in fetching.FILES)
    if not given and not cached:
        pytest.skip(f"onnxruntime-web is neither in its cache nor where {fetching.VARIABLE} says")
    return Path(given) if given else fetching.cache_folder()


@pytest.fixture(scope="module")
def exported(runtime, tmp_path_factory):
    pytest.importorskip("tf2onnx")
    folder = tmp_path_factory.mktemp("web")
    given = replace(material(small_network("unet")), alignment=2)
    exporter = Web(precision="float32", runtime=runtime)
    exporter.write(given, folder)
    translator = Translator(exporter.open(folder, 1), (32, 32), alignment=2)
    with hosted(folder) as address:
        yield address, translator


@contextmanager
def opened(browser, address, *, allowed=(), **options):
    from browser import visit

    # Playwright says so, where a test tells it to.
    allowed = (*allowed, "Service Worker registration blocked by Playwright")
    with visit(browser, address, allowed=allowed, **options) as page:
        page.wait_for_selector("#thumbnails li:nth-child(2) img")
        yield page


@pytest.mark.parametrize("workers", ["allow", "block"])
def test_the_browser_translates_as_python_does(browser, exported, workers):
    from browser import result, upload

    address, translator = exported
    with opened(browser, address, service_workers=workers) as page:
        # Threads need headers, which a service worker adds where the server does not.
        assert page.evaluate("crossOriginIsolated") == (workers == "allow")
        assert page.inner_text("#privacy") == (
            "Everything happens in this browser: no picture leaves your device."
        )
        for shape in [(32, 32), (9, 45), (77, 100)]:
            upload(page, png(picture := noise(*shape, 3)))
            got, expected = result(page).astype(int), translator(picture).astype(int)
            assert np.abs(got - expected).max() <= 2
        page.get_by_role("button", name="Sample 0001.png").click()
        page.wait_for_selector("#result:not([aria-busy]) #facts:has-text('32 × 32')")


def test_what_is_no_picture_is_told(browser, exported):
    from browser import result, trouble, upload

    address, _ = exported
    with opened(browser, address) as page:
        upload(page, b"nothing", "words.bin", "")
        assert trouble(page) == (
            "This file cannot be read as a picture. Browsers read PNG, JPEG, WebP and GIF."
        )
        upload(page, png(noise(32, 32)))
        assert result(page).shape == (32, 32, 3)


def test_many_pieces_can_be_stopped(browser, exported):
    from browser import result, upload

    address, _ = exported
    with opened(browser, address) as page:
        page.select_option("#max-size", "0")
        upload(page, png(noise(2000, 2000, 3)))
        page.wait_for_selector("#busy-text:has-text('pieces')")
        assert page.is_visible("#busy-share")
        page.get_by_role("button", name="Stop").click()
        page.wait_for_selector("#status:has-text('Stopped.')")
        upload(page, png(noise(32, 32, 3)))
        assert result(page).shape == (32, 32, 3)


def test_a_network_that_is_not_there_is_told_and_tried_again(browser, exported):
    from browser import result, trouble, upload

    address, _ = exported
    allowed = ("Failed to load resource",)
    with opened(browser, address, allowed=allowed, service_workers="block") as page:
        page.context.route("**/model.onnx", lambda route: route.fulfill(status=404))
        upload(page, png(noise(32, 32, 3)))
        assert trouble(page) == "The network's file model.onnx cannot be loaded (404)."
        page.context.unroute("**/model.onnx")
        page.get_by_role("button", name="Try again").click()
        assert result(page).shape == (32, 32, 3)
