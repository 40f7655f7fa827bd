"""Jobs like a campaign's own, of one object and for one person: what its execution role is for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from ground_truth import names
from tests.permissions.bench import Bench, NotDoneError, fresh

if TYPE_CHECKING:
    from tests.permissions.grants import Grant

_FIELDS = (
    *("LabelAttributeName", "OutputConfig", "RoleArn", "HumanTaskConfig"),
    "LabelCategoryConfigS3Uri",
)


def one_object(bench: Bench, grant: Grant) -> dict[str, Any]:
    """A data source: the first of the campaign's objects in the raw bucket."""
    raw = bench.storage["RawBucketName"]
    listed = bench.aws.s3.list_objects_v2(Bucket=raw, Prefix=f"{grant.campaign}/")
    return one_line(
        bench, grant, json.dumps({"source-ref": names.s3_uri(raw, listed["Contents"][0]["Key"])})
    )


def one_line(bench: Bench, grant: Grant, line: str) -> dict[str, Any]:
    """A data source: a manifest of one line, where the campaign's own lie."""
    output = bench.storage["OutputBucketName"]
    key = names.input_manifest_key(grant.campaign, fresh())
    bench.aws.s3.put_object(Bucket=output, Key=key, Body=line)
    return {"S3DataSource": {"ManifestS3Uri": names.s3_uri(output, key)}}


def tiny_job(bench: Bench, grant: Grant, *, data: dict[str, Any], name: str = "") -> str:
    """Start one of the given data source; NotDoneError when it is refused."""
    like, job = newest_job(bench, grant), name or f"tiny-{fresh()}"
    like["HumanTaskConfig"]["NumberOfHumanWorkersPerDataObject"] = 1
    try:
        bench.aws.sagemaker.create_labeling_job(
            LabelingJobName=job,
            InputConfig={"DataSource": data},  # type: ignore[misc, arg-type]
            **{field: like[field] for field in _FIELDS if field in like},
        )
    except ClientError as refusal:
        raise NotDoneError(refusal.response["Error"]["Message"]) from refusal
    return job


def newest_job(bench: Bench, grant: Grant) -> Any:
    """What DescribeLabelingJob says of the campaign's newest job."""
    listed = bench.aws.sagemaker.list_labeling_jobs(
        NameContains=names.job_name_prefix(bench.environment, grant.campaign),
        SortBy="CreationTime",
        SortOrder="Descending",
    )
    return described(bench, listed["LabelingJobSummaryList"][0]["LabelingJobName"])


def described(bench: Bench, job: str) -> Any:
    """What DescribeLabelingJob says."""
    return bench.aws.sagemaker.describe_labeling_job(LabelingJobName=job)


def has_ended(found: Any) -> bool:
    """Whether a described job is over."""
    return found["LabelingJobStatus"] in ("Completed", "Failed", "Stopped")


def ended(bench: Bench, job: str) -> Any:
    """What DescribeLabelingJob says once the job is over; nothing before."""
    found = described(bench, job)
    return found if has_ended(found) else None


def unless_failed(found: Any) -> None:
    """NotDoneError with the reason of a described job that has failed."""
    if found["LabelingJobStatus"] == "Failed":
        raise NotDoneError(found["FailureReason"])
