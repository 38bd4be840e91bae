"""The addresses of a server, and what each answers."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

import zoo
from zoo_web.service import openapi, work
from zoo_web.service.body import media_type, read_body
from zoo_web.service.errors import HTTPError, unavailable
from zoo_web.service.pictures import MEDIA
from zoo_web.service.predict import VERSION, metadata, status
from zoo_web.service.responses import CountedResponse
from zoo_web.service.service import Service


def open_routes(service: Service) -> APIRouter:
    """Return the routes that need no token: whether the server is well, and what the page is to know."""
    router = APIRouter()

    @router.get("/healthz", tags=["server"], summary="Whether the process is alive")
    async def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @router.get(
        "/readyz",
        tags=["server"],
        summary="Whether requests are taken",
        responses=openapi.failures(503),
    )
    async def readyz() -> dict[str, str]:
        if service.engine.stopping:
            raise unavailable("the server is stopping")
        if not service.engine.ready:
            raise unavailable("the model is being loaded")
        return {"status": "ready"}

    @router.get("/api/info", tags=["page"], summary="The model, its formats and limits")
    async def info() -> dict[str, Any]:
        return _info(service)

    return router


def _info(service: Service) -> dict[str, Any]:
    served, settings = service.served, service.settings
    return {
        "name": served.name,
        "size": list(served.size),
        "source": served.translator.formats.source.as_json(),
        "target": served.formats.target.as_json(),
        "formats": {"answers": list(MEDIA)},
        "limits": {
            "bytes": settings.most_bytes,
            "pixels": settings.most_pixels,
            "seconds": settings.timeout,
        },
        "samples": [
            {"name": path.name, "url": f"/api/samples/{n}", "file": f"/api/samples/{n}/file"}
            for n, path in enumerate(served.samples)
        ],
        "token": settings.token is not None,
        "runtime": served.runtime,
        "version": zoo.__version__,
    }


def model_routes(service: Service) -> APIRouter:
    """Return TensorFlow Serving's routes."""
    router = APIRouter(prefix="/v1/models", tags=["TensorFlow Serving"])
    served, settings = service.served, service.settings
    form = served.translator.formats.source

    def known(name: str, version: str = VERSION) -> None:
        if name != served.name:
            raise HTTPError(404, f"there is no model '{name[:100]}' here, only '{served.name}'")
        if version != VERSION:
            raise HTTPError(404, f"there is only version {VERSION} of '{served.name}'")

    async def predict(request: Request, name: str, version: str = VERSION) -> Response:
        known(name, version)
        kind = media_type(request)
        if kind not in ("", "application/json", "text/plain", "application/x-www-form-urlencoded"):
            raise HTTPError(
                415, f"a body of the type {kind[:100]} is not read; expected application/json"
            )
        async with service.engine.admitted() as ticket:
            content = await read_body(request, ticket, service.engine, settings)
            checked = await service.engine.run_light(
                ticket, request, lambda: work.checked_request(content, settings, served.size, form)
            )
            answer = await service.engine.run(
                ticket,
                request,
                lambda job: work.predicted(job, checked.request, settings.batch_size),
                pixels=checked.pixels,
            )
        return CountedResponse(answer, service.engine, settings.timeout, "application/json")

    for path in ("/{name}", "/{name}/versions/{version}"):
        router.add_api_route(
            f"{path}:predict",
            predict,
            methods=["POST"],
            summary="Translate pictures",
            description="`serving_default` takes floats in [-1, 1], height x width x channels of the network each; "
            "`translate_bytes` picture files of any size in Base64.",
            openapi_extra=openapi.predict_body(),
            responses={**openapi.predicted(), **openapi.failures(404, 415, *openapi.WORKING)},
        )

    @router.get(
        "/{name}/metadata",
        summary="What the model takes and gives",
        responses=openapi.failures(404),
    )
    @router.get("/{name}/versions/{version}/metadata", include_in_schema=False)
    async def model_metadata(name: str, version: str = VERSION) -> dict[str, Any]:
        known(name, version)
        return metadata(served)

    @router.get("/{name}", summary="The state of the model", responses=openapi.failures(404))
    @router.get("/{name}/versions/{version}", include_in_schema=False)
    async def model_status(name: str, version: str = VERSION) -> dict[str, Any]:
        known(name, version)
        return status(loading=not service.engine.ready)

    return router


def metrics_routes(service: Service) -> APIRouter:
    """Return the route for Prometheus."""
    router = APIRouter()

    @router.get(
        "/metrics", tags=["server"], summary="Figures for Prometheus", response_class=Response
    )
    async def metrics() -> Response:
        return Response(
            service.metrics.text(), headers={"Content-Type": service.metrics.content_type}
        )

    return router
