"""The story of a campaign in an environment of prod's kind, told once.

An approved change, a stop by hand, expiry and new objects, destroy, and a deployment that takes
the kept buckets over.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from tests.e2e.kept import settings_of
from tests.e2e.people import Paid, Worker, ended, until
from tests.e2e.project import ROOT, LittleProject, edit, little_project

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from ground_truth_local.workers.sight import Seen
    from ground_truth_ops.aws import Clients
    from ground_truth_ops.demo.server import LocalAws
    from tests.e2e.clock import Clock

MOODS, STORAGE = "GroundTruth/Labeling-moods", "GroundTruth-prod-Storage"
ENVIRONMENT = "environments/prod.toml"
CAMPAIGN = "campaigns/moods/campaign.toml"
MANIFEST = "campaigns/moods/manifest.jsonl"
INSTRUCTIONS = "campaigns/moods/instructions/short.html"
# what local AWS can't do; key, retention and protection are prod's own
HERE = (
    ('runtime = "python3.14"', 'runtime = "host"'),
    ('architecture = "arm64"', 'architecture = "host"'),
    ('portal_scheme = "https"', 'portal_scheme = "http"'),
    ('mfa = "required"', 'mfa = "off"'),
)
BUCKETS = ("RawBucketName", "OutputBucketName", "AccessLogBucketName")
LABELS = ["positive", "negative", "neutral"]
OBJECTS, NEW_OBJECTS = 12, 2
MONTH_SECONDS = 31 * 24 * 3600
IDLE_SECONDS = 30  # after which a batch of answers is consolidated


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A job that has just begun: its name, the objects it was given, those labeled already."""

    name: str
    objects: set[str]
    carried: set[str]


@dataclass
class Story:
    """What was seen after each chapter."""

    refusal: str = ""
    jobs: dict[str, Asked] = field(default_factory=dict)
    ends: dict[str, str] = field(default_factory=dict)
    commands: dict[str, subprocess.CompletedProcess[str]] = field(default_factory=dict)
    storage: dict[str, str] = field(default_factory=dict)
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    kept: dict[str, set[str]] = field(default_factory=dict)
    read: dict[str, Any] = field(default_factory=dict)
    storage_again: dict[str, str] = field(default_factory=dict)
    manifest: list[dict[str, Any]] = field(default_factory=list)
    ledger: list[Paid] = field(default_factory=list)


