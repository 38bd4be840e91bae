"""Load test of `zoo serve` on the loopback address: many clients at once, with valid, oversized and broken requests.

    python benchmarks/serve.py RUN_OR_EXPORT
    python benchmarks/serve.py --size 256 --seconds 10

Without a run, a small convolutional network of its own is served, which tells what the service costs by itself. The
server runs in a process of its own. Ends with exit code 1 if a valid request failed or another was not refused as it
should be.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import io
import json
import os
import platform
import random
import re
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image

MOST_BYTES = 2_000_000


@dataclass(frozen=True)
class Kind:
    """A kind of request.

    Args:
        name: of it.
        code: that must be answered.
        share: of all requests.
        make: returns the arguments of `httpx.AsyncClient.post`.
    """

    name: str
    code: int
    share: float
    make: Callable[[], dict[str, Any]]


@dataclass
class Record:
    """What happened."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    codes: Counter[tuple[str, int]] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)


def encoded(height: int, width: int, kind: str = "PNG") -> bytes:
    """Return a picture file with some structure."""
    rng = np.random.default_rng(height)
    small = rng.integers(0, 256, (max(1, height // 16), max(1, width // 16), 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(small).resize((width, height)).save(file, kind)
    return file.getvalue()


def kinds(name: str, size: tuple[int, int]) -> list[Kind]:
    """Return what clients send to a model of a name and a size."""
    height, width = size
    picture, photo = encoded(height, width), encoded(height, width, "JPEG")
    larger = encoded(height + height // 2, 2 * width)
    predict = f"/v1/models/{name}:predict"
    rest = json.dumps(
        {
            "signature_name": "translate_bytes",
            "instances": [{"b64": base64.b64encode(photo).decode()}],
        }
    ).encode()

    def post(path: str, content: Any, kind: str) -> Callable[[], dict[str, Any]]:
        return lambda: {"url": path, "content": content, "headers": {"Content-Type": kind}}

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(MOST_BYTES // 2**16 + 2):
            yield bytes(2**16)

    header = struct.pack(">4sIIBBBBB", b"IHDR", 65_536, 65_536, 8, 2, 0, 0, 0)
    claimed = picture[:12] + header + struct.pack(">I", zlib.crc32(header)) + picture[33:]
    return [
        Kind("picture", 200, 0.45, post("/translate", picture, "image/png")),
        Kind("photo as JPEG", 200, 0.15, post("/translate", photo, "image/jpeg")),
        Kind("larger than the network", 200, 0.05, post("/translate", larger, "image/png")),
        Kind("form", 200, 0.05, lambda: {"url": "/translate", "files": {"picture": picture}}),
        Kind("REST with b64", 200, 0.1, post(predict, rest, "application/json")),
        Kind(
            "stated as too long", 413, 0.03, post("/translate", bytes(MOST_BYTES + 1), "image/png")
        ),
        Kind(
            "too long in chunks",
            413,
            0.02,
            lambda: {
                "url": "/translate",
                "content": endless(),
                "headers": {"Content-Type": "image/png"},
            },
        ),
        Kind("claims too many pixels", 413, 0.03, post("/translate", claimed, "image/png")),
        Kind("truncated", 400, 0.04, post("/translate", picture[: len(picture) // 2], "image/png")),
        Kind("no picture", 400, 0.04, post("/translate", b"<html>", "image/png")),
        Kind("no JSON", 400, 0.02, post(predict, b"{", "application/json")),
        Kind(
            "wrong shape", 400, 0.02, post(predict, b'{"instances": [[1, 2]]}', "application/json")
        ),
    ]


async def load(address: str, chosen: Sequence[Kind], clients: int, seconds: float) -> Record:
    """Send requests from so many clients, each one after the other, for so long."""
    record = Record({kind.name: [] for kind in chosen})
    end = time.monotonic() + seconds
    weights = [kind.share for kind in chosen]

    async def client(number: int) -> None:
        rng = random.Random(number)
        async with httpx.AsyncClient(base_url=address, timeout=None, trust_env=False) as session:
            while time.monotonic() < end:
                (kind,) = rng.choices(chosen, weights)
                start = time.perf_counter()
                try:
                    answer = await session.post(**kind.make())
                except httpx.HTTPError as error:
                    # The server may close the connection of a body that it does not read.
                    record.errors[f"{kind.name}: {type(error).__name__}"] += 1
                    record.codes[kind.name, 0] += 1
                    continue
                record.seconds[kind.name].append(time.perf_counter() - start)
                record.codes[kind.name, answer.status_code] += 1

    await asyncio.gather(*(client(number) for number in range(clients)))
    return record


def report(record: Record, chosen: Sequence[Kind], seconds: float, peak: int) -> bool:
    """Print the figures; return whether all was as it should be."""
    valid = [kind for kind in chosen if kind.code == 200]
    names = {kind.name for kind in valid}
    wrong = {
        (kind.name, code): count
        for kind in chosen
        for (name, code), count in record.codes.items()
        if name == kind.name and code != kind.code
    }
    took = np.array([time for name in names for time in record.seconds[name]] or [np.nan])
    sent = sum(record.codes.values())
    failed = sum(count for (name, _), count in wrong.items() if name in names)
    print(f"requests         {sent}, of them valid {sum(len(record.seconds[n]) for n in names)}")
    print(f"failed valid     {failed}")
    print(
        f"latency, valid   p50 {np.quantile(took, 0.5):.3f} s, p99 {np.quantile(took, 0.99):.3f} s"
    )
    print(f"throughput       {len(took) / seconds:.1f} valid requests a second")
    print(f"peak memory      {peak / 1024:.0f} MB of the server")
    for kind in chosen:
        codes = {code: n for (name, code), n in sorted(record.codes.items()) if name == kind.name}
        print(f"  {kind.name:26} {kind.code} expected, got {codes}")
    for name, count in record.errors.items():
        print(f"  {name} x {count}")
    return not wrong and sent > 0


def peak_memory(process: int) -> int:
    """Return the most memory that a process has had, in kB; 0 where the system does not tell."""
    file = Path(f"/proc/{process}/status")
    found = re.search(r"VmHWM:\s+(\d+)", file.read_text()) if file.is_file() else None
    return int(found[1]) if found else 0


def own_run(folder: Path, size: int) -> Path:
    """Write a run whose network is small."""
    import keras

    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input((size, size, 3)),
            layers.Conv2D(16, 5, 2, "same", activation="relu"),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.Conv2DTranspose(3, 4, 2, "same", activation="tanh"),
        ]
    )
    network.save(folder / "generator.keras")
    (folder / "recipe.yaml").write_text("model: {name: pix2pix}\n")
    return folder


def main(arguments: Sequence[str] | None = None) -> int:
    """Start the server, load it, stop it, and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", nargs="?", help="run or export; otherwise a small network")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--size", type=int, default=256, help="of the small network")
    parser.add_argument("--format", default="", help="as of zoo serve")
    parser.add_argument("--timeout", type=float, default=120.0, help="as of zoo serve")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        served = chosen.run or str(own_run(Path(folder), chosen.size))
        how = chosen.format or ("" if chosen.run else "keras")
        options = ["--timeout", str(chosen.timeout), *(["--format", how] if how else [])]
        return _run(served, options, chosen.clients, chosen.seconds)


def _run(served: str, options: Sequence[str], clients: int, seconds: float) -> int:
    code = "import sys; from zoo.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "serve", served, "--port", "0"]
    command += ["--most-bytes", str(MOST_BYTES), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ})
    assert process.stdout is not None
    try:
        told = ""
        for line in process.stdout:
            told = line.strip()
            if found := re.search(r"^serving .* at (\S+)/$", told):
                break
        else:
            print(f"the server did not start: {told}")
            return 1
        address = found[1]
        with httpx.Client(base_url=address, timeout=60, trust_env=False) as client:
            while client.get("/readyz").status_code != 200:
                time.sleep(0.05)
            info = client.get("/api/info").json()
        print(f"{told}, {platform.system()} {platform.machine()}, {os.cpu_count()} processors")
        print(
            f"{clients} clients for {seconds:g} s, network of {info['size']} with {info['runtime']}"
        )
        sent = kinds(info["name"], tuple(info["size"]))
        start = time.perf_counter()
        record = asyncio.run(load(address, sent, clients, seconds))
        right = report(record, sent, time.perf_counter() - start, peak_memory(process.pid))
        process.terminate()
        ended = process.wait(60)
        print(f"stopped with     {ended}")
        return 0 if right and ended == 0 else 1
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


if __name__ == "__main__":
    sys.exit(main())
