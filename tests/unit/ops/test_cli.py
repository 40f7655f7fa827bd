from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from ground_truth_ops import cli, destroy_command
from ground_truth_ops.demo.loop import Options
from ground_truth_ops.deployment import Deployment, find_deployment
from ground_truth_ops.destroy import Kept, Plan
from ground_truth_ops.errors import OpsError
from ground_truth_ops.export import Export, ExportedFile
from ground_truth_ops.inventory import Resource
from ground_truth_ops.protection import Protection
from ground_truth_ops.retained import Storage
from ground_truth_ops.status import CampaignStatus, EnvironmentStatus
from ground_truth_ops.sweep import Swept
from tests.unit.ops.conftest import job
from tests.unit.ops.fakes import FakeCloudFormation, client_error

STORAGE = "GroundTruth-dev-Storage"


@pytest.fixture(autouse=True)
def cloudformation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeCloudFormation:
    """Every command finds environment dev with an empty account."""
    found = FakeCloudFormation()
    target = SimpleNamespace(
        environment="dev",
        project=SimpleNamespace(root=tmp_path, campaigns=[SimpleNamespace(name="pets")]),
        max_failed_percent=20.0,
        clients=SimpleNamespace(cloudformation=found, s3=None, sagemaker=None),
        variables={},
    )
    for module in (cli, destroy_command):
        monkeypatch.setattr(module, "project_root", lambda: tmp_path)
        monkeypatch.setattr(module, "target_of", lambda _root, _environment: target)
    return found


def patch(monkeypatch: pytest.MonkeyPatch, name: str, answer: Any, module: Any = cli) -> None:
    """The function of the command module answers, or raises."""

    def call(*_arguments: object, **_options: object) -> Any:
        if isinstance(answer, BaseException):
            raise answer
        return answer

    monkeypatch.setattr(module, name, call)


def status(*campaigns: CampaignStatus) -> EnvironmentStatus:
    return EnvironmentStatus(
        environment="dev", region="eu-west-1", portal_url=None, campaigns=campaigns
    )


