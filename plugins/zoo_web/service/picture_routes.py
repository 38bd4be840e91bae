"""The addresses of pictures in and out, and of samples to try."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

from zoo.pictures import PictureFormat
from zoo_web.service import openapi, work
from zoo_web.service.batcher import Ticket
from zoo_web.service.body import media_type, read_body
from zoo_web.service.errors import HTTPError
from zoo_web.service.pictures import MEDIA
from zoo_web.service.responses import CountedResponse
from zoo_web.service.served import Served
from zoo_web.service.service import Service

# A file whose kind the client does not know is as welcome: its content tells.
RAW = ("image/*", "application/octet-stream")


def picture_routes(service: Service) -> APIRouter:
    """Return the routes of pictures in and out, and of samples."""
    router = APIRouter()
    served, settings, engine = service.served, service.settings, service.engine
    source_format = served.translator.formats.source

    async def picture_of(request: Request, ticket: Ticket, form: PictureFormat) -> work.File:
        """Read a picture from the body, raw or in a form, and look at its header."""
        kind = media_type(request)
        if not (kind.startswith("image/") or kind in (RAW[1], "multipart/form-data")):
            raise HTTPError(
                415,
                f"a body of the type {kind[:100] or 'nothing'} is not read; send the picture itself with a "
                "Content-Type such as image/png, or as the field 'picture' of multipart/form-data",
            )
        content = await read_body(request, ticket, engine, settings)
        told = request.headers["content-type"]
        return await engine.run_light(
            ticket, request, lambda: work.checked_file(content, told, settings, form)
        )

    @router.post(
        "/translate",
        tags=["pictures"],
        summary="Translate a picture of any size",
        description="`Accept` chooses among the kinds of file that hold the result; PNG or TIFF unless it asks.",
        response_class=Response,
        openapi_extra=openapi.file_body(RAW),
        responses={
            **openapi.pictures_answered(*MEDIA),
            **openapi.failures(406, 415, *openapi.WORKING),
        },
    )
    async def translate(request: Request) -> Response:
        accept = request.headers.get("accept", "")
        async with engine.admitted() as ticket:
            file = await picture_of(request, ticket, source_format)
            content, media = await engine.run(
                ticket,
                request,
                lambda job: work.translated(job, file, accept),
                pixels=file.pixels,
            )
        return CountedResponse(content, engine, settings.timeout, media, {"Vary": "Accept"})

    @router.post(
        "/api/preview",
        tags=["page"],
        summary="A picture file as 8-bit PNG to look at",
        description="`side` says whether it is a source or a target picture.",
        response_class=Response,
        openapi_extra=openapi.file_body(RAW),
        responses={
            **openapi.pictures_answered("image/png"),
            **openapi.failures(415, *openapi.WORKING),
        },
    )
    async def preview(request: Request, side: str = "source") -> Response:
        if side not in ("source", "target"):
            raise HTTPError(400, "side must be source or target")
        form = source_format if side == "source" else served.formats.target
        async with engine.admitted() as ticket:
            file = await picture_of(request, ticket, form)
            content = await engine.run_light(ticket, request, lambda: work.previewed(file, form))
        return CountedResponse(content, engine, settings.timeout, "image/png")

    @router.get(
        "/api/samples/{number}",
        tags=["page"],
        summary="A source picture to try, as 8-bit PNG to look at",
        response_class=Response,
        responses={**openapi.pictures_answered("image/png"), **openapi.failures(401, 404)},
    )
    async def sample(request: Request, number: str) -> Response:
        path = _sample(served, number)

        def show() -> bytes:
            content = bytearray(path.read_bytes())
            file = work.checked_file(content, "", settings, source_format)
            return work.previewed(file, source_format)

        async with engine.admitted() as ticket:
            content = await engine.run_light(ticket, request, show)
        return CountedResponse(content, engine, settings.timeout, "image/png")

    @router.get(
        "/api/samples/{number}/file",
        tags=["page"],
        summary="The file of a source picture to try, as /translate takes it",
        response_class=FileResponse,
        responses=openapi.failures(401, 404),
    )
    async def sample_file(number: str) -> FileResponse:
        return FileResponse(_sample(served, number))

    return router


def _sample(served: Served, number: str) -> Any:
    if not (number.isdecimal() and len(number) < 7 and int(number) < len(served.samples)):
        raise HTTPError(404, f"there are {len(served.samples)} samples, numbered from 0")
    return served.samples[int(number)]
