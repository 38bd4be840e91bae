"""A real browser for tests: headless Chromium, driven by Playwright; and what went on in it."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}


@contextmanager
def chromium(*arguments: str) -> Iterator:
    """Start Chromium: the system's, or the one that Playwright installed. Skips the test where there is none."""
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        found = shutil.which("chromium") or shutil.which("chromium-browser")
        path = Path(found or playwright.chromium.executable_path)
        if not path.is_file():
            pytest.skip("Chromium is not installed")
        browser = playwright.chromium.launch(
            executable_path=path, args=[*ARGUMENTS, *arguments], timeout=60_000
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visit(browser, address: str, *, allowed: tuple[str, ...] = (), **options) -> Iterator:
    """Open a page in a window of its own; see in the end that it asked no other host and complained about nothing.

    Args:
        browser: as `chromium` gives it.
        address: of the page.
        allowed: beginnings of the complaints that the test provokes.
        options: of the window, such as `viewport`.
    """
    context = browser.new_context(**options)
    context.set_default_timeout(30_000)
    complaints, asked = [], []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None,
    )
    try:
        page.goto(address)
        yield page
        complaints = [one for one in complaints if not one.startswith(allowed or ("\0",))]
        assert complaints == []
        hosts = {urlsplit(url).netloc for url in asked if not url.startswith(("blob:", "data:"))}
        assert hosts == {urlsplit(address).netloc}
    finally:
        context.close()


def upload(page, content: bytes, name: str = "picture.png", kind: str = "image/png") -> None:
    page.set_input_files("#file", files=[{"name": name, "mimeType": kind, "buffer": content}])


def drop(page, where: str, content: bytes, kind: str = "image/png", event: str = "drop") -> None:
    """Drop or paste a picture file as a person would."""
    page.evaluate(
        """([where, content, kind, event]) => {
            const transfer = new DataTransfer();
            if (content.length) transfer.items.add(new File([new Uint8Array(content)], "dropped.png", {type: kind}));
            else transfer.setData("text/plain", "words");
            const make = event === "paste"
                ? new ClipboardEvent(event, {clipboardData: transfer, bubbles: true, cancelable: true})
                : new DragEvent(event, {dataTransfer: transfer, bubbles: true, cancelable: true});
            document.querySelector(where).dispatchEvent(make);
        }""",
        [where, list(content), kind, event],
    )


def result(page) -> np.ndarray:
    """Wait for the translation and download it."""
    page.wait_for_selector("#result:not([aria-busy]) #done:not([hidden])")
    with page.expect_download() as download:
        page.click("#download")
    with Image.open(io.BytesIO(Path(download.value.path()).read_bytes())) as picture:
        return np.asarray(picture)


def shown(page, side: str) -> np.ndarray:
    """Return the picture that the page shows as `before` or `after`, uint8 RGB of its own size."""
    pixels, width, height = page.evaluate(
        """async (side) => {
            const image = document.getElementById(side);
            await image.decode();
            const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
            const context = canvas.getContext("2d");
            context.drawImage(image, 0, 0);
            const {data} = context.getImageData(0, 0, canvas.width, canvas.height);
            return [[...data], canvas.width, canvas.height];
        }""",
        side,
    )
    return np.array(pixels, np.uint8).reshape(height, width, 4)[..., :3]


def trouble(page) -> str:
    """Wait for the message about what went wrong."""
    page.wait_for_selector("#result:not([aria-busy]) #error:not([hidden])")
    return page.inner_text("#error-text")
