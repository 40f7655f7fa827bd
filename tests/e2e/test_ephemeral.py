"""An environment of a pull request beside the one whose workforce it shares; and its end."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ground_truth_ops.deployer.run import place_of, place_of_pattern, policies_of, publish
from stacks.config import load
from tests.e2e.people import Worker, first_label, until
from tests.e2e.project import LittleProject, add_pattern, edit, little_project
from tests.permissions.answers import outputs

if TYPE_CHECKING:
    from ground_truth_ops.aws import Clients
    from ground_truth_ops.demo.server import LocalAws

pytestmark = pytest.mark.slow

ENVIRONMENT, LATER = "pr-17", "pr-18"
Said = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class View:
    """What there is at one moment; of jobs, which run, and of labels, what they hold."""

    stacks: dict[str, dict[str, str]]
    teams: list[str]
    workforces: list[str]
    running: list[str]
    buckets: list[str]
    labels: dict[str, str]

    def of(self, environment: str) -> tuple[object, ...]:
        begins = (
            *(f"GroundTruth-{environment}-", f"groundtruth-{environment}-"),
            *(f"gt-{environment}-", f"{environment}-"),
        )
        return tuple(
            sorted(name for name in names if name.startswith(begins))
            for names in (self.stacks, self.teams, self.running, self.buckets)
        )


@dataclass
class Story:
    said: dict[str, Said] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    exported: list[str] = field(default_factory=list)


@dataclass
class Teller:
    project: LittleProject
    aws: Clients
    story: Story = field(default_factory=Story)

    def tell(self) -> Story:
        host = self.project.synth("host")
        policies = self.project.permit(host)
        self.project.bootstrap(policies)
        self.project.cdk("host").deploy(host, "--all")
        made = outputs(self.aws, "GroundTruth-local-Account")
        self.pattern = add_pattern(
            self.project.root, user_pool_id=made["UserPoolId"], client_id=made["UserPoolClientId"]
        )
        self.project.bootstrap([*policies, *self.permit_pattern()])
        yesterday = datetime.now(UTC).date() - timedelta(days=1)
        self.deploy(ENVIRONMENT, f"{yesterday}", "--all")
        self.deploy(LATER, "2999-12-31", "GroundTruth/Storage")
        ada = Worker(self.project.server.portal_url, "ada@example.com")
        self.label(ada, "local")
        self.label(ada, ENVIRONMENT)
        self.look("before")
        self.gt("status", "--env", ENVIRONMENT)
        self.gt("doctor", "--env", ENVIRONMENT)
        self.gt("diff", "--live", "--env", ENVIRONMENT)
        self.gt("sweep", "--expired")
        self.look("sweep")
        self.gt("sweep", "--expired", "--remove", name="refused")
        self.look("refused")
        edit(self.pattern, "days = 7\n", "days = 7\nstop_running_jobs = true\n")
        self.gt("sweep", "--expired", "--remove", name="removed")
        self.look("removed")
        folder = self.project.root / "export" / ENVIRONMENT
        self.story.exported = [str(path) for path in folder.rglob("*") if path.is_file()]
        self.gt("sweep", "--env", ENVIRONMENT, name="proof")
        self.gt("sweep", "--expired", "--remove", name="again")
        return self.story

    def permit_pattern(self) -> list[str]:
        """Policies for every environment of the pattern, of which `pr-1` is the example."""
        assembly = self.project.root / "assemblies" / "pattern"
        self.project.cdk("pattern").synth(environment="pr-1", output=assembly, checks=False)
        place = place_of(load(self.project.root, env="pr-1"), account=self.project.server.account)
        place = place_of_pattern(place, "pr")
        return publish(self.aws.iam, policies_of(assembly, place), place)

    def deploy(self, environment: str, expires: str, stacks: str) -> None:
        context = ("--context", f"env={environment}", "--context", f"expires={expires}")
        out = self.project.root / "assemblies" / environment
        done = self.project.cli(
            environment,
            *("deploy", stacks, *context, "--output", out),
            *("--require-approval", "never", "--method", "direct"),
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def label(self, person: Worker, environment: str) -> None:
        (job,) = running(self.aws, f"gt-{environment}-moods")
        person.answer(job, first_label, tasks=1)
        until(self.aws.sagemaker, job, lambda found: found["LabelCounters"]["TotalLabeled"] == 1)

    def gt(self, *arguments: str, name: str = "") -> None:
        self.story.said[name or arguments[0]] = self.project.gt(*arguments)

    def look(self, name: str) -> None:
        self.story.views[name] = view(self.aws)


def view(aws: Clients) -> View:
    stacks: Any = aws.cloudformation.describe_stacks()["Stacks"]
    s3 = aws.s3
    host = outputs(aws, "GroundTruth-local-Storage")["OutputBucketName"]
    listed = s3.list_objects_v2(Bucket=host)["Contents"]
    return View(
        stacks={
            stack["StackName"]: {tag["Key"]: tag["Value"] for tag in stack.get("Tags", [])}
            for stack in stacks
            if stack["StackStatus"] != "DELETE_COMPLETE"
        },
        teams=sorted(team["WorkteamName"] for team in aws.sagemaker.list_workteams()["Workteams"]),
        workforces=[w["WorkforceName"] for w in aws.sagemaker.list_workforces()["Workforces"]],
        running=running(aws, "gt-"),
        buckets=sorted(bucket["Name"] for bucket in s3.list_buckets()["Buckets"]),
        labels={item["Key"]: item["ETag"] for item in listed},
    )


def running(aws: Clients, name: str) -> list[str]:
    listed = aws.sagemaker.list_labeling_jobs(NameContains=name, StatusEquals="InProgress")
    return sorted(job["LabelingJobName"] for job in listed["LabelingJobSummaryList"])


@pytest.fixture(scope="module")
def story(
    server: LocalAws, aws: Clients, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    project = little_project(tmp_path_factory.mktemp("ephemeral"), server, campaigns=("moods",))
    try:
        yield Teller(project=project, aws=aws).tell()
    finally:
        for environment in (ENVIRONMENT, LATER, "local"):
            with suppress(Exception):
                project.gt("destroy", "--env", environment, "--yes", "--running-jobs")


def test_it_shares_the_workforce_and_nothing_else(story: Story) -> None:
    before = story.views["before"]
    assert before.workforces == ["ground-truth"]
    assert before.teams == ["local-labelers", "pr-17-labelers"]
    assert len(before.running) == 2
    expires = {
        stack: tags.get("ground-truth:expires")
        for stack, tags in before.stacks.items()
        if stack.startswith("GroundTruth-pr-17-")
    }
    yesterday = f"{datetime.now(UTC).date() - timedelta(days=1)}"
    assert expires == {
        f"GroundTruth-pr-17-{part}": yesterday for part in ("Storage", "Team", "Labeling-moods")
    }
    assert "ground-truth:expires" not in before.stacks["GroundTruth-local-Storage"]


def test_every_look_at_it_works(story: Story) -> None:
    status, doctor, diff = (story.said[name] for name in ("status", "doctor", "diff"))
    assert status.returncode == 0, status.stderr
    assert "moods" in status.stdout
    assert doctor.returncode == 0, doctor.stdout + doctor.stderr
    assert diff.returncode == 0, diff.stderr
    # a stack's tags are no part of its template
    assert "expires" not in diff.stdout


def test_without_remove_it_is_only_named(story: Story) -> None:
    said = story.said["sweep"]
    assert said.returncode == 1
    assert said.stdout.splitlines()[0].startswith("pr-17: expired, its last day was ")
    assert said.stdout.splitlines()[1:] == ["pr-18: until 2999-12-31"]
    assert story.views["sweep"] == story.views["before"]


def test_job_with_answers_keeps_it_until_the_file_says_otherwise(story: Story) -> None:
    said = story.said["refused"]
    assert said.returncode == 1
    assert "people have answered, and its jobs run" in said.stdout
    assert story.views["refused"] == story.views["before"]


def test_sweep_removes_exactly_what_expired(story: Story) -> None:
    said, before, after = story.said["removed"], story.views["before"], story.views["removed"]
    assert said.returncode == 0, said.stdout + said.stderr
    assert after.of(ENVIRONMENT) == ([], [], [], [])
    for other in ("local", LATER):
        assert after.of(other) == before.of(other)
    assert after.workforces == before.workforces
    assert after.labels == before.labels
    assert before.stacks.items() >= after.stacks.items()
    assert story.said["proof"].returncode == 0, story.said["proof"].stdout
    assert story.said["again"].returncode == 0


def test_its_labels_are_exported_first(story: Story) -> None:
    answers = [path for path in story.exported if "/worker-response/" in path]
    manifests = [path for path in story.exported if path.endswith("output.manifest")]
    assert len(answers) == 1
    assert len(manifests) == 1
    assert len(Path(manifests[0]).read_text(encoding="utf-8").splitlines()) >= 1
