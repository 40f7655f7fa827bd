"""What people read when a deployment is refused: real causes, and the line that goes on.

CloudFormation shows the first 700 characters, so the choices come before the explanations.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What has to be looked at before a change of the definition is approved."""

    campaign: str
    job: str
    status: str
    labeled: int
    failed: int
    objects: int
    old_hash: str
    new_hash: str
    changed: tuple[str, ...]
    problems: tuple[str, ...]
    runs: bool
    given_approval: str
    used_approval: str
    next_generation: int


def change_refused(review: Review) -> str:
    """Say what changed, what is at stake, and the lines to choose from."""
    counters = f"{review.labeled} of {review.objects} objects labeled"
    if review.failed:
        counters += f", {review.failed} failed"
    return (
        f"the definition of campaign {review.campaign} changed ({', '.join(review.changed)}) "
        f"while job {review.job} is {review.status} with {counters}. Nothing was touched. "
        f"{_choices(review)}{_about_approval(review)}"
    )


def _choices(review: Review) -> str:
    stop = "stop the job, " if review.runs else ""
    total = f"all {review.objects}" if review.objects else "all"
    restart = f'approve = "{review.new_hash}:restart" ({stop}ask for {total} again, all paid anew)'
    undo = "or undo the change"
    if review.problems:
        return (
            f"Labels cannot be kept: {'; '.join(review.problems)}. "
            f"In campaign.toml set {restart}, {undo}."
        )
    going_on = (
        f'approve = "{review.new_hash}:continue" ({stop}keep every label, ask only for the rest)'
    )
    return f"In campaign.toml set {going_on} or {restart}, {undo}."


def _about_approval(review: Review) -> str:
    if review.used_approval:
        return (
            f" The approval {review.used_approval} was used before and works once; to use it "
            f"again also set generation = {review.next_generation}."
        )
    given = review.given_approval
    if given and not given.startswith(review.new_hash):
        return f" The approval {given} is for another definition than {review.new_hash}."
    return ""


def foreign_job_runs(*, campaign: str, environment: str, job: str, owner: str) -> str:
    """Say that another stack works on the same campaign."""
    return (
        f"job {job} of campaign {campaign} in environment {environment} is running and belongs to "
        f"another stack ({owner}); it was not touched. Destroy that stack first; if it is gone, "
        f"stop the job (aws sagemaker stop-labeling-job --labeling-job-name {job}) and raise "
        "generation in campaign.toml"
    )


def unrecorded_job_runs(*, job: str, key: str) -> str:
    """Say that the record was lost under a running job."""
    return (
        f"job {job} of this stack is running but {key} in the output bucket does not know it; "
        "starting another would ask for the same labels twice. Restore an earlier version of "
        f"{key} (the bucket is versioned), or stop the job "
        f"(aws sagemaker stop-labeling-job --labeling-job-name {job})"
    )


def dataset_changed(*, campaign: str, old: str, new: str, revision: int) -> str:
    """Say that the dataset is frozen."""
    return (
        f"the dataset of campaign {campaign} changed (from {old} to {new}) but its revision is "
        f"still {revision}, which is frozen since people were asked about it. Nothing was "
        f"touched. In campaign.toml set revision = {revision + 1} under [dataset] (only objects "
        "without a label will be asked), or undo the change"
    )
