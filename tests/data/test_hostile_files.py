"""Hostile files and folders: each ends in a clear message or a counted skip, in little memory and time."""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data.hostile_files import (
    GOOD,
    PAIR,
    animation,
    bombed_text,
    chunk,
    circular_tiff,
    claimed_jpeg,
    claimed_npy,
    damaged,
    encoded,
    exif,
    interlaced,
    into,
    jpeg_frame,
    jpeg_with,
    link,
    manifest,
    npy,
    orientation,
    pickled,
    picture_named,
    pipe,
    png,
    png_bomb,
    short_of,
    then,
    tiff,
    two_sides,
    undecodable,
    with_profile,
    with_tag,
    zeros,
    zipped_npy,
)
from data.pictures_on_disk import noise, save_pairs
from PIL import Image

from zoo.data.folder import folder
from zoo.errors import DataError
from zoo.pictures import read_array


@dataclass(frozen=True)
class Case:
    """One hostile file or folder.

    Args:
        name: what is wrong.
        write: writes it into a folder, beside good pairs.
        bad: files that cannot be used and why; `ROOT` stands for the folder, and what a decoder says is left out.
        more: pairs that can be used beside the good ones.
        refused: the whole message, if there is nothing to skip.
        arguments: of the dataset `folder`; `path` is relative to the folder.
        good: whether good pairs, side by side, are written beside it.
    """

    name: str
    write: Callable[[Path], object]
    bad: Mapping[str, str] = field(default_factory=dict)
    more: int = 0
    refused: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    good: bool = True


LISTED = "source,target\n" + "".join(f"{name}.png,{name}.png\n" for name in GOOD)
ROWS = "".join(f'{{"source": "{name}.png", "target": "{name}.png"}}\n' for name in GOOD)
CSV = {"path": "list.csv"}
LINES = {"path": "list.jsonl"}
NFC, NFD = (unicodedata.normalize(form, "caf\u00e9 \u0439.png") for form in ("NFC", "NFD"))
SCRIPTS = [
    "Привет.png",
    "图像.png",
    "صورة.png",
    "תמונה.png",
    "รูปภาพ.png",
    "चित्र.png",
    "그림.png",
    "🏠👩‍👩‍👧.png",
    "e\u0301.png",
    "\u202egnp.png",
    "ﬁ.png",
    "\u200b.png",
]
NO_PICTURE = (
    "is not a picture that can be read; expected JPEG, PNG, WebP, TIFF, BMP, DICOM or NumPy's .npy"
)
UNREADABLE = "cannot be read as a picture: "
DAMAGED = f"{UNREADABLE}it is damaged or incomplete"
DEVICE = f"{UNREADABLE}it is a pipe or a device, not a file"
CIRCLE = f"{UNREADABLE}it is a link that leads back to itself"
CUT = "cut it into smaller ones, or save it as a tiled TIFF to translate it"
HUGE = f"has more than 178 million pixels, which would fill the memory; {CUT}"
LARGE = f" MB of memory, more than the 256 that one picture may; {CUT}"
SHAPES = "expected (height, width) or (height, width, channels)"
COLUMNS = "expected a header line with source and target, and perhaps split."
TOO_MUCH = (
    "ROOT/list.jsonl, line 1: is not JSON that can be read: its numbers are too long, or its "
    "brackets too deep"
)
UNKNOWN = {"x.png": NO_PICTURE}

