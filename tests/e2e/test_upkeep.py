"""Looking after a deployment: the doctor's lines, and objects that are asked again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from ground_truth_ops.doctor.finding import Finding, Verdict
from ground_truth_ops.doctor.run import examine
from ground_truth_ops.project import target_of
from tests.e2e.ailments import AILMENTS, workforce_of_others
from tests.e2e.people import Worker, ended, first_label, until
from tests.e2e.project import LittleProject, little_project

if TYPE_CHECKING:
    import subprocess

    from ground_truth_ops.aws import Clients
    from ground_truth_ops.demo.server import LocalAws

pytestmark = pytest.mark.slow

DIGITS = "GroundTruth/Labeling-digits"
RELABEL = ("relabel", "--env", "local", "--campaign", "digits")
OBJECTS = 6


@dataclass
class Story:
    """What was seen after each chapter."""

    findings: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    doctor: subprocess.CompletedProcess[str] | None = None
    unreadable: str = ""
    first: dict[str, Any] = field(default_factory=dict)
    too_early: subprocess.CompletedProcess[str] | None = None
    shown: subprocess.CompletedProcess[str] | None = None
    relabel: subprocess.CompletedProcess[str] | None = None
    file_before: str = ""
    file_after: str = ""
    second: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    manifest: list[dict[str, Any]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    nothing: subprocess.CompletedProcess[str] | None = None


@dataclass
class Teller:
    """Plays the chapters in order."""

    project: LittleProject
    aws: Clients
    story: Story = field(default_factory=Story)
    people: dict[str, Worker] = field(default_factory=dict)

    def tell(self) -> Story:
        self.before_anything()
        self.deploy_storage()
        self.hide_an_image()
        self.deploy_campaign()
        self.ail()
        self.label_what_can_be_seen()
        self.show_the_image_again()
        self.relabel()
        self.label_the_rest()
        return self.story

    def before_anything(self) -> None:
        self.project.bootstrap(self.project.permit(self.project.synth("bootstrap")))
        self.examine("nothing")
        with workforce_of_others(self.aws):
            self.examine("nothing, workforce of others")

    def deploy_storage(self) -> None:
        self.project.deploy("storage", "GroundTruth/Storage", "--exclusively")
        self.examine("storage")

    def hide_an_image(self) -> None:
        """Somebody denies one object in the bucket's policy."""
        image = sorted((self.project.root / "campaigns/digits/data").iterdir())[0].name
        self.story.unreadable = f"s3://{self.bucket('RawBucketName')}/digits/{image}"
        arn = f"arn:aws:s3:::{self.story.unreadable.removeprefix('s3://')}"
        self.change_policy(
            add={
                "Sid": "Hidden",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": arn,
            }
        )

    def deploy_campaign(self) -> None:
        self.project.deploy("campaign", DIGITS)
        self.examine("hidden image")

    def ail(self) -> None:
        """Everything that can be made wrong by plain calls, at once, and mended again."""
        ailments = [make(self.aws, self.bucket("RawBucketName")) for make in AILMENTS]
        for ailment in ailments:
            ailment.bring()
        self.examine("ailing")
        self.story.doctor = self.project.gt("doctor", "--env", "local", "--json")
        for ailment in reversed(ailments):
            ailment.mend(self.story.findings["ailing"])
        self.examine("mended")

    def label_what_can_be_seen(self) -> None:
        for name in ("ada", "ben"):
            self.people[name] = Worker(self.project.server.portal_url, f"{name}@example.com")
        self.answer(OBJECTS - 2)
        self.story.too_early = self.project.gt(*RELABEL)
        self.answer(1)
        self.story.first = until(self.aws.sagemaker, self.newest(), ended)

    def show_the_image_again(self) -> None:
        self.examine("failed object")
        self.change_policy(remove="Hidden")

    def relabel(self) -> None:
        path = self.project.root / "campaigns/digits/campaign.toml"
        self.story.file_before = path.read_text(encoding="utf-8")
        self.story.shown = self.project.gt(*RELABEL, "--dry-run")
        assert path.read_text(encoding="utf-8") == self.story.file_before
        self.story.relabel = self.project.gt(*RELABEL)
        self.story.file_after = path.read_text(encoding="utf-8")
        self.project.deploy("again", DIGITS, "--exclusively")
        name = self.newest()
        lines = self.lines(f"digits/inputs/{name}.manifest")
        self.story.asked = [line["source-ref"] for line in lines if "digit" not in line]

    def label_the_rest(self) -> None:
        self.answer(1)
        name = self.newest()
        self.story.second = until(self.aws.sagemaker, name, ended)
        key = f"digits/labels/{name}/manifests/output/output.manifest"
        self.story.manifest = self.lines(key)
        pages = self.aws.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket("OutputBucketName"), Prefix="digits/labels/"
        )
        keys = [item["Key"] for page in pages for item in page["Contents"]]
        self.story.answers = [key for key in keys if "/worker-response/" in key]
        self.story.nothing = self.project.gt(*RELABEL)
        self.examine("done")

    def examine(self, chapter: str) -> None:
        variables = self.project.server.variables
        target = target_of(self.project.root, "local", variables=variables)
        self.story.findings[chapter] = tuple(examine(target))

    def change_policy(self, *, add: dict[str, Any] | None = None, remove: str = "") -> None:
        bucket = self.bucket("RawBucketName")
        policy = json.loads(self.aws.s3.get_bucket_policy(Bucket=bucket)["Policy"])
        kept = [each for each in policy["Statement"] if not remove or each.get("Sid") != remove]
        policy["Statement"] = kept + ([add] if add else [])
        self.aws.s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))

    def answer(self, tasks: int) -> None:
        for person in self.people.values():
            assert len(person.answer(self.newest(), first_label, tasks=tasks)) == tasks

    def newest(self) -> str:
        found = self.aws.sagemaker.list_labeling_jobs(
            NameContains="gt-local-digits", SortBy="CreationTime", SortOrder="Descending"
        )
        return found["LabelingJobSummaryList"][0]["LabelingJobName"]

    def bucket(self, output: str) -> str:
        (stack,) = self.aws.cloudformation.describe_stacks(StackName="GroundTruth-local-Storage")[
            "Stacks"
        ]
        return next(each["OutputValue"] for each in stack["Outputs"] if each["OutputKey"] == output)

    def lines(self, key: str) -> list[dict[str, Any]]:
        body = self.aws.s3.get_object(Bucket=self.bucket("OutputBucketName"), Key=key)["Body"]
        return [json.loads(line) for line in body.read().decode().splitlines()]


