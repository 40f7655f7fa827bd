"""Jobs and tasks: what a signed-in worker sees and does."""

from __future__ import annotations

import math
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, RedirectResponse, Response

from ground_truth_local.portal.errors import PortalError, SignedOutError, from_queue
from ground_truth_local.portal.frames import SANDBOX, document
from ground_truth_local.portal.portal import Portal, portal_of
from ground_truth_local.portal.requests import ANSWER_BYTES, FORM_BYTES, signed_in, wants_json
from ground_truth_local.service.queue import AnswerInvalidError, QueueError

if TYPE_CHECKING:
    from starlette.requests import Request

    from ground_truth_local.portal.sessions import Session
    from ground_truth_local.service.queue import Assignment, JobCard, Worker

Result = TypeVar("Result")
NOTICES = {
    "none-left": "There is nothing left for you in that job right now.",
    "expired": "The time for that task was over; it went back to the others.",
    "submitted": "That task has your answer already.",
}
_OVER = {"Expired": "expired", "AlreadySubmitted": "submitted"}


async def home(request: Request) -> Response:
    session = portal_of(request).session(request)
    path = "/jobs" if session and session.worker else "/sign-in"
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)


async def jobs(request: Request) -> Response:
    portal, session, worker = _reader(request)
    cards = await _ask(portal.service.queue.jobs, worker)
    payload = {
        "jobs": [_card(card) for card in cards],
        "csrf_token": session.csrf_token,
        "worker": worker.sub,
    }
    notice = NOTICES.get(request.query_params.get("notice", ""), "")
    return portal.answer(request, payload=payload, page="jobs.html", notice=notice)


async def next_task(request: Request) -> Response:
    portal, worker, _ = await _changer(request, FORM_BYTES)
    assignment = await _ask(portal.service.queue.take, worker, request.path_params["name"])
    if assignment is not None:
        payload = _task(portal, assignment)
        return portal.go(request, _path(assignment.id), payload)
    if wants_json(request):
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return RedirectResponse("/jobs?notice=none-left", HTTPStatus.SEE_OTHER)


async def task(request: Request) -> Response:
    portal, session, worker = _reader(request)
    queue, task_id = portal.service.queue, request.path_params["id"]
    try:
        assignment = await _ask(queue.assignment, worker, task_id)
    except PortalError as over:
        if wants_json(request) or over.code not in _OVER:
            raise
        # after a reload or a return to a closed tab; an answer that is on its way goes on there
        return RedirectResponse(f"/jobs?notice={_OVER[over.code]}", HTTPStatus.SEE_OTHER)
    html = await _ask(queue.html, worker, task_id)
    payload = {**_task(portal, assignment), "csrf_token": session.csrf_token}
    if wants_json(request):
        return JSONResponse({**payload, "html": html})
    token = portal.frames.offer(document(html, portal_origin=portal.origins.portal))
    return portal.answer(
        request,
        payload=payload,
        page="task.html",
        frame=f"{portal.origins.frames}/frame/{token}",
        sandbox=SANDBOX,
    )


async def submit(request: Request) -> Response:
    portal, worker, fields = await _changer(request, ANSWER_BYTES)
    answer = fields.get("answer")
    if not isinstance(answer, dict):
        found = type(answer).__name__ if "answer" in fields else "nothing"
        raise from_queue(AnswerInvalidError(f"answer: got {found}, allowed is a JSON object"))
    await _ask(portal.service.queue.submit, worker, request.path_params["id"], answer)
    return portal.go(request, "/jobs", {"id": request.path_params["id"], "state": "submitted"})


async def decline(request: Request) -> Response:
    portal, worker, _ = await _changer(request, FORM_BYTES)
    await _ask(portal.service.queue.decline, worker, request.path_params["id"])
    return portal.go(request, "/jobs", {"id": request.path_params["id"], "state": "declined"})


async def release(request: Request) -> Response:
    portal, worker, _ = await _changer(request, FORM_BYTES)
    await _ask(portal.service.queue.release, worker, request.path_params["id"])
    return portal.go(request, "/jobs", {"id": request.path_params["id"], "state": "released"})


def _reader(request: Request) -> tuple[Portal, Session, Worker]:
    portal = portal_of(request)
    session = portal.session(request)
    if session is None:
        raise SignedOutError
    return portal, session, signed_in(session)


async def _changer(request: Request, limit: int) -> tuple[Portal, Worker, dict[str, object]]:
    portal = portal_of(request)
    session, fields = await portal.change(request, limit=limit)
    return portal, signed_in(session), fields


async def _ask(call: Callable[..., Result], *arguments: object) -> Result:
    """A call to the queue, off the event loop because it may sign links or read objects."""
    try:
        result: Result = await run_in_threadpool(call, *arguments)
    except QueueError as error:
        raise from_queue(error) from error
    return result


def _path(task_id: str) -> str:
    return f"/tasks/{quote(task_id, safe='')}"


def _task(portal: Portal, assignment: Assignment) -> dict[str, object]:
    left = (assignment.expires_at - portal.platform.now()).total_seconds()
    return {
        "id": assignment.id,
        "path": _path(assignment.id),
        "job": assignment.job_name,
        "title": assignment.title,
        "description": assignment.description,
        "accepted_at": assignment.accepted_at.isoformat(),
        "expires_at": assignment.expires_at.isoformat(),
        "seconds_left": max(0, math.ceil(left)),  # a page that leaves must not leave too early
    }


def _card(card: JobCard) -> dict[str, object]:
    return {
        "name": card.job_name,
        "title": card.title,
        "description": card.description,
        "keywords": list(card.keywords),
        "created_at": card.created_at.isoformat(),
        "time_limit_seconds": card.time_limit_seconds,
        "workers_per_object": card.workers_per_object,
        "total": card.total,
        "done": card.done,
        "available": card.available,
    }
