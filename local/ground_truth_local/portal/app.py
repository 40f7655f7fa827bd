"""The portal as an ASGI application, for the launcher to serve on a loopback port."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from ground_truth_local.portal import mailbox, requester, sign_in, tasks
from ground_truth_local.portal.errors import PortalError, SignedOutError
from ground_truth_local.portal.frames import Frames
from ground_truth_local.portal.headers import HostSwitch
from ground_truth_local.portal.origins import Origins
from ground_truth_local.portal.portal import HERE, Portal, page_environment, portal_of
from ground_truth_local.portal.requests import wants_json
from ground_truth_local.portal.sessions import Sessions
from ground_truth_local.portal.sources import Endpoint, from_allowed_sources

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp

    from ground_truth_local.portal.ports import PortalPlatform, PortalService
    from ground_truth_local.service.kept import Kept

_SAID = {
    HTTPStatus.NOT_FOUND: "there is no page at this address",
    HTTPStatus.METHOD_NOT_ALLOWED: "there is nothing to be seen at this address",
}
CALLBACK_PATH = "/oauth2/idpresponse"  # ground-truth.md 4.3


def create_app(
    *,
    platform: PortalPlatform,
    service: PortalService,
    portal_domain: str,
    portal_scheme: str = "http",
    kept: Kept | None = None,
) -> ASGIApp:
    """The portal for ``portal_domain`` (``127.0.0.1:<port>``, as the service knows it).

    It answers to that host and, for task frames alone, to ``localhost`` on the same port; listen
    on 127.0.0.1. ``portal_scheme`` is what the workforce's callback URL begins with. Who
    is signed in stays so where it is `kept`.
    """
    host, _, port = portal_domain.partition(":")
    if host != "127.0.0.1" or not port.isdigit():
        raise ValueError(f"portal domain: got {portal_domain!r}, allowed is 127.0.0.1:<port>")
    media = urlsplit(platform.media_url)
    origins = Origins(port=int(port), media=f"{media.scheme}://{media.netloc}")
    frames = Frames(platform.now)
    portal = Portal(
        platform=platform,
        service=service,
        origins=origins,
        sessions=Sessions(platform.now, kept),
        frames=frames,
        pages=page_environment(),
        redirect_uri=f"{portal_scheme}://{portal_domain}{CALLBACK_PATH}",
    )
    return HostSwitch(portal=_portal_app(portal), frames=_frame_app(portal), origins=origins)


def _portal_app(portal: Portal) -> Starlette:
    pages: list[tuple[str, Endpoint, str]] = [
        ("/", tasks.home, "GET"),
        ("/sign-in", sign_in.sign_in_page, "GET"),
        ("/sign-in", sign_in.sign_in, "POST"),
        ("/new-password", sign_in.new_password_page, "GET"),
        ("/new-password", sign_in.new_password, "POST"),
        ("/sign-out", sign_in.sign_out, "POST"),
        ("/jobs", tasks.jobs, "GET"),
        ("/jobs/{name}/next", tasks.next_task, "POST"),
        ("/tasks/{id}", tasks.task, "GET"),
        ("/tasks/{id}/submit", tasks.submit, "POST"),
        ("/tasks/{id}/decline", tasks.decline, "POST"),
        ("/tasks/{id}/release", tasks.release, "POST"),
    ]
    routes = [
        *(Route(path, from_allowed_sources(page), methods=[verb]) for path, page, verb in pages),
        Route("/mailbox", mailbox.mailbox),
        Route("/requester", requester.overview),
        Route("/requester/jobs/{name}", requester.job),
        Route("/healthz", _health),
        Mount("/static", StaticFiles(directory=HERE / "static" / "portal")),
    ]
    app = Starlette(
        routes=routes,
        exception_handlers={PortalError: _refusal, HTTPException: _http_error, 500: _fault},
    )
    app.router.redirect_slashes = False  # a redirect would answer for paths that don't exist
    app.state.portal = portal
    return app


def _frame_app(portal: Portal) -> Starlette:
    app = Starlette(
        routes=[
            Route("/frame/{token}", _frame),
            Mount("/static", StaticFiles(directory=HERE / "static" / "crowd")),
        ]
    )
    app.router.redirect_slashes = False
    app.state.portal = portal
    return app


async def _health(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _frame(request: Request) -> Response:
    html = portal_of(request).frames.redeem(request.path_params["token"])
    if html is None:
        gone = "<!doctype html><title>Gone</title><p>This frame was opened before; reload the task."
        return HTMLResponse(gone, HTTPStatus.GONE)
    return HTMLResponse(html)


async def _refusal(request: Request, error: Exception) -> Response:
    refusal = cast("PortalError", error)
    if isinstance(error, SignedOutError) and not wants_json(request):
        return RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
    return _error_page(request, refusal.status, refusal.code, refusal.message)


async def _http_error(request: Request, error: Exception) -> Response:
    refusal = cast("HTTPException", error)
    status = HTTPStatus(refusal.status_code)
    message = _SAID.get(status, refusal.detail)
    return _error_page(request, status, status.phrase.replace(" ", ""), message)


async def _fault(request: Request, error: Exception) -> Response:
    message = f"the portal failed ({type(error).__name__}); the cause is in local AWS's output"
    return _error_page(request, HTTPStatus.INTERNAL_SERVER_ERROR, "InternalError", message)


def _error_page(request: Request, status: int, code: str, message: str) -> Response:
    return portal_of(request).answer(
        request,
        payload={"error": {"code": code, "message": message}},
        page="error.html",
        status=status,
    )