def test_status_prints_json_for_programs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    patch(monkeypatch, "read_status", status())
    assert cli.main(["status", "--env", "dev", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "environment": "dev",
        "region": "eu-west-1",
        "portal_url": None,
        "campaigns": [],
    }


def test_status_prints_a_table_for_people(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    item = CampaignStatus(campaign="digits", stack=None, job=job(status="Completed"))
    patch(monkeypatch, "read_status", status(item))
    assert cli.main(["status", "--env", "dev"]) == 0
    assert "digits" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("ended", "code"),
    [
        ({"status": "Completed"}, 0),
        ({"status": "Completed", "labeled": 8, "failed": 2, "unlabeled": 0}, 0),
        ({"status": "Completed", "labeled": 7, "failed": 3, "unlabeled": 0}, 1),
        ({"status": "Stopped"}, 1),
        ({"status": "Failed"}, 1),
    ],
)
def test_wait_succeeds_when_no_more_objects_failed_than_are_allowed(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ended: dict[str, Any],
    code: int,
) -> None:
    over = job(**ended)
    patch(monkeypatch, "read_status", status())
    patch(monkeypatch, "wait_until_finished", (over,))

    assert cli.main(["wait", "--env", "dev"]) == code
    said = " ".join(capsys.readouterr().out.split())
    assert ("objects without a label" in said) is bool(over.failed)
    if over.failed:
        assert (
            f"{over.failed} of 10 objects without a label ({over.failed}0.0 %, allowed 20 %)"
            in said
        )


@pytest.mark.parametrize(
    "error",
    [
        OpsError("what is wrong [/etc]", details=("the last line [bold]",)),
        client_error("not authorized", "AccessDenied"),
    ],
)
def test_refusals_are_printed_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    patch(monkeypatch, "read_status", error)
    assert cli.main(["status", "--env", "dev"]) == 1
    text = capsys.readouterr().err
    assert text.startswith("error: ")
    assert "Traceback" not in text
    if isinstance(error, OpsError):
        assert text == "error: what is wrong [/etc]\n  the last line [bold]\n"


def test_interrupt_has_the_shells_own_code(monkeypatch: pytest.MonkeyPatch) -> None:
    patch(monkeypatch, "read_status", KeyboardInterrupt())
    assert cli.main(["status", "--env", "dev"]) == 130


def test_export_needs_a_storage_stack(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["export", "--env", "dev"]) == 1
    assert "no Storage stack" in capsys.readouterr().err


def test_export_says_what_came_and_how_to_check_it(
    cloudformation: FakeCloudFormation,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cloudformation.add(STORAGE, outputs={"OutputBucketName": "labels"})
    file = ExportedFile(key="a/labels/j/manifests/output/output.manifest", size=1, sha256="0")
    moment = datetime(2026, 11, 21, tzinfo=UTC)
    export = Export(bucket="labels", folder=Path("out"), moment=moment, files=(file,))
    patch(monkeypatch, "export_bucket", export)
    patch(monkeypatch, "write_training", 7)
    assert cli.main(["export", "--env", "dev", "--to", "out"]) == 0
    text = capsys.readouterr().out.replace("\n", " ")
    assert "1 files (1 with labels) of labels are in out" in text
    assert "pets: 7 objects in training.manifest" in text
    # what can't be read later doesn't unmake an export
    patch(monkeypatch, "write_training", OpsError("x.json is broken"))
    assert cli.main(["export", "--env", "dev", "--to", "out"]) == 0
    assert "pets: no training.manifest: x.json is broken" in capsys.readouterr().out


DESTROY = ("destroy", "--env", "dev", "--running-jobs")


def plan(*kept: Kept) -> Plan:
    cloudformation: Any = FakeCloudFormation()
    cloudformation.add(STORAGE)
    found = find_deployment(cloudformation, "dev")
    return Plan(
        deployment=found,
        running=(job(name="gt-dev-digits-1"),),
        output_bucket="labels",
        kept=kept,
        protection=Protection(environment="dev"),
    )


def test_destroy_asks_nobody_who_is_not_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    patch(monkeypatch, "make_plan", plan(), destroy_command)
    patch(monkeypatch, "tear_down", AssertionError("touched"), destroy_command)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: False))
    assert cli.main([*DESTROY]) == 1
    shown = capsys.readouterr()
    assert "running job gt-dev-digits-1 is stopped at 3 of 10 labeled" in shown.out
    assert "exported before it is removed: labels" in shown.out
    assert "say --yes" in shown.err


def test_destroy_refuses_while_a_job_runs_also_when_nobody_is_to_be_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    patch(monkeypatch, "make_plan", plan(), destroy_command)
    patch(monkeypatch, "tear_down", AssertionError("touched"), destroy_command)
    assert cli.main(["destroy", "--env", "dev", "--yes"]) == 1
    shown = " ".join(capsys.readouterr().err.split())
    assert "job gt-dev-digits-1 is InProgress with 3 of 10 labeled" in shown
    assert "say --running-jobs to stop them" in shown


def test_destroy_refuses_an_archive_that_is_no_place_before_it_looks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    patch(monkeypatch, "make_plan", AssertionError("looked"), destroy_command)
    assert cli.main([*DESTROY, "--archive", "labels/here"]) == 1
    assert "expected s3://bucket/prefix" in capsys.readouterr().err


@pytest.mark.parametrize("asked", [False, True])
def test_destroy_tells_the_plan_whether_protection_is_meant_to_be_lifted(
    monkeypatch: pytest.MonkeyPatch, asked: bool
) -> None:
    seen: list[bool] = []

    def make(_target: object, *, protected: bool) -> Plan:
        seen.append(protected)
        return plan()

    monkeypatch.setattr(destroy_command, "make_plan", make)
    patch(monkeypatch, "tear_down", None, destroy_command)
    assert cli.main([*DESTROY, "--yes", *(["--protected"] if asked else [])]) == 0
    assert seen == [asked]


