"""The page of `zoo serve` in a real browser."""

import contextlib
import io
import threading

import numpy as np
import pytest

pytest.importorskip("fastapi")
pytest.importorskip("playwright")

from browser import CAMERA, PHONE, chromium, drop, result, shown, trouble, upload, visit
from PIL import Image, ImageOps
from plugins.web.live import SIZE, Gate, file_of, live, noise, picture_in, served_by
from zoo_web.service.settings import Settings

from zoo.pictures import Formats, PictureFormat, write_picture

PICTURE = noise(*SIZE, 3)
SETTINGS = Settings(most_bytes=100_000, most_pixels=200 * 200)
# Chromium itself says so of every answer that is an error.
REFUSED = ("Failed to load resource",)
COLOURS = PictureFormat(classes=((255, 255, 255), (200, 0, 0), (0, 0, 200)))
NUMBERS = PictureFormat(channels="grey", classes=(7, 40, 2))


@pytest.fixture(scope="module")
def browser():
    with chromium(*CAMERA) as started:
        yield started


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples")
    paths = tuple(folder / f"source-{index}.png" for index in range(3))
    for index, path in enumerate(paths):
        write_picture(path, np.roll(PICTURE, index, axis=1))
    return paths


@contextlib.contextmanager
def page_of(browser, served=None, settings=SETTINGS, **options):
    with (
        live(served or served_by(), settings) as client,
        visit(browser, str(client.base_url), **options) as page,
    ):
        page.wait_for_selector("#about:has-text('32')")
        page.client = client
        yield page


@pytest.fixture(scope="module")
def server(samples):
    with live(served_by(samples=samples), SETTINGS) as client:
        yield str(client.base_url)


@pytest.fixture
def page(browser, server):
    with visit(browser, server) as page:
        page.wait_for_selector("#thumbnails li:nth-child(3) img")
        yield page


def announced(page):
    return page.inner_text("#status")


# === Sources ===


def test_it_says_what_is_translated_here(page):
    assert page.title() == "tiny · zoo"
    assert page.inner_text("h1") == "tiny"
    assert page.inner_text("#about") == (
        "A network for pictures of 32 × 32 pixels. Larger ones are translated piece by piece."
    )
    assert page.inner_text("#limits") == "up to 100 KB, 40,000 pixels"
    assert page.inner_text("#privacy") == "Pictures are sent to this server to be translated."


def test_an_uploaded_picture_is_translated(page):
    upload(page, file_of(PICTURE), "house.front.png")
    assert page.wait_for_selector("#result:not([aria-busy]) #done:not([hidden])")
    assert page.get_attribute("#download", "download") == "house.front-translated.png"
    np.testing.assert_array_equal(result(page), 255 - PICTURE)
    np.testing.assert_array_equal(shown(page, "before"), PICTURE)
    np.testing.assert_array_equal(shown(page, "after"), 255 - PICTURE)
    assert announced(page).startswith("Translated in ")
    assert page.inner_text("#facts").split(" · ")[1] == "32 × 32"


@pytest.mark.parametrize("event", ["drop", "paste"])
def test_a_dropped_or_pasted_picture_is_translated(page, event):
    drop(page, "body", file_of(PICTURE), event=event)
    np.testing.assert_array_equal(result(page), 255 - PICTURE)


def test_what_is_no_picture_is_told(page):
    drop(page, "body", b"", event="paste")
    assert trouble(page) == "The clipboard holds no picture. Copy a picture, then paste it here."
    drop(page, "body", b"", event="drop")
    assert trouble(page) == "This is no file. Save the picture first, then drop the file here."
    upload(page, b"")
    assert trouble(page) == "This file is empty."
    upload(page, file_of(PICTURE)[:100])
    assert trouble(page) == "This file cannot be read as a picture; it may be damaged."
    # The next one is translated as if nothing had been.
    upload(page, file_of(PICTURE))
    np.testing.assert_array_equal(result(page), 255 - PICTURE)
    assert page.is_hidden("#error")


