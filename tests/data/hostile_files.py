"""Makes files that are broken, misleading, or made to do harm."""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from data.pictures_on_disk import noise
from PIL import Image, PngImagePlugin

GOOD = [f"{number:02}" for number in range(8)]  # names of the good pairs beside them


def into(name: str, content: bytes | str | Callable[[], bytes]) -> Callable[[Path], object]:
    """Write bytes into a file."""

    def write(folder: Path) -> None:
        made = content() if callable(content) else content
        path = folder / name
        path.write_bytes(made.encode() if isinstance(made, str) else made)

    return write


def encoded(kind: str, picture: Image.Image | None = None, **options: Any) -> bytes:
    """Return the bytes of a picture file of a pair side by side, by Pillow."""
    file = io.BytesIO()
    (picture or PAIR).save(file, kind, **options)
    return file.getvalue()


PAIR = Image.fromarray(noise(32, 64))


# ---- PNG


def chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def png(
    width: int, height: int, stream: bytes, *, bits: int = 8, colour: int = 0, extra: bytes = b""
) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + extra + chunk(b"IDAT", stream) + chunk(b"IEND", b"")


def zeros(count: int) -> bytes:
    """Return zlib's stream of so many zero bytes, without compressing more than a block of them."""
    block = 2**20
    coder = zlib.compressobj(9, wbits=-15)
    # After a full flush a block refers to nothing before it, so that it can be repeated.
    packed = coder.compress(bytes(block)) + coder.flush(zlib.Z_FULL_FLUSH)
    rest = zlib.compressobj(9, wbits=-15)
    end = rest.compress(bytes(count % block)) + rest.flush()
    adler = (count % 65521) << 16 | 1
    return b"\x78\xda" + packed * (count // block) + end + struct.pack(">I", adler)


def png_bomb() -> bytes:
    side = 50_000
    return png(side, side, zeros(side * (side + 1)))


def short_of(kind: str, share: float = 0.5, **options: Any) -> Callable[[], bytes]:
    def cut() -> bytes:
        whole = encoded(kind, **options)
        return whole[: int(len(whole) * share)]

    return cut


def damaged(content: bytes, at: int) -> bytes:
    """Turn one byte over."""
    return content[:at] + bytes([content[at] ^ 255]) + content[at + 1 :]


def animation(kind: str) -> bytes:
    others = [Image.fromarray(noise(32, 64, seed)) for seed in (1, 2)]
    return encoded(kind, save_all=True, append_images=others, duration=40)


def bombed_text() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "x" * 2**27, zip=True)
    return encoded("PNG", pnginfo=info)


def with_profile(content: bytes) -> bytes:
    """Put a colour profile that unpacks to 256 MB behind a PNG's header."""
    profile = chunk(b"iCCP", b"x\0\0" + zeros(2**28))
    return content[:33] + profile + content[33:]


def exif(*entries: tuple[int, int, int, bytes]) -> bytes:
    """An EXIF block: for each entry tag, type, count and the four bytes of its value."""
    made = b"".join(struct.pack(">HHI", *entry[:3]) + entry[3] for entry in entries)
    start = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, len(entries))
    return start + made + bytes(4)


def orientation(value: int) -> bytes:
    return exif((0x0112, 3, 1, struct.pack(">HH", value, 0)))


def jpeg_with(block: bytes) -> bytes:
    return encoded("JPEG", exif=block)


def claimed_jpeg() -> bytes:
    """A JPEG file whose frame claims 65,500 x 65,500 pixels."""
    content = encoded("JPEG")
    frame = content.index(b"\xff\xc0")
    return content[: frame + 5] + struct.pack(">HH", 65_500, 65_500) + content[frame + 9 :]


def interlaced() -> bytes:
    """An interlaced PNG of one colour: Adam7's seven passes over 64 x 32 pixels of grey, all zero."""
    passes = ((8, 8), (8, 8), (16, 4), (16, 8), (32, 8), (32, 16), (64, 16))
    content = png(64, 32, zeros(sum((1 + width) * height for width, height in passes)))
    body = content[16:28] + b"\1"
    return content[:16] + body + struct.pack(">I", zlib.crc32(b"IHDR" + body)) + content[33:]


def jpeg_frame(kind: int = 0xC1, precision: int = 8) -> bytes:
    """A JPEG file whose frame is of another kind than what follows."""
    content = encoded("JPEG")
    frame = content.index(b"\xff\xc0")
    return (
        content[: frame + 1]
        + bytes([kind])
        + content[frame + 2 : frame + 4]
        + bytes([precision])
        + content[frame + 5 :]
    )


# ---- TIFF


def tiff(array: np.ndarray, **options: Any) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, array, **options)
    return file.getvalue()


def with_tag(content: bytes, tag: int, value: int) -> bytes:
    """Replace the value of a tag in the first directory of a little-endian TIFF file."""
    (start,) = struct.unpack_from("<I", content, 4)
    (count,) = struct.unpack_from("<H", content, start)
    for entry in range(start + 2, start + 2 + 12 * count, 12):
        found, kind = struct.unpack_from("<HH", content, entry)
        if found == tag:
            packed = struct.pack(
                "<HH" if kind == 3 else "<I", *([value, 0] if kind == 3 else [value])
            )
            return content[: entry + 8] + packed + content[entry + 12 :]
    raise ValueError(f"there is no tag {tag}")


def circular_tiff() -> bytes:
    """A TIFF file whose first directory says that it is also the next."""
    content = tiff(noise(32, 64), photometric="rgb")
    (start,) = struct.unpack_from("<I", content, 4)
    (count,) = struct.unpack_from("<H", content, start)
    end = start + 2 + 12 * count
    return content[:end] + struct.pack("<I", start) + content[end + 4 :]


# ---- NumPy


def npy(array: np.ndarray, **options: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


def claimed_npy(shape: tuple[int, ...]) -> bytes:
    file = io.BytesIO()
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue() + bytes(64)


class Trap:
    """What runs a command of its own when it is unpickled."""

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return os.mkdir, ("unpickled",)


def pickled() -> bytes:
    return npy(np.array([Trap()], dtype=object), allow_pickle=True)


def zipped_npy() -> bytes:
    file = io.BytesIO()
    np.savez(file, picture=noise(32, 64))
    return file.getvalue()


# ---- names, links, folders


def link(name: str, to: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).symlink_to(to)


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "x.png")


def picture_named(*names: str, side: str = "") -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        for name in names:
            (folder / side).mkdir(exist_ok=True)
            (folder / side / name).write_bytes(encoded("PNG"))

    return write


def two_sides(a: list[str], b: list[str]) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        for side, names in (
            ("A", [*(f"{n}.png" for n in GOOD), *a]),
            ("B", [*(f"{n}.png" for n in GOOD), *b]),
        ):
            picture_named(*names, side=side)(folder)

    return write


def then(*steps: Callable[[Path], object]) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        for step in steps:
            step(folder)

    return write


def undecodable(folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.png")).write_bytes(encoded("PNG"))
    Path(os.fsdecode(os.fsencode(folder) + b"/\xfcbel.png")).write_bytes(b"none")


def manifest(text: str | bytes, name: str = "list.csv") -> Callable[[Path], object]:
    return into(name, text)
