"""The pipelines' scripts as a pipeline runs them, against local AWS: a deployment's whole life."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from ground_truth_ops.aws import Clients
from ground_truth_ops.deployer.reviewer import reviewer_policies
from ground_truth_ops.deployer.run import place_of, templates_of
from ground_truth_ops.deployment import StackKind, find_deployment, resources_of
from stacks.config import load
from tests.e2e.people import Worker, first_label, until
from tests.e2e.project import ROOT, LittleProject, edit, little_project

if TYPE_CHECKING:
    from ground_truth_ops.demo.server import LocalAws

pytestmark = pytest.mark.slow

# names of its own: other stories' jobs are still listed
ENVIRONMENT, CAMPAIGN = "piped", "numbers"
ARCHIVE = "archive-of-pipelines"
TEAM, CHANGED_DAYS = f"GroundTruth-{ENVIRONMENT}-Team", 30
STRAY = f"/aws/lambda/GroundTruth-{ENVIRONMENT}-Team-Stray"
TYPED = (ENVIRONMENT, ENVIRONMENT)
# what the scripts and make read besides the app's own files
TOOLS = (
    *(".ci", "Makefile", "ops", "package.json", "package-lock.json"),
    *("requirements.txt", "requirements-dev.txt", "constraints.txt"),
)
LOOKER = "pipelines-looker"
STATES = frozenset({"Initializing", "InProgress", "Stopping"})


@dataclass
class Story:
    """What every script said, what of the jobs was running then, and what is left in the end."""

    done: dict[str, subprocess.CompletedProcess[str]] = field(default_factory=dict)
    running: dict[str, list[str]] = field(default_factory=dict)
    stacks: dict[str, set[str]] = field(default_factory=dict)
    archived: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    readable: list[str] = field(default_factory=list)


@dataclass
class Teller:
    project: LittleProject
    aws: Clients
    story: Story = field(default_factory=Story)
    looker: Mapping[str, str] = field(default_factory=dict)

    def tell(self) -> Story:
        self.project.bootstrap(self.project.permit(self.project.synth("bootstrap")))
        self.aws.s3.create_bucket(Bucket=ARCHIVE)
        self.script("deployed", "deploy", ENVIRONMENT)
        first = self.story.done["deployed"]
        assert first.returncode == 0, first.stdout[-3000:] + first.stderr[-3000:]
        self.label()
        self.look()
        self.script("quiet night", "nightly", ENVIRONMENT, **self.looker)
        self.strays()
        self.change_the_instructions()
        self.destroy()
        return self.story

    def label(self) -> None:
        (job,) = self.jobs()
        worker = Worker(self.project.server.portal_url, "ada@example.com")
        worker.answer(job, first_label, tasks=2)
        until(self.aws.sagemaker, job, lambda found: found["LabelCounters"]["TotalLabeled"] == 2)

    def look(self) -> None:
        """Take the role that a live review and the nights have; people's answers are not for it."""
        self.looker = role_that_looks(self.project, self.aws)
        seeing = Clients(
            self.project.server.region, variables={**self.project.server.variables, **self.looker}
        )
        deployment = find_deployment(seeing.cloudformation, ENVIRONMENT)
        bucket = deployment.output(StackKind.STORAGE, "OutputBucketName")
        assert bucket is not None
        pages = seeing.s3.list_objects_v2(Bucket=bucket)["Contents"]
        self.story.keys = [item["Key"] for item in pages]
        for key in self.story.keys:
            try:
                seeing.s3.get_object(Bucket=bucket, Key=key)
            except ClientError as error:
                assert error.response["Error"]["Code"] == "AccessDenied"
            else:
                self.story.readable.append(key)

    def strays(self) -> None:
        """A log group nobody declared, and the retention of another that somebody changed."""
        self.aws.logs.create_log_group(logGroupName=STRAY)
        stack = resources_of(self.aws.cloudformation, TEAM)
        declared = next(each for each in stack if each.type == "AWS::Logs::LogGroup")
        self.aws.logs.put_retention_policy(
            logGroupName=declared.physical_id, retentionInDays=CHANGED_DAYS
        )
        self.script("loud night", "nightly", ENVIRONMENT, **self.looker)
        self.aws.logs.delete_log_group(logGroupName=STRAY)

    def change_the_instructions(self) -> None:
        root = self.project.root / "campaigns" / CAMPAIGN
        (root / "instructions/short.html").write_text("<p>Which one?</p>\n", encoding="utf-8")
        self.script("seen", "live-review", ENVIRONMENT, **self.looker)
        self.script("not allowed", "deploy", ENVIRONMENT, **self.looker, ALLOW="refused")
        self.script("refused", "deploy", ENVIRONMENT)
        (line,) = set(re.findall(r'approve = "[0-9a-f]{12}:continue"', self.said("refused")))
        edit(root / "campaign.toml", "generation = 1\n", f"generation = 1\n{line}\n")
        self.script("approved", "deploy", ENVIRONMENT)

    def destroy(self) -> None:
        self.script("not typed", "destroy", ENVIRONMENT, "prod", ARCHIVE=f"s3://{ARCHIVE}")
        self.script("no archive", "destroy", *TYPED)
        told = {"ARCHIVE": f"s3://{ARCHIVE}/labels"}
        self.script("protected", "destroy", *TYPED, STOP_RUNNING_JOBS="true", **told)
        self.script("at work", "destroy", *TYPED, LIFT_PROTECTION="true", **told)
        told |= {"STOP_RUNNING_JOBS": "true", "LIFT_PROTECTION": "true"}
        self.script("destroyed", "destroy", *TYPED, **told)
        found = self.aws.s3.list_objects_v2(Bucket=ARCHIVE).get("Contents", [])
        self.story.archived = sorted(item["Key"] for item in found)

    # -- what is done and looked at again and again

    def script(self, chapter: str, name: str, *arguments: str, **variables: str) -> None:
        self.story.done[chapter] = run_script(self.project, name, *arguments, **variables)
        self.story.running[chapter] = self.jobs()
        stacks = self.aws.cloudformation.describe_stacks()["Stacks"]
        names = {stack["StackName"] for stack in stacks}
        self.story.stacks[chapter] = {n for n in names if f"-{ENVIRONMENT}-" in n}

    def said(self, chapter: str) -> str:
        return self.story.done[chapter].stdout

    def jobs(self) -> list[str]:
        listed = self.aws.sagemaker.list_labeling_jobs(NameContains=f"gt-{ENVIRONMENT}-{CAMPAIGN}")
        return [
            item["LabelingJobName"]
            for item in listed["LabelingJobSummaryList"]
            if item["LabelingJobStatus"] in STATES
        ]