def test_a_sample_is_translated(page):
    page.get_by_role("button", name="Sample source-1.png").click()
    np.testing.assert_array_equal(result(page), 255 - np.roll(PICTURE, 1, axis=1))


def test_a_picture_is_shrunk_if_that_is_chosen(page):
    upload(page, file_of(np.full((150, 75, 3), 60, np.uint8)))
    assert result(page).shape == (150, 75, 3)
    page.select_option("#max-size", "fit")
    page.wait_for_selector("#facts:has-text('32 × 32, shrunk from 75 × 150')")
    np.testing.assert_array_equal(result(page), np.full((32, 32, 3), 195, np.uint8))


def test_a_picture_that_browsers_do_not_read_is_translated_all_the_same(page):
    upload(page, file_of(PICTURE, "TIFF"), "picture.tif", "image/tiff")
    np.testing.assert_array_equal(result(page), 255 - PICTURE)
    # The server shows what the browser cannot.
    np.testing.assert_array_equal(shown(page, "before"), PICTURE)


@pytest.mark.parametrize(
    ("kind", "orientation"),
    [*(("JPEG", number) for number in range(1, 9)), ("PNG", 6), ("WEBP", 6), ("TIFF", 6)],
)
def test_a_picture_is_shown_and_translated_upright(page, kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    blocks = noise(2, 4, 3).repeat(8, 0).repeat(8, 1)
    options = {"JPEG": {"quality": 100, "subsampling": 0}, "WEBP": {"lossless": True}}
    content = file_of(blocks, kind, exif=exif, **options.get(kind, {}))
    upload(page, content, f"picture.{kind.lower()}", f"image/{kind.lower()}")
    with Image.open(io.BytesIO(content)) as opened:
        upright = np.asarray(ImageOps.exif_transpose(opened)).astype(int)
    np.testing.assert_allclose(255 - result(page).astype(int), upright, atol=3)
    np.testing.assert_allclose(shown(page, "before").astype(int), upright, atol=3)
    height, width = upright.shape[:2]
    assert page.inner_text("#facts").split(" · ")[1] == f"{width} × {height}"


# === Drawing ===


def drag(page, *places):
    """Draw through places given as shares of the canvas."""
    frame = page.locator("#canvas").bounding_box()
    points = [
        (frame["x"] + x * frame["width"], frame["y"] + y * frame["height"]) for x, y in places
    ]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=4)
    page.mouse.up()


def drawn(page):
    page.click("#translate-drawing")
    result(page)
    return shown(page, "before")


def test_a_drawing_is_translated(page):
    page.get_by_role("tab", name="Draw").click()
    page.fill("#brush", "2")
    page.fill("#colour", "#204060")
    drag(page, (0.1, 0.5), (0.9, 0.5))
    picture = drawn(page)
    assert picture.shape == (*SIZE, 3)
    rows, columns = np.nonzero((picture == [32, 64, 96]).all(axis=-1))
    assert set(rows) == {15, 16}
    assert columns.max() - columns.min() > 20
    np.testing.assert_array_equal(shown(page, "after"), 255 - picture)
    # No soft edges: a pixel is of the brush or of the ground.
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) == 2


def test_strokes_are_undone_and_cleared_and_erased(page):
    page.get_by_role("tab", name="Draw").click()
    assert page.is_disabled("#undo")
    drag(page, (0.2, 0.2), (0.8, 0.2))
    one = drawn(page)
    drag(page, (0.2, 0.8), (0.8, 0.8))
    two = drawn(page)
    assert (two == 0).sum() > (one == 0).sum() > 0
    page.click("#undo")
    np.testing.assert_array_equal(drawn(page), one)
    page.fill("#brush", "8")
    page.get_by_text("Eraser").click()
    drag(page, (0.1, 0.2), (0.9, 0.2))
    assert (drawn(page) == 255).all()
    page.click("#undo")
    page.click("#clear")
    assert (drawn(page) == 255).all()
    page.click("#undo")
    np.testing.assert_array_equal(drawn(page), one)
    page.click("#undo")
    assert page.is_disabled("#undo")