CASES = [
    # ---- nothing, or something else
    Case("an empty file", into("x.png", b""), {"x.png": "is empty; expected a picture"}),
    Case("text named png", into("x.png", "not a picture\n"), UNKNOWN),
    Case(
        "HTML named jpg",
        into("x.jpg", "<!DOCTYPE html><h1>404 Not Found</h1>"),
        {"x.jpg": NO_PICTURE},
    ),
    Case("SVG named png", into("x.png", "<svg xmlns='http://www.w3.org/2000/svg'/>"), UNKNOWN),
    Case("PDF named jpg", into("x.jpg", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), {"x.jpg": NO_PICTURE}),
    Case("zeros named png", into("x.png", bytes(4096)), UNKNOWN),
    Case("a signature alone", into("x.png", b"\x89PNG\r\n\x1a\n"), {"x.png": NO_PICTURE}),
    # ---- PNG
    Case("a PNG bomb of 50,000 x 50,000", into("x.png", png_bomb), {"x.png": HUGE}),
    Case(
        "a PNG that claims 50,000 x 50,000",
        into("x.png", lambda: png(50_000, 50_000, zeros(64))),
        {"x.png": HUGE},
    ),
    Case(
        "a PNG that claims 2,147,483,647 x 1",
        into("x.png", lambda: png(2**31 - 1, 1, zeros(64))),
        {"x.png": HUGE},
    ),
    Case(
        "a PNG of more bytes than are allowed",
        into("x.png", lambda: png(16_000, 11_000, zeros(64), bits=16)),
        {"x.png": f"{UNREADABLE}its 16000 x 11000 pixels would take 335{LARGE}"},
    ),
    Case("a PNG of no width", into("x.png", lambda: png(0, 8, zeros(64))), {"x.png": NO_PICTURE}),
    Case("a truncated PNG", into("x.png", short_of("PNG")), {"x.png": DAMAGED}),
    Case(
        "a PNG with too little in it",
        into("x.png", lambda: png(64, 64, zeros(64))),
        {"x.png": DAMAGED},
    ),
    Case(
        "a PNG with a wrong checksum",
        into("x.png", lambda: damaged(encoded("PNG"), -20)),
        {"x.png": DAMAGED},
    ),
    Case(
        "a PNG with a damaged header",
        into("x.png", lambda: damaged(encoded("PNG"), 20)),
        {"x.png": NO_PICTURE},
    ),
    Case("a PNG with a text bomb", into("x.png", bombed_text), {"x.png": DAMAGED}),
    Case(
        "a PNG with a profile bomb",
        into("x.png", lambda: with_profile(encoded("PNG"))),
        {"x.png": DAMAGED},
    ),
    Case(
        "a PNG with rubbish behind its end",
        into("x.png", lambda: encoded("PNG") + b"rubbish" * 999),
        more=1,
    ),
    Case(
        "a palette PNG with alpha",
        into("x.png", lambda: encoded("PNG", PAIR.quantize(16), transparency=3)),
        more=1,
    ),
    Case(
        "a PNG of 16 bits",
        into("x.png", lambda: encoded("PNG", Image.fromarray(np.zeros((8, 16), np.uint16)))),
        {"x.png": "has values of 16 bits; expected 8 bits"},
    ),
    Case("a PNG of 1 bit", into("x.png", lambda: encoded("PNG", PAIR.convert("1"))), more=1),
    Case("an interlaced PNG", into("x.png", lambda: interlaced()), more=1),
    Case("an animated PNG", into("x.png", lambda: animation("PNG")), more=1),
    Case(
        "a picture of one pixel",
        into("x.png", lambda: encoded("PNG", PAIR.resize((1, 1)))),
        {"x.png": "is 1 pixel wide, which cannot be halved into two pictures side by side"},
    ),
    Case(
        "a picture of two pixels",
        into("x.png", lambda: encoded("PNG", PAIR.resize((2, 1)))),
        more=1,
    ),
    Case(
        "a picture of one row",
        into("x.png", lambda: encoded("PNG", Image.new("L", (60_000, 1)))),
        more=1,
    ),
    Case(
        "an odd width",
        into("x.png", lambda: encoded("PNG", PAIR.resize((63, 32)))),
        {"x.png": "is 63 pixels wide, which cannot be halved into two pictures side by side"},
    ),
    # ---- JPEG
    Case("a truncated JPEG", into("x.jpg", short_of("JPEG", quality=95)), {"x.jpg": DAMAGED}),
    Case(
        "a JPEG without its last bytes", into("x.jpg", short_of("JPEG", 0.99)), {"x.jpg": DAMAGED}
    ),
    Case(
        "a JPEG cut in its header", into("x.jpg", lambda: encoded("JPEG")[:100]), {"x.jpg": DAMAGED}
    ),
    Case("a JPEG that claims 65,500 x 65,500", into("x.jpg", claimed_jpeg), {"x.jpg": HUGE}),
    Case("a CMYK JPEG", into("x.jpg", lambda: encoded("JPEG", PAIR.convert("CMYK"))), more=1),
    Case("a progressive JPEG", into("x.jpg", lambda: encoded("JPEG", progressive=True)), more=1),
    Case(
        "a truncated progressive JPEG",
        into("x.jpg", short_of("JPEG", 0.7, progressive=True)),
        {"x.jpg": DAMAGED},
    ),
    Case(
        "a JPEG of 12 bits", into("x.jpg", lambda: jpeg_frame(precision=12)), {"x.jpg": NO_PICTURE}
    ),
    Case("a lossless JPEG", into("x.jpg", lambda: jpeg_frame(kind=0xC3)), {"x.jpg": DAMAGED}),
    Case(
        "a JPEG with rubbish behind its end",
        into("x.jpg", lambda: encoded("JPEG") + b"rubbish" * 99),
        more=1,
    ),
    Case(
        "a JPEG with much behind its end",
        into("x.jpg", lambda: encoded("JPEG") + bytes(2**20)),
        more=1,
    ),
    Case("a JPEG named png", into("x.png", lambda: encoded("JPEG")), more=1),
    Case("an orientation of 0", into("x.jpg", lambda: jpeg_with(orientation(0))), more=1),
    Case("an orientation of 9", into("x.jpg", lambda: jpeg_with(orientation(9))), more=1),
    Case("an orientation of 65,535", into("x.jpg", lambda: jpeg_with(orientation(65_535))), more=1),
    Case(
        "an orientation in words",
        into("x.jpg", lambda: jpeg_with(exif((0x0112, 2, 4, b"top\0")))),
        more=1,
    ),
    Case(
        "an orientation as a fraction of zero",
        into("x.jpg", lambda: jpeg_with(exif((0x0112, 5, 1, struct.pack(">I", 26))) + bytes(8))),
        more=1,
    ),
    Case("EXIF that ends early", into("x.jpg", lambda: jpeg_with(orientation(6)[:17])), more=1),
    Case(
        "EXIF of 65,535 entries",
        into("x.jpg", lambda: jpeg_with(b"Exif\0\0MM\0*\0\0\0\x08\xff\xff")),
        more=1,
    ),
    Case("EXIF that is none", into("x.jpg", lambda: jpeg_with(b"Exif\0\0rubbish")), more=1),
    Case(
        "EXIF that points to itself",
        into("x.jpg", lambda: jpeg_with(exif((0x8769, 4, 1, struct.pack(">I", 8))))),
        more=1,
    ),
    # ---- GIF, WebP, BMP
    Case("an animated GIF named png", into("x.png", lambda: animation("GIF")), more=1),
    Case("an animated WebP", into("x.webp", lambda: animation("WEBP")), more=1),
    Case("a truncated WebP", into("x.webp", short_of("WEBP")), {"x.webp": DAMAGED}),
    Case("a truncated BMP", into("x.bmp", short_of("BMP")), {"x.bmp": DAMAGED}),
    # ---- TIFF
    Case(
        "a TIFF that claims 100,000 x 100,000",
        into(
            "x.tif",
            lambda: with_tag(
                with_tag(tiff(noise(32, 64), photometric="rgb"), 256, 100_000 % 65536 + 0),
                257,
                60_000,
            ),
        ),
        {"x.tif": f"{UNREADABLE}its 34464 x 60000 pixels would take 5,916{LARGE}"},
    ),
    Case(
        "a truncated TIFF",
        into("x.tif", lambda: tiff(noise(32, 64), photometric="rgb")[:3000]),
        {"x.tif": DAMAGED},
    ),
    Case("a TIFF that is only its start", into("x.tif", b"II*\0"), {"x.tif": DAMAGED}),
    Case(
        "a TIFF whose directory lies beyond its end",
        into("x.tif", b"II*\0\xff\xff\xff\x7f" + bytes(64)),
        {"x.tif": DAMAGED},
    ),
    Case("a TIFF that goes round in circles", into("x.tif", circular_tiff), more=1),
    Case(
        "a TIFF of an unknown compression",
        into("x.tif", lambda: with_tag(tiff(noise(32, 64), photometric="rgb"), 259, 60_001)),
        {"x.tif": "is a TIFF file of an unknown compression, 60001; save it without"},
    ),
    Case(
        "a TIFF of several pages",
        into("x.tif", lambda: tiff(np.zeros((5, 8, 16), np.uint8), photometric="minisblack")),
        {
            "x.tif": "has 5 pages; expected one picture: save each page as a file, "
            "or set channels to 5 if the pages are its channels"
        },
    ),
    Case(
        "a BigTIFF",
        into("x.tif", lambda: tiff(noise(32, 64), photometric="rgb", bigtiff=True)),
        more=1,
    ),
    Case(
        "a TIFF of planes",
        into(
            "x.tif",
            lambda: tiff(
                np.moveaxis(noise(32, 64), 2, 0), photometric="rgb", planarconfig="separate"
            ),
        ),
        more=1,
    ),
    Case(
        "a TIFF of floats that are no numbers",
        into("x.tif", lambda: tiff(np.full((8, 16), np.nan, np.float32))),
        {"x.tif": "has values of floating-point 32 bits; expected 8 bits"},
    ),
    # ---- NumPy
    Case(
        "an array of objects",
        into("x.npy", pickled),
        {"x.npy": f"{UNREADABLE}it holds Python objects, which are never loaded; expected numbers"},
    ),
    Case(
        "a truncated array",
        into("x.npy", lambda: npy(noise(32, 64))[:999]),
        {"x.npy": f"{UNREADABLE}it ends early: 871 of its 6,144 bytes are there"},
    ),
    Case(
        "an array of one dimension",
        into("x.npy", lambda: npy(np.zeros(9, np.uint8))),
        {"x.npy": f"{UNREADABLE}its array has the shape (9,); {SHAPES}"},
    ),
    Case(
        "an array of five dimensions",
        into("x.npy", lambda: npy(np.zeros((1, 8, 16, 3, 1), np.uint8))),
        {"x.npy": f"{UNREADABLE}its array has the shape (1, 8, 16, 3, 1); {SHAPES}"},
    ),
    Case(
        "an array that claims 10^12 bytes",
        into("x.npy", lambda: claimed_npy((10**6, 10**6))),
        {"x.npy": f"{UNREADABLE}its 1000000 x 1000000 pixels would take 953,674{LARGE}"},
    ),
    Case(
        "an array that claims more than there are numbers",
        into("x.npy", lambda: claimed_npy((2**40, 2**62, 3))),
        {"x.npy": f"{UNREADABLE}its {2**62} x {2**40} pixels would take {3 * 2**82:,}{LARGE}"},
    ),
    Case(
        "an array of no pixels",
        into("x.npy", lambda: npy(np.zeros((0, 16, 3), np.uint8))),
        {"x.npy": f"{UNREADABLE}it has no pixels"},
    ),
    Case(
        "an array of complex numbers",
        into("x.npy", lambda: npy(np.zeros((8, 16), np.complex64))),
        {"x.npy": f"{UNREADABLE}its values are complex64; expected whole or broken numbers"},
    ),
    Case(
        "an array of dates",
        into("x.npy", lambda: npy(np.zeros((8, 16), "M8[s]"))),
        {"x.npy": f"{UNREADABLE}its values are datetime64[s]; expected whole or broken numbers"},
    ),
    Case(
        "a header that is code",
        into("x.npy", b"\x93NUMPY\x01\0\x20\0" + b"__import__('os').mkdir('unpickled')"),
        {"x.npy": f"{UNREADABLE}its header is not one of an array"},
    ),
    Case("an npz named npy", into("x.npy", zipped_npy), {"x.npy": NO_PICTURE}),
    # ---- links, pipes, folders
    Case("a link to itself", link("x.png", "x.png"), {"x.png": CIRCLE}),
    Case(
        "links in a circle",
        then(link("x.png", "y.png"), link("y.png", "x.png")),
        {"x.png": CIRCLE, "y.png": CIRCLE},
    ),
    Case(
        "a link to nothing",
        link("x.png", "gone.png"),
        {"x.png": "is a link to gone.png, which does not exist"},
    ),
    Case("a link to a good picture", link("x.png", "00.png"), more=1),
    Case("a link to an endless file", link("x.png", "/dev/zero"), {"x.png": DEVICE}),
    Case("a pipe", pipe, {"x.png": DEVICE}),
    Case("a folder named png", lambda folder: (folder / "x.png").mkdir()),
    Case("a link to the folder itself", link("x", "."), arguments={"nested": True}),
    # ---- names
    Case("names in many scripts", picture_named(*SCRIPTS), more=len(SCRIPTS)),
    Case("names that are no UTF-8", undecodable, {"\\udcfcbel.png": NO_PICTURE}, more=1),
    Case("names that differ in case alone", picture_named("x.png", "X.png", "y.PNG"), more=3),
    Case("a very long name", picture_named("x" * 251 + ".png"), more=1),
    Case(
        "blanks, dashes and signs",
        picture_named(" x .png", "-rf.png", "%s%n.png", "{0}.png", "a\\b.png", "*.png"),
        more=6,
    ),
    Case(
        "a line break in a bad name",
        into("x\n  00.png: fine\r.png", b"none"),
        {"x\\n  00.png: fine\\r.png": NO_PICTURE},
    ),
    Case(
        "hidden files",
        then(into(".DS_Store", "x"), into("._00.png", b"\0\5\x16\7"), into("Thumbs.db", "x")),
    ),
    # ---- two folders
    Case("accents as one character and as two", two_sides([NFC], [NFD]), more=1, good=False),
    Case(
        "accents both ways in one folder",
        two_sides([NFC, NFD], [NFC]),
        {
            f"A/{NFC}": "more than two files have this name: café й.png, café й.png",
            f"A/{NFD}": "more than two files have this name: café й.png, café й.png",
            f"B/{NFC}": "more than two files have this name: café й.png, café й.png",
        },
        good=False,
    ),
    Case(
        "a partner that differs in case",
        two_sides(["x.png"], ["X.png"]),
        {
            "A/x.png": "has no partner of the same name in ROOT/B",
            "B/X.png": "has no partner of the same name in ROOT/A",
        },
        good=False,
    ),
    Case("a suffix that differs in case", two_sides(["x.png"], ["x.PNG"]), more=1, good=False),
    Case(
        "a partner of another size",
        then(
            two_sides(["x.png"], []),
            lambda f: (f / "B/x.png").write_bytes(encoded("PNG", PAIR.resize((9, 9)))),
        ),
        {"A/x.png": "is 64 x 32 pixels, but its partner ROOT/B/x.png is 9 x 9"},
        good=False,
    ),
    Case(
        "a partner that is a link to nothing",
        then(two_sides(["x.png"], []), link("B/x.png", "gone.png")),
        {
            "A/x.png": "its partner x.png cannot be used",
            "B/x.png": "is a link to gone.png, which does not exist",
        },
        good=False,
    ),
    # ---- lists
    Case(
        "a list without a column",
        manifest("source,goal\n00.png,00.png\n"),
        refused=f"ROOT/list.csv, line 1: there is no column target; {COLUMNS}",
        arguments=CSV,
    ),
    Case(
        "a list of semicolons",
        manifest(LISTED.replace(",", ";")),
        refused="ROOT/list.csv, line 1: its columns are not separated by commas, as expected",
        arguments=CSV,
    ),
    Case(
        "an empty list",
        manifest(""),
        refused=f"ROOT/list.csv, line 1: there is no column source; {COLUMNS}",
        arguments=CSV,
    ),
    Case("a list with a byte order mark", manifest(LISTED.encode("utf-8-sig")), arguments=CSV),
    Case(
        "a list with a quoted line break",
        then(picture_named("a\nb.png"), manifest(LISTED + '"a\nb.png","a\nb.png"\n')),
        more=1,
        arguments=CSV,
    ),
    Case(
        "a list in Latin-1",
        manifest((LISTED + "café.png,café.png\n").encode("latin-1")),
        refused="ROOT/list.csv, line 10: is not text in UTF-8; save the file in that encoding",
        arguments=CSV,
    ),
    Case(
        "a list in UTF-16",
        manifest(LISTED.encode("utf-16")),
        refused="ROOT/list.csv, line 1: is not text in UTF-8; save the file in that encoding",
        arguments=CSV,
    ),
    Case(
        "a list with an endless field",
        manifest(LISTED + '"' + "x" * 200_000),
        refused="ROOT/list.csv, line 10: is not CSV: field larger than field limit (131072)",
        arguments=CSV,
    ),
    Case(
        "a list with more columns than it names",
        manifest(LISTED + "00.png,01.png,train,more,x\n"),
        more=1,
        arguments=CSV,
    ),
    Case(
        "a list of a file that is not there",
        manifest(LISTED + "gone.png,00.png\n"),
        {"00.png": "its partner gone.png cannot be used", "gone.png": "does not exist"},
        more=-1,
        arguments=CSV,
    ),
    Case(
        "a list that leads out of its folder",
        manifest(LISTED + "../../../../../../../../dev/zero,00.png\n"),
        {"../../../../../../../../dev/zero": DEVICE, "00.png": "its partner zero cannot be used"},
        more=-1,
        arguments=CSV,
    ),
    Case(
        "lines that are no JSON",
        manifest("source\n", "list.jsonl"),
        refused="ROOT/list.jsonl, line 1: is not JSON: Expecting value: line 1 column 1 (char 0)",
        arguments=LINES,
    ),
    Case(
        "lines of brackets without end",
        manifest("[" * 100_000, "list.jsonl"),
        refused=TOO_MUCH,
        arguments=LINES,
    ),
    Case(
        "lines of a number without end",
        manifest("1" * 10_000, "list.jsonl"),
        refused=TOO_MUCH,
        arguments=LINES,
    ),
    Case(
        "lines that are no objects",
        manifest('["00.png", "00.png"]', "list.jsonl"),
        refused="ROOT/list.jsonl, line 1: expected an object with source and target, and perhaps split",
        arguments=LINES,
    ),
    Case(
        "a zero byte in a listed name",
        manifest(ROWS + '{"source": "a\\u0000.png", "target": "00.png"}', "list.jsonl"),
        {"00.png": "its partner a\\x00.png cannot be used", "a\\x00.png": DAMAGED},
        more=-1,
        arguments=LINES,
    ),
    Case(
        "half a surrogate in a listed name",
        manifest(ROWS + '{"source": "\\ud800.png", "target": "00.png"}', "list.jsonl"),
        {"00.png": "its partner \\ud800.png cannot be used", "\\ud800.png": DAMAGED},
        more=-1,
        arguments=LINES,
    ),
]


