"""CloudFormation as far as custom resources see it: events, retries, rollbacks, invented ids.

Rules from the CloudFormation user guide and from what was measured of it: properties arrive as
strings; a function that dies is invoked again with the same RequestId, twice; no answer is a
failure after the service timeout; a failed Create is followed by a Delete, with an invented
physical id when no answer ever named one; a failed update is followed by an Update with the
properties swapped; a changed physical id is followed by a Delete of the old one.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.unit.lifecycle.campaigns import Campaign


GATE, JOB = "Gate", "Job"
TYPES = {GATE: "Custom::GroundTruthGate", JOB: "Custom::GroundTruthLabelingJob"}
INVOCATIONS = 3  # Lambda tries an asynchronous event again twice


class Crash(BaseException):
    """The function's process dies; nothing of ours may catch this."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the function told CloudFormation."""

    status: str
    physical_id: str = ""
    reason: str = ""
    data: dict[str, str] = field(default_factory=dict)


@dataclass
class Result:
    """How a stack operation ended."""

    status: str
    reason: str = ""
    outputs: dict[str, str] = field(default_factory=dict)


class CloudFormation:
    """Stacks; `invoke` runs the function with an event and returns its answer, or None."""

    def __init__(self, invoke: Callable[[dict[str, Any]], bytes | None]) -> None:
        self.invoke = invoke
        self.stacks: dict[str, Stack] = {}
        self.events: list[dict[str, Any]] = []
        self.requests = itertools.count(1)
        self.deliver_twice = False

    def stack(self, name: str) -> Stack:
        number = len(self.stacks) + 1
        arn = f"arn:aws:cloudformation:us-east-1:123456789012:stack/{name}/{number:08d}-0000"
        return self.stacks.setdefault(arn, Stack(self, name, arn))

    def status(self, stack_id: str) -> str:
        return self.stacks[stack_id].status

    def send(self, event: dict[str, Any]) -> Answer:
        """Deliver an event until it is answered or Lambda gives up."""
        self.events.append(event)
        body = None
        for _ in range(INVOCATIONS):
            try:
                body = self.invoke(event)
            except Crash:
                continue
            if body is not None:
                break
        if self.deliver_twice:
            self.invoke(event)
        if body is None:
            return Answer(status="FAILED", reason="did not receive a response in time")
        assert len(body) <= 4096
        answer = json.loads(body)
        assert answer["RequestId"] == event["RequestId"]
        return Answer(
            status=answer["Status"],
            physical_id=answer["PhysicalResourceId"],
            reason=answer.get("Reason", ""),
            data=answer.get("Data", {}),
        )


