"""Files of weights: the library's, downloaded when they are first needed, or one that the user names."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from zoo import ZooError
from zoo_perceptual.libraries import imported

T = TypeVar("T")

# Seconds to wait for a server that does not answer; without a limit the system's own is minutes.
PATIENCE = 10.0


def named_file(weights: str | None) -> str | None:
    """Return a file of weights as a recipe names it.

    Raises:
        ValueError: if there is no such file.
    """
    if weights is not None and not Path(weights).expanduser().is_file():
        raise ValueError(
            f"there is no file {weights}; name a file of weights, or leave weights out"
        )
    return weights


def weight_file(network: str, address: str, named: str | None) -> Path:
    """Return the file with a network's weights, downloading it into PyTorch's cache if it is not there.

    Args:
        network: what it is for, for errors.
        address: where its library has it; the name ends in the first digits of its SHA-256.
        named: the user's file instead, or None.

    Raises:
        ZooError: if it cannot be downloaded, with its address, where to put it and what takes it; if it is damaged,
            or holds anything but weights.
    """
    torch = imported("torch")
    if named is None:
        name = address.rsplit("/", 1)[1]
        file = Path(torch.hub.get_dir()) / "checkpoints" / name
        if not file.is_file():
            _download(network, address, file)
    else:
        file = Path(named).expanduser()
    try:
        # The libraries would load anything that is in it; nothing but weights can be loaded so.
        torch.load(file, map_location="cpu", weights_only=True)
    # A damaged or hostile file leads PyTorch into all of these.
    except Exception as error:
        raise ZooError(
            f"{file} is no file of PyTorch weights, or a damaged one; expected {address.rsplit('/', 1)[1]}"
        ) from error
    return file


def loaded(network: str, file: Path, load: Callable[[], T]) -> T:
    """Build a network by a call of its library.

    Args:
        network: what it is, for errors.
        file: with its weights.
        load: builds it, and loads them.

    Raises:
        ZooError: if the file is of another network.
    """
    try:
        return load()
    except (RuntimeError, KeyError, TypeError, AttributeError) as error:
        raise ZooError(f"{file} does not hold the weights of {network}") from error


@contextlib.contextmanager
def in_cache_as(file: Path, address: str) -> Iterator[None]:
    """Have PyTorch's cache hold a file as what is downloaded from an address, for libraries that take no file.

    Args:
        file: with weights.
        address: whose file it stands for.
    """
    hub = imported("torch").hub
    before = hub.get_dir
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "checkpoints" / address.rsplit("/", 1)[1]
        place.parent.mkdir()
        try:
            place.symlink_to(file.absolute())
        except OSError:  # Windows lets few people make links.
            shutil.copyfile(file, place)
        # `set_dir` cannot be undone: it would outlive a change of TORCH_HOME.
        hub.get_dir = lambda: folder
        try:
            yield
        finally:
            hub.get_dir = before


def _download(network: str, address: str, file: Path) -> None:
    hub = imported("torch").hub
    digits = re.search(r"-([0-9a-f]{8,})\.", file.name)
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        hub.download_url_to_file(address, str(file), digits and digits[1], progress=False)
    # RuntimeError: what came has another checksum.
    except (OSError, RuntimeError) as error:
        reason = str(getattr(error, "reason", None) or error) or type(error).__name__
        raise ZooError(
            f"the weights of {network} cannot be downloaded ({reason}); fetch {address} and put it at {file}, or name "
            "the file with weights"
        ) from error
    finally:
        socket.setdefaulttimeout(before)