@dataclass
class Teller:
    """Plays the chapters in order."""

    project: LittleProject
    aws: Clients
    clock: Clock
    story: Story = field(default_factory=Story)
    people: list[Worker] = field(default_factory=list)

    def tell(self) -> Story:
        self.deploy()
        self.label(OBJECTS // 2)
        self.change_the_instructions()
        self.label(1)
        self.stop_by_hand()
        self.label(1)
        self.expire_with_new_objects()
        self.label(1)
        self.destroy()
        self.deploy_again()
        self.label_the_rest()
        return self.story

    def deploy(self) -> None:
        server = self.project.server
        self.project.set_up("first", "--all")
        self.begun("first")
        self.story.storage = self.outputs(STORAGE)
        self.story.settings["deployed"] = self.settings()
        self.people = [Worker(server.portal_url, "ada@example.com")]

    def change_the_instructions(self) -> None:
        path = self.project.root / INSTRUCTIONS
        path.write_text("<p>Say what the sentence feels like.</p>\n", encoding="utf-8")
        assembly = self.project.synth("refused")
        self.story.refusal = self.project.refused("refused", assembly, MOODS, "--exclusively")
        approval = re.search(r'approve = "[0-9a-f]{12}:continue"', self.story.refusal)
        assert approval is not None, self.story.refusal
        self.edit(CAMPAIGN, "generation = 1\n", f"generation = 1\n{approval[0]}\n")
        self.deploy_campaign("continued")

    def stop_by_hand(self) -> None:
        self.aws.sagemaker.stop_labeling_job(LabelingJobName=self.newest)
        self.wait_for_the_end()
        self.edit(CAMPAIGN, "generation = 1\n", "generation = 2\n")
        self.deploy_campaign("raised")

    def expire_with_new_objects(self) -> None:
        self.clock.move(MONTH_SECONDS)
        self.wait_for_the_end()
        new = "".join(
            json.dumps({"source": f"sentence {number} came later."}) + "\n"
            for number in range(NEW_OBJECTS)
        )
        path = self.project.root / MANIFEST
        path.write_text(path.read_text(encoding="utf-8") + new, encoding="utf-8")
        self.edit(CAMPAIGN, "revision = 1\n", "revision = 2\n")
        self.deploy_campaign("revised")

    def destroy(self) -> None:
        self.command("protected", "destroy", "--yes")
        lift_protection(self.project)
        self.command("destroy", "destroy", "--yes", "--running-jobs")
        self.wait_for_the_end()
        self.command("sweep", "sweep")
        self.command("forgotten", "adopt", "--check")
        self.story.settings["kept"] = self.settings()
        self.story.kept = {
            "buckets": {item["Name"] for item in self.aws.s3.list_buckets()["Buckets"]},
            "keys": {
                key["Arn"]
                for item in self.aws.kms.list_keys()["Keys"]
                if (key := self.aws.kms.describe_key(KeyId=item["KeyId"])["KeyMetadata"])
                and (key["KeyState"], key["KeyManager"]) == ("Enabled", "CUSTOMER")
            },
        }
        self.story.read = dict(
            self.aws.s3.get_object(
                Bucket=self.story.storage["OutputBucketName"], Key="moods/lineage.json"
            )
        )
        self.story.read["Body"] = self.story.read["Body"].read()

    def deploy_again(self) -> None:
        self.command("adopt", "adopt")
        self.project.deploy("again", "--all")
        self.begun("again")
        self.story.storage_again = self.outputs(STORAGE)
        self.story.settings["taken over"] = self.settings()
        # the user pool has gone with its stack: another ada
        self.people.append(Worker(self.project.server.portal_url, "ada@example.com"))

    def label_the_rest(self) -> None:
        job = self.story.jobs["again"]
        self.answer(len(job.objects - job.carried))
        found = self.wait_for_the_end()
        self.story.manifest = self.lines(found["LabelingJobOutput"]["OutputDatasetS3Uri"])
        self.story.ledger = [paid for worker in self.people for paid in worker.ledger]

    def label(self, count: int) -> None:
        self.answer(count)
        labeled = count + len(self.asked.carried)
        self.clock.move(IDLE_SECONDS)
        until(
            self.aws.sagemaker,
            self.newest,
            lambda found: found["LabelCounters"]["TotalLabeled"] == labeled,
        )

    def answer(self, count: int) -> None:
        self.people[-1].answer(self.newest, mood, tasks=count)

    # -- what is done and looked at again and again

    @property
    def asked(self) -> Asked:
        return list(self.story.jobs.values())[-1]

    @property
    def newest(self) -> str:
        return self.asked.name

    def deploy_campaign(self, chapter: str) -> None:
        self.project.deploy(chapter, MOODS, "--exclusively")
        self.begun(chapter)

    def begun(self, chapter: str) -> None:
        listed = self.aws.sagemaker.list_labeling_jobs(
            NameContains="gt-prod-moods", StatusEquals="InProgress"
        )["LabelingJobSummaryList"]
        (name,) = (item["LabelingJobName"] for item in listed)
        found = self.aws.sagemaker.describe_labeling_job(LabelingJobName=name)
        lines = self.lines(found["InputConfig"]["DataSource"]["S3DataSource"]["ManifestS3Uri"])
        self.story.jobs[chapter] = Asked(
            name=name,
            objects={line["source"] for line in lines},
            carried={line["source"] for line in lines if "sentiment" in line},
        )

    def wait_for_the_end(self) -> dict[str, Any]:
        found = until(self.aws.sagemaker, self.newest, ended)
        self.story.ends[list(self.story.jobs)[-1]] = found["LabelingJobStatus"]
        return found

    def lines(self, uri: str) -> list[dict[str, Any]]:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        text = self.aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
        return [json.loads(line) for line in text.splitlines()]

    def outputs(self, stack: str) -> dict[str, str]:
        (found,) = self.aws.cloudformation.describe_stacks(StackName=stack)["Stacks"]
        return {item["OutputKey"]: item["OutputValue"] for item in found["Outputs"]}

    def settings(self) -> dict[str, Any]:
        return {
            key: settings_of(self.aws, self.story.storage[key], cors=key == "RawBucketName")
            for key in BUCKETS
        }

    def command(self, name: str, verb: str, *options: str) -> None:
        self.story.commands[name] = self.project.gt(verb, "--env", "prod", *options)

    def edit(self, path: str, old: str, new: str) -> None:
        edit(self.project.root / path, old, new)


def mood(seen: Seen) -> str:
    """By the sentence, so that a label that ended up on another one would be seen."""
    return LABELS[sha256(seen.text.encode()).digest()[0] % len(LABELS)]


def prod_like(folder: Path, server: LocalAws) -> LittleProject:
    """One campaign of twelve sentences, one person each, in prod."""
    project = little_project(folder, server, environment="prod")
    for old, new in HERE:
        edit(folder / ENVIRONMENT, old, new)
    shutil.rmtree(folder / "campaigns/digits")
    whole = (ROOT / "campaigns/product-reviews/manifest.jsonl").read_text(encoding="utf-8")
    lines = whole.splitlines(keepends=True)[:OBJECTS]
    (folder / MANIFEST).write_text("".join(lines), encoding="utf-8")
    return project


def lift_protection(project: LittleProject) -> None:
    """As the refusal of `gt destroy` says it."""
    path = project.root / ENVIRONMENT
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("protection = true", "protection = false"), encoding="utf-8")
    project.deploy("lifted", "GroundTruth/Storage", "GroundTruth/Account")
