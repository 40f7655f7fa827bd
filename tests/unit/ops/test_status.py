from __future__ import annotations

import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from rich.console import Console

from ground_truth.lifecycle.lineage import Entry, Lineage
from ground_truth.lifecycle.lineage_file import to_bytes
from ground_truth_ops import status as status_module
from ground_truth_ops.deployment import DeployedStack, Deployment, StackKind
from ground_truth_ops.project import Target
from ground_truth_ops.status import (
    CampaignStatus,
    EnvironmentStatus,
    read_status,
    render,
    to_json,
)
from tests.unit.ops.conftest import FakeSageMaker, described_job, job

if TYPE_CHECKING:
    from ground_truth_ops.aws import Clients
    from ground_truth_ops.jobs import Job

PREFIX = "gt-dev-digits"


def stack(**changes: Any) -> DeployedStack:
    values: dict[str, Any] = {
        "name": "GroundTruth-dev-Labeling-digits",
        "stack_id": "stack-id",
        "kind": StackKind.LABELING,
        "campaign": "digits",
        "status": "CREATE_COMPLETE",
        "outputs": {},
        "exports": (),
        "protected": False,
    }
    return DeployedStack(**{**values, **changes})


def completed(*, failed: int) -> Job:
    return job(status="Completed", labeled=100 - failed, failed=failed, unlabeled=0)


def target(sagemaker: FakeSageMaker, *campaigns: str) -> Target:
    settings = SimpleNamespace(monitoring=SimpleNamespace(max_failed_percent=2.0))
    project = SimpleNamespace(
        root=Path(),
        environment=SimpleNamespace(name="dev", settings=settings),
        campaigns=[SimpleNamespace(name=name) for name in campaigns],
    )
    clients = SimpleNamespace(cloudformation=None, sagemaker=sagemaker, region="eu-west-1")
    return Target(project=cast("Any", project), clients=cast("Any", clients), variables={})


def deployed(monkeypatch: pytest.MonkeyPatch, *stacks: DeployedStack) -> None:
    found = Deployment(environment="dev", stacks=stacks, others=())
    monkeypatch.setattr(status_module, "find_deployment", lambda _client, _name: found)
    monkeypatch.setattr(
        status_module, "job_name_prefix", lambda environment, name: f"gt-{environment}-{name}"
    )


def test_shows_campaigns_of_files_and_of_stacks(monkeypatch: pytest.MonkeyPatch) -> None:
    deployed(monkeypatch, stack())
    found = read_status(target(FakeSageMaker(), "reviews"))
    assert found.campaigns == (
        CampaignStatus(campaign="digits", stack=stack(), job=None, max_failed_percent=2.0),
        CampaignStatus(campaign="reviews", stack=None, job=None, max_failed_percent=2.0),
    )
    assert [item.state for item in found.campaigns] == ["no job", "not deployed"]


def test_takes_the_newest_job_of_the_stack_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    deployed(monkeypatch, stack())
    foreign = [{"Key": "ground-truth:owner", "Value": "an earlier stack"}]
    jobs = FakeSageMaker(
        described_job(LabelingJobName=f"{PREFIX}-1", LabelingJobStatus="Stopped"),
        described_job(LabelingJobName=f"{PREFIX}-2", LabelingJobStatus="InProgress"),
        described_job(LabelingJobName=f"{PREFIX}-3", Tags=foreign),
    )
    (found,) = read_status(target(jobs, "digits")).campaigns
    assert found.job is not None
    assert (found.job.name, found.state) == (f"{PREFIX}-2", "InProgress")


def test_tells_of_a_job_that_runs_without_its_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    deployed(monkeypatch)
    jobs = FakeSageMaker(described_job(LabelingJobName=f"{PREFIX}-1"))
    (found,) = read_status(target(jobs, "digits")).campaigns
    assert found.notes == (f"{PREFIX}-1 is running without its stack",)


@pytest.mark.parametrize(
    ("item", "notes"),
    [
        (CampaignStatus(campaign="a", stack=stack(), job=job()), ()),
        (
            CampaignStatus(campaign="a", stack=stack(status="ROLLBACK_COMPLETE"), job=None),
            ("stack GroundTruth-dev-Labeling-digits is ROLLBACK_COMPLETE",),
        ),
        (
            CampaignStatus(
                campaign="a",
                stack=stack(),
                job=job(name="j", status="Failed", failure_reason="no CORS"),
            ),
            ("j: no CORS",),
        ),
        (
            CampaignStatus(
                campaign="a", stack=stack(), job=completed(failed=2), max_failed_percent=2.0
            ),
            ("completed with 2 of 100 objects without a label (2.0 %, allowed 2 %)",),
        ),
        (
            CampaignStatus(
                campaign="a", stack=stack(), job=completed(failed=3), max_failed_percent=2.0
            ),
            (
                "completed with 3 of 100 objects without a label (3.0 %, allowed 2 %)",
                "that is no success; `gt relabel` asks for them again",
            ),
        ),
        (
            CampaignStatus(campaign="a", stack=None, job=job(name="j", status="Completed")),
            ("j is of a removed stack",),
        ),
    ],
)
def test_notes_say_what_the_state_alone_does_not(
    item: CampaignStatus, notes: tuple[str, ...]
) -> None:
    assert item.notes == notes


