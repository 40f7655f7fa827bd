"""A pull request rehearsed: what its report promises, and what its deployment then does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ground_truth_ops.cdk import Cdk
from ground_truth_ops.deployment import StackKind, find_deployment, resources_of
from ground_truth_ops.project import target_of
from ground_truth_ops.review.markdown import render
from ground_truth_ops.review.report import CACHE, EnvironmentReview, review_deployed
from ground_truth_ops.review.templates import Impact
from tests.e2e.people import Worker, first_label, until
from tests.e2e.project import little_campaigns
from tests.review.history import History, make_history, summary

if TYPE_CHECKING:
    from ground_truth_ops.aws import Clients
    from ground_truth_ops.demo.server import LocalAws

# names of its own: other stories' jobs are still listed
DIGITS, MOODS, MORE = "numerals", "opinions", "more-opinions"
INSTRUCTIONS = f"campaigns/{DIGITS}/instructions/short.html"
# What CloudFormation's events say where the report says …
HAPPENED = {
    Impact.CREATE: "CREATE_COMPLETE",
    Impact.UPDATE: "UPDATE_COMPLETE",
    Impact.DESTROY: "DELETE_COMPLETE",
    Impact.ORPHAN: "DELETE_SKIPPED",
}


@dataclass
class Rehearsal:
    """The promises of the report, by revision and live, and what was seen after the merge."""

    promised: EnvironmentReview
    live: EnvironmentReview
    live_text: str
    events: Mapping[str, Mapping[str, set[str]]]
    jobs: Mapping[str, list[dict[str, Any]]]
    resources: Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]]
    asked: list[dict[str, Any]]
    members: set[str]
    stacks: set[str]
    after: EnvironmentReview = field(repr=False)


@pytest.fixture(scope="module")
def rehearsal(
    server: LocalAws, aws: Clients, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rehearsal]:
    history = make_history(tmp_path_factory.mktemp("rehearsal") / "project", change=campaigns)
    cdk = Cdk(root=history.root, variables=server.variables, log=history.root / "logs" / "cdk.log")
    try:
        yield _rehearse(history, cdk, server, aws)
    finally:
        history.gt(
            "destroy", "--env", "local", "--yes", "--running-jobs", variables=server.variables
        )


def campaigns(folder: Path) -> None:
    little_campaigns(folder)
    for old, new in (("digits", DIGITS), ("moods", MOODS)):
        (folder / "campaigns" / old).rename(folder / "campaigns" / new)


def _rehearse(history: History, cdk: Cdk, server: LocalAws, aws: Clients) -> Rehearsal:
    cdk.bootstrap(account=server.account, region=server.region)
    cdk.synth(environment="local", output=history.root / "cdk.out", checks=False)
    cdk.deploy(history.root / "cdk.out", "--all")
    _label(server, aws, tasks=2)

    history.write(INSTRUCTIONS, "<p>Choose the digit, whatever its style.</p>\n")
    (found, _) = history.told("local")
    (line,) = [line for each in found.consequences for line in each.approvals if "continue" in line]
    history.edit(
        f"campaigns/{DIGITS}/campaign.toml", "generation = 1\n", f"generation = 1\n{line}\n"
    )
    history.edit(f"campaigns/{MOODS}/campaign.toml", 'title = "', 'title = "Please: ')
    history.copy(f"campaigns/{MOODS}", f"campaigns/{MORE}")
    history.edit("environments/local.toml", "finn@example.com", "gil@example.com")
    history.commit("instructions, a campaign more, another worker")

    promised, _ = history.told("local")
    target = target_of(history.root, "local", variables=server.variables)
    live = review_deployed(target)
    began = aws.cloudformation.describe_stacks()["Stacks"]
    seen = {stack["StackName"]: _last_event(aws, stack["StackName"]) for stack in began}
    names = {change.name for change in promised.changes}
    before = {name: _resources(aws, name) if name in seen else {} for name in names}
    cdk.deploy(history.root / CACHE / "assemblies" / "working-tree" / "local", "--all")

    jobs = {name: _jobs(aws, f"gt-local-{name}-") for name in (DIGITS, MOODS, MORE)}
    return Rehearsal(
        promised=promised,
        live=live.environments[0],
        live_text=render(live),
        events={name: _events(aws, name, since=seen.get(name)) for name in names},
        resources={name: (before[name], _resources(aws, name)) for name in names},
        asked=_input(aws, jobs[DIGITS][-1]),
        jobs=jobs,
        members=_members(aws),
        stacks={s["StackName"] for s in aws.cloudformation.describe_stacks()["Stacks"]},
        after=review_deployed(target).environments[0],
    )


def _label(server: LocalAws, aws: Clients, *, tasks: int) -> None:
    (job,) = _jobs(aws, f"gt-local-{DIGITS}-")
    for name in ("ada", "ben"):
        worker = Worker(server.portal_url, f"{name}@example.com")
        worker.answer(job["LabelingJobName"], first_label, tasks=tasks)
    until(
        aws.sagemaker,
        job["LabelingJobName"],
        lambda found: found["LabelCounters"]["TotalLabeled"] == tasks,
    )


def _jobs(aws: Clients, prefix: str) -> list[dict[str, Any]]:
    listed = aws.sagemaker.list_labeling_jobs(
        NameContains=prefix, SortBy="CreationTime", SortOrder="Ascending"
    )["LabelingJobSummaryList"]
    names = [item["LabelingJobName"] for item in listed]
    # NameContains also finds names that hold the prefix elsewhere
    return [
        dict(aws.sagemaker.describe_labeling_job(LabelingJobName=name))
        for name in names
        if name.startswith(prefix)
    ]


def _resources(aws: Clients, stack: str) -> dict[str, str]:
    return {item.logical_id: item.physical_id for item in resources_of(aws.cloudformation, stack)}


def _input(aws: Clients, job: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The manifest a job was given: what carries the label attribute is not asked."""
    uri: str = job["InputConfig"]["DataSource"]["S3DataSource"]["ManifestS3Uri"]
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    body = aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    return [json.loads(line) for line in body.splitlines()]


