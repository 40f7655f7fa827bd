"""Jobs as Describe and the lists show them (ground-truth.md 3.2, 3.3)."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ground_truth_local.service.output import manifest_uri, output_root
from ground_truth_local.service.request import consolidation_arn, pre_annotation_arn

if TYPE_CHECKING:
    from ground_truth_local.service.job import Job

_ECHOED = (
    "LabelAttributeName",
    "InputConfig",
    "OutputConfig",
    "RoleArn",
    "LabelCategoryConfigS3Uri",
    "StoppingConditions",
    "HumanTaskConfig",
)


def description(job: Job, tags: Sequence[dict[str, str]]) -> dict[str, object]:
    """DescribeLabelingJob's answer."""
    echoed = {name: copy.deepcopy(job.request[name]) for name in _ECHOED if name in job.request}
    return {**_common(job), **echoed, "JobReferenceCode": job.reference, "Tags": list(tags)}


def summary(job: Job) -> dict[str, object]:
    """An entry of ListLabelingJobs."""
    functions = {
        "PreHumanTaskLambdaArn": pre_annotation_arn(job.request),
        "AnnotationConsolidationLambdaArn": consolidation_arn(job.request),
    }
    return {
        **_common(job),
        "WorkteamArn": job.team_arn,
        "InputConfig": copy.deepcopy(job.request["InputConfig"]),
        **{name: arn for name, arn in functions.items() if arn is not None},
    }


def team_summary(job: Job, account_id: str) -> dict[str, object]:
    """An entry of ListLabelingJobsForWorkteam; `PendingHuman` is what waits for people."""
    return {
        "LabelingJobName": job.name,
        "JobReferenceCode": job.reference,
        "WorkRequesterAccountId": account_id,
        "CreationTime": job.created,
        "LabelCounters": {
            "HumanLabeled": job.counters.human,
            "PendingHuman": len(job.objects) - job.done,
            "Total": len(job.objects),
        },
        "NumberOfHumanWorkersPerDataObject": job.limits.workers,
    }


def _common(job: Job) -> dict[str, object]:
    root = output_root(job.request["OutputConfig"]["S3OutputPath"], job.name)
    view: dict[str, Any] = {
        "LabelingJobName": job.name,
        "LabelingJobArn": job.arn,
        "LabelingJobStatus": job.status,
        "LabelCounters": job.counters.view(),
        "CreationTime": job.created,
        "LastModifiedTime": job.modified,
        "LabelingJobOutput": {"OutputDatasetS3Uri": manifest_uri(root)},
    }
    if job.failure_reason is not None:
        view["FailureReason"] = job.failure_reason
    return view
