"""What the roles of a streaming campaign are for."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ground_truth import names
from tests.permissions.answers import outputs
from tests.permissions.bench import JOB, Bench, NotDoneError, fresh, wait_for
from tests.permissions.exercises import a_running_job
from tests.permissions.tiny_jobs import described, has_ended, tiny_job, unless_failed

if TYPE_CHECKING:
    from tests.permissions.grants import Grant


def take_what_is_sent(bench: Bench, grant: Grant) -> None:
    """A job that makes its queue, takes an object from it, and listens no longer at its end."""
    topic = outputs(bench.aws, grant.stack)["InputTopicArn"]
    prefix = names.job_name_prefix(bench.environment, grant.campaign)
    job = f"{prefix}-{fresh()}"  # queues of other names are none of the role's
    tiny_job(bench, grant, data={"SnsDataSource": {"SnsTopicArn": topic}}, name=job)

    def listens() -> Any:
        found = described(bench, job)
        return found if found["LabelingJobStatus"] != "Initializing" else None

    def known() -> Any:
        found = described(bench, job)
        return found if has_ended(found) or found["LabelCounters"]["Unlabeled"] else None

    try:
        unless_failed(wait_for(listens, f"beginning of {job}"))
        message = json.dumps({"source": f"Text {fresh()}."})
        bench.aws.sns.publish(TopicArn=topic, Message=message)
        unless_failed(wait_for(known, f"object of {job}"))
        bench.stop(job)
        unless_failed(described(bench, job))
    finally:
        bench.stop(job)
        _remove_queue(bench, job)


def leave_no_queue(bench: Bench, grant: Grant) -> None:
    """The queue of a streaming job goes with its stack."""
    job = a_running_job(bench, grant)
    wait_for(lambda: described(bench, job)["LabelingJobStatus"] == "InProgress", f"queue of {job}")
    try:
        bench.ask(grant, "Delete", JOB)
        if _queue(bench, job):
            raise NotDoneError(f"the queue of {job} is still there")
    finally:
        bench.stop(job)
        _remove_queue(bench, job)


def write_down_what_is_sent(bench: Bench, grant: Grant) -> None:
    """A message of the topic lies in the output bucket afterwards."""
    bucket, marker = bench.storage["OutputBucketName"], fresh()
    message = {
        "MessageId": marker,
        "Timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.000Z}",
        "Message": json.dumps({"source": "A text that was sent."}),
    }
    bench.invoke(bench.function(grant), {"Records": [{"Sns": message}]})
    prefix = names.arrived_prefix(grant.campaign)
    listed = bench.aws.s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
    if not any(marker in item["Key"] for item in listed):
        raise NotDoneError("the message was not written down")


def _queue(bench: Bench, job: str) -> str:
    """The URL of a job's queue; "" when there is none."""
    sqs = bench.aws.sqs
    with suppress(sqs.exceptions.QueueDoesNotExist):
        return sqs.get_queue_url(QueueName=names.queue_name(job))["QueueUrl"]
    return ""


def _remove_queue(bench: Bench, job: str) -> None:
    url = _queue(bench, job)
    if url:
        bench.aws.sqs.delete_queue(QueueUrl=url)
