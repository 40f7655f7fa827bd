"""Which environments have expired, and what keeps one of them."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from ground_truth_ops import expiry_command
from ground_truth_ops.destroy import DestroyError
from ground_truth_ops.expiry import ExpiryError, Passing, find_passing, refuse_answered
from tests.unit.ops.fakes import FakeCloudFormation

ENVIRONMENT, EXPIRES = "ground-truth:environment", "ground-truth:expires"
PARTS = ("Storage", "Team", "Labeling-digits")
JULY = date(2026, 7, 1)


def stacks(**days: str | None) -> FakeCloudFormation:
    """An environment for each keyword (`pr_17` is pr-17) with its day; None leaves the tag out."""
    cloudformation = FakeCloudFormation()
    for key, day in days.items():
        name = key.replace("_", "-")
        tags = {ENVIRONMENT: name} | ({EXPIRES: day} if day is not None else {})
        for part in PARTS:
            cloudformation.add(f"GroundTruth-{name}-{part}", tags=tags)
    return cloudformation


def found(cloudformation: FakeCloudFormation, **more: Any) -> dict[str, Passing]:
    made: Any = cloudformation
    return {passing.name: passing for passing in find_passing(made, "pr", **more)}


def test_environments_of_the_pattern_are_found_with_their_day() -> None:
    cloudformation = stacks(pr_17="2026-06-30", pr_2="2026-07-01", dev="2026-01-01")
    cloudformation.add("CDKToolkit")
    passing = found(cloudformation)

    assert {name: each.until for name, each in passing.items()} == {
        "pr-17": date(2026, 6, 30),
        "pr-2": date(2026, 7, 1),
    }
    # a day is over when the next has begun
    assert [name for name, each in passing.items() if each.expired(JULY)] == ["pr-17"]
    assert passing["pr-17"].stacks == tuple(f"GroundTruth-pr-17-{part}" for part in sorted(PARTS))


@pytest.mark.parametrize(
    "name",
    [
        "GroundTruth-pr-Storage",
        "GroundTruth-pr-x-Storage",
        "GroundTruth-pr-01-Storage",
        "GroundTruth-apr-1-Storage",
        "GroundTruth-pr-1-Delivery",
        "My-GroundTruth-pr-1-Storage",
    ],
)
def test_other_names_are_nobodys_to_sweep(name: str) -> None:
    cloudformation = FakeCloudFormation()
    cloudformation.add(name, tags={ENVIRONMENT: "pr-1", EXPIRES: "2020-01-01"})
    assert found(cloudformation) == {}


def test_environment_with_a_file_of_its_own_belongs_to_no_pattern() -> None:
    assert found(stacks(pr_1="2020-01-01"), own_files=["pr-1"]) == {}


def test_stack_that_lasts_longer_keeps_the_environment() -> None:
    cloudformation = stacks(pr_17="2026-06-30")
    tags = {ENVIRONMENT: "pr-17", EXPIRES: "2026-07-02"}
    cloudformation.add("GroundTruth-pr-17-Labeling-moods", tags=tags)
    assert not found(cloudformation)["pr-17"].expired(JULY)


@pytest.mark.parametrize("day", [None, "", "soon", "2026-13-01"])
def test_stack_without_a_day_keeps_the_environment(day: str | None) -> None:
    passing = found(stacks(pr_17=day))["pr-17"]
    assert not passing.expired(date.max)
    assert "`make deploy ENV=pr-17` sets one" in passing.doubt


@pytest.mark.parametrize("tags", [{}, {ENVIRONMENT: "pr-18"}, {EXPIRES: "2020-01-01"}])
def test_stack_of_anothers_making_keeps_the_environment(tags: dict[str, str]) -> None:
    cloudformation = stacks(pr_17="2020-01-01")
    cloudformation.add("GroundTruth-pr-17-Labeling-theirs", tags=tags)
    passing = found(cloudformation)["pr-17"]
    assert not passing.expired(date.max)
    assert "GroundTruth-pr-17-Labeling-theirs has no tag" in passing.doubt


# -- running jobs


def job(**changes: Any) -> Any:
    fields = {
        "name": "gt-pr-17-digits-1",
        "status": "InProgress",
        "labeled": 0,
        "total": 6,
        "tags": {"ground-truth:campaign": "digits"},
    }
    return SimpleNamespace(**{**fields, **changes})


class FakeS3:
    def __init__(self, *keys: str) -> None:
        self.keys = keys

    def list_objects_v2(self, *, Bucket: str, Prefix: str, MaxKeys: int) -> dict[str, Any]:
        assert (Bucket, MaxKeys) == ("labels", 1)
        here = [{"Key": key} for key in self.keys if key.startswith(Prefix)]
        return {"Contents": here} if here else {}


def plan(*running: Any, bucket: str | None = "labels") -> Any:
    return SimpleNamespace(
        running=running, output_bucket=bucket, deployment=SimpleNamespace(environment="pr-17")
    )


ANSWER = "digits/labels/gt-pr-17-digits-1/annotations/worker-response/iteration-1/0/a.json"


@pytest.mark.parametrize(
    ("running", "keys", "bucket"),
    [
        (job(labeled=1), (), "labels"),
        (job(), (ANSWER,), "labels"),
        (job(tags={}), (), "labels"),
        (job(), (), None),
    ],
)
def test_answered_job_keeps_the_environment(
    running: Any, keys: tuple[str, ...], bucket: str | None
) -> None:
    clients: Any = SimpleNamespace(s3=FakeS3(*keys))
    with pytest.raises(
        ExpiryError, match=r"set ephemeral\.stop_running_jobs in pr\.toml"
    ) as caught:
        refuse_answered(clients, plan(running, bucket=bucket), "pr.toml")
    assert caught.value.details[0].startswith("job gt-pr-17-digits-1 is InProgress with ")


def test_job_that_nobody_answered_keeps_nothing() -> None:
    clients: Any = SimpleNamespace(s3=FakeS3("digits/labels/another-job/annotations/a.json"))
    refuse_answered(clients, plan(job()), "pr.toml")
    refuse_answered(clients, plan(), "pr.toml")


# -- the command


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeCloudFormation:
    """What is deployed of the pattern, with a removal that only takes the stacks away."""
    (tmp_path / "environments/ephemeral").mkdir(parents=True)
    (tmp_path / "environments/ephemeral/pr.toml").touch()
    today = datetime.now(UTC).date()
    days = [f"{today - timedelta(days=2)}", f"{today - timedelta(days=1)}", f"{today}"]
    cloudformation = stacks(pr_1=days[0], pr_2=days[1], pr_3=days[2])
    target = SimpleNamespace(clients=SimpleNamespace(cloudformation=cloudformation))

    def remove(_root: Path, environment: str, _archive: object, _console: object) -> None:
        if environment == "pr-1":
            raise DestroyError("a stack is changing", details=("wait",))
        for part in PARTS:
            cloudformation.remove(f"GroundTruth-{environment}-{part}")

    monkeypatch.setattr(expiry_command, "project_root", lambda: tmp_path)
    monkeypatch.setattr(expiry_command, "target_of", lambda _root, _name: target)
    monkeypatch.setattr(expiry_command, "_remove", remove)
    return cloudformation


def sweep(*, remove: bool) -> int:
    options = argparse.Namespace(archive=None, remove=remove)
    return expiry_command.sweep_expired(options, Console(width=80))


def environments(cloudformation: FakeCloudFormation) -> set[str]:
    return {name.removeprefix("GroundTruth-")[:4] for name in cloudformation.stacks}


def test_command_names_what_expired_and_touches_nothing(
    account: FakeCloudFormation, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sweep(remove=False) == 1
    assert environments(account) == {"pr-1", "pr-2", "pr-3"}
    first, second, third = capsys.readouterr().out.splitlines()
    assert first.startswith("pr-1: expired, its last day was ")
    assert second.startswith("pr-2: expired, its last day was ")
    assert third.startswith("pr-3: until ")


def test_command_removes_what_expired_and_goes_on_after_one_that_stays(
    account: FakeCloudFormation, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sweep(remove=True) == 1
    assert environments(account) == {"pr-1", "pr-3"}
    assert "pr-1: a stack is changing\n  wait\n" in capsys.readouterr().out


def test_command_is_content_when_nothing_expired(account: FakeCloudFormation) -> None:
    for part in PARTS:
        account.remove(f"GroundTruth-pr-1-{part}")
    assert sweep(remove=True) == 0
    assert environments(account) == {"pr-3"}


def test_day_of_a_deployment_is_the_files(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(expiry_command, "project_root", lambda: Path(__file__).parents[3])
    for name in ("pr-17", "dev"):
        assert expiry_command.expires(argparse.Namespace(env=name), Console()) == 0
    in_a_week = datetime.now(UTC).date() + timedelta(days=7)
    assert capsys.readouterr().out == f"{in_a_week}\n"
