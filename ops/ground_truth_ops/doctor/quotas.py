"""Room under the account's quotas, as far as they can be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ground_truth_ops.doctor.finding import Finding, ok, problem, unknown

if TYPE_CHECKING:
    from ground_truth_ops.doctor.scene import Scene

# API reference, CreateWorkteam: no more than 25 in an account and region
WORK_TEAMS = 25
# AWS's default for Lambda; young accounts begin with 10, and Ground Truth doesn't document how many
# functions it calls at once
USUAL_CONCURRENCY = 1000
LITTLE_CONCURRENCY = 100
# what a small environment needs beside what it has, with some air
ROLES_TO_SPARE = 30
INCREASE = "aws service-quotas request-service-quota-increase"


def check_work_teams(scene: Scene) -> Iterator[Finding]:
    """Also names the running jobs, for which AWS documents no number."""
    sagemaker = scene.clients.sagemaker
    pages = sagemaker.get_paginator("list_workteams").paginate()
    teams = [team["WorkteamName"] for page in pages for team in page["Workteams"]]
    wanted = scene.target.project.environment.workteam_name
    text = f"{len(teams)} of {WORK_TEAMS} work teams (the documented default)"
    brings = scene.target.project.environment.settings.team.workteam_arn is None
    if brings and wanted not in teams and len(teams) >= WORK_TEAMS:
        yield problem(
            "quotas",
            f"{text}: no room for {wanted}",
            "ask AWS Support for more, or delete one that nobody needs",
            run="aws sagemaker list-workteams",
        )
    else:
        yield ok("quotas", text)
    running = sum(
        len(page["LabelingJobSummaryList"])
        for page in sagemaker.get_paginator("list_labeling_jobs").paginate(
            StatusEquals="InProgress"
        )
    )
    jobs = "1 labeling job" if running == 1 else f"{running} labeling jobs"
    yield ok("quotas", f"{jobs} at work; AWS documents no limit for them")


def check_functions(scene: Scene) -> Iterator[Finding]:
    limit = scene.clients.functions.get_account_settings()["AccountLimit"]
    free, all_ = limit["UnreservedConcurrentExecutions"], limit["ConcurrentExecutions"]
    text = f"{free} of {all_} concurrent function executions are unreserved (applied quota)"
    if free >= LITTLE_CONCURRENCY:
        yield ok("quotas", text)
        return
    yield unknown(
        "quotas",
        f"{text}; how many Ground Truth uses at once isn't documented, and a throttled function "
        "costs an object its label",
        run=f"{INCREASE} --service-code lambda --quota-code L-B99A9384 --desired-value "
        f"{USUAL_CONCURRENCY} --region {scene.clients.region}",
    )


def check_roles(scene: Scene) -> Iterator[Finding]:
    summary = scene.clients.iam.get_account_summary()["SummaryMap"]
    used, quota = summary.get("Roles"), summary.get("RolesQuota")
    if used is None or quota is None:
        yield unknown("quotas", "IAM doesn't say how many roles there may be")
        return
    text = f"{used} of {quota} IAM roles (applied quota)"
    if quota - used >= ROLES_TO_SPARE:
        yield ok("quotas", text)
        return
    yield problem(
        "quotas",
        f"{text}: an environment needs up to {ROLES_TO_SPARE}",
        run=f"{INCREASE} --service-code iam --quota-code L-FE177D64 --desired-value {quota + 500} "
        "--region us-east-1",
    )