# ---- all of them, in a process of their own

LOOKS = """
import hashlib, json, sys
from pathlib import Path

from zoo.data.folder import folder
from zoo.errors import DataError

def peak():
    # Of this process alone: what getrusage tells begins with the peak of the process that started it.
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024

def opened(read=True, **arguments):
    try:
        dataset = folder(**arguments)
    except DataError as error:
        return {"message": str(error)}
    pixels = hashlib.sha256()
    for examples in (dataset.train, dataset.test):
        for index in range(len(examples) if read else 0):
            example = examples.example(index, None)
            pixels.update(example["source"])
            pixels.update(example["target"])
    return {
        "pairs": len(dataset.train) + len(dataset.test),
        "skipped": dataset.skipped,
        "summary": dataset.summary,
        "pixels": pixels.hexdigest(),
    }

for line in sys.stdin:
    arguments = json.loads(line)
    if arguments.pop("once", False):
        print(json.dumps(opened(**arguments, read=False) | {"peak": peak()}))
        continue
    told = {
        "strict": opened(**arguments),
        "lenient": opened(**arguments, on_error="skip"),
        "again": opened(**arguments, on_error="skip"),
        "headers": opened(**arguments, on_error="skip", verify=False, read=False),
        "peak": peak(),
    }
    print(json.dumps(told), flush=True)
assert "keras" not in sys.modules
"""
GIGABYTE = 2**30
ADVICE = "Repair or remove what is named here, or set on_error to skip to leave it out."


