"""Two little campaigns through their whole life: one story, told once, looked at by many tests."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.people import Paid, Worker, ended, first_label, until
from tests.e2e.project import LittleProject, add_failing_sibling, edit, little_project

if TYPE_CHECKING:
    import subprocess

    from ground_truth_ops.aws import Clients
    from ground_truth_ops.demo.server import LocalAws

pytestmark = pytest.mark.slow

DIGITS = "GroundTruth/Labeling-digits"
DIGITS_STACK, MOODS_STACK = "GroundTruth-local-Labeling-digits", "GroundTruth-local-Labeling-moods"
INSTRUCTIONS = "campaigns/digits/instructions/short.html"
CAMPAIGN = "campaigns/digits/campaign.toml"


@dataclass
class Jobs:
    """What the labeling jobs of an environment look like at one moment, oldest first."""

    digits: list[dict[str, Any]]
    moods: list[dict[str, Any]]
    stack_status: str

    def states(self) -> list[str]:
        return [job["LabelingJobStatus"] for job in self.digits]

    def counters(self) -> list[tuple[int, int]]:
        """Labeled and unlabeled objects of each job of the digits."""
        found = (job["LabelCounters"] for job in self.digits)
        return [(each["TotalLabeled"], each["Unlabeled"]) for each in found]


@dataclass
class Story:
    """What was seen after each chapter."""

    status: dict[str, Any] = field(default_factory=dict)
    deployed: Jobs | None = None
    refusal: str = ""
    refused: Jobs | None = None
    rollback: str = ""
    rolled_back: Jobs | None = None
    continued: Jobs | None = None
    completed: Jobs | None = None
    manifest: list[dict[str, Any]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    ledger: list[Paid] = field(default_factory=list)
    quality: dict[str, Any] = field(default_factory=dict)
    anew: dict[str, Any] = field(default_factory=dict)
    anew_offline: dict[str, Any] = field(default_factory=dict)
    export: subprocess.CompletedProcess[str] | None = None
    destroy: subprocess.CompletedProcess[str] | None = None
    destroyed: Jobs | None = None
    exported: dict[str, str] = field(default_factory=dict)
    sweep: subprocess.CompletedProcess[str] | None = None


@dataclass
class Teller:
    """Plays the chapters in order."""

    project: LittleProject
    aws: Clients
    story: Story = field(default_factory=Story)
    people: dict[str, Worker] = field(default_factory=dict)
    others: frozenset[str] = frozenset()

    def tell(self) -> Story:
        # jobs are never deleted, and other stories have campaigns of this name, too
        found = (*self.jobs().digits, *self.jobs().moods)
        self.others = frozenset(job["LabelingJobName"] for job in found)
        self.deploy()
        self.label_some()
        self.change_instructions()
        self.approve_beside_a_failing_sibling()
        self.approve_again()
        self.label_the_rest()
        self.look_back()
        self.export()
        self.destroy()
        return self.story

    def deploy(self) -> None:
        self.project.set_up("first", "--all")
        self.story.deployed = self.jobs()
        self.story.status = json.loads(self.project.gt("status", "--env", "local", "--json").stdout)

    def label_some(self) -> None:
        for name in ("ada", "ben", "cleo"):
            self.people[name] = Worker(self.project.server.portal_url, f"{name}@example.com")
        self.answer("digits", 2, "ada", "ben")
        self.answer("moods", 1, "cleo")
        # a batch is consolidated when nobody has added to it for a while
        self.wait_for("digits", labeled=2)
        self.wait_for("moods", labeled=1)

    def change_instructions(self) -> None:
        path = self.project.root / INSTRUCTIONS
        path.write_text("<p>Choose the digit, whatever its style.</p>\n", encoding="utf-8")
        assembly = self.project.synth("refused")
        self.story.refusal = self.project.refused("refused", assembly, DIGITS, "--exclusively")
        self.story.refused = self.jobs()

    def approve_beside_a_failing_sibling(self) -> None:
        approval = re.search(r'approve = "[0-9a-f]{12}:continue"', self.story.refusal)
        assert approval is not None
        edit(self.project.root / CAMPAIGN, "generation = 1\n", f"generation = 1\n{approval[0]}\n")
        assembly = self.project.synth("rollback")
        add_failing_sibling(assembly, "Labelingdigits")
        self.story.rollback = self.project.refused("rollback", assembly, DIGITS, "--exclusively")
        self.story.rolled_back = self.jobs()
        # not consolidated yet when the approved change stops this job: no answer may be lost
        self.answer("digits", 1, "ada", "ben")

    def approve_again(self) -> None:
        # an approval works once, and the rolled-back update has used it
        edit(self.project.root / CAMPAIGN, "generation = 1\n", "generation = 2\n")
        self.project.deploy("continued", DIGITS, "--exclusively")
        self.story.continued = self.jobs()

    def label_the_rest(self) -> None:
        self.answer("digits", 3, "ada", "ben")
        name = self.jobs().digits[-1]["LabelingJobName"]
        found = until(self.aws.sagemaker, name, ended)
        self.story.completed = self.jobs()
        bucket, _, key = (
            found["LabelingJobOutput"]["OutputDatasetS3Uri"].removeprefix("s3://").partition("/")
        )
        text = self.aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
        self.story.manifest = [json.loads(line) for line in text.splitlines()]
        keys = (
            item["Key"]
            for page in self.aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
            for item in page["Contents"]
        )
        self.story.ledger = [p for name in ("ada", "ben") for p in self.people[name].ledger]
        self.story.answers = [k for k in keys if k.startswith("digits/") and "/worker-resp" in k]

    def look_back(self) -> None:
        self.story.quality = self.gt_json("quality")
        self.story.anew = self.gt_json("reconsolidate")

    def gt_json(self, verb: str, *more: str) -> dict[str, Any]:
        found = self.project.gt(verb, "--env", "local", "--campaign", "digits", "--json", *more)
        assert found.returncode == 0, found.stderr
        answer: dict[str, Any] = json.loads(found.stdout)
        return answer

    def export(self) -> None:
        self.story.export = self.project.gt("export", "--env", "local", "--to", "copy")
        self.story.anew_offline = self.gt_json("reconsolidate", "--from", "copy")

    def destroy(self) -> None:
        self.story.destroy = self.project.gt("destroy", "--env", "local", "--yes", "--running-jobs")
        self.story.destroyed = self.jobs()
        (folder,) = (self.project.root / "export" / "local").iterdir()  # one for each bucket
        self.story.exported = {
            path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        self.story.sweep = self.project.gt("sweep", "--env", "local", "--everything")

    def answer(self, campaign: str, tasks: int, *names: str) -> None:
        job = self.newest(campaign)["LabelingJobName"]
        for name in names:
            assert len(self.people[name].answer(job, first_label, tasks=tasks)) == tasks

    def wait_for(self, campaign: str, *, labeled: int) -> None:
        until(
            self.aws.sagemaker,
            self.newest(campaign)["LabelingJobName"],
            lambda found: found["LabelCounters"]["TotalLabeled"] == labeled,
        )

    def newest(self, campaign: str) -> dict[str, Any]:
        found: list[dict[str, Any]] = getattr(self.jobs(), campaign)
        return found[-1]

    def jobs(self) -> Jobs:
        return Jobs(
            digits=self._jobs("gt-local-digits"),
            moods=self._jobs("gt-local-moods"),
            stack_status=self._stack_status(),
        )

    def _jobs(self, prefix: str) -> list[dict[str, Any]]:
        listed = self.aws.sagemaker.list_labeling_jobs(
            NameContains=prefix, SortBy="CreationTime", SortOrder="Ascending"
        )["LabelingJobSummaryList"]
        return [
            dict(self.aws.sagemaker.describe_labeling_job(LabelingJobName=item["LabelingJobName"]))
            for item in listed
            if item["LabelingJobName"] not in self.others
        ]

    def _stack_status(self) -> str:
        for stack in self.aws.cloudformation.describe_stacks()["Stacks"]:
            if stack["StackName"] == DIGITS_STACK:
                return stack["StackStatus"]
        return "gone"


@pytest.fixture(scope="module")
def story(
    server: LocalAws, aws: Clients, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    project = little_project(tmp_path_factory.mktemp("project"), server)
    teller = Teller(project=project, aws=aws)
    try:
        yield teller.tell()
    finally:
        # a chapter that went wrong must not take the account's one workforce from other tests
        project.gt("destroy", "--env", "local", "--yes", "--running-jobs")


def test_deployment_starts_one_job_for_each_campaign(story: Story) -> None:
    assert story.deployed is not None
    assert [job["LabelingJobStatus"] for job in story.deployed.moods] == ["InProgress"]
    assert story.deployed.states() == ["InProgress"]
    assert story.status["portal_url"].startswith("http://")
    shown = {item["campaign"]: item for item in story.status["campaigns"]}
    assert {name: (item["state"], item["generation"]) for name, item in shown.items()} == {
        "digits": ("InProgress", 1),
        "moods": ("InProgress", 1),
    }


def test_changed_instructions_are_refused_while_people_work(story: Story) -> None:
    assert story.refused is not None
    assert "2 of 6 objects labeled. Nothing was touched." in story.refusal
    assert re.search(r'approve = "[0-9a-f]{12}:restart"', story.refusal)
    assert story.refused.states() == ["InProgress"]
    assert story.refused.stack_status == "UPDATE_ROLLBACK_COMPLETE"


def test_rollback_goes_on_with_the_old_definition_and_every_label(story: Story) -> None:
    assert story.rolled_back is not None
    assert "FailingSibling" in story.rollback
    assert story.rolled_back.stack_status == "UPDATE_ROLLBACK_COMPLETE"
    assert story.rolled_back.states() == ["Stopped", "Stopped", "InProgress"]
    templates = [
        job["HumanTaskConfig"]["UiConfig"]["UiTemplateS3Uri"] for job in story.rolled_back.digits
    ]
    assert templates[0] == templates[2] != templates[1]


def test_approved_continue_keeps_labels_and_asks_only_the_rest(story: Story) -> None:
    assert story.continued is not None
    assert story.continued.stack_status == "UPDATE_COMPLETE"
    assert story.continued.states() == ["Stopped", "Stopped", "Stopped", "InProgress"]


def test_finished_lineage_has_one_label_for_each_object_and_none_bought_twice(
    story: Story,
) -> None:
    assert story.completed is not None
    assert story.completed.states() == ["Stopped", "Stopped", "Stopped", "Completed"]
    names = [job["LabelingJobName"] for job in story.completed.digits]
    makers = [
        line["digit-metadata"]["job-name"].removeprefix("labeling-job/") for line in story.manifest
    ]
    assert makers == [names[0]] * 2 + [names[2]] + [names[3]] * 3
    assert [line["digit"] for line in story.manifest] == [0] * 6
    # two people, six objects: nobody was asked about an object again
    objects = [key.split("/")[2] + key.split("/")[-2] for key in story.answers]
    assert len(objects) == len(set(objects)) == 6


def test_every_answer_was_asked_for_once_and_is_in_the_label_of_its_job(story: Story) -> None:
    asked = [(paid.email, paid.subject) for paid in story.ledger]
    assert len(asked) == len(set(asked)) == 2 * 6
    paid_in = {(paid.subject, paid.job) for paid in story.ledger}
    assert paid_in == {
        (
            line["source-ref"].removeprefix("s3:/"),
            line["digit-metadata"]["job-name"].removeprefix("labeling-job/"),
        )
        for line in story.manifest
    }


def test_quality_tells_who_was_right_about_gold(story: Story) -> None:
    # the last job asked for three objects, two of them gold; everybody says it is a zero
    found = story.quality
    assert (found["objects"], found["answers"], found["gold_objects"]) == (3, 6, 5)
    assert [worker["gold"]["right"] for worker in found["workers"]] == [0, 0]
    assert [worker["gold"]["total"] for worker in found["workers"]] == [2, 2]
    assert all(worker["sub"] for worker in found["workers"])
    assert "@" not in json.dumps(found)


def test_labels_anew_are_of_all_answers_of_the_lineage_and_leave_gold_out(story: Story) -> None:
    assert story.completed is not None
    found = story.anew
    assert found["jobs"][-1] == story.completed.digits[-1]["LabelingJobName"]
    assert (found["answers"], found["workers"], found["labeled"]) == (12, 2, 6)
    assert (found["compared"], found["changed"], found["training"]) == (6, 0, 1)
    assert (found["new"], story.anew_offline["new"]) == (True, False)
    assert story.export is not None
    assert "digits: 1 objects in training.manifest" in story.export.stdout
    # what was written stays in the bucket, and so comes with the last export
    key = "digits/labels/" + found["output_manifest"].partition("/digits/labels/")[2]
    lines = [json.loads(line) for line in story.exported[key].splitlines()]
    assert [line["digit"] for line in lines] == [line["digit"] for line in story.manifest]
    assert [line["source-ref"] for line in lines] == [line["source-ref"] for line in story.manifest]


def test_export_is_complete_and_verifiable(story: Story) -> None:
    assert story.export is not None
    assert (story.export.returncode, story.export.stderr) == (0, "")
    assert "files" in story.export.stdout


def test_destroy_stops_the_running_job_and_exports_its_labels_first(story: Story) -> None:
    assert story.destroy is not None
    assert story.destroyed is not None
    assert (story.destroy.returncode, story.destroy.stderr) == (0, "")
    (moods,) = story.destroyed.moods
    assert moods["LabelingJobStatus"] == "Stopped"
    assert moods["LabelCounters"]["TotalLabeled"] == 1
    manifest = f"moods/labels/{moods['LabelingJobName']}/manifests/output/output.manifest"
    lines = [json.loads(line) for line in story.exported[manifest].splitlines()]
    assert [("sentiment" in line) for line in lines].count(True) == 1
    listed = {line.split("  ")[1] for line in story.exported["SHA256SUMS"].splitlines()}
    assert listed == set(story.exported) - {"SHA256SUMS", "export.json"}


def test_nothing_is_left_after_the_destroy(story: Story) -> None:
    assert story.sweep is not None
    assert story.destroyed is not None
    assert (story.sweep.returncode, story.sweep.stderr) == (0, ""), story.sweep.stdout
    assert story.destroyed.stack_status == "gone"
