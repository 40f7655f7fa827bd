"""One deployed environment, as an exercise of its permissions needs it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from ground_truth import names
from tests.permissions.answers import Stack, outputs

if TYPE_CHECKING:
    from ground_truth_ops.aws import Clients
    from tests.e2e.people import Worker
    from tests.permissions.answers import Ear
    from tests.permissions.grants import Grant

PATIENCE_SECONDS = 60.0
POLL_SECONDS = 0.05
JOB, GATE = "Custom::GroundTruthLabelingJob", "Custom::GroundTruthGate"


class NotDoneError(Exception):
    """What an exercise was to do didn't happen; the message says what was seen instead."""


T = TypeVar("T")


def wait_for(look: Callable[[], T], what: str) -> T:
    """The first true value; NotDoneError when there is none in time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(POLL_SECONDS)
    raise NotDoneError(f"no {what} within {PATIENCE_SECONDS:g} s")


@dataclass
class Bench:
    """The environment, the ear functions answer to, and a person who labels."""

    aws: Clients
    ear: Ear
    person: Callable[[], Worker]
    environment: str = "local"
    _stacks: dict[str, Stack] = field(default_factory=dict)

    def stack(self, name: str) -> Stack:
        if name not in self._stacks:
            self._stacks[name] = Stack(self.aws, name)
        return self._stacks[name]

    @cached_property
    def worker(self) -> Worker:
        """Signed in when it is first asked for."""
        return self.person()

    @cached_property
    def storage(self) -> Mapping[str, str]:
        return outputs(self.aws, names.stack_name(self.environment, "Storage"))

    def function(self, grant: Grant) -> str:
        """The function that a grant's role belongs to."""
        path = f"{grant.role.rpartition('/')[0]}/Function"
        return self.stack(grant.stack).at(path)

    def invoke(self, function: str, event: object) -> Any:
        """What a function returns; NotDoneError with its error."""
        answer = self.aws.functions.invoke(FunctionName=function, Payload=json.dumps(event))
        body = json.loads(answer["Payload"].read() or b"null")
        if answer.get("FunctionError"):
            raise NotDoneError(f"the function failed: {body}")
        return body

    def ask(self, grant: Grant, kind: str, type_: str, **changes: Any) -> dict[str, Any]:
        """Send a custom resource's event to its function; NotDoneError unless it succeeds.

        `old` replaces the old properties, `event` fields of the event itself.
        """
        event = self.event(grant, kind, type_, **changes)
        self.invoke(self.stack(grant.stack).value(_token(self.stack(grant.stack), type_)), event)
        return succeeded(self.ear.answer(str(event["ResponseURL"])))

    def event(
        self,
        grant: Grant,
        kind: str,
        type_: str,
        *,
        old: Mapping[str, object] | None = None,
        event: Mapping[str, object] | None = None,
        **properties: object,
    ) -> dict[str, object]:
        made = self.stack(grant.stack).event(kind, type_, self.ear.expect(), **properties)
        if old is not None:
            made["OldResourceProperties"] = {**_mapping(made["ResourceProperties"]), **old}
        return {**made, **(event or {})}

    def send(self, grant: Grant, event: Mapping[str, object]) -> None:
        """The same without waiting: the answer comes to the event's ResponseURL."""
        token = str(_mapping(event["ResourceProperties"])["ServiceToken"])
        self.aws.functions.invoke(
            FunctionName=token, InvocationType="Event", Payload=json.dumps(event)
        )

    # -- campaigns

    def campaign(self, grant: Grant) -> str:
        return grant.campaign

    def running(self, grant: Grant) -> list[str]:
        """Names of the campaign's jobs that have not ended."""
        prefix = names.job_name_prefix(self.environment, grant.campaign)
        listed = self.aws.sagemaker.list_labeling_jobs(NameContains=prefix, MaxResults=100)
        return [
            item["LabelingJobName"]
            for item in listed["LabelingJobSummaryList"]
            if item["LabelingJobStatus"] in ("Initializing", "InProgress", "Stopping")
        ]

    def forget(self, grant: Grant) -> None:
        """Bring the campaign to where it was before its first job: none runs, none is known."""
        for name in self.running(grant):
            self.stop(name)
        bucket = self.storage["OutputBucketName"]
        prefix = names.campaign_prefix(grant.campaign)
        listed = self.aws.s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        for item in listed:
            self.aws.s3.delete_object(Bucket=bucket, Key=item["Key"])

    def stop(self, name: str) -> None:
        sagemaker = self.aws.sagemaker

        def ended() -> bool:
            status = sagemaker.describe_labeling_job(LabelingJobName=name)["LabelingJobStatus"]
            return status in ("Completed", "Failed", "Stopped")

        if not ended():
            sagemaker.stop_labeling_job(LabelingJobName=name)
            wait_for(ended, f"end of {name}")

    def tags(self, job: str) -> dict[str, str]:
        arn = self.aws.sagemaker.describe_labeling_job(LabelingJobName=job)["LabelingJobArn"]
        listed = self.aws.sagemaker.list_tags(ResourceArn=arn)["Tags"]
        return {tag["Key"]: tag["Value"] for tag in listed}

    def refused(self, grant: Grant, since: float) -> list[str]:
        """What IAM refused this grant's role of its action since a time, in AWS's words."""
        service, _, operation = grant.action.partition(":")
        listed = self.aws.named("cloudtrail").lookup_events(
            LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": operation}],
            StartTime=since,
        )["Events"]
        events = [json.loads(item["CloudTrailEvent"]) for item in listed]
        return [
            event["errorMessage"]
            for event in events
            if event.get("errorCode") == "AccessDenied"
            and event["eventSource"] == f"{service}.amazonaws.com"
            and _issuer(event) == grant.role_name
        ]


def succeeded(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer of a custom resource; NotDoneError with its reason when it failed."""
    if answer["Status"] != "SUCCESS":
        raise NotDoneError(answer["Reason"])
    return answer


def fresh() -> str:
    """A name that was never used."""
    return uuid4().hex[:12]


def _token(stack: Stack, type_: str) -> Any:
    return stack.template["Resources"][stack.of_type(type_)]["Properties"]["ServiceToken"]


def _issuer(event: Mapping[str, Any]) -> str:
    session = event["userIdentity"].get("sessionContext", {})
    return str(session.get("sessionIssuer", {}).get("userName"))


def _mapping(value: object) -> Mapping[str, Any]:
    assert isinstance(value, dict)
    return value