def look(jobs, place, timeout):
    """Open folders in a process in `place`, one after the other; return what it tells of each."""
    try:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", LOOKS],
            cwd=place,
            input="\n".join(json.dumps(job) for job in jobs).encode(),
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        finished = (error.stdout or b"").count(b"\n")
        pytest.fail(f"there is no end to {jobs[finished]}")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"after {len(told)} folders: {done.stderr[-2000:].decode()}"
    assert len(told) == len(jobs)
    return told


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """By the name of a case: the folder it was written into, and what became of it."""
    if not Path("/proc/self/status").exists():
        pytest.skip("needs a system that tells a process its peak of memory")
    root = tmp_path_factory.mktemp("hostile")
    places, jobs = [], []
    for number, case in enumerate(CASES):
        place = root / f"{number:03}"
        place.mkdir()
        if case.good:
            save_pairs(place, GOOD)
        case.write(place)
        path = place / case.arguments.get("path", "")
        places.append(place)
        jobs.append({"size": 8, **case.arguments, "path": str(path)})
    told = look(jobs, root, timeout=50)
    yield {case.name: found for case, *found in zip(CASES, places, told, strict=True)}
    assert not list(root.rglob("unpickled"))


def plain(text, place):
    """Leave out where the folder is, and what a decoder says in brackets."""
    return re.sub(rf"({DAMAGED}) \(.*\)", r"\1", text.replace(str(place), "ROOT"))