def test_a_background_can_be_chosen(page):
    page.get_by_role("tab", name="Draw").click()
    page.fill("#ground", "#0a141e")
    assert (drawn(page) == [10, 20, 30]).all()
    page.get_by_text("Box").click()
    drag(page, (0.26, 0.26), (0.74, 0.74))
    picture = drawn(page)
    assert (picture[8:24, 8:24] == 0).all()
    assert (picture == 0).sum() == 16 * 16 * 3


def test_it_can_be_drawn_with_the_keyboard(page):
    page.get_by_role("tab", name="Draw").press("Enter")
    page.focus("#canvas")
    page.keyboard.press("Space")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    # It shows where the brush is.
    canvas, cursor = (page.locator(f"#{name}").bounding_box() for name in ("canvas", "cursor"))
    across = (cursor["x"] + cursor["width"] / 2 - canvas["x"]) / canvas["width"]
    assert across == pytest.approx(26.5 / 32, abs=0.02)
    rows, columns = np.nonzero((drawn(page) == 0).all(axis=-1))
    assert columns.max() - columns.min() == 11
    assert set(rows) == {15, 16}
    page.focus("#canvas")
    page.keyboard.press("Control+z")
    assert (drawn(page) == 255).all()


@pytest.mark.parametrize("form", [COLOURS, NUMBERS], ids=["colours", "numbers"])
def test_label_maps_are_drawn_in_the_colours_of_their_classes(browser, form):
    seen = []

    def network(batch):
        seen.append(batch)
        return batch

    with page_of(browser, served_by(network, formats=Formats(form, form))) as page:
        assert page.inner_text("#about").startswith("A network for label maps of 3 classes of 32")
        page.get_by_role("tab", name="Draw").click()
        page.get_by_text("Box").click()
        page.get_by_role("radio").nth(5).check(force=True)
        drag(page, (0.26, 0.26), (0.74, 0.74))
        page.click("#translate-drawing")
        labels = result(page)
        assert not page.locator("#own-colour").is_visible()
    classes = seen[-1][0].argmax(axis=-1)
    assert (classes[8:24, 8:24] == 2).all()
    assert (classes == 0).sum() == 32 * 32 - 16 * 16
    np.testing.assert_array_equal(labels, np.array(form.classes, np.uint8)[classes])


# === Camera ===


def test_a_still_of_the_camera_is_translated(browser, server):
    with visit(browser, server) as page:
        page.get_by_role("tab", name="Camera").click()
        page.get_by_role("button", name="Start the camera").click()
        page.wait_for_selector("#camera-take:focus")
        page.select_option("#max-size", "fit")
        page.keyboard.press("Enter")
        assert result(page).shape == (32, 32, 3)
        assert page.evaluate("document.getElementById('video').srcObject.active")
        page.get_by_role("tab", name="Draw").click()
        assert page.evaluate("document.getElementById('video').srcObject === null")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "NotAllowedError",
            "The camera was refused. Allow it for this page in your browser, then try again.",
        ),
        ("NotFoundError", "No camera was found on this device."),
        ("NotReadableError", "The camera is used by another program, or switched off."),
    ],
)
def test_a_camera_that_is_refused_is_told(page, name, message):
    page.evaluate(
        """(name) => {
            navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("", name); };
        }""",
        name,
    )
    page.get_by_role("tab", name="Camera").click()
    page.click("#camera-start")
    page.wait_for_selector("#camera-message.bad")
    assert page.inner_text("#camera-message") == announced(page) == message
    assert page.is_visible("#camera-start")


# === Refusals ===