class Stack:
    """One labeling stack: gate, siblings, job, siblings."""

    def __init__(self, service: CloudFormation, name: str, arn: str) -> None:
        self.service = service
        self.name = name
        self.arn = arn
        self.status = "REVIEW_IN_PROGRESS"
        self.resources: dict[str, tuple[str, dict[str, Any]]] = {}
        self.outputs: dict[str, str] = {}
        self.before_delete: Callable[[], object] = lambda: None
        self._continue: Callable[[], Result] = lambda: Result(self.status)
        self.before_rollback: Callable[[], object] = lambda: None

    @property
    def job(self) -> str:
        """The current job's name, as the stack's output has it."""
        return self.outputs["JobName"]

    def deploy(self, campaign: Campaign, *, fails: str = "") -> Result:
        """Create or update; `fails` is "before" or "after": a sibling around the job."""
        properties = {GATE: campaign.gate(), JOB: campaign.job()}
        if self.resources:
            return self._update(properties, fails)
        return self._create(properties, fails)

    def destroy(self) -> Result:
        """Delete the stack; resources that fail to go stay, and it can be tried again."""
        self.status = "DELETE_IN_PROGRESS"
        for logical in (JOB, GATE):
            if logical not in self.resources:
                continue
            answer = self._delete(logical)
            if answer.status == "FAILED":
                self.status = "DELETE_FAILED"
                return Result(self.status, answer.reason)
            del self.resources[logical]
        self.status = "DELETE_COMPLETE"
        return Result(self.status)

    def event(
        self,
        kind: str,
        logical: str,
        properties: dict[str, Any],
        *,
        old: dict[str, Any] | None = None,
        physical_id: str = "",
    ) -> dict[str, Any]:
        """An event as CloudFormation sends it."""
        number = next(self.service.requests)
        event: dict[str, Any] = {
            "RequestType": kind,
            "ServiceToken": "arn:aws:lambda:us-east-1:123456789012:function:job",
            "ResponseURL": "https://answers/secret?signature=abc",
            "StackId": self.arn,
            "RequestId": f"{number:08d}-aaaa-bbbb",
            "LogicalResourceId": logical,
            "ResourceType": TYPES[logical],
            "ResourceProperties": {"ServiceToken": "arn", **stringified(properties)},
        }
        if old is not None:
            event["OldResourceProperties"] = {"ServiceToken": "arn", **stringified(old)}
        if kind != "Create":
            event["PhysicalResourceId"] = physical_id
        return event

    def _create(self, properties: dict[str, dict[str, Any]], fails: str) -> Result:
        self.status = "CREATE_IN_PROGRESS"
        attempted: list[str] = []
        reason = ""
        for logical in (GATE, "before", JOB, "after"):
            if logical == fails:
                reason = "sibling failed"
                break
            if logical not in properties:
                continue
            attempted.append(logical)
            answer = self._send("Create", logical, properties[logical])
            invented = f"{self.name}-{logical}-1ABCDEF"
            physical = answer.physical_id or invented
            self.resources[logical] = (physical, properties[logical])
            if answer.status == "FAILED":
                reason = answer.reason
                break
            self._note(logical, answer)
        if not reason:
            self.status = "CREATE_COMPLETE"
            return Result(self.status, outputs=dict(self.outputs))
        self.status = "ROLLBACK_IN_PROGRESS"
        for logical in reversed(attempted):
            answer = self._delete(logical)
            if answer.status == "FAILED":
                self.status = "ROLLBACK_FAILED"
                return Result(self.status, answer.reason)
            self.resources.pop(logical, None)
        self.status = "ROLLBACK_COMPLETE"
        return Result(self.status, reason)

    def _update(self, properties: dict[str, dict[str, Any]], fails: str) -> Result:
        self.status = "UPDATE_IN_PROGRESS"
        before = dict(self.resources)
        updated: list[str] = []
        reason = ""
        for logical in (GATE, "before", JOB, "after"):
            if logical == fails:
                reason = "sibling failed"
                break
            if logical not in properties or properties[logical] == self.resources[logical][1]:
                continue
            updated.append(logical)
            reason = self._change(logical, properties[logical])
            if reason:
                break
        if not reason:
            self.status = "UPDATE_COMPLETE"
            return Result(self.status, outputs=dict(self.outputs))
        self.before_rollback()
        self.status = "UPDATE_ROLLBACK_IN_PROGRESS"
        return self._roll_back(before, properties, updated, reason)

    def _roll_back(
        self,
        before: dict[str, tuple[str, dict[str, Any]]],
        properties: dict[str, dict[str, Any]],
        updated: list[str],
        reason: str,
    ) -> Result:
        for logical in updated:
            physical = before[logical][0]
            self.resources[logical] = (physical, properties[logical])
            again = self._change(logical, before[logical][1])
            if again:
                self.status = "UPDATE_ROLLBACK_FAILED"
                self._continue = lambda: self._roll_back(before, properties, updated, reason)
                return Result(self.status, again)
        self.status = "UPDATE_ROLLBACK_COMPLETE"
        return Result(self.status, reason, dict(self.outputs))

    def continue_update_rollback(self) -> Result:
        """What a person does after UPDATE_ROLLBACK_FAILED."""
        self.status = "UPDATE_ROLLBACK_IN_PROGRESS"
        return self._continue()

    def _change(self, logical: str, properties: dict[str, Any]) -> str:
        physical, old = self.resources[logical]
        answer = self._send("Update", logical, properties, old=old, physical_id=physical)
        if answer.status == "FAILED":
            return answer.reason
        assert answer.physical_id == physical, "a changed id would delete the old resource"
        self.resources[logical] = (physical, properties)
        self._note(logical, answer)
        return ""

    def _delete(self, logical: str) -> Answer:
        self.before_delete()
        physical, properties = self.resources[logical]
        answer = self._send("Delete", logical, properties, physical_id=physical)
        if answer.status == "SUCCESS":
            assert answer.physical_id == physical, "CloudFormation takes another id for a failure"
        return answer

    def _send(self, kind: str, logical: str, properties: dict[str, Any], **more: Any) -> Answer:
        return self.service.send(self.event(kind, logical, properties, **more))

    def _note(self, logical: str, answer: Answer) -> None:
        if logical == JOB:
            self.outputs = dict(answer.data)


def stringified(value: Any) -> Any:
    """CloudFormation passes scalars as strings."""
    if isinstance(value, dict):
        return {key: stringified(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [stringified(item) for item in value]
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