def test_there_are_many_cases():
    assert len(CASES) == len({case.name for case in CASES}) >= 100


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_ends_in_a_clear_message_or_a_counted_skip(told, case):
    place, found = told[case.name]
    strict, lenient = found["strict"], found["lenient"]
    assert found["peak"] < GIGABYTE
    assert lenient == found["again"]
    if case.refused:
        assert strict == lenient == found["headers"]
        assert plain(strict["message"], place) == case.refused
        return
    lines = [f"{name}: {reason}" for name, reason in sorted(case.bad.items())]
    if lines:
        count = "1 picture" if len(lines) == 1 else f"{len(lines)} pictures"
        assert plain(strict["message"], place).splitlines() == [
            f"{count} in ROOT cannot be used:",
            *(f"  {line}" for line in lines),
            ADVICE,
        ]
    else:
        assert strict == lenient
    assert [plain(line, place) for line in lenient["skipped"]] == lines
    assert lenient["pairs"] == len(GOOD) + case.more
    count = "1 file" if len(lines) == 1 else f"{len(lines)} files"
    assert lenient["summary"].endswith(f", {count} skipped" if lines else " held out")
    # Headers alone find some of it, and nothing else.
    seen = {plain(line, place) for line in found["headers"]["skipped"]}
    assert seen <= set(lines)


