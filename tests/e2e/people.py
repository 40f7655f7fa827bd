"""People at the worker portal, by the same HTTP endpoints a browser uses."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ground_truth_local.workers import mail, sight
from ground_truth_local.workers.client import PortalClient
from ground_truth_local.workers.errors import PortalRefusalError
from ground_truth_local.workers.passwords import new_password

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

PATIENCE_SECONDS = 60.0
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """One answer: what was paid for. `subject` is the text, or the image's path."""

    email: str
    job: str
    subject: str
    label: str


class Worker:
    """Signed in at the portal; answers a task by a rule the test gives, and keeps a ledger."""

    def __init__(self, portal_url: str, email: str, password: str | None = None) -> None:
        """With the temporary password given, or with the one of the invitation mail."""
        self.email = email
        self.ledger: list[Paid] = []
        self._portal_url = portal_url
        self._client = PortalClient(portal_url)
        self._password = new_password()
        # a new password is forced on the first sign-in
        assert not self._client.sign_in(email, password or self._invited())
        self._client.choose_password(self._password)

    def signs_in_again(self) -> bool:
        """Whether somebody with this address and password is still let in, in a new browser."""
        try:
            signed_in = PortalClient(self._portal_url).sign_in(self.email, self._password)
        except PortalRefusalError:
            return False
        return signed_in

    def _invited(self) -> str:
        found = mail.invitation(self._client.mails(), self.email)
        assert found is not None
        return mail.temporary_passwords(str(found["html"]))[0]

    def answer(self, job: str, choose: Callable[[sight.Seen], str], *, tasks: int) -> list[str]:
        """Do so many tasks, waiting for those not offered yet; returns the labels given."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        given: list[str] = []
        while len(given) < tasks:
            task = self._client.next_task(job)
            if task is None:
                assert time.monotonic() < deadline, f"{job} has no task for {self.email}"
                time.sleep(POLL_SECONDS)
                continue
            seen = sight.look(str(self._client.task(task)["html"]))
            given.append(choose(seen))
            self._client.submit(task, seen.answer(given[-1]))
            subject = seen.text or urlsplit(seen.image or "").path
            paid = Paid(email=self.email, job=job, subject=subject, label=given[-1])
            self.ledger.append(paid)
        return given

    def look_at_earlier_mask(self, job: str) -> bytes:
        """The picture that the next task begins with, as the worker's browser opens it."""
        task = self._client.next_task(job)
        assert task is not None, f"{job} has no task for {self.email}"
        mask = sight.look(str(self._client.task(task)["html"])).mask
        assert mask is not None, f"a task of {job} shows no mask"
        return self._client.fetch(mask)

    def offered(self, job: str) -> bool:
        """Whether there is a task for this worker now."""
        return self._client.next_task(job) is not None


def until(
    sagemaker: SageMakerClient, job: str, met: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    """What DescribeLabelingJob answers once the condition is met."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        found: dict[str, Any] = dict(sagemaker.describe_labeling_job(LabelingJobName=job))
        if met(found):
            return found
        state = {key: found.get(key) for key in ("LabelingJobStatus", "LabelCounters")}
        assert time.monotonic() < deadline, f"{job} is {state}: {found.get('FailureReason')}"
        time.sleep(POLL_SECONDS)


def ended(described: dict[str, Any]) -> bool:
    return described["LabelingJobStatus"] in {"Completed", "Failed", "Stopped"}


def first_label(seen: sight.Seen) -> str:
    """The answer of somebody who is not asked to be right."""
    return seen.labels[0]
