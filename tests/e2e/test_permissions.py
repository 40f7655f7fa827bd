"""Every grant of every role is taken away once, and something fails for it each time."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ground_truth import names
from ground_truth_ops.aws import Clients
from tests.e2e.people import Worker
from tests.e2e.project import LittleProject, add_guest, add_notes, little_project
from tests.permissions.answers import listening, outputs
from tests.permissions.bench import Bench, wait_for
from tests.permissions.examiner import Examiner, Findings, Shown
from tests.permissions.grants import Grant, as_document, removed

if TYPE_CHECKING:
    from ground_truth_ops.demo.server import LocalAws

pytestmark = pytest.mark.slow

ACCOUNT, STORAGE, TEAM = (
    names.stack_name("local", part) for part in ("Account", "Storage", "Team")
)
GUEST = names.stack_name("guest", "Team")
CAMPAIGNS = ("digits", "moods", "notes")


class Everything:
    """The exercises of all rows, then what only a deletion needs: there is no way back."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.examiner = Examiner(bench)
        self.found = self.examiner.found

    def examine(self) -> Findings:
        stacks = [ACCOUNT, STORAGE, TEAM, GUEST]
        stacks += [names.labeling_stack_name("local", campaign) for campaign in CAMPAIGNS]
        self.examiner.examine(stacks)
        self._take_down(self.examiner.going)
        return self.found

    def _take_down(self, going: list[Grant]) -> None:
        """The campaigns go, then account and storage: refused without each grant, done with all."""
        cloudformation = self.bench.aws.cloudformation
        for campaign in CAMPAIGNS:
            name = names.labeling_stack_name("local", campaign)
            cloudformation.delete_stack(StackName=name)
        for campaign in CAMPAIGNS:
            assert self._gone(names.labeling_stack_name("local", campaign)) == ""
        for team in (GUEST, TEAM):
            cloudformation.delete_stack(StackName=team)
            assert self._gone(team) == ""
        for stack, fill in ((ACCOUNT, _nothing), (STORAGE, self._fill)):
            self._go(stack, [grant for grant in going if grant.stack == stack], fill)

    def _go(self, stack: str, going: list[Grant], fill: Callable[[], None]) -> None:
        cloudformation = self.bench.aws.cloudformation
        for grant in going:
            fill()
            since = time.time()
            with removed(self.bench.aws, grant):
                cloudformation.delete_stack(StackName=stack)
                failed = self._gone(stack)
                refused = self.bench.refused(grant, since)
            self.found.shown.append(Shown(grant=grant, failed=failed, refused=refused))
            if not failed:
                return
        fill()
        cloudformation.delete_stack(StackName=stack)
        left = self._gone(stack)
        if left:
            self.found.insufficient.append(f"{stack} can't be deleted: {left}")

    def _fill(self) -> None:
        """Something to delete in each bucket, and labels that were exported just now."""
        storage, s3 = self.bench.storage, self.bench.aws.s3
        for name in ("RawBucketName", "OutputBucketName", "AccessLogBucketName"):
            s3.put_object(Bucket=storage[name], Key="moods/labels/x/annotations/a", Body=b"1")
        # labels count as saved up to the second, and these are of this very second
        until = datetime.now(UTC) + timedelta(minutes=1)
        value = f"{until:%Y-%m-%dT%H:%M:%SZ}"
        s3.put_bucket_tagging(
            Bucket=storage["OutputBucketName"],
            Tagging={"TagSet": [{"Key": names.TAG_EXPORTED, "Value": value}]},
        )

    def _gone(self, stack: str) -> str:
        """Why a stack that was being deleted is still there; nothing when it isn't."""
        cloudformation: Any = self.bench.aws.cloudformation

        def settled() -> list[str] | None:
            listed = [
                item
                for page in cloudformation.get_paginator("describe_stacks").paginate()
                for item in page["Stacks"]
                if item["StackName"] == stack and item["StackStatus"] != "DELETE_COMPLETE"
            ]
            if not listed:
                return ["gone"]
            return None if listed[0]["StackStatus"].endswith("IN_PROGRESS") else ["stays"]

        if wait_for(settled, f"end of {stack}'s deletion") == ["gone"]:
            return ""
        events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
        reasons = (
            event["ResourceStatusReason"]
            for event in events
            if event["ResourceStatus"] == "DELETE_FAILED"
            and event["ResourceType"].startswith("Custom::")
        )
        return str(next(reasons, "it stays"))


