"""Signing in and out: what Cognito's hosted UI does for a workforce on AWS."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from ground_truth_local.platform.port import SignInError, SignInResult
from ground_truth_local.portal.errors import PortalError
from ground_truth_local.portal.portal import Portal, portal_of
from ground_truth_local.portal.requests import FORM_BYTES, text, wants_json
from ground_truth_local.portal.sessions import CHALLENGE, Challenge
from ground_truth_local.portal.sources import workforces
from ground_truth_local.service.queue import Worker

if TYPE_CHECKING:
    from starlette.requests import Request

    from ground_truth_local.platform.port import Identity

NEW_PASSWORD_REQUIRED = "NEW_PASSWORD_REQUIRED"  # noqa: S105  the challenge's name


async def sign_in_page(request: Request) -> Response:
    return _page(request, "sign-in.html")


async def sign_in(request: Request) -> Response:
    portal = portal_of(request)
    session, fields = await portal.change(request, limit=FORM_BYTES)
    username, password = text(fields, "username").strip(), text(fields, "password")
    try:
        result = await run_in_threadpool(_ask, portal, username, password, None)
    except SignInError as error:
        return _refused(request, session.csrf_token, error, page="sign-in.html", username=username)
    if result.identity is not None:
        return _welcome(request, result.identity)
    until = portal.platform.now() + CHALLENGE
    name = portal.sessions.start(
        challenge=Challenge(username=username, password=password, until=until)
    )
    opened = portal.sessions.find(name)
    token = opened.csrf_token if opened else ""
    payload = {"challenge": NEW_PASSWORD_REQUIRED, "csrf_token": token}
    response = portal.go(request, "/new-password", payload)
    portal.rotate(request, response, name)
    return response


async def new_password_page(request: Request) -> Response:
    session = portal_of(request).session(request)
    if session is None or session.challenge is None:
        return RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
    return _page(request, "new-password.html")


async def new_password(request: Request) -> Response:
    portal = portal_of(request)
    session, fields = await portal.change(request, limit=FORM_BYTES)
    challenge = session.challenge
    if challenge is None or challenge.until < portal.platform.now():
        message = "sign in with the temporary password first"
        raise PortalError(HTTPStatus.CONFLICT, "NoChallenge", message)
    chosen = text(fields, "new_password")
    try:
        _check_repeated(chosen, fields)
        result = await run_in_threadpool(
            _ask, portal, challenge.username, challenge.password, chosen
        )
    except SignInError as error:
        username = challenge.username
        return _refused(
            request, session.csrf_token, error, page="new-password.html", username=username
        )
    if result.identity is None:
        message = f"Cognito still asks for {result.challenge}"
        raise PortalError(HTTPStatus.BAD_GATEWAY, "UnknownChallenge", message)
    return _welcome(request, result.identity)


async def sign_out(request: Request) -> Response:
    portal = portal_of(request)
    await portal.change(request, limit=FORM_BYTES)
    portal.sessions.end(request.cookies.get(portal.cookie))
    response = portal.go(request, "/sign-in", {"signed_in": False})
    response.delete_cookie(portal.cookie, httponly=True, samesite="lax", path="/")
    return response


def _page(request: Request, page: str) -> Response:
    portal = portal_of(request)
    session = portal.session(request)
    if session is not None and session.worker is not None and not wants_json(request):
        return RedirectResponse("/jobs", HTTPStatus.SEE_OTHER)
    name = None if session else portal.sessions.start()
    session = session or portal.sessions.find(name)
    if session is None:  # only if thousands of others opened the page since the line before
        raise PortalError(HTTPStatus.SERVICE_UNAVAILABLE, "Busy", "too many sessions; try again")
    payload = {"csrf_token": session.csrf_token, "signed_in": session.worker is not None}
    username = session.challenge.username if session.challenge else ""
    response = portal.answer(request, payload=payload, page=page, problem="", username=username)
    if name:
        portal.rotate(request, response, name)
    return response


def _refused(
    request: Request, csrf_token: str, error: SignInError, *, page: str, username: str = ""
) -> Response:
    payload: dict[str, object] = {
        "csrf_token": csrf_token,
        "error": {"code": error.code, "message": error.message},
    }
    return portal_of(request).answer(
        request,
        payload=payload,
        page=page,
        status=HTTPStatus.BAD_REQUEST,
        problem=error.message,
        username=username,
    )


def _welcome(request: Request, identity: Identity) -> Response:
    """A signed-in session under a new name, so one planted before sign-in is worth nothing."""
    portal = portal_of(request)
    worker = Worker(
        sub=identity.sub,
        username=identity.username,
        email=identity.email,
        issuer=identity.issuer,
        user_pool_id=identity.user_pool_id,
        client_id=identity.client_id,
        groups=identity.groups,
    )
    name = portal.sessions.start(worker=worker)
    session = portal.sessions.find(name)
    payload = {
        "csrf_token": session.csrf_token if session else "",
        "signed_in": True,
        "worker": {"sub": worker.sub, "username": worker.username, "email": worker.email},
    }
    response = portal.go(request, "/jobs", payload)
    portal.rotate(request, response, name)
    return response


def _ask(portal: Portal, username: str, password: str, chosen: str | None) -> SignInResult:
    pool, client = _cognito(portal)
    return portal.platform.sign_in(
        user_pool_id=pool,
        client_id=client,
        username=username,
        password=password,
        new_password=chosen,
        redirect_uri=portal.redirect_uri,
    )


def _cognito(portal: Portal) -> tuple[str, str]:
    """Pool and client of the one private workforce (ground-truth.md 4.1)."""
    for workforce in workforces(portal):
        config = workforce.get("CognitoConfig")
        if config:
            return str(config["UserPool"]), str(config["ClientId"])
    message = "there is no private workforce yet; deploy an environment first"
    raise SignInError("WorkforceNotFound", message)


def _check_repeated(chosen: str, fields: dict[str, object]) -> None:
    if "repeated" in fields and fields["repeated"] != chosen:
        raise SignInError("PasswordsDiffer", "the two new passwords differ")
