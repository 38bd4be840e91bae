"""The ASGI application of a server."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

import zoo
from zoo_web.service.docs import docs_page
from zoo_web.service.engine import Engine
from zoo_web.service.errors import DroppedError, HTTPError
from zoo_web.service.metrics import Metrics
from zoo_web.service.middleware import (
    CLIENT_CLOSED_REQUEST,
    JSONErrorMiddleware,
    MetricsMiddleware,
    SecurityHeadersMiddleware,
)
from zoo_web.service.picture_routes import picture_routes
from zoo_web.service.routes import metrics_routes, model_routes, open_routes
from zoo_web.service.served import Served
from zoo_web.service.service import Service
from zoo_web.service.settings import Settings

PAGE = Path(__file__).parents[1] / "page"
# Newer versions of FastAPI report to OpenTelemetry where the environment says so; older ones pass this over, and
# have no type for it.
NO_TELEMETRY: Any = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def create_app(served: Served, settings: Settings = Settings()) -> FastAPI:  # noqa: B008
    """Make the application.

    Args:
        served: what translates.
        settings: the limits, and who may use it.

    Returns:
        The application; `app.state.engine` is its `Engine`, which works between the lifespan's start and end.
    """
    metrics = Metrics()
    engine = Engine(served, settings, metrics)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        starting = asyncio.create_task(engine.start())
        try:
            yield
        finally:
            engine.stop()
            await asyncio.to_thread(engine.close)
            await starting

    app = FastAPI(
        title=f"zoo: {served.name}",
        description="Translates pictures.",
        version=zoo.__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,
    )
    app.state.engine = engine
    service = Service(served, settings, engine, metrics)
    app.include_router(open_routes(service))
    guarded = [Depends(HTTPBearer(auto_error=False)), Depends(_only_with(settings.token))]
    for routes in (model_routes, picture_routes, metrics_routes):
        app.include_router(
            routes(service), dependencies=guarded if settings.token is not None else None
        )

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        html, policy = docs_page(app.openapi())
        return HTMLResponse(html, headers={"Content-Security-Policy": policy})

    app.router.default = _page()
    _answer_errors(app)
    _add_middleware(app, settings, metrics)
    return app


def _add_middleware(app: FastAPI, settings: Settings, metrics: Metrics) -> None:
    """Put the middleware around an application, the innermost first."""
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type"],
        )
    # A page elsewhere whose name was pointed at this machine could otherwise read what it answers.
    app.add_middleware(
        TrustedHostMiddleware, allowed_hosts=list(settings.hosts) or ["*"], www_redirect=False
    )
    app.add_middleware(JSONErrorMiddleware)
    app.add_middleware(SecurityHeadersMiddleware)
    app.add_middleware(MetricsMiddleware, metrics=metrics)


def _only_with(token: str | None) -> Any:
    """Return what refuses requests without the token."""
    expected = (token or "").encode()

    async def check(request: Request) -> None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        # Headers are read as Latin-1, but may be sent as UTF-8.
        sent = given.strip().encode("latin-1")
        if scheme.lower() != "bearer" or not hmac.compare_digest(sent, expected):
            raise HTTPError(
                401,
                "this server wants a token: send it as 'Authorization: Bearer TOKEN'",
                {"WWW-Authenticate": "Bearer"},
            )

    return check


def _page() -> Any:
    files = StaticFiles(directory=PAGE, html=True)
    shared = StaticFiles(directory=zoo.shared_assets())
    names = {f"/{file.name}" for file in zoo.shared_assets().iterdir()}

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        scope["endpoint"] = "page"
        await (shared if scope["path"] in names else files)(scope, receive, send)

    return page


def _error(status: int, reason: str, headers: Mapping[str, str]) -> JSONResponse:
    return JSONResponse({"error": reason}, status, dict(headers))


def _answer_errors(app: FastAPI) -> None:
    @app.exception_handler(HTTPError)
    async def failed(_: Request, error: HTTPError) -> Response:
        return _error(error.status, error.reason, error.headers)

    @app.exception_handler(ClientDisconnect)
    @app.exception_handler(DroppedError)
    async def gone(_: Request, __: Exception) -> Response:
        return _error(CLIENT_CLOSED_REQUEST, "the client went away", {})

    @app.exception_handler(HTTPException)
    async def http(request: Request, problem: HTTPException) -> Response:
        headers = dict(problem.headers or {})
        path = request.url.path[:100]
        if problem.status_code == 404:
            return _error(404, f"there is nothing at {path}", headers)
        if problem.status_code == 405:
            return _error(405, f"{request.method[:20]} is not answered at {path}", headers)
        return _error(problem.status_code, str(problem.detail), headers)
