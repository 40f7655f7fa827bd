"""The parts every route shares, held by the application."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from ground_truth_local.portal.errors import SignedOutError
from ground_truth_local.portal.requests import body as read_body
from ground_truth_local.portal.requests import check_may_change, wants_json

if TYPE_CHECKING:
    from starlette.requests import Request

    from ground_truth_local.portal.frames import Frames
    from ground_truth_local.portal.origins import Origins
    from ground_truth_local.portal.ports import PortalPlatform, PortalService
    from ground_truth_local.portal.sessions import Session, Sessions

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """One portal: its neighbours, its sessions and frames, its pages."""

    platform: PortalPlatform
    service: PortalService
    origins: Origins
    sessions: Sessions
    frames: Frames
    pages: Environment
    redirect_uri: str

    @property
    def cookie(self) -> str:
        # Cookies ignore ports: two local AWS on one machine must not overwrite each other's.
        return f"ground_truth_session_{self.origins.port}"

    def session(self, request: Request) -> Session | None:
        return self.sessions.find(request.cookies.get(self.cookie))

    async def change(self, request: Request, *, limit: int) -> tuple[Session, dict[str, object]]:
        """The session and fields of a state-changing request that may go ahead."""
        session = self.session(request)
        if session is None:
            raise SignedOutError
        fields = await read_body(request, limit=limit)
        check_may_change(request, session, fields)
        return session, fields

    def rotate(self, request: Request, response: Response, name: str) -> None:
        """Replace the browser's session by the named one and forget the old."""
        self.sessions.end(request.cookies.get(self.cookie))
        # Lax: who comes by a link (of an invitation, of a task) is still signed in; with "strict"
        # they would be nobody, and the sign-in page's new session would replace theirs
        response.set_cookie(self.cookie, name, httponly=True, samesite="lax", path="/")

    def answer(
        self,
        request: Request,
        *,
        payload: Mapping[str, object],
        page: str,
        status: int = HTTPStatus.OK,
        **values: object,
    ) -> Response:
        """JSON for programs, the page for people, from the same values.

        Every page knows who is signed in, and where it is.
        """
        if wants_json(request):
            return JSONResponse(payload, status)
        session = self.session(request)
        known = {
            "csrf_token": session.csrf_token if session else "",
            **payload,
            "worker": session.worker if session else None,
            "here": request.url.path,
        }
        html = self.pages.get_template(page).render({**known, **values})
        return HTMLResponse(html, status)

    def go(self, request: Request, path: str, payload: Mapping[str, object]) -> Response:
        """After a change: JSON for programs, the next page for people."""
        if wants_json(request):
            return JSONResponse(payload)
        return RedirectResponse(path, HTTPStatus.SEE_OTHER)


def portal_of(request: Request) -> Portal:
    return cast("Portal", request.app.state.portal)


def page_environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
