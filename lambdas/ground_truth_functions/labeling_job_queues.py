"""The queues of streaming jobs, on AWS."""

from __future__ import annotations

from ground_truth import names
from ground_truth.lifecycle.faults import ApiError, Fault
from ground_truth_functions.aws import client
from ground_truth_functions.labeling_job_errors import api_errors


class SqsQueues:
    """``GroundTruth-<job>`` in the own account and region.

    A queue's subscription is left to Ground Truth, which ends it with the job, or to the topic's
    deletion: Unsubscribe takes no resource, so a role that may do it could end anybody's.
    """

    def remove(self, job: str) -> None:
        """Delete the job's queue; one that is gone is removed."""
        try:
            with api_errors("GetQueueUrl"):
                url = client("sqs").get_queue_url(QueueName=names.queue_name(job))["QueueUrl"]
        except ApiError as error:
            if error.fault is Fault.MISSING:
                return
            raise
        try:
            with api_errors("DeleteQueue"):
                client("sqs").delete_queue(QueueUrl=url)
        except ApiError as error:
            if error.fault is not Fault.MISSING:  # gone in between
                raise