# ---- more than a file at a time


def large(kind):
    """A picture that is just small enough to be read, of which every byte is zero."""
    if kind == "colours":
        return png(9000, 9900, zeros(9900 * (3 * 9000 + 1)), colour=2)
    if kind == "transparent":
        return png(8000, 8300, zeros(8300 * (4 * 8000 + 1)), colour=6)
    if kind == "palette":
        colours = b"PLTE", bytes(3 * 256)
        return png(8000, 8300, zeros(8300 * 8001), colour=3, extra=chunk(*colours))
    return png(13_000, 13_700, zeros(13_700 * 13_001))


@pytest.mark.parametrize("kind", ["colours", "transparent", "palette", "grey"])
def test_large_pictures_are_decoded_one_after_the_other(tmp_path, kind):
    content = large(kind)
    for name in ("x", "y", "z"):
        (tmp_path / f"{name}.png").write_bytes(content)
    (found,) = look([{"path": str(tmp_path), "size": 8, "once": True}], tmp_path, timeout=30)
    assert found["pairs"] == 3
    assert found["peak"] < GIGABYTE


def test_all_eight_orientations_of_a_picture_are_read_alike(tmp_path):
    upright = np.asarray(PAIR.resize((8, 4), Image.Resampling.NEAREST).resize((64, 32), 0))
    for value in range(1, 9):
        # What a camera writes that was held so: the inverse of what a reader does.
        stored = {
            1: upright,
            2: upright[:, ::-1],
            3: upright[::-1, ::-1],
            4: upright[::-1],
            5: upright.swapaxes(0, 1),
            6: upright.swapaxes(0, 1)[::-1],
            7: upright.swapaxes(0, 1)[::-1, ::-1],
            8: upright.swapaxes(0, 1)[:, ::-1],
        }[value]
        block = Image.Exif()
        block[0x0112] = value
        picture = Image.fromarray(np.ascontiguousarray(stored))
        path = tmp_path / f"{value}.jpg"
        picture.save(path, exif=block, quality=100, subsampling=0)
        read = read_array(path)
        assert np.abs(read.astype(int) - upright).max() < 8, value
    dataset = folder(path=str(tmp_path), size=(32, 32))
    assert len(dataset.train) + len(dataset.test) == 8


