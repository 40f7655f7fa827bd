"""One simulated worker from invitation to the last task."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING

from ground_truth_local.workers import mail, sight
from ground_truth_local.workers.answers import give
from ground_truth_local.workers.errors import PortalRefusalError, WorkersError
from ground_truth_local.workers.passwords import Passwords, new_password

if TYPE_CHECKING:
    from ground_truth_local.workers.board import Board
    from ground_truth_local.workers.client import PortalClient
    from ground_truth_local.workers.skills import Skill
    from ground_truth_local.workers.truth import Known, Truth

Report = Callable[[dict[str, object]], None]


class Step(Enum):
    """What came of one step."""

    WORKED = "worked"
    IDLE = "idle"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What one worker did."""

    email: str
    answers: int
    correct: int
    expired: int


class Person:
    """Signs in, then takes tasks and answers by skill, one at each step."""

    def __init__(
        self,
        *,
        skill: Skill,
        seed: int,
        client: PortalClient,
        truths: dict[str, Truth],
        passwords: Passwords,
        board: Board,
        report: Report,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._skill, self._seed, self._client = skill, seed, client
        self._truths, self._passwords, self._board = truths, passwords, board
        self._report, self._sleep = report, sleep
        self._jobs: list[str] = []
        self._answers = self._correct = self._expired = 0

    @property
    def email(self) -> str:
        return self._skill.email

    def step(self) -> Step:
        """One task done, or a look at the job list; WorkersError when the worker can't go on."""
        for job in self._jobs:
            if self._one(job):
                return Step.WORKED
        offered = self._client.jobs()
        self._jobs = self._board.choose(offered)
        return Step.OVER if self._board.is_over(offered) else Step.IDLE

    def tally(self) -> Tally:
        """What has been done so far, reported as well."""
        tally = Tally(
            email=self._skill.email,
            answers=self._answers,
            correct=self._correct,
            expired=self._expired,
        )
        self._say("finished", answers=tally.answers, correct=tally.correct, expired=tally.expired)
        return tally

    def _one(self, job: str) -> bool:
        try:
            task_id = self._client.next_task(job)
        except PortalRefusalError as error:
            if error.status == HTTPStatus.NOT_FOUND:  # it ended since the list was read
                return False
            raise
        if task_id is None:
            return False
        self._do(job, task_id)
        return True

    def _do(self, job: str, task_id: str) -> None:
        try:
            seen = sight.look(str(self._client.task(task_id)["html"]))
            known = self._recognise(job, seen)
            given = give(
                self._skill, seed=self._seed, known=known, seen=seen, fetch=self._client.fetch
            )
            if self._skill.seconds:
                self._sleep(self._skill.seconds)
            self._client.submit(task_id, {seen.name: given.value})
        except PortalRefusalError as error:
            if error.status != HTTPStatus.GONE:
                raise
            self._expired += 1  # the task went back to the others
            self._say("expired", job=job, task=task_id)
            return
        self._answers += 1
        self._correct += given.correct
        self._board.progress()
        self._say(
            "answered",
            job=job,
            object=known.object_id,
            label=given.label,
            correct=given.correct,
        )

    def _recognise(self, job: str, seen: sight.Seen) -> Known:
        truth = self._truths[job] if job in self._truths else self._truths[""]
        known = truth.of_image(seen.image) if seen.image else truth.of_text(seen.text)
        if known is None:
            what = (seen.image or seen.text).partition("?")[0][:200]
            raise WorkersError(f"{job}: the truth file doesn't know the object {what!r}")
        return known

    def sign_in(self) -> None:
        """With the password of an earlier run, else with the invitation's, choosing a new one."""
        email = self._skill.email
        kept = self._passwords.known(email)
        if kept is not None and self._try(kept):
            self._say("signed-in")
            return
        message = mail.invitation(self._client.mails(), email)
        if message is None:
            raise WorkersError(f"{email}: there is no invitation in the mail box; invite them")
        for password in mail.temporary_passwords(str(message.get("html", ""))):
            if self._try(password):
                self._say("signed-in")
                return
        raise WorkersError(
            f"{email}: the invitation's password doesn't work (it was changed in an earlier run?); "
            "name the earlier run's --passwords file, or invite them again"
        )

    def _try(self, password: str) -> bool:
        email = self._skill.email
        try:
            signed_in = self._client.sign_in(email, password)
        except PortalRefusalError as error:
            if error.code in {"NotAuthorizedException", "UserNotFoundException"}:
                return False
            raise
        if not signed_in:
            chosen = new_password()
            self._client.choose_password(chosen)
            self._passwords.keep(email, chosen)
        return True

    def _say(self, event: str, **values: object) -> None:
        self._report({"event": event, "worker": self._skill.email, **values})
