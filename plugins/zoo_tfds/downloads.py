"""Downloads that fail within seconds and say what to do, and files that were fetched by hand."""

from __future__ import annotations

import threading
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import promise
import requests
import tensorflow_datasets as tfds

from zoo import DataError

PATIENCE = 8.0  # seconds until a server must have answered; with all else that is less than ten


def guarded(manager: tfds.download.DownloadManager) -> tfds.download.DownloadManager:
    """Return a download manager that tries an address before it downloads, and takes files that lie in `manual_dir`.

    By itself the library tries an address that cannot be reached again and again, for minutes, and knows the names of
    files fetched by hand only where their checksums are registered. What was downloaded before is left to it.
    """
    # There is no public place between "it is not here yet" and "download it".
    download, folder = manager._download, manager._manual_dir

    def guarded_download(resource: Any) -> promise.Promise[Any]:
        by_hand = folder / file_name(resource.url)
        if by_hand.exists():
            return promise.Promise.resolve(by_hand)
        if trouble := unreachable(resource.url):
            raise DataError(
                f"{resource.url} cannot be fetched, {trouble}; fetch it by other means and put it at {by_hand}, "
                "or into another folder that manual_dir names; or train on the dataset earth, whose pictures are on "
                "this machine"
            )
        downloaded: promise.Promise[Any] = download(resource)
        return downloaded

    manager._download = guarded_download
    return manager


def file_name(url: str) -> str:
    """Return the name that a file at an address has."""
    return PurePosixPath(unquote(urlsplit(url).path)).name


def unreachable(url: str, patience: float = PATIENCE) -> str:
    """Say why a file cannot be fetched, within some seconds; empty if its server begins to send it.

    Args:
        url: where it is.
        patience: seconds that all of it may take: to find the server, to connect, to be answered.
    """
    answer: list[str] = []
    # In a thread, as no limit of the library's holds for a server that sends its answer byte by byte.
    asking = threading.Thread(
        target=lambda: answer.append(_trouble(url, patience)), daemon=True, name="zoo-tfds"
    )
    asking.start()
    asking.join(patience)
    return answer[0] if answer else f"its server has not answered within {patience:g} seconds"


def _trouble(url: str, patience: float) -> str:
    if urlsplit(url).scheme not in ("http", "https"):
        return ""
    host = urlsplit(url).hostname
    try:
        with requests.get(url, stream=True, timeout=patience) as response:
            if response.status_code != requests.codes.ok:
                return f"its server answers {response.status_code} {response.reason}".rstrip()
            return ""
    except requests.Timeout:
        return f"its server has not answered within {patience:g} seconds"
    except requests.exceptions.SSLError:
        return f"the certificate of {host} cannot be verified"
    except requests.ConnectionError:
        return f"{host} cannot be reached from this machine"
    except requests.RequestException as error:
        return str(error)