def test_whatever_is_inspected_is_told_about(tmp_path):
    """All hostile files of pairs side by side in one folder."""
    from zoo.data.inspection.inspect import inspect
    from zoo.data.inspection.text import lines_of

    written = 0
    save_pairs(tmp_path, GOOD)
    for number, case in enumerate(CASES):
        if not case.good or case.arguments:
            continue
        place = tmp_path / f"{number:03}"
        place.mkdir()
        case.write(place)
        written += 1
    assert written > 80
    found = inspect(tmp_path)
    assert lines_of(found)
    assert json.dumps(found.as_json())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_and_folders_that_may_not_be_read(tmp_path):
    save_pairs(tmp_path, GOOD)
    (tmp_path / "00.png").chmod(0)
    with pytest.raises(DataError, match=r"00\.png: cannot be read as a picture: Permission denied"):
        folder(path=str(tmp_path), size=8)
    (tmp_path / "below").mkdir(mode=0)
    try:
        with pytest.raises(DataError, match=r"the picture folder .*below cannot be read: "):
            folder(path=str(tmp_path), size=8, nested=True)
    finally:
        (tmp_path / "below").chmod(0o700)


def test_folders_that_cannot_be_listed_are_no_crash(tmp_path, monkeypatch):
    save_pairs(tmp_path, GOOD)

    def refuse(*_):
        raise PermissionError(13, "Permission denied", str(tmp_path / "below"))

    monkeypatch.setattr(Path, "iterdir", refuse)
    monkeypatch.setattr(os, "scandir", refuse)
    for nested in (False, True):
        with pytest.raises(DataError) as raised:
            folder(path=str(tmp_path), size=8, nested=nested)
        assert str(raised.value) == (
            f"the picture folder {tmp_path / 'below'} cannot be read: Permission denied"
        )
