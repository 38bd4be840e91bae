"""Pretrained weights: from a folder of the user's, from the cache, or from the network; and what to do without one."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import keras

from zoo_backbones.catalog.library import Library
from zoo_backbones.selection import BackboneChoice

T = TypeVar("T")

KAGGLE = "kaggle://"
# Seconds to wait for a server that does not answer; without a limit the system's own is minutes.
PATIENCE = 10.0
WITHOUT = "or build it without pretrained weights: weights=null"


def keras_home() -> Path:
    """Return the folder in which Keras keeps what it downloads."""
    return Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()


def fetched(
    library: Library,
    selection: BackboneChoice,
    handles: Mapping[str, str],
    load: Callable[[str], T],
) -> T:
    """Load a preset of KerasCV or KerasHub.

    Args:
        library: whose preset it is.
        selection: what the recipe asks for; its preset is a name, a handle or a folder.
        handles: Kaggle's handles of the presets by name.
        load: called with the name, handle or folder, loads it as the library does.

    Raises:
        ValueError: if it cannot be had, with the address of its files and the folder to put them in.
    """
    preset = str(selection.preset)
    folder = keras_home() / "models" / preset
    if preset not in handles or (folder / "config.json").is_file():
        place = str(folder) if preset in handles else preset
        if Path(place).is_dir():
            return _from_folder(library, place, load)
    handle = handles.get(preset, preset)
    try:
        with _limited_patience():
            if handle.startswith(KAGGLE) and not _in_kaggle_cache(handle):
                _reach("https://api.kaggle.com")
            return load(preset)
    # The libraries raise what their transports raise: errors of requests, of urllib, of Keras (a bare Exception).
    except Exception as error:
        where = f"put them into {folder}" if preset in handles else "give their folder as backbone"
        without = f", {WITHOUT}" if selection.size else ""
        raise ValueError(
            f"the preset {preset} of {library.title} cannot be downloaded ({_reason(error)}); "
            f"fetch {library.files} from {_page(handle)} and {where}{without}"
        ) from error


def _from_folder(library: Library, folder: str, load: Callable[[str], T]) -> T:
    try:
        return load(folder)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ValueError(
            f"the folder {folder} does not hold a whole preset of {library.title}: {_first_line(error)}"
        ) from error


def fetched_file(name: str, load: Callable[[], T]) -> T:
    """Load a network of keras.applications with its pretrained weights.

    Args:
        name: of the network.
        load: builds and loads it, as Keras does.

    Raises:
        ValueError: if the file cannot be had, with its address and where to put it.
    """
    try:
        with _limited_patience():
            return load()
    # Keras raises a bare Exception with the address in its text.
    except Exception as error:
        address = re.search(r"https?://[^\s:]+", str(error))
        if address is None:
            raise
        file = keras_home() / "models" / address[0].rsplit("/", 1)[1]
        raise ValueError(
            f"the pretrained weights of {name} cannot be downloaded ({_reason(error)}); "
            f"fetch {address[0]} and put it at {file}, {WITHOUT}"
        ) from error


def load_file(network: keras.Model, name: str, file: Path | None) -> None:
    """Load a file of weights, if there is one, that `save_weights` of the same backbone wrote.

    Raises:
        ValueError: if it is of another network.
    """
    if file is None:
        return
    try:
        with warnings.catch_warnings():
            # Keras only warns where a file holds nothing for a layer, which then keeps its random weights.
            warnings.simplefilter("error", UserWarning)
            network.load_weights(file)
    except (ValueError, OSError, KeyError, UserWarning) as error:
        raise ValueError(
            f"{file} does not hold the weights of the backbone {name}: {_first_line(error)}"
        ) from error


@contextlib.contextmanager
def _limited_patience() -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _in_kaggle_cache(handle: str) -> bool:
    cache = Path(os.environ.get("KAGGLEHUB_CACHE") or "~/.cache/kagglehub").expanduser()
    return (cache / "models" / handle.removeprefix(KAGGLE) / "config.json").is_file()


def _reach(address: str) -> None:
    """Ask a server for anything; Kaggle's library would wait for it for minutes."""
    request = urllib.request.Request(address, method="HEAD")
    # An answer that says no is an answer.
    with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(request):
        pass


def _page(handle: str) -> str:
    if handle.startswith(KAGGLE):
        return f"https://www.kaggle.com/models/{handle.removeprefix(KAGGLE)}"
    return handle.replace("hf://", "https://huggingface.co/")


def _reason(error: BaseException) -> str:
    """The last of what is said about the connection, without the address again."""
    told = getattr(error, "reason", None) or error
    return str(told).rsplit(" -- ", 1)[-1].strip() or type(error).__name__


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
