"""The files of onnxruntime-web: from a folder or package of the user's, from the cache, or from the network."""

from __future__ import annotations

import hashlib
import os
import sys
import tarfile
import urllib.request
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from zoo import ZooError

VERSION = "1.30.0"
ADDRESS = f"https://cdn.jsdelivr.net/npm/onnxruntime-web@{VERSION}/dist/"
# SHA-256 of each file.
FILES = {
    "ort.wasm.bundle.min.mjs": "11e64bd8ffe11bd1a2a2f0d6275fdfbbba7262f0b76b99b53d228a8a22ef3d90",
    "ort-wasm-simd-threaded.wasm": "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
}
VARIABLE = "ZOO_ONNXRUNTIME_WEB"
# Where an npm package, a copy of it, or somebody who downloaded the files by hand has them.
PLACES = ("", "dist", "package/dist", "node_modules/onnxruntime-web/dist")
# Seconds to wait for a server that does not answer; without a limit the system's own is minutes.
DOWNLOAD_TIMEOUT = 10.0
MOST_BYTES = 100_000_000


def runtime_files(given: Path | None = None) -> dict[str, bytes]:
    """Return the runtime's files by name; each is checked to be the one that this version of zoo was tested with.

    Args:
        given: a folder or an npm package (`.tgz`) that holds them. None takes the environment variable
            ZOO_ONNXRUNTIME_WEB, then the cache, then the network, and keeps what came from there in the cache.

    Raises:
        ZooError: if they cannot be had, with their addresses and where to put them; or if they are other files.
    """
    if given is None and os.environ.get(VARIABLE):
        given = Path(os.environ[VARIABLE])
    if given is not None:
        read = _from_package if given.is_file() else _from_folder
        found = read(given.expanduser())
        return {name: _checked(name, found(name), given) for name in FILES}
    cache = cache_folder()
    missing = [name for name in FILES if not (cache / name).is_file()]
    if missing:
        _download(missing, cache)
    return {name: _checked(name, (cache / name).read_bytes(), cache) for name in FILES}


def cache_folder() -> Path:
    """Return the folder in which the runtime's files are kept, of the user's caches as the system has them."""
    home = Path.home()
    if given := os.environ.get("XDG_CACHE_HOME"):
        caches = Path(given)
    elif sys.platform == "win32":
        caches = Path(os.environ.get("LOCALAPPDATA") or home / "AppData/Local")
    elif sys.platform == "darwin":
        caches = home / "Library/Caches"
    else:
        caches = home / ".cache"
    return caches / "zoo" / f"onnxruntime-web-{VERSION}"


def _download(names: list[str], cache: Path) -> None:
    contents = {}
    for name in names:
        try:
            with urllib.request.urlopen(ADDRESS + name, timeout=DOWNLOAD_TIMEOUT) as answer:
                contents[name] = answer.read(MOST_BYTES)
        except OSError as error:
            reason = getattr(error, "reason", None) or error
            addresses = " and ".join(ADDRESS + one for one in names)
            raise ZooError(
                f"onnxruntime-web cannot be downloaded ({reason}); fetch {addresses} and put them into {cache}, "
                f"or give the folder or npm package (npm pack onnxruntime-web@{VERSION}) as runtime=PATH"
            ) from error
        _checked(name, contents[name], ADDRESS)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            partial = cache / f".{name}.{os.getpid()}.partial"
            partial.write_bytes(content)
            partial.replace(cache / name)
    except OSError as error:
        raise ZooError(
            f"onnxruntime-web cannot be kept in {cache}: {error.strerror}; set XDG_CACHE_HOME to a folder "
            "that can be written"
        ) from error


def _from_folder(folder: Path) -> Callable[[str], bytes]:
    for place in PLACES:
        if all((folder / place / name).is_file() for name in FILES):
            return lambda name: (folder / place / name).read_bytes()
    raise ZooError(
        f"{folder} does not hold onnxruntime-web: expected {' and '.join(FILES)} in it or in its dist/"
    )


def _from_package(package: Path) -> Callable[[str], bytes]:
    try:
        with tarfile.open(package) as archive:
            found = {
                PurePosixPath(member.name).name: extracted.read()
                for member in archive
                if PurePosixPath(member.name).name in FILES
                and member.size <= MOST_BYTES
                and (extracted := archive.extractfile(member))
            }
    except (tarfile.TarError, OSError, EOFError) as error:
        raise ZooError(f"{package} cannot be read as an npm package: {error}") from error
    missing = [name for name in FILES if name not in found]
    if missing:
        raise ZooError(
            f"{package} is not a package of onnxruntime-web: it holds no {missing[0]}; "
            f"make one with: npm pack onnxruntime-web@{VERSION}"
        )
    return found.__getitem__


def _checked(name: str, content: bytes, where: Path | str) -> bytes:
    if hashlib.sha256(content).hexdigest() != FILES[name]:
        raise ZooError(
            f"{name} from {where} is not the file of onnxruntime-web {VERSION}: its SHA-256 differs; "
            "remove it and fetch it again, in that version"
        )
    return content