def test_an_oversized_picture_is_told_before_it_is_sent(page):
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    upload(page, file_of(noise(250, 250, 3)))
    assert trouble(page) == (
        "This file is too large: it has 188 KB, and at most 100 KB are taken here."
    )
    upload(page, file_of(np.zeros((201, 200, 3), np.uint8)))
    assert trouble(page) == (
        "This picture is too large: 200 × 201 pixels, and at most 40,000 pixels are taken here. "
        "Choose a smaller size."
    )
    assert "POST" not in sent
    page.select_option("#max-size", "fit")
    upload(page, file_of(noise(250, 250, 3)))
    assert result(page).shape == (32, 32, 3)


def test_what_the_server_refuses_is_told_in_its_words(browser):
    with page_of(browser, allowed=REFUSED) as page:
        upload(page, b"no picture at all", "notes.bin", "")
        reason = page.client.post(
            "/translate",
            content=b"no picture at all",
            headers={"Content-Type": "application/octet-stream"},
        ).json()["error"]
        assert trouble(page) == reason[0].upper() + reason[1:].rstrip(".") + "."
        assert page.get_attribute("#error", "role") == "alert"
        assert page.is_hidden("#retry")


def test_a_busy_server_is_tried_again(browser):
    gate = Gate()
    settings = Settings(queue=1, batch_size=1)
    with page_of(browser, served_by(gate), settings, allowed=REFUSED) as page:
        gate.close()
        answers = []
        filling = [
            threading.Thread(
                target=lambda: answers.append(
                    page.client.post(
                        "/translate",
                        content=file_of(PICTURE),
                        headers={"Content-Type": "image/png"},
                    ).status_code
                )
            )
            for _ in range(2 + settings.workers + settings.queue)
        ]
        for thread in filling:
            thread.start()
        # Until one is turned away, the queue is not full.
        while 503 not in answers:
            page.wait_for_timeout(10)
        upload(page, file_of(PICTURE))
        assert trouble(page) == "The server is busy right now. Try again in a moment."
        gate.open()
        for thread in filling:
            thread.join()
        page.get_by_role("button", name="Try again").click()
        np.testing.assert_array_equal(result(page), 255 - PICTURE)


def test_a_server_that_is_gone_is_told(browser):
    with page_of(browser, allowed=REFUSED) as page:
        page.context.set_offline(True)
        upload(page, file_of(PICTURE))
        assert trouble(page) == (
            "The server cannot be reached. Is it still running, and are you connected?"
        )
        page.context.set_offline(False)
        page.get_by_role("button", name="Try again").click()
        np.testing.assert_array_equal(result(page), 255 - PICTURE)


def test_a_picture_under_way_can_be_stopped(browser):
    gate = Gate()
    with page_of(browser, served_by(gate)) as page:
        gate.close()
        upload(page, file_of(PICTURE))
        gate.entered.acquire()
        assert page.is_visible("#busy")
        page.get_by_role("button", name="Stop").click()
        page.wait_for_selector("#status:has-text('Stopped.')")
        assert page.is_hidden("#busy")
        gate.open()
        upload(page, file_of(255 - PICTURE))
        np.testing.assert_array_equal(result(page), PICTURE)


def test_a_token_is_asked_for(browser, samples):
    settings = Settings(token="let me in")
    with page_of(browser, served_by(samples=samples), settings, allowed=REFUSED) as page:
        assert trouble(page) == ("This server wants an access token; ask whoever runs it for one.")
        upload(page, file_of(PICTURE))
        page.wait_for_selector("#token:focus")
        page.fill("#token", "let me out")
        page.keyboard.press("Enter")
        page.wait_for_selector("#error-text:has-text('does not accept this access token')")
        page.fill("#token", "let me in")
        page.keyboard.press("Enter")
        np.testing.assert_array_equal(result(page), 255 - PICTURE)
        # It is known for the rest of the visit.
        page.reload()
        page.wait_for_selector("#thumbnails li:nth-child(3) img")
        assert page.is_hidden("#error")


# === Seeing and comparing ===