def environment(*campaigns: CampaignStatus) -> EnvironmentStatus:
    return EnvironmentStatus(
        environment="dev",
        region="eu-west-1",
        portal_url="https://z182d0xam0.labeling.eu-west-1.sagemaker.aws/",
        campaigns=campaigns,
    )


def shown(status: EnvironmentStatus) -> str:
    file = io.StringIO()
    console = Console(file=file, width=80, highlight=False)
    for part in render(status):
        console.print(part)
    return file.getvalue()


def big(status: str) -> Job:
    return job(status=status, labeled=100_000, unlabeled=0, failed=12_345)


def test_longest_values_fit_into_eighty_columns() -> None:
    text = shown(
        environment(
            CampaignStatus(campaign="a" * 40, stack=stack(), job=big("Initializing")),
            CampaignStatus(campaign="b", stack=None, job=None),
        )
    )
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "100000/112345" in text
    assert "12345 " in text
    assert "…" not in text
    assert "portal: https://z182d0xam0.labeling.eu-west-1.sagemaker.aws/" in text


def test_counters_stay_open_until_the_manifest_was_read() -> None:
    fresh = job(labeled=0, unlabeled=0)
    text = shown(environment(CampaignStatus(campaign="digits", stack=stack(), job=fresh)))
    assert "0/0" not in text


def test_json_has_utc_times_and_the_end_only_of_what_still_runs() -> None:
    live = CampaignStatus(campaign="a", stack=stack(), job=job())
    over = CampaignStatus(campaign="b", stack=stack(), job=job(status="Completed"))
    none = CampaignStatus(campaign="c", stack=None, job=None)
    document = json.loads(json.dumps(to_json(environment(live, over, none))))
    shared = {
        "job": job().name,
        "generation": 0,
        "labeled": 3,
        "total": 10,
        "failed": 0,
        "started": "2026-11-01T08:30:00+00:00",
        "output_manifest": job().output_uri,
        "notes": [],
    }
    assert document["campaigns"] == [
        {
            "campaign": "a",
            "state": "InProgress",
            "succeeded": None,
            "ends": "2026-11-11T08:30:00+00:00",
            "ended": None,
            **shared,
        },
        {
            "campaign": "b",
            "state": "Completed",
            "succeeded": True,
            "ends": None,
            "ended": "2026-11-01T09:30:00+00:00",
            **shared,
        },
        {"campaign": "c", "state": "not deployed", "notes": [], "job": None},
    ]


FRESH = {"TotalLabeled": 0, "FailedNonRetryableError": 0, "Unlabeled": 0}


def just_started(monkeypatch: pytest.MonkeyPatch, clients: Clients) -> Target:
    """A job whose counters are still zero, and an empty output bucket."""
    storage = stack(
        name="GroundTruth-dev-Storage",
        kind=StackKind.STORAGE,
        campaign=None,
        outputs={"OutputBucketName": "labels"},
    )
    deployed(monkeypatch, stack(), storage)
    clients.s3.create_bucket(Bucket="labels")
    fresh = described_job(LabelingJobName=f"{PREFIX}-1", LabelCounters=FRESH)
    found = target(FakeSageMaker(fresh), "digits")
    cast("Any", found.clients).s3 = clients.s3
    return found


def test_takes_the_total_from_the_record_while_the_counters_are_zero(
    monkeypatch: pytest.MonkeyPatch, clients: Clients
) -> None:
    asked = just_started(monkeypatch, clients)
    entry = Entry(
        name=f"{PREFIX}-1",
        generation=1,
        request="request",
        owner="stack-id",
        definition={},
        definition_hash="0" * 12,
        wanted_generation=1,
        dataset_revision=1,
        created_at="2026-11-01T08:30:00+00:00",
        objects=250,
    )
    lineage = Lineage(environment="dev", campaign="digits", entries=(entry,))
    clients.s3.put_object(Bucket="labels", Key="digits/lineage.json", Body=to_bytes(lineage))

    found = read_status(asked)

    assert [item.total for item in found.campaigns] == [250]
    assert "0/250" in shown(found)


@pytest.mark.parametrize("record", [None, b"no JSON"])
def test_shows_the_status_without_a_record(
    monkeypatch: pytest.MonkeyPatch, clients: Clients, record: bytes | None
) -> None:
    asked = just_started(monkeypatch, clients)
    if record is not None:
        clients.s3.put_object(Bucket="labels", Key="digits/lineage.json", Body=record)

    assert [(item.state, item.total) for item in read_status(asked).campaigns] == [
        ("InProgress", 0)
    ]
