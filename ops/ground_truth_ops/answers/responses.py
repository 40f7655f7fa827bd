"""The worker responses of a job as a stream: what each person answered, when and how fast."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ground_truth.json_lines import JsonError, read_json_leniently
from ground_truth.names import worker_responses_prefix

if TYPE_CHECKING:
    from ground_truth_ops.answers.store import Store

RESPONSE_PATH = re.compile(r"/worker-response/iteration-\d+/(?P<object>\d+)/[^/]+\.json$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """`line` is 0-based, of the job's input manifest; `submitted` seconds since 1970.

    `sub` is the person in the user pool. What the file doesn't tell is None.
    """

    line: int
    worker: str
    content: Mapping[str, object]
    submitted: float | None
    seconds: float | None
    sub: str | None = None


@dataclass(slots=True, kw_only=True)
class Reading:
    """Counts what can't be read beside it: one broken file never costs another its place."""

    store: Store
    unread: int = 0

    def responses(self, campaign: str, job: str) -> Iterator[Response]:
        """Every answer of a job, whatever its form, in the order of the files' keys."""
        for key, body in self.store.documents(worker_responses_prefix(campaign, job)):
            match = RESPONSE_PATH.search(key)
            if match is None:
                continue
            for answer in self._answers(body):
                response = _response(int(match["object"]), answer)
                if response is None:
                    self.unread += 1
                else:
                    yield response

    def _answers(self, body: bytes) -> list[object]:
        try:
            document = read_json_leniently(body)
        except JsonError:
            document = None
        answers = document.get("answers") if isinstance(document, Mapping) else None
        if not isinstance(answers, list):
            self.unread += 1
            return []
        return answers


def _response(line: int, answer: object) -> Response | None:
    if not isinstance(answer, Mapping):
        return None
    worker, content = answer.get("workerId"), answer.get("answerContent")
    if not isinstance(worker, str) or not worker or not isinstance(content, Mapping):
        return None
    return Response(
        line=line,
        worker=worker,
        content=content,
        submitted=_moment(answer.get("submissionTime")),
        seconds=_seconds(answer.get("timeSpentInSeconds")),
        sub=_sub(answer.get("workerMetadata")),
    )


def _sub(metadata: object) -> str | None:
    identity = metadata.get("identityData") if isinstance(metadata, Mapping) else None
    sub = identity.get("sub") if isinstance(identity, Mapping) else None
    return sub if isinstance(sub, str) else None


def _moment(value: object) -> float | None:
    try:
        return datetime.fromisoformat(value).timestamp() if isinstance(value, str) else None
    except ValueError:
        return None


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        return None
    return float(value)