@pytest.fixture(scope="module")
def story(
    server: LocalAws, aws: Clients, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    project = little_project(tmp_path_factory.mktemp("project"), server)
    teller = Teller(project=project, aws=aws)
    try:
        yield teller.tell()
    finally:
        # other tests need the account's one workforce
        project.gt("destroy", "--env", "local", "--yes", "--running-jobs")


def found(story: Story, chapter: str, check: str) -> list[Finding]:
    return [finding for finding in story.findings[chapter] if finding.check == check]


def problems(story: Story, chapter: str, *, jobs: bool = True) -> list[Finding]:
    """With `jobs` those of the running job, too: the hidden image fails at a moment of its own."""
    found = [each for each in story.findings[chapter] if each.verdict is Verdict.PROBLEM]
    return [each for each in found if jobs or each.check != "job"]


def test_doctor_finds_nothing_wrong_before_anything_is_deployed(story: Story) -> None:
    assert problems(story, "nothing") == []
    (stacks,) = found(story, "nothing", "stacks")
    assert stacks.text == "nothing of local is deployed"


def test_doctor_names_the_maker_of_a_workforce_that_is_in_the_way(story: Story) -> None:
    (workforce,) = problems(story, "nothing, workforce of others")
    assert workforce.check == "workforce"
    assert workforce.text.startswith("others belongs to stack Their-Stack, pool us-east-1_")


def test_doctor_works_half_deployed(story: Story) -> None:
    assert problems(story, "storage") == []
    (cors,) = found(story, "storage", "cors")
    assert cors.verdict is Verdict.OK


def test_doctor_sees_that_the_role_may_not_read_an_object(story: Story) -> None:
    (reading,) = problems(story, "hidden image", jobs=False)
    assert reading.check == "reading"
    assert f"may not read {story.unreadable}" in reading.text
    assert "denies it (statement Hidden)" in reading.text


def test_doctor_finds_every_ailment_and_each_is_gone_when_mended(story: Story) -> None:
    texts = [f"{each.check}: {each.text}" for each in problems(story, "ailing", jobs=False)]
    expected = [pattern for make in AILMENTS for pattern in make.lines]
    for pattern in expected:
        assert any(re.search(pattern, text) for text in texts), (pattern, texts)
    # the image is still hidden, and nothing else is wrong
    assert len(texts) == len(expected) + 1, texts
    assert [each.check for each in problems(story, "mended", jobs=False)] == ["reading"]
    assert all(each.fix or each.run for each in problems(story, "ailing"))


def test_doctor_has_an_exit_code_and_json_for_pipelines(story: Story) -> None:
    assert story.doctor is not None
    assert (story.doctor.returncode, story.doctor.stderr) == (1, "")
    document = json.loads(story.doctor.stdout)
    assert document["problems"] == len(problems(story, "ailing"))


def test_doctor_leads_from_a_failed_object_to_relabel(story: Story) -> None:
    (job,) = [each for each in problems(story, "failed object") if each.check == "job"]
    assert job.run == "make relabel ENV=local CAMPAIGN=digits"
    assert problems(story, "done") == []


def test_relabel_waits_for_a_running_job(story: Story) -> None:
    assert story.too_early is not None
    assert story.too_early.returncode == 1
    assert "is InProgress with" in story.too_early.stderr


def test_job_with_an_unreadable_object_completes_with_a_failed_one(story: Story) -> None:
    assert story.first["LabelingJobStatus"] == "Completed"
    assert story.first["LabelCounters"]["FailedNonRetryableError"] == 1


def test_relabel_names_the_object_and_the_reason_and_edits_one_line(story: Story) -> None:
    assert story.relabel is not None
    assert story.shown is not None
    assert (story.relabel.returncode, story.relabel.stderr) == (0, "")
    assert f"  {story.unreadable}\n" in story.relabel.stdout
    assert "1 object: failed: ClientError: " in story.relabel.stdout
    assert "asks for 1 object, 2 people each: up to 2 answers to pay" in story.relabel.stdout
    assert "-generation = 1\n+generation = 2\n" in story.relabel.stdout
    assert story.file_after == story.file_before.replace("generation = 1\n", "generation = 2\n")
    assert "nothing was written" in story.shown.stdout


def test_next_deployment_asks_for_exactly_what_was_shown(story: Story) -> None:
    assert story.asked == [story.unreadable]


def test_every_object_ends_with_one_label_and_nobody_is_asked_twice(story: Story) -> None:
    counters = story.second["LabelCounters"]
    assert story.second["LabelingJobStatus"] == "Completed"
    assert (counters["TotalLabeled"], counters["FailedNonRetryableError"]) == (OBJECTS, 0)
    assert len({line["source-ref"] for line in story.manifest}) == OBJECTS
    assert [line["digit"] for line in story.manifest] == [0] * OBJECTS
    makers = [line["digit-metadata"]["job-name"].rpartition("/")[2] for line in story.manifest]
    names = story.first["LabelingJobName"], story.second["LabelingJobName"]
    assert [names.index(maker) for maker in makers] == [1, 0, 0, 0, 0, 0]
    # one file for each object a job has asked people about
    assert len(story.answers) == OBJECTS


def test_relabel_leaves_the_file_when_nothing_is_left(story: Story) -> None:
    assert story.nothing is not None
    assert (story.nothing.returncode, story.nothing.stderr) == (0, "")
    assert "nothing to ask again" in story.nothing.stdout
