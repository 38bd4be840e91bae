"""The pages in a real browser: at a desk's and a phone's width, in light and dark."""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright")

from browser import chromium, visit
from run_on_disk import draw_sample, warn, write_run

import zoo
from zoo.report.compare import write_comparison
from zoo.report.report import write_report
from zoo.report.watch import Watcher

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DESK = {"viewport": {"width": 1280, "height": 900}}
WIDTHS = [
    pytest.param({**DESK, "color_scheme": "light"}, id="desk"),
    pytest.param({**PHONE, "color_scheme": "dark"}, id="phone"),
]
# A name and a figure as long as they may come.
LONG = "a-run-with-a-name-that-goes-on-and-on-and-on-without-any-place-to-break-it-20260101-101010"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of a run with warnings, one of a run that has hardly begun, and a comparison."""
    folder = tmp_path_factory.mktemp("pages")
    run = write_run(folder / "earth", epochs=12)
    warn(run, 2, 3, 7)
    write_report(run)
    others = [
        write_run(folder / name, epochs=8, seed=1, gain=0.5, samples=False)
        for name in (LONG, "third")
    ]
    write_comparison(
        [zoo.load_run(path) for path in (run, *others)], folder / "compare.html", pictures=0
    )
    begun = write_run(folder / "begun", epochs=1)
    (begun / "metrics.json").unlink()
    write_report(begun)
    return folder


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """Where they are served, so that what they ask for would be seen."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def until(page: Any, expression: str, argument: Any = None) -> None:
    """Wait for what is true in a page; its policy forbids what Playwright has for that."""
    for _ in range(100):
        if page.evaluate(expression, argument):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"this was not so within 5 seconds: {expression}")


def is_whole(page: Any) -> None:
    """See that all pictures can be seen and nothing is wider than the window."""
    until(page, "[...document.images].every((image) => image.complete)")
    broken = page.evaluate(
        "[...document.images].filter((one) => one.getAttribute('src') && !one.naturalWidth).length"
    )
    assert broken == 0
    width, inner = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= inner
    for plot in page.query_selector_all(".plot"):
        assert plot.evaluate("(place) => place.querySelector('canvas')?.clientWidth > 200")


@pytest.mark.parametrize("options", WIDTHS)
@pytest.mark.parametrize("name", ["earth/report.html", "begun/report.html", "compare.html"])
def test_all_can_be_seen(browser, address, name, options):
    with visit(browser, f"{address}{name}", **options) as page:
        page.wait_for_selector(".u-over")
        is_whole(page)


def pixels(page: Any, chart: int) -> str:
    drawn = page.evaluate(f"document.querySelectorAll('.chart canvas')[{chart}].toDataURL()")
    assert isinstance(drawn, str)
    return drawn


@pytest.mark.parametrize("options", WIDTHS)
def test_curves_are_smoothed_zoomed_and_hidden(browser, address, options):
    with visit(browser, f"{address}earth/report.html", **options) as page:
        page.wait_for_selector(".chart canvas")
        seen = [pixels(page, 2)]
        page.locator("#smoothing").press("End")
        assert page.inner_text("#smoothing-value") == "0.98"
        seen.append(pixels(page, 2))
        chart = page.locator(".chart").nth(2)
        log = chart.locator(".log")
        pressed = log.get_attribute("aria-pressed")
        log.click()
        assert log.get_attribute("aria-pressed") != pressed
        seen.append(pixels(page, 2))
        entry = chart.locator(".legend button").first
        entry.click()
        assert entry.get_attribute("aria-pressed") == "false"
        seen.append(pixels(page, 2))
        assert len(set(seen)) == 4
        # The arrow keys move along the curves, and say the values there.
        last = chart.locator(".legend b").nth(1).inner_text()
        for _ in range(5):
            chart.locator(".plot").press("ArrowLeft")
        assert chart.locator(".at").inner_text() == "epoch 7"
        assert chart.locator(".legend b").nth(1).inner_text() != last


def test_dragging_zooms_all_charts(browser, address):
    with visit(browser, f"{address}earth/report.html", **DESK) as page:
        over = page.locator(".chart .u-over").first
        over.scroll_into_view_if_needed()
        box = over.bounding_box()
        before = pixels(page, 0), pixels(page, 3)
        page.mouse.move(box["x"] + 50, box["y"] + 60)
        page.mouse.down()
        page.mouse.move(box["x"] + 200, box["y"] + 70, steps=4)
        page.mouse.up()
        resets = page.locator(".chart .reset")
        assert [resets.nth(index).is_visible() for index in range(resets.count())] == [True] * 6
        assert pixels(page, 0) != before[0]
        assert pixels(page, 3) != before[1]
        resets.nth(3).click()
        assert not resets.nth(0).is_visible()
        page.mouse.move(0, 0)
        assert (pixels(page, 0), pixels(page, 3)) == before


