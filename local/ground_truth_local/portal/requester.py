"""The requester's pages: how far every job is, who answered how much, and the last answers.

Open without signing in, like the mail box: they are for whoever started local AWS on this machine.
On AWS the console and CloudWatch tell the same.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool

from ground_truth_local.portal.drawing import draw
from ground_truth_local.portal.errors import PortalError
from ground_truth_local.portal.portal import portal_of
from ground_truth_local.service.watch import UnknownJobError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from ground_truth_local.service.ledger import Tally
    from ground_truth_local.service.watch import Progress, Seen


async def overview(request: Request) -> Response:
    portal = portal_of(request)
    found = await run_in_threadpool(portal.service.watch.jobs)
    payload = {"jobs": [_progress(each) for each in found]}
    return portal.answer(request, payload=payload, page="requester.html")


async def job(request: Request) -> Response:
    portal = portal_of(request)
    try:
        report = await run_in_threadpool(portal.service.watch.job, request.path_params["name"])
    except UnknownJobError as error:
        raise PortalError(HTTPStatus.NOT_FOUND, "JobNotFound", str(error)) from error
    payload = {
        "job": _progress(report.progress),
        "workers": [_tally(each) for each in report.tallies],
        "failures": [{"reason": reason, "objects": count} for reason, count in report.failures],
        "answers": [_answer(each) for each in report.recent],
    }
    shown = [(each, draw(each.answer, text=each.text)) for each in report.recent]
    return portal.answer(request, payload=payload, page="requester-job.html", shown=shown)


def _progress(found: Progress) -> dict[str, object]:
    return {
        "name": found.name,
        "title": found.title,
        "status": found.status,
        "created_at": found.created.isoformat(),
        "failure_reason": found.failure_reason,
        "total": found.total,
        "labeled": found.labeled,
        "failed": found.failed,
        "with_people": found.with_people,
        "waiting": found.waiting,
        "workers_per_object": found.workers_per_object,
        "answers": found.answers,
    }


def _tally(found: Tally) -> dict[str, object]:
    return {
        "email": found.email,
        "worker_id": found.worker_id,
        "answers": found.answers,
        "median_seconds": round(found.median_seconds, 1),
        "last_at": found.last.isoformat(),
    }


def _answer(found: Seen) -> dict[str, object]:
    return {
        "object_id": found.given.object_id,
        "source": found.source or found.text,
        "worker_id": found.given.worker_id,
        "seconds": round(found.given.seconds, 1),
        "submitted_at": found.given.submitted_at.isoformat(),
        "answer": found.answer,
    }
