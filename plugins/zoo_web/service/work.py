"""What is done with the body of a request, in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from zoo.pictures import Header, PictureFormat
from zoo_web.service.body import form_picture
from zoo_web.service.engine import Job
from zoo_web.service.errors import HTTPError
from zoo_web.service.pictures import (
    check_format,
    choose_media,
    decode_picture,
    encode_picture,
    for_people,
    header_of,
)
from zoo_web.service.predict import PredictRequest, in_chunks, read_request, write_answer
from zoo_web.service.settings import Settings


@dataclass(frozen=True)
class File:
    """A picture file whose header was looked at."""

    content: bytes
    header: Header

    @property
    def pixels(self) -> int:
        """How many it has."""
        return self.header.height * self.header.width


# Python's objects for the numbers of a JSON text take twenty times its bytes; of one text at a time.
_JSON = threading.Lock()


def checked_file(
    content: bytearray, content_type: str, settings: Settings, form: PictureFormat
) -> File:
    """Take the picture file out of a body and look at its header.

    Args:
        content: the body; emptied.
        content_type: its header.
        settings: the limits.
        form: what the picture must be.

    Raises:
        HTTPError: if it holds none, or one that is not taken; says why.
    """
    whole = content_type.lower().startswith("multipart/")
    file = form_picture(content, content_type) if whole else bytes(content)
    content.clear()
    header = header_of(file, settings.most_pixels)
    check_format(header, form)
    return File(file, header)


def translated(job: Job, file: File, accept: str) -> tuple[bytes, str]:
    """Translate a picture file.

    Args:
        job: what to do it with.
        file: looked at.
        accept: which kinds of file the client takes, as the request's header says.

    Returns:
        The content of the translated file, and its media type.

    Raises:
        HTTPError: if it cannot be translated; says why.
    """
    form = job.translator.formats.source
    source = decode_picture(file.content, form)
    (picture,) = job.translator.translate_arrays([(source, True)])
    media = choose_media(picture, accept)
    return encode_picture(picture, media, job.translator.formats.target.tags), media


def previewed(file: File, form: PictureFormat) -> bytes:
    """Return a picture file of a format as 8-bit PNG to look at."""
    return encode_picture(for_people(decode_picture(file.content, form), form), "image/png")


@dataclass(frozen=True)
class CheckedRequest:
    """A request to predict whose pictures were looked at."""

    request: PredictRequest
    pixels: int


def checked_request(
    content: bytearray, settings: Settings, size: tuple[int, int], form: PictureFormat
) -> CheckedRequest:
    """Read a request to predict of TensorFlow Serving's form, and look at the headers of its files.

    Args:
        content: JSON; emptied.
        settings: the limits.
        size: height and width of the network.
        form: what the pictures must be.

    Raises:
        HTTPError: if it cannot be answered; says why.
    """
    with _JSON:
        request = read_request(content, (*size, form.depth), settings.most_pixels)
    content.clear()
    if request.pictures is not None:
        return CheckedRequest(request, int(np.prod(request.pictures.shape[:3])))
    pixels = 0
    for number, file in enumerate(request.files):
        with _numbered(number, request.files):
            header = header_of(file, settings.most_pixels)
            check_format(header, form)
        pixels += header.height * header.width
    if pixels > settings.most_pixels:
        raise HTTPError(
            413,
            f"the pictures have together {pixels / 1e6:.3g} million pixels; at most "
            f"{settings.most_pixels / 1e6:.3g} million are translated",
        )
    return CheckedRequest(request, pixels)


def predicted(job: Job, request: PredictRequest, batch_size: int) -> bytes:
    """Answer a request to predict.

    Args:
        job: what to do it with.
        request: to predict.
        batch_size: most pictures in one call of the network.

    Raises:
        HTTPError: if it cannot be answered; says why.
    """
    if request.pictures is not None:
        painted = list(in_chunks(request.pictures, batch_size, job.paint))
        with _JSON:
            return write_answer(request, painted)
    form = job.translator.formats.source

    def sources() -> Iterator[tuple[np.ndarray, bool]]:
        for number, content in enumerate(request.files):
            with _numbered(number, request.files):
                yield decode_picture(content, form), True

    # Successive pictures share batches.
    pictures = job.translator.translate_arrays(sources())
    tags = job.translator.formats.target.tags
    files = [encode_picture(picture, choose_media(picture, ""), tags) for picture in pictures]
    return write_answer(request, files)


@contextmanager
def _numbered(number: int, files: tuple[bytes, ...]) -> Iterator[None]:
    """Say of several pictures which one is refused."""
    try:
        yield
    except HTTPError as error:
        if len(files) == 1:
            raise
        raise HTTPError(error.status, f"picture {number}: {error.reason}") from None
