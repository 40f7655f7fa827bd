"""One account in memory: Ground Truth, S3, CloudFormation, and the function between them."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ConnectionClosedError

from ground_truth.lifecycle.lineage_file import from_bytes
from ground_truth_functions import (
    aws,
    custom_resource,
    intake,
    job_metrics,
    labeling_job,
    labeling_job_world,
)
from tests.unit.lifecycle.campaigns import ASSETS, OUTPUT, RAW, Campaign
from tests.unit.lifecycle.cloudformation import CloudFormation, Crash, Stack
from tests.unit.lifecycle.ground_truth import Clock, GroundTruth
from tests.unit.lifecycle.storage import Storage
from tests.unit.lifecycle.wire import WIRE, ServiceError

if TYPE_CHECKING:
    from ground_truth.lifecycle.lineage import Lineage


FUNCTION_SECONDS = 900.0


class Context:
    """The invocation's context: the function has fifteen minutes."""

    log_stream_name = "2026/11/21/[$LATEST]abc"

    def __init__(self, clock: Clock, seconds: float = FUNCTION_SECONDS) -> None:
        self._clock = clock
        self._end = clock.elapsed + seconds

    def get_remaining_time_in_millis(self) -> float:
        return (self._end - self._clock.elapsed) * 1000


class Account:
    """The services, and ways to disturb them."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.storage = Storage()
        self.storage.buckets = {RAW, OUTPUT, ASSETS}
        self.ground_truth = GroundTruth(self.clock, self.storage)
        self.cloudformation = CloudFormation(self._invoke)
        self.bodies: list[bytes] = []
        self.metrics: list[dict[str, Any]] = []
        self.deliveries: list[bool] = []  # whether the next answers arrive
        self.function_seconds = FUNCTION_SECONDS
        self.messages = itertools.count(1)
        self._before: list[tuple[str, int, Callable[[], None]]] = []
        self._after: list[tuple[str, int, Callable[[], None]]] = []

    # -- people

    def upload(self, count: int, *, prefix: str = "digits/", start: int = 0) -> None:
        """Put images into the raw bucket."""
        for number in range(start, start + count):
            self.storage.put(RAW, f"{prefix}{number:04}.png", b"image")

    def send(self, line: dict[str, Any], *, topic: str, campaign: str = "digits") -> None:
        """Publish to a topic: the intake hears of it, and so do jobs that run."""
        number = next(self.messages)
        message = {
            "MessageId": f"message-{number}",
            "Timestamp": f"2026-11-21T10:00:00.{number:03}Z",
            "Message": json.dumps(line),
        }
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("OUTPUT_BUCKET", OUTPUT)
            patch.setenv("ARRIVED", f"{campaign}/arrived/")
            intake.handler({"Records": [{"Sns": message}]}, None)
        self.ground_truth.send(topic, line)

    def deploy(self, stack: Stack, campaign: Campaign, **more: Any) -> Any:
        """Upload the assets, then create or update the stack."""
        for key, content in campaign.assets().items():
            self.storage.put(ASSETS, key, content)
        return stack.deploy(campaign, **more)

    def stack(self, name: str = "Labeling") -> Stack:
        return self.cloudformation.stack(name)

    def lineage(self, campaign: str = "digits", environment: str = "dev") -> Lineage:
        body = self.storage.objects[OUTPUT, f"{campaign}/lineage.json"][0]
        return from_bytes(body, environment=environment, campaign=campaign)

    def input_of(self, job: str, campaign: str = "digits") -> list[str]:
        return self.storage.text(OUTPUT, f"{campaign}/inputs/{job}.manifest").splitlines()

    # -- trouble

    def refuse(
        self, operation: str, code: str, text: str = "refused", *, times: int = 10**9
    ) -> None:
        """Let an operation be refused so many times."""

        def answer() -> None:
            raise ServiceError(code, text, 500 if code == "InternalFailure" else 400)

        self._before.append((operation, times, answer))

    def die_after(self, operation: str, *, times: int = 1) -> None:
        """Let the function's process die right after an operation was done."""

        def die() -> None:
            raise Crash(operation)

        self._after.append((operation, times, die))

    def lose_answer(self, operation: str) -> None:
        """Let an operation be done and the connection end before its answer, once."""

        def lose() -> None:
            raise ConnectionClosedError(endpoint_url="https://in-memory")

        self._after.append((operation, 1, lose))

    def just_before(self, operation: str, action: Callable[[], None]) -> None:
        """Do something at the last moment before an operation, once."""
        self._before.append((operation, 1, action))

    def calm(self) -> None:
        """No more trouble."""
        self._before.clear()
        self._after.clear()

    # -- plumbing

    def serve(self, service: str, operation: str, params: dict[str, Any]) -> Any:
        _strike(self._before, operation)
        answer: Any
        if service in ("sagemaker", "sqs"):
            answer = self.ground_truth.serve(operation, params)
        elif service == "s3":
            answer = self.storage.serve(operation, params)
        elif operation == "PutMetricData":
            self.metrics.append(params)
            answer = {}
        else:
            answer = {"Stacks": [self._stack(params["StackName"])]}
        _strike(self._after, operation)
        return answer

    def _stack(self, stack_id: str) -> dict[str, Any]:
        return {
            "StackName": "stack",
            "CreationTime": self.clock.now(),
            "StackStatus": self.cloudformation.status(stack_id),
        }

    def _invoke(self, event: dict[str, Any]) -> bytes | None:
        count = len(self.bodies)
        try:
            labeling_job.handler(event, Context(self.clock, self.function_seconds))
        except custom_resource.AnswerNotDeliveredError:
            return None
        return self.bodies[-1] if len(self.bodies) > count else None

    def deliver(self, _url: str, body: bytes, **_: Any) -> None:
        if self.deliveries and not self.deliveries.pop(0):
            raise custom_resource.AnswerNotDeliveredError("HTTP status 503")
        self.bodies.append(body)


def _strike(troubles: list[tuple[str, int, Callable[[], None]]], operation: str) -> None:
    for index, (name, times, action) in enumerate(troubles):
        if re.fullmatch(name, operation):
            if times <= 1:
                troubles.pop(index)
            else:
                troubles[index] = (name, times - 1, action)
            action()
            return


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """An account with ten images for campaign "digits"."""
    account = make_account(monkeypatch)
    account.upload(10)
    yield account
    WIRE.serve = None


def make_account(monkeypatch: pytest.MonkeyPatch) -> Account:
    """Connect the function to services in memory."""
    account = Account()
    WIRE.serve = account.serve
    monkeypatch.setattr(aws, "_cached_client", WIRE.client)
    monkeypatch.setattr(labeling_job_world, "SystemClock", lambda: account.clock)
    monkeypatch.setattr(job_metrics, "SystemClock", lambda: account.clock)
    monkeypatch.setattr(custom_resource, "deliver", account.deliver)
    return account
