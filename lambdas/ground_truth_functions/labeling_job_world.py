"""The lifecycle's world on AWS: stack, clock, and the time there is."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from ground_truth.lifecycle.faults import ApiError
from ground_truth.lifecycle.ports import World
from ground_truth_functions.aws import client
from ground_truth_functions.labeling_job_errors import api_errors
from ground_truth_functions.labeling_job_objects import S3Objects
from ground_truth_functions.labeling_job_queues import SqsQueues
from ground_truth_functions.labeling_job_sagemaker import SageMakerJobs

# The function's own limit, where a context doesn't say what is left of it
FUNCTION_SECONDS = 900.0
ANSWER_SECONDS = 40.0  # kept for the answer and its retries


class CloudFormationStacks:
    """The own stack's status."""

    def status(self, stack_id: str) -> str:
        """Return ``StackStatus``; a stack that is gone counts as deleted."""
        try:
            with api_errors("DescribeStacks"):
                stacks = client("cloudformation").describe_stacks(StackName=stack_id)["Stacks"]
        except ApiError as error:
            if error.code == "ValidationError" and "does not exist" in error.text:
                return "DELETE_COMPLETE"
            raise
        return stacks[0]["StackStatus"] if stacks else "DELETE_COMPLETE"


class SystemClock:
    """Real time."""

    def now(self) -> datetime:
        """Return the time in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


def aws_world(context: object) -> World:
    """Return the world of one invocation; clients are made when they are used."""
    clock = SystemClock()
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    seconds = remaining() / 1000 if callable(remaining) else FUNCTION_SECONDS
    return World(
        jobs=SageMakerJobs(),
        objects=S3Objects(),
        queues=SqsQueues(),
        stacks=CloudFormationStacks(),
        clock=clock,
        deadline=clock.now() + timedelta(seconds=max(5.0, seconds - ANSWER_SECONDS)),
    )
