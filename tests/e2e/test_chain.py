"""A campaign based on another's labels, deployed: refused while people are at it, then begun."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.people import Worker, ended, first_label, until
from tests.e2e.project import LittleProject, edit, little_project
from tests.permissions.answers import listening
from tests.permissions.bench import Bench
from tests.permissions.examiner import Examiner, Findings
from tests.permissions.needed import CHAINED

if TYPE_CHECKING:
    from pathlib import Path

    from ground_truth_local.workers.sight import Seen
    from ground_truth_ops.aws import Clients
    from ground_truth_ops.demo.server import LocalAws

pytestmark = pytest.mark.slow

STACK = "GroundTruth-local-Labeling-praise"
FIRST, SECOND = "gt-local-feelings", "gt-local-praise"
ANSWERS = ["positive", "negative", "no such feeling", "positive"]
CAMPAIGN = """\
title = "How strong is the praise?"
description = "Read a sentence that speaks well of a product and say how strongly."
task = "text-classification-multi-label"
label_attribute = "praise"
workers_per_object = 1
labels = [
  { name = "strong", description = "Delight, superlatives, {{ and }} <exclamations>" },
  { name = "mild", description = "Content, with or without reasons" },
]

[dataset]
based_on = "feelings"
accepted = ["positive"]

[instructions]
header = "How strong is the praise?"
"""


@dataclass
class Told:
    """What was seen along the way."""

    refusal: str = ""
    jobs_then: list[str] = field(default_factory=list)
    positive: list[str] = field(default_factory=list)
    given: list[dict[str, Any]] = field(default_factory=list)
    page: str = ""
    manifest: list[dict[str, Any]] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)


def make_campaigns(root: Path) -> None:
    feelings, praise = root / "campaigns/feelings", root / "campaigns/praise"
    # names of their own: jobs stay in the account, and other tests list theirs
    (root / "campaigns/moods").rename(feelings)
    edit(feelings / "campaign.toml", 'label_attribute = "sentiment"', 'label_attribute = "feeling"')
    shutil.copytree(feelings / "instructions", praise / "instructions")
    (praise / "campaign.toml").write_text(CAMPAIGN, encoding="utf-8")


@pytest.fixture(scope="module")
def told(
    server: LocalAws, aws: Clients, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Told]:
    project = little_project(tmp_path_factory.mktemp("chain"), server, campaigns=("moods",))
    make_campaigns(project.root)
    try:
        yield _tell(project, aws)
    finally:
        project.gt("destroy", "--env", "local", "--yes", "--running-jobs")


def _tell(project: LittleProject, aws: Clients) -> Told:
    told = Told()
    assembly = project.synth("first")
    project.bootstrap(project.permit(assembly))
    told.refusal = project.refused("first", assembly, "--all")
    told.jobs_then = _jobs(aws, SECOND)
    worker = Worker(project.server.portal_url, "ada@example.com")
    (first,) = _jobs(aws, FIRST)
    answers = iter(ANSWERS)
    worker.answer(first, lambda _: next(answers), tasks=len(ANSWERS))
    until(aws.sagemaker, first, ended)
    texts = [paid.subject for paid in worker.ledger]
    told.positive = [
        text for text, label in zip(texts, ANSWERS, strict=True) if label == "positive"
    ]
    project.deploy("second", "GroundTruth/Labeling-praise", "--exclusively")
    (second,) = _jobs(aws, SECOND)
    told.given = _lines(aws, _described(aws, second)["InputConfig"]["DataSource"])

    def look(seen: Seen) -> str:
        told.page += seen.text or ""
        return first_label(seen)

    worker.answer(second, look, tasks=len(told.positive))
    done = until(aws.sagemaker, second, ended)
    told.manifest = _lines(aws, done["LabelingJobOutput"])
    with listening() as ear:
        bench = Bench(aws=aws, ear=ear, person=lambda: worker)
        told.findings = Examiner(bench).examine([STACK], CHAINED)
    return told


def _jobs(aws: Clients, prefix: str) -> list[str]:
    found = aws.sagemaker.list_labeling_jobs(NameContains=prefix)["LabelingJobSummaryList"]
    return [job["LabelingJobName"] for job in found]


def _described(aws: Clients, job: str) -> dict[str, Any]:
    return dict(aws.sagemaker.describe_labeling_job(LabelingJobName=job))


def _lines(aws: Clients, place: Any) -> list[dict[str, Any]]:
    uri = place.get("OutputDatasetS3Uri") or place["S3DataSource"]["ManifestS3Uri"]
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    body = aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    return [json.loads(line) for line in body.splitlines()]


def test_it_is_refused_while_the_other_job_runs_and_nothing_is_made(told: Told) -> None:
    assert "campaign praise is based on campaign feelings, whose job" in told.refusal
    assert "is InProgress (0 of 4 labeled)" in told.refusal
    assert told.jobs_then == []


def test_it_begins_with_the_accepted_objects_and_their_labels(told: Told) -> None:
    assert sorted(line["source"] for line in told.given) == sorted(told.positive)
    assert {line["feeling-metadata"]["class-name"] for line in told.given} == {"positive"}
    assert not any("praise" in line for line in told.given)


def test_labels_of_both_are_in_the_last_manifest(told: Told) -> None:
    assert len(told.manifest) == len(told.positive) == 2
    for line in told.manifest:
        assert line["feeling-metadata"]["class-name"] == "positive"
        assert line["praise-metadata"]["class-map"] == {"0": "strong"}


def test_something_fails_without_each_grant_that_reads_the_other_campaign(told: Told) -> None:
    told.findings.all_shown(CHAINED)


def test_tasks_own_page_shows_the_text(told: Told) -> None:
    for text in told.positive:
        assert text in told.page