@pytest.mark.parametrize(("typed", "code"), [("dev", 0), ("prod", 1), ("", 1)])
def test_destroy_goes_on_when_the_environment_was_typed(
    monkeypatch: pytest.MonkeyPatch, typed: str, code: int
) -> None:
    patch(monkeypatch, "make_plan", plan(), destroy_command)
    patch(monkeypatch, "tear_down", None, destroy_command)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr(Console, "input", lambda _self, _prompt: typed)
    assert cli.main([*DESTROY]) == code


def test_destroy_lists_what_is_kept_and_how_labels_go_on_in_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key = Kept(type="AWS::KMS::Key", physical_id="f00d")
    patch(
        monkeypatch,
        "make_plan",
        plan(Kept(type="AWS::S3::Bucket", physical_id="labels"), key),
        destroy_command,
    )
    patch(monkeypatch, "tear_down", None, destroy_command)
    assert cli.main([*DESTROY, "--yes"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("  bucket labels\n  key    f00d\n") == 2
    assert shown.endswith("\n  make adopt ENV=dev BUCKET=labels\n")
    assert max(map(len, shown.splitlines())) <= 80


def test_destroy_says_nothing_of_going_on_where_labels_were_exported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    patch(monkeypatch, "make_plan", plan(), destroy_command)
    patch(monkeypatch, "tear_down", None, destroy_command)
    assert cli.main([*DESTROY, "--yes"]) == 0
    assert capsys.readouterr().out.endswith("environment dev is gone\n")


def test_adopt_says_what_came_back_and_what_comes_next(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    patch(monkeypatch, "adopt", Storage(raw="r", output="o", access_logs="a", key_arn="arn:key"))
    assert cli.main(["adopt", "--env", "dev"]) == 0
    assert capsys.readouterr().out == (
        "dev has its buckets back:\n  bucket r\n  bucket o\n  bucket a\n  key    arn:key\n"
        "now: make deploy ENV=dev\n"
    )


def test_destroy_of_nothing_is_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = Deployment(environment="dev", stacks=(), others=())
    nothing = Protection(environment="dev")
    found = Plan(deployment=empty, running=(), output_bucket=None, kept=(), protection=nothing)
    patch(monkeypatch, "make_plan", found, destroy_command)
    assert cli.main([*DESTROY]) == 0
    assert "nothing to do" in capsys.readouterr().out


BUCKET = Resource(kind="bucket", name="labels")
KEY = Resource(kind="key", name="f00d", going="until 2026-12-25")


@pytest.mark.parametrize(
    ("found", "code", "said"),
    [
        ({}, 0, "nothing of dev is left; looked at buckets\n"),
        ({"left": (BUCKET,)}, 1, "1 left of dev:\n  bucket: labels\n"),
        (
            {"kept": (BUCKET,), "going": (KEY,)},
            0,
            "nothing of dev is left; looked at buckets\n  kept on purpose: bucket labels\n"
            "  deleted, there until 2026-12-25: key f00d\n",
        ),
    ],
)
def test_sweep_is_wrong_when_anything_is_left(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    found: dict[str, tuple[Resource, ...]],
    code: int,
    said: str,
) -> None:
    values: dict[str, Any] = {"left": (), **found}
    patch(monkeypatch, "sweep_target", Swept(checked=(("buckets", 3),), **values))
    assert cli.main(["sweep", "--env", "dev"]) == code
    assert capsys.readouterr().out == said


def test_demo_passes_its_options_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: list[object] = []
    monkeypatch.setattr(
        cli, "run_demo", lambda root, options, _console: seen.extend([root, options])
    )
    assert cli.main(["demo", "--campaign", "all", "--keep", "--seed", "7"]) == 0
    assert seen == [tmp_path, Options(campaign="all", keep=True, seed=7)]


def test_sweep_of_what_is_deployed_asks_for_what_no_stack_has(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    patch(monkeypatch, "sweep_target", AssertionError("the other sweep"))
    patch(monkeypatch, "sweep_deployed", Swept(checked=(("buckets", 3),), left=(BUCKET,)))
    assert cli.main(["sweep", "--env", "dev", "--deployed"]) == 1
    assert "bucket: labels" in capsys.readouterr().out
