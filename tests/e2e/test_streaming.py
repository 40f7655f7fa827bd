"""A streaming campaign, deployed: sent to, changed half way, destroyed; nothing is left."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.people import PATIENCE_SECONDS, Worker, first_label, until
from tests.e2e.project import LittleProject, edit, little_project

if TYPE_CHECKING:
    from pathlib import Path

    from ground_truth_ops.aws import Clients
    from ground_truth_ops.demo.server import LocalAws

pytestmark = pytest.mark.slow

JOBS, STACK = "gt-local-arrivals", "GroundTruth-local-Labeling-arrivals"
SENT = [f"Text number {number} that was sent." for number in range(3)]


@dataclass
class Told:
    """What was seen along the way."""

    first: str = ""
    second: str = ""
    queues: list[list[str]] = field(default_factory=list)
    given: list[dict[str, Any]] = field(default_factory=list)
    labeled: dict[str, str] = field(default_factory=dict)
    paid: Counter[str] = field(default_factory=Counter)
    answered: list[str] = field(default_factory=list)
    destroyed: int = -1
    swept: int = -1


def make_campaign(root: Path) -> None:
    arrivals = root / "campaigns/arrivals"
    # a name of its own: jobs stay in the account, and other tests list theirs
    (root / "campaigns/moods").rename(arrivals)
    file = arrivals / "campaign.toml"
    file.write_text(file.read_text(encoding="utf-8") + "\n[streaming]\n", encoding="utf-8")


@pytest.fixture(scope="module")
def told(
    server: LocalAws, aws: Clients, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Told]:
    project = little_project(tmp_path_factory.mktemp("stream"), server, campaigns=("moods",))
    make_campaign(project.root)
    try:
        yield Teller(project, aws).tell()
    finally:
        project.gt("destroy", "--env", "local", "--yes", "--running-jobs")


@dataclass
class Teller:
    """Plays the chapters in order."""

    project: LittleProject
    aws: Clients
    told: Told = field(default_factory=Told)

    def tell(self) -> Told:
        told = self.told
        self.project.set_up("first", "--all")
        outputs = self.aws.cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"]
        self.topic = {o["OutputKey"]: o["OutputValue"] for o in outputs}["InputTopicArn"]
        (told.first,) = self.jobs()
        ada = Worker(self.project.server.portal_url, "ada@example.com")
        for text in SENT[:2]:
            self.send(text)
        # the four of the manifest, and one that was sent
        self.until_asked(told.first, 6)
        ada.answer(told.first, first_label, tasks=5)
        until(self.aws.sagemaker, told.first, lambda job: _labeled(job) == 5)
        told.queues.append(self.queues())
        self.change()
        told.second = self.jobs()[-1]
        told.queues.append(self.queues())
        told.given = self.manifest(f"inputs/{told.second}.manifest")
        self.send(SENT[2])
        told.answered = ada.answer(told.second, first_label, tasks=2)
        until(self.aws.sagemaker, told.second, lambda job: _labeled(job) == 7)
        told.paid = Counter(paid.subject for paid in ada.ledger)
        told.destroyed = self.destroy()
        told.queues.append(self.queues())
        for line in self.manifest(f"labels/{told.second}/manifests/output/output.manifest"):
            told.labeled[line["source"]] = line["sentiment-metadata"]["class-name"]
        return told

    def change(self) -> None:
        """Other instructions, whose labels go with the old ones."""
        campaign = self.project.root / "campaigns/arrivals"
        short = campaign / "instructions/short.html"
        short.write_text("<p>Say how it sounds.</p>", encoding="utf-8")
        said = self.project.refused(
            "refused",
            self.project.synth("refused"),
            "GroundTruth/Labeling-arrivals",
            "--exclusively",
        )
        approval = said.partition('approve = "')[2].partition(":")[0]
        edit(
            campaign / "campaign.toml",
            "workers_per_object",
            f'approve = "{approval}:continue"\nworkers_per_object',
        )
        self.project.deploy("second", "GroundTruth/Labeling-arrivals", "--exclusively")

    def destroy(self) -> int:
        """The campaign alone, as somebody who removes its folder does."""
        return self.project.cli(
            "destroy",
            *("destroy", "GroundTruth/Labeling-arrivals", "--exclusively", "--force"),
            *("--app", str(self.project.root / "assemblies/second")),
        ).returncode

    def send(self, text: str) -> None:
        self.aws.sns.publish(TopicArn=self.topic, Message=json.dumps({"source": text}))

    def until_asked(self, job: str, count: int) -> None:
        """Wait until the job knows so many objects, and the intake has written down what came."""

        def known(described: dict[str, Any]) -> bool:
            counters = described["LabelCounters"]
            return bool(counters["TotalLabeled"] + counters["Unlabeled"] == count)

        until(self.aws.sagemaker, job, known)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(self.keys("arrived/")) < len(SENT) - 1:
            assert time.monotonic() < deadline, "the intake wrote nothing"
            time.sleep(0.1)

    def jobs(self) -> list[str]:
        found = self.aws.sagemaker.list_labeling_jobs(
            NameContains=JOBS, SortBy="CreationTime", SortOrder="Ascending"
        )
        return [job["LabelingJobName"] for job in found["LabelingJobSummaryList"]]

    def queues(self) -> list[str]:
        urls = self.aws.sqs.list_queues(QueueNamePrefix="GroundTruth-").get("QueueUrls", [])
        return sorted(url.rpartition("/")[2] for url in urls if JOBS in url)

    def keys(self, folder: str) -> list[str]:
        found = self.aws.s3.list_objects_v2(Bucket=self.bucket(), Prefix=f"arrivals/{folder}")
        return [item["Key"] for item in found.get("Contents", [])]

    def manifest(self, path: str) -> list[dict[str, Any]]:
        body = self.aws.s3.get_object(Bucket=self.bucket(), Key=f"arrivals/{path}")["Body"].read()
        return [json.loads(line) for line in body.decode().splitlines()]

    def bucket(self) -> str:
        outputs = self.aws.cloudformation.describe_stacks(StackName="GroundTruth-local-Storage")[
            "Stacks"
        ][0]["Outputs"]
        return {o["OutputKey"]: o["OutputValue"] for o in outputs}["OutputBucketName"]


def _labeled(job: dict[str, Any]) -> int:
    return int(job["LabelCounters"]["TotalLabeled"])


def test_what_is_sent_is_asked_beside_the_dataset(told: Told) -> None:
    assert set(told.paid) >= set(SENT)


def test_next_job_goes_on_with_every_label_and_what_was_sent_without_one(told: Told) -> None:
    labeled = [line for line in told.given if "sentiment" in line]
    left = [line["source"] for line in told.given if "sentiment" not in line]
    assert len(labeled) == 5
    assert left == [SENT[1]]


def test_every_object_is_paid_once(told: Told) -> None:
    assert len(told.paid) == 7
    assert set(told.paid.values()) == {1}


def test_last_manifest_has_a_label_for_each(told: Told) -> None:
    assert set(told.labeled) == set(told.paid)
    assert set(told.labeled.values()) == {"positive"}


@pytest.mark.fault(37, campaign="arrivals")
def test_no_queue_outlives_its_job(told: Told) -> None:
    assert told.destroyed == 0
    assert told.queues == [[f"GroundTruth-{told.first}"], [f"GroundTruth-{told.second}"], []]
