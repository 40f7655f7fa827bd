"""What the roles of campaigns about others' labels are for, and of the function for masks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ground_truth import names
from ground_truth_local.workers.errors import WorkersError
from tests.permissions.bench import JOB, Bench, NotDoneError, wait_for
from tests.permissions.exercises import a_running_job, start_the_first_job
from tests.permissions.tiny_jobs import (
    described,
    has_ended,
    newest_job,
    one_line,
    tiny_job,
    unless_failed,
)

if TYPE_CHECKING:
    from tests.permissions.grants import Grant


def begin_with_anothers_labels(bench: Bench, grant: Grant) -> None:
    """A first job of what the other campaign's stopped job had a label for: one object."""
    _stop_with_one_label(bench, _base(bench, grant))
    start_the_first_job(bench, grant)
    lines = _lines(bench, newest_job(bench, grant)["InputConfig"]["DataSource"])
    if len(lines) != 1:
        raise NotDoneError(f"the job has {len(lines)} objects")


def _base(bench: Bench, grant: Grant) -> Grant:
    """Stands for the campaign whose labels are the dataset, and for its stack."""
    properties: Any = bench.stack(grant.stack).event("Create", JOB, "")["ResourceProperties"]
    base = properties["Dataset"]["BasedOn"]["Campaign"]
    stack = names.labeling_stack_name(bench.environment, base)
    return replace(grant, campaign=base, stack=stack)


def _stop_with_one_label(bench: Bench, base: Grant) -> None:
    """Labels of a job that has stopped are looked for in what it wrote as it went."""
    newest = newest_job(bench, base)
    if (newest["LabelingJobStatus"], _labeled(newest)) == ("Stopped", 1):
        return
    bench.forget(base)
    job = a_running_job(bench, base)
    bench.worker.answer(job, lambda seen: seen.labels[0], tasks=1)
    wait_for(lambda: _labeled(described(bench, job)), f"label of {job}")
    bench.stop(job)


def _labeled(found: Any) -> int:
    return int(found["LabelCounters"]["TotalLabeled"])


def see_an_earlier_mask(bench: Bench, grant: Grant) -> None:
    """Somebody who is to judge or mend a mask can open it."""
    line = _lines(bench, newest_job(bench, grant)["InputConfig"]["DataSource"])[0]
    job = tiny_job(bench, grant, data=one_line(bench, grant, line))

    def ready() -> Any:
        found = described(bench, job)
        return found if has_ended(found) or bench.worker.offered(job) else None

    try:
        unless_failed(wait_for(ready, f"task of {job}"))
        bench.worker.look_at_earlier_mask(job)
    except WorkersError as problem:
        raise NotDoneError(str(problem)) from problem
    finally:
        bench.stop(job)


def consolidate_masks_again(bench: Bench, grant: Grant) -> None:
    """The job's first batch, as Ground Truth repeats it: the same pictures at the same places."""
    job = newest_job(bench, grant)
    bucket, folder = bench.storage["OutputBucketName"], names.labels_prefix(grant.campaign)
    annotations = f"{folder}{job['LabelingJobName']}/annotations"
    requests = f"{annotations}/consolidated-annotation/consolidation-request/"
    listed = bench.aws.s3.list_objects_v2(Bucket=bucket, Prefix=requests)["Contents"]
    event = {
        "version": "2018-10-16",
        "labelingJobArn": job["LabelingJobArn"],
        "labelAttributeName": job["LabelAttributeName"],
        "roleArn": job["RoleArn"],
        "payload": {"s3Uri": names.s3_uri(bucket, listed[0]["Key"])},
        "outputConfig": names.s3_uri(bucket, annotations),
    }
    if not bench.invoke(bench.function(grant), event):
        raise NotDoneError("the function made no mask")


def _lines(bench: Bench, data: Any) -> list[str]:
    bucket, key = names.parse_s3_uri(data["S3DataSource"]["ManifestS3Uri"])
    body = bench.aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    return list(body.splitlines())
