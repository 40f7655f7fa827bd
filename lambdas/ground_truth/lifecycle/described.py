"""What the labeling job API answers, in the lifecycle's terms."""

from collections.abc import Mapping
from typing import Any

from ground_truth.lifecycle.ports import Counters, JobState, Status


def job_state(answer: Mapping[str, Any]) -> JobState:
    """Return what DescribeLabelingJob, or one summary of ListLabelingJobs, says."""
    counters = answer.get("LabelCounters", {})
    output = answer.get("LabelingJobOutput") or {}
    return JobState(
        name=answer["LabelingJobName"],
        arn=answer["LabelingJobArn"],
        status=Status(answer["LabelingJobStatus"]),
        created_at=answer["CreationTime"],
        modified_at=answer["LastModifiedTime"],
        counters=Counters(
            labeled=counters.get("TotalLabeled", 0),
            failed=counters.get("FailedNonRetryableError", 0),
            unlabeled=counters.get("Unlabeled", 0),
        ),
        failure_reason=answer.get("FailureReason", ""),
        output_manifest_uri=output.get("OutputDatasetS3Uri", ""),
    )
