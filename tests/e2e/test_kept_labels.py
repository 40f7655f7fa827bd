"""A campaign that must not lose a label, whatever happens to its job and its stacks.

One story in an environment of prod's kind: an approved change, a stop by hand, expiry and new
objects, destroy, and a deployment that takes the kept buckets over. A ledger says who answered
which object in which job.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.kept import remove_kept, settings_of
from tests.e2e.people import Paid, Worker, ended, until
from tests.e2e.project import ROOT, LittleProject, edit, little_project

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from ground_truth_local.workers.sight import Seen
    from ground_truth_ops.aws import Clients
    from ground_truth_ops.demo.server import LocalAws
    from tests.e2e.clock import Clock

pytestmark = pytest.mark.slow

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
        self.project.cdk("bootstrap").bootstrap(account=server.account, region=server.region)
        self.project.deploy("first", "--all")
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
        self.command("destroy", "destroy", "--yes")
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


@pytest.fixture(scope="module")
def story(
    server: LocalAws, aws: Clients, clock: Clock, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    project = prod_like(tmp_path_factory.mktemp("prod"), server)
    try:
        yield Teller(project=project, aws=aws, clock=clock).tell()
    finally:
        # the account's one workforce, and an account without leftovers, for other tests
        if project.gt("destroy", "--env", "prod", "--yes").returncode != 0:
            lift_protection(project)
            project.gt("destroy", "--env", "prod", "--yes")
        remove_kept(aws, "groundtruth-prod-")


def test_a_change_at_half_time_is_refused_until_it_is_approved(story: Story) -> None:
    assert f"{OBJECTS // 2} of {OBJECTS} objects labeled. Nothing was touched." in story.refusal


def test_every_job_asks_only_what_no_job_before_it_has_labeled(story: Story) -> None:
    paid: set[str] = set()
    for asked in story.jobs.values():
        assert asked.carried == paid
        paid |= {entry.subject for entry in story.ledger if entry.job == asked.name}
    assert [len(asked.objects) for asked in story.jobs.values()] == [12, 12, 12, 14, 14]
    assert [len(asked.carried) for asked in story.jobs.values()] == [0, 6, 7, 8, 9]


def test_jobs_end_as_they_were_made_to(story: Story) -> None:
    assert story.ends == {
        "continued": "Stopped",
        "raised": "Failed",
        "revised": "Stopped",
        "again": "Completed",
    }


def test_every_label_ever_paid_for_is_in_the_end_and_none_was_bought_twice(story: Story) -> None:
    assert len(story.ledger) == OBJECTS + NEW_OBJECTS
    bought = {
        paid.subject: (f"labeling-job/{paid.job}", LABELS.index(paid.label))
        for paid in story.ledger
    }
    final = {
        line["source"]: (line["sentiment-metadata"]["job-name"], line["sentiment"])
        for line in story.manifest
    }
    assert len(story.manifest) == len(final) == OBJECTS + NEW_OBJECTS
    assert final == bought


def test_a_protected_environment_is_not_destroyed(story: Story) -> None:
    refused = story.commands["protected"]
    assert refused.returncode == 1
    assert "environment prod is protected, and nothing was touched" in refused.stderr
    assert "cdk deploy 'GroundTruth/Storage' 'GroundTruth/Account' -c env=prod" in refused.stderr


def test_destroy_keeps_exactly_the_buckets_and_their_key_and_lists_them(story: Story) -> None:
    destroy = story.commands["destroy"]
    assert (destroy.returncode, destroy.stderr) == (0, "")
    names = {story.storage[key] for key in BUCKETS}
    assert {name for name in story.kept["buckets"] if not name.startswith("cdk-")} == names
    assert story.kept["keys"] == {story.storage["KeyArn"]}
    told = destroy.stdout.partition("environment prod is gone\n")[2]
    for name in (*names, story.storage["KeyArn"].rpartition("/")[2]):
        assert f" {name}\n" in told
    assert told.endswith(f"  make adopt ENV=prod BUCKET={story.storage['OutputBucketName']}\n")


def test_what_is_kept_is_readable_with_its_key(story: Story) -> None:
    assert story.read["SSEKMSKeyId"] == story.storage["KeyArn"]
    assert json.loads(story.read["Body"])["environment"] == "prod"


def test_sweep_finds_nothing_else(story: Story) -> None:
    sweep = story.commands["sweep"]
    assert (sweep.returncode, sweep.stderr) == (0, ""), sweep.stdout
    assert sweep.stdout.count("kept on purpose: ") == 4


def test_a_forgotten_take_over_is_refused_with_the_line_to_say(story: Story) -> None:
    forgotten = story.commands["forgotten"]
    assert forgotten.returncode == 1
    assert f"make adopt ENV=prod BUCKET={story.storage['OutputBucketName']}" in forgotten.stderr


def test_the_new_stack_has_the_kept_buckets_and_their_key(story: Story) -> None:
    adopt = story.commands["adopt"]
    assert (adopt.returncode, adopt.stderr) == (0, "")
    for key in (*BUCKETS, "KeyArn"):
        assert story.storage_again[key] == story.storage[key]


def test_what_the_stack_had_set_on_its_buckets_holds_all_the_time(story: Story) -> None:
    assert story.settings["kept"] == story.settings["deployed"]
    assert story.settings["taken over"] == story.settings["deployed"]
    for found in story.settings["deployed"].values():
        assert found["versioning"]["Status"] == "Enabled"
        assert "aws:SecureTransport" in json.dumps(found["policy"])