def _last_event(aws: Clients, stack: str) -> datetime:
    events = aws.cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    return max(event["Timestamp"] for event in events)


def _events(aws: Clients, stack: str, *, since: datetime | None) -> dict[str, set[str]]:
    """Each resource's statuses that this deployment brought, by logical id."""
    found: dict[str, set[str]] = {}
    for event in aws.cloudformation.describe_stack_events(StackName=stack)["StackEvents"]:
        if since is None or event["Timestamp"] > since:
            found.setdefault(event["LogicalResourceId"], set()).add(event["ResourceStatus"])
    return found


def _members(aws: Clients) -> set[str]:
    deployment = find_deployment(aws.cloudformation, "local")
    pool = deployment.output(StackKind.ACCOUNT, "UserPoolId")
    assert pool is not None
    users = aws.cognito.list_users_in_group(UserPoolId=pool, GroupName="local-labelers")
    return {
        item["Value"]
        for user in users["Users"]
        for item in user["Attributes"]
        if item["Name"] == "email"
    }


def test_every_promised_resource_change_happened_and_no_other(rehearsal: Rehearsal) -> None:
    for change in rehearsal.promised.changes:
        happened = rehearsal.events[change.name]
        for item in change.resources:
            assert HAPPENED[item.impact] in happened[item.logical_id], (change.name, item)
        promised = {item.logical_id for item in change.resources}
        # by what is there: local AWS has an event for a resource that did not change, too
        before, after = rehearsal.resources[change.name]
        assert {k: v for k, v in before.items() if k not in promised} == {
            k: v for k, v in after.items() if k not in promised
        }


def test_every_campaign_fared_as_promised(rehearsal: Rehearsal) -> None:
    assert summary(rehearsal.promised) == {
        DIGITS: "continue",
        MOODS: "same job",
        MORE: "new job",
    }
    states = {
        name: [job["LabelingJobStatus"] for job in jobs] for name, jobs in rehearsal.jobs.items()
    }
    assert states == {
        DIGITS: ["Stopped", "InProgress"],
        MOODS: ["InProgress"],
        MORE: ["InProgress"],
    }


def test_continued_job_asks_no_more_than_promised(rehearsal: Rehearsal) -> None:
    promised = {each.campaign: each for each in rehearsal.promised.consequences}

    assert promised[DIGITS].asked == 6  # at the most: the report can't know what is labeled
    assert ["digit" in line for line in rehearsal.asked].count(False) == 4
    assert len(rehearsal.asked) == 6


def test_live_report_counts_what_is_at_stake(rehearsal: Rehearsal) -> None:
    assert summary(rehearsal.live) == summary(rehearsal.promised)
    stopped = rehearsal.jobs[DIGITS][0]["LabelingJobName"]
    assert rehearsal.live.jobs[DIGITS] == f"stops job {stopped} with 4 of 6 objects without a label"
    assert "Compared with what is deployed." in rehearsal.live_text
    assert re.search(rf"job gt-local-{MOODS}-\S+ is InProgress .* and goes on", rehearsal.live_text)


def test_access_changed_as_promised(rehearsal: Rehearsal) -> None:
    gained, lost = rehearsal.promised.access.gained, rehearsal.promised.access.lost

    assert (gained, lost) == (("gil@example.com",), ("finn@example.com",))
    assert set(gained) <= rehearsal.members
    assert not set(lost) & rehearsal.members


def test_stacks_are_those_promised(rehearsal: Rehearsal) -> None:
    new = {change.name for change in rehearsal.promised.changes if change.before is None}

    assert new == {f"GroundTruth-local-Labeling-{MORE}"}
    assert {change.name for change in rehearsal.promised.changes} <= rehearsal.stacks


def test_nothing_is_left_to_deploy(rehearsal: Rehearsal) -> None:
    assert [change.name for change in rehearsal.after.changes if change.changed] == []