@pytest.mark.parametrize("options", WIDTHS)
def test_frames_go_through_time(browser, address, options):
    with visit(browser, f"{address}earth/report.html", **options) as page:
        translated = page.locator(".frames > div:not(.labels)").first.locator("img").nth(1)
        slider = page.locator("#epoch")
        assert page.inner_text("#epoch-value") == "after epoch 12"
        assert page.locator(".frames .labels").first.locator("span").all_inner_texts() == [
            *("source", "translated", "target"),
        ]
        last = translated.get_attribute("src")
        slider.press("Home")
        assert page.inner_text("#epoch-value") == "before training"
        assert slider.get_attribute("aria-valuetext") == "before training"
        assert translated.get_attribute("src") != last
        slider.press("ArrowRight")
        assert page.inner_text("#epoch-value") == "after epoch 1"
        page.click("#play")
        assert page.inner_text("#play") == "Stop"
        until(page, "document.getElementById('epoch').value > 1")
        page.click("#play")
        assert page.inner_text("#play") == "Play"
        is_whole(page)


@pytest.mark.parametrize("options", WIDTHS)
def test_examples_are_compared(browser, address, options):
    with visit(browser, f"{address}earth/report.html", **options) as page:
        compare = page.locator("#examples .compare")
        compare.wait_for()
        before = page.locator("#examples .before")
        assert page.locator(".thumbnail").count() == 9
        assert page.inner_text("#examples .caption").startswith("Best: tile-0000 & <b> · PSNR ")
        clip = before.evaluate("(one) => getComputedStyle(one).clipPath")
        compare.locator("input").press("Home")
        assert before.evaluate("(one) => getComputedStyle(one).clipPath") != clip
        assert compare.locator("input").get_attribute("aria-valuetext") == "0 % source"
        first = page.get_attribute("#examples .after img", "src")
        page.locator(".thumbnail").last.click()
        page.wait_for_selector("#examples .caption:has-text('Worst: tile-0027 & <b>')")
        until(page, "(old) => document.querySelector('#examples .after img').src !== old", first)
        page.get_by_role("radio", name="Translated | Difference").click()
        assert page.inner_text("#examples .before figcaption") == "Translated"
        assert page.inner_text("#examples .after figcaption") == "Difference"
        page.get_by_role("radio", name="Translated | Difference").press("ArrowRight")
        checked = page.locator("#examples .views [aria-checked=true]")
        assert checked.inner_text() == "Source | Translated"
        is_whole(page)


def test_the_map_of_errors_tells_its_cells(browser, address):
    with visit(browser, f"{address}earth/report.html", **DESK) as page:
        page.locator(".map i").nth(17).hover()
        assert page.inner_text(".heat .readout").startswith("row 2, column 2: 0.")
        page.locator(".bars .u-over").hover()
        assert page.inner_text(".bars .readout").startswith("brightness ")


def test_charts_follow_light_and_dark(browser, address):
    with visit(browser, f"{address}earth/report.html", color_scheme="light", **DESK) as page:
        page.wait_for_selector(".chart canvas")
        before = pixels(page, 0)
        page.emulate_media(color_scheme="dark")
        until(page, "(old) => document.querySelector('.chart canvas').toDataURL() !== old", before)


def test_a_watched_page_follows_the_run_and_keeps_what_is_set(browser, tmp_path):
    run = write_run(tmp_path / "run", epochs=6)
    (run / "metrics.json").unlink()
    with contextlib.ExitStack() as open_things:
        watcher = open_things.enter_context(Watcher(run).beside())
        # That nobody answers any more is Chromium's own complaint.
        allowed = ("Failed to load resource",)
        page = open_things.enter_context(visit(browser, watcher.address, allowed=allowed, **DESK))
        assert page.inner_text("#live") == "live"
        page.locator("#epoch").press("Home")
        page.locator("#smoothing").fill("0.6")
        page.locator("#whole-recipe summary").click()
        page.locator(".legend button").first.click()
        page.evaluate("scrollTo(0, 700)")
        draw_sample(run, 7)
        with (run / "history.csv").open("a") as file:
            file.write("7,2800,770,1,1,1,1,1,1,0.1,21.5\n")
        page.wait_for_selector(".pill:has-text('7 of 6 epochs trained')")
        assert page.evaluate("scrollY") == 700
        assert page.inner_text("#epoch-value") == "before training"
        assert page.get_attribute("#epoch", "max") == "7"
        assert page.inner_text("#smoothing-value") == "0.60"
        assert page.get_attribute("#whole-recipe", "open") is not None
        assert page.locator(".legend button").first.get_attribute("aria-pressed") == "false"
        assert "21.5" in page.inner_text(".numbers")
        page.locator("#epoch").press("End")
        draw_sample(run, 8)
        # Who looks at the last frame follows the run.
        page.wait_for_selector("#epoch-value:has-text('after epoch 8')")
        is_whole(page)
        watcher._server.shutdown()
        watcher._server.socket.close()
        page.wait_for_selector("#live.gone:has-text('not followed any more')")