def test_the_slider_moves_with_the_keyboard_and_the_pointer(page):
    upload(page, file_of(PICTURE))
    result(page)
    slider = page.get_by_role("slider", name="Where the source ends and the translation begins")

    def split():
        return page.evaluate("document.querySelector('.line').offsetLeft") / frame["width"]

    frame = page.locator("#compare").bounding_box()
    assert split() == pytest.approx(0.5, abs=0.01)
    slider.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    assert slider.input_value() == "60"
    assert slider.get_attribute("aria-valuetext") == "60 % source"
    assert split() == pytest.approx(0.6, abs=0.01)
    page.keyboard.press("Home")
    assert split() == pytest.approx(0, abs=0.01)
    page.mouse.click(frame["x"] + 0.25 * frame["width"], frame["y"] + 0.7 * frame["height"])
    assert split() == pytest.approx(0.25, abs=0.02)


def test_both_can_be_seen_side_by_side(page):
    upload(page, file_of(PICTURE))
    result(page)
    page.get_by_text("Side by side").click()
    before, after = (page.locator(f"#{side}").bounding_box() for side in ("before", "after"))
    assert before["x"] + before["width"] < after["x"]
    assert before["y"] == after["y"]
    assert not page.get_by_role("slider", name="Where the source ends").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_cut_off_on_a_phone(browser, server, scheme):
    with visit(browser, server, color_scheme=scheme, **PHONE) as page:

        def widest():
            return page.evaluate("document.documentElement.scrollWidth")

        page.wait_for_selector("#thumbnails li:nth-child(3) img")
        assert widest() == 360
        page.get_by_role("tab", name="Draw").tap()
        assert widest() == 360
        page.get_by_role("tab", name="Camera").tap()
        page.get_by_role("button", name="Start the camera").tap()
        page.wait_for_selector("#camera-take:not([hidden])")
        assert widest() == 360
        upload(page, file_of(noise(60, 150, 3)))
        result(page)
        assert widest() == 360
        # What came of it is brought into view by itself.
        page.wait_for_function(
            "document.getElementById('compare').getBoundingClientRect().bottom <= innerHeight"
        )
        page.get_by_text("Side by side").tap()
        assert widest() == 360


def test_everything_can_be_reached_by_its_name(page):
    for role, name in [
        ("tab", "Picture"),
        ("tab", "Draw"),
        ("tab", "Camera"),
        ("button", "Sample source-0.png"),
        ("combobox", "Size"),
    ]:
        assert page.get_by_role(role, name=name).is_visible()
    page.focus("#tab-file")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "tab-draw"
    assert page.is_visible("#canvas")
    for name in ("Brush", "Box", "Eraser"):
        assert page.get_by_role("radio", name=name, exact=True).count() == 1
    for name in ("Undo", "Clear", "Translate the drawing"):
        assert page.get_by_role("button", name=name).is_visible()
    page.keyboard.press("End")
    assert page.is_visible("#camera-start")
    unnamed = page.evaluate(
        """[...document.querySelectorAll("button, input, select, a, canvas, video, img")]
            .filter((one) => !(one.labels?.length || one.ariaLabel || one.textContent.trim()))
            .filter((one) => !one.hasAttribute("alt"))
            .map((one) => one.outerHTML)"""
    )
    assert unnamed == []


def test_sixteen_bits_come_back_as_they_are_and_are_shown(browser):
    deep = PictureFormat(channels="grey", dtype="uint16", low=(1000.0,), high=(3000.0,))
    picture = np.linspace(1000, 3000, 32 * 32).reshape(SIZE).round().astype(np.uint16)
    with page_of(browser, served_by(formats=Formats(deep, deep))) as page:
        upload(page, file_of(picture))
        page.wait_for_selector("#result:not([aria-busy]) #done:not([hidden])")
        with page.expect_download() as download:
            page.click("#download")
        content = download.value.path().read_bytes()
        translated = picture_in(content)
        np.testing.assert_allclose(translated, 4000.0 - picture, atol=1)
        # Their values reach from black to white, not from 1000 to 3000 of 65535.
        assert shown(page, "before")[0, 0, 0] == 0
        assert shown(page, "before")[-1, -1, 0] == 255