def _nothing() -> None:
    """What there is to delete in a stack without buckets."""


@pytest.fixture(scope="module")
def findings(
    server: LocalAws, aws: Clients, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Findings]:
    project = little_project(tmp_path_factory.mktemp("permissions"), server)
    add_notes(project.root)
    topic = aws.sns.create_topic(Name="labels")["TopicArn"]
    digits = project.root / "campaigns/digits/campaign.toml"
    digits.write_text(f'{digits.read_text(encoding="utf-8")}\n[output]\ntopic = "{topic}"\n')
    try:
        refusal = refuse_without(project, aws, service="logs")
        deploy_host_and_guest(project)
        with listening() as ear:
            bench = Bench(
                aws=aws, ear=ear, person=lambda: Worker(server.portal_url, "ada@example.com")
            )
            yield replace(Everything(bench).examine(), refusal=refusal)
    finally:
        _take_the_rest_down(project)
        aws.sns.delete_topic(TopicArn=topic)


def deploy_host_and_guest(project: LittleProject) -> None:
    """All of one environment, and the team of another that adopts its workforce."""
    assembly = project.synth("host")
    policies = project.permit(assembly)
    project.bootstrap(policies)
    project.cdk("host").deploy(assembly, "--all")
    aws = Clients(project.server.region, variables=project.server.variables)
    made = outputs(aws, ACCOUNT)
    add_guest(project.root, user_pool_id=made["UserPoolId"], client_id=made["UserPoolClientId"])
    guest = replace(project, environment="guest")
    team = guest.synth("guest")
    project.bootstrap([*policies, *guest.permit(team)])
    guest.cdk("guest").deploy(team, "GroundTruth/Team", "--exclusively")


def refuse_without(project: LittleProject, aws: Clients, *, service: str) -> str:
    """What the CLI says when the deployer's policy lacks what it has for one service."""
    assembly = project.synth("refused")
    policies = project.permit(assembly)
    project.bootstrap(policies)
    for arn in policies:
        version = aws.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        found = aws.iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]
        document = as_document(found["Document"])
        document["Statement"] = [
            each for each in document["Statement"] if not each["Action"][0].startswith(service)
        ]
        aws.iam.create_policy_version(
            PolicyArn=arn, PolicyDocument=json.dumps(document), SetAsDefault=True
        )
    return project.refused("refused", assembly, "GroundTruth/Storage", "--exclusively")


def _take_the_rest_down(project: LittleProject) -> None:
    with suppress(Exception):
        project.gt("destroy", "--env", "local", "--yes", "--running-jobs")


def test_every_role_suffices(findings: Findings) -> None:
    assert findings.insufficient == []


def test_something_fails_without_each_grant(findings: Findings) -> None:
    idle = [str(shown.grant) for shown in findings.shown if not shown.failed]
    assert idle == [], "not needed: take them out of constructs/"
    assert len(findings.shown) > 60


def test_it_fails_because_iam_refused_just_that(findings: Findings) -> None:
    other = [(str(s.grant), s.failed) for s in findings.shown if s.failed and not s.refused]
    assert other == []


def test_every_grant_has_an_exercise_or_a_source(findings: Findings) -> None:
    assert [str(grant) for grant in findings.without_exercise] == [], (
        "add a row to tests/permissions/needed.py"
    )


def test_deployer_without_a_services_statements_is_refused_by_name(findings: Findings) -> None:
    """What the deployer's policy grants is used: CloudFormation acts with it and nothing else."""
    session = r"assumed-role/cdk-\w+-cfn-exec-role-[\w-]+/AWSCloudFormation"
    refused = rf"{session} is not authorized to perform: logs:CreateLogGroup on resource: arn"
    assert re.search(refused, findings.refusal), findings.refusal[-2000:]


def test_every_role_was_looked_at(findings: Findings) -> None:
    looked = {grant.role for grant in findings.grants}
    shown = {each.grant.role for each in findings.shown}
    unshown = {grant.role for grant in findings.unshown}
    assert looked == shown | unshown