def role_that_looks(project: LittleProject, aws: Clients) -> dict[str, str]:
    """Keys of a role with the policies that `gt reviewer-policy` writes and no others."""
    place = place_of(load(project.root, env=ENVIRONMENT), account=project.server.account)
    templates = templates_of(project.synth("looked at"))
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:{place.partition}:iam::{place.account}:root"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    made = aws.iam.create_role(RoleName=LOOKER, AssumeRolePolicyDocument=json.dumps(trust))
    for number, document in enumerate(reviewer_policies(templates, place), start=1):
        policy = aws.iam.create_policy(
            PolicyName=f"{LOOKER}-{number}", PolicyDocument=json.dumps(document)
        )
        aws.iam.attach_role_policy(RoleName=LOOKER, PolicyArn=policy["Policy"]["Arn"])
    given = aws.sts.assume_role(RoleArn=made["Role"]["Arn"], RoleSessionName="look")
    keys = given["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }


def remove_role(aws: Clients) -> None:
    if LOOKER not in {role["RoleName"] for role in aws.iam.list_roles()["Roles"]}:
        return
    for policy in aws.iam.list_attached_role_policies(RoleName=LOOKER)["AttachedPolicies"]:
        aws.iam.detach_role_policy(RoleName=LOOKER, PolicyArn=policy["PolicyArn"])
        aws.iam.delete_policy(PolicyArn=policy["PolicyArn"])
    aws.iam.delete_role(RoleName=LOOKER)


def run_script(
    project: LittleProject, name: str, *arguments: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """A script with what a pipeline's machine has in its environment."""
    machine: Mapping[str, str] = {**project.server.variables, "CI": "true"}
    return subprocess.run(
        [project.root / ".ci" / name, *arguments],
        env={**machine, **variables},
        cwd=project.root,
        capture_output=True,
        text=True,
        check=False,
    )


def piped(folder: Path, server: LocalAws) -> LittleProject:
    """One campaign in an environment that is protected, and removed with its buckets."""
    project = little_project(folder, server, environment=ENVIRONMENT, campaigns=("digits",))
    (folder / "campaigns/digits").rename(folder / "campaigns" / CAMPAIGN)
    campaign = folder / "campaigns" / CAMPAIGN / "campaign.toml"
    edit(campaign, "workers_per_object = 2", "workers_per_object = 1")
    environment = folder / f"environments/{ENVIRONMENT}.toml"
    (folder / "environments/local.toml").rename(environment)
    edit(environment, "termination_protection = false", "termination_protection = true")
    edit(environment, "deletion_protection = false", "deletion_protection = true")
    for name in TOOLS:
        (folder / name).symlink_to(ROOT / name)
    for name in (".venv", "node_modules"):
        set_up(folder / name)
    return project


def set_up(link: Path) -> None:
    """What is installed, with a stamp of its own: make must install nothing into ours from here."""
    installed = link.resolve()
    link.unlink()
    link.mkdir()
    for entry in installed.iterdir():
        if entry.name != ".installed":
            (link / entry.name).symlink_to(entry)
    (link / ".installed").touch()


@pytest.fixture(scope="module")
def story(
    server: LocalAws, aws: Clients, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    project = piped(tmp_path_factory.mktemp("piped"), server)
    try:
        yield Teller(project=project, aws=aws).tell()
    finally:
        # the account's one workforce, and an account without leftovers, for other tests
        project.gt(
            *("destroy", "--env", ENVIRONMENT, "--yes", "--running-jobs", "--protected"),
        )
        remove_role(aws)
        for item in aws.s3.list_objects_v2(Bucket=ARCHIVE).get("Contents", []):
            aws.s3.delete_object(Bucket=ARCHIVE, Key=item["Key"])
        aws.s3.delete_bucket(Bucket=ARCHIVE)


def code_and_errors(story: Story, chapter: str) -> tuple[int, str]:
    found = story.done[chapter]
    return found.returncode, " ".join(found.stderr.split())


def test_first_deployment_tells_what_it_does_and_what_came_of_it(story: Story) -> None:
    found = story.done["deployed"]

    assert len(story.running["deployed"]) == 1
    assert "## What this change will do" in found.stdout
    assert f"### {ENVIRONMENT} after the deployment" in found.stdout
    assert f"### The doctor on {ENVIRONMENT}" in found.stdout


def test_night_over_a_fresh_deployment_is_quiet(story: Story) -> None:
    found = story.done["quiet night"]

    assert (found.returncode, found.stderr) == (0, ""), found.stdout
    assert "0 unexpected differences in 4 stacks" in found.stdout
    assert f"nothing of {ENVIRONMENT} is left" in found.stdout


def test_night_names_what_was_changed_by_hand_and_what_no_stack_has(story: Story) -> None:
    code, errors = code_and_errors(story, "loud night")

    assert code == 1
    assert "was changed by hand" in errors
    assert "has left something behind" in errors
    said = story.done["loud night"].stdout
    assert re.search(rf"{TEAM}: AWS::Logs::LogGroup \w+ /RetentionInDays: 1 became 30", said)
    assert "1 left of piped:" in said
    assert STRAY in said


def test_role_that_looks_reads_no_label(story: Story) -> None:
    assert any("/annotations/worker-response/" in key for key in story.keys)
    assert story.readable == [f"{CAMPAIGN}/lineage.json"]


def test_role_that_looks_sees_the_job_that_would_be_refused(story: Story) -> None:
    found = story.done["seen"]

    assert (found.returncode, found.stderr) == (12, "")
    assert "job gt-piped-numbers-" in found.stdout
    assert "4 of 6 objects without a label" in found.stdout
    assert "unexpected differences in 4 stacks" in found.stdout
    assert "numbers" in found.stdout.partition("### Campaigns of piped today")[2]


def test_role_that_looks_changes_nothing(story: Story) -> None:
    assert story.done["not allowed"].returncode not in (0, 12)
    assert story.running["not allowed"] == story.running["deployed"]


def test_deployment_that_the_gate_would_refuse_is_not_begun(story: Story) -> None:
    code, errors = code_and_errors(story, "refused")

    assert code == 12
    assert "the review of piped ended with 12, nothing was deployed" in errors
    assert story.running["refused"] == story.running["deployed"]


def test_approved_change_is_deployed_and_people_go_on(story: Story) -> None:
    assert story.done["approved"].returncode == 0, story.done["approved"].stderr[-3000:]
    said = story.done["approved"].stdout
    assert f"stops job {story.running['deployed'][0]} with 4 of 6 objects without a label" in said
    assert len(story.running["approved"]) == 1
    assert story.running["approved"] != story.running["deployed"]


@pytest.mark.parametrize(
    ("chapter", "code", "error"),
    [
        ("not typed", 2, "'prod' was typed, the environment is 'piped'; nothing was touched"),
        ("no archive", 2, "ARCHIVE is not set"),
        ("protected", 1, "environment piped is protected, and nothing was touched"),
        ("at work", 1, "say --running-jobs to stop them"),
    ],
)
def test_destroying_is_refused_until_all_is_said(
    story: Story, chapter: str, code: int, error: str
) -> None:
    found, errors = code_and_errors(story, chapter)

    assert found == code
    assert error in errors
    assert story.running[chapter] == story.running["approved"]
    assert story.stacks[chapter] == story.stacks["approved"]


def test_destroying_leaves_the_labels_in_the_archive_and_nothing_else(story: Story) -> None:
    found = story.done["destroyed"]

    assert found.returncode == 0, found.stdout + found.stderr
    assert story.stacks["destroyed"] == set()
    assert story.running["destroyed"] == []
    assert f"nothing of {ENVIRONMENT} is left" in found.stdout
    folders = {key.split("/")[2] for key in story.archived}
    assert len(folders) == 1
    names = ["/".join(key.split("/")[3:]) for key in story.archived]
    assert {"SHA256SUMS", "export.json", f"{CAMPAIGN}/lineage.json"} <= set(names)
    # of both jobs: two answers of the first, which the second went on with
    answers = [name for name in names if "/annotations/worker-response/" in name]
    assert len(answers) == 2
