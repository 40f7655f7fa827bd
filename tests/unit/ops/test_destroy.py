from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ground_truth_ops import destroy as destroy_module
from ground_truth_ops.destroy import (
    DestroyError,
    Kept,
    Teardown,
    make_plan,
    refuse_running,
    tear_down,
)
from ground_truth_ops.export import Export, ExportError
from ground_truth_ops.project import Target
from ground_truth_ops.protection import ProtectionError
from tests.unit.ops.conftest import FakeSageMaker, described_job
from tests.unit.ops.fakes import FakeCloudFormation, client_error

DIGITS, TEAM = "GroundTruth-dev-Labeling-digits", "GroundTruth-dev-Team"
STORAGE, ACCOUNT = "GroundTruth-dev-Storage", "GroundTruth-dev-Account"
BUCKET = {"Labels": {"Type": "AWS::S3::Bucket"}}


class Teams(FakeSageMaker):
    """Also lists work teams."""

    def __init__(self, *answers: dict[str, Any], teams: dict[str, str] | None = None) -> None:
        super().__init__(*answers)
        self._teams = teams or {}

    def get_paginator(self, operation: str) -> Any:
        if operation == "list_labeling_jobs":
            return self
        assert operation == "list_workteams"
        rows = [
            {"WorkteamName": name, "WorkforceArn": f"arn:x:workforce/{force}"}
            for name, force in self._teams.items()
        ]
        return SimpleNamespace(paginate=lambda: [{"Workteams": rows}])


@dataclass
class World:
    """An environment in memory; `happened` is what was done to it, in order."""

    cloudformation: FakeCloudFormation
    sagemaker: Teams
    happened: list[str] = field(default_factory=list)
    pools: dict[str, str] = field(default_factory=lambda: {"pool": "INACTIVE"})

    @property
    def target(self) -> Target:
        project = SimpleNamespace(
            root=Path(),
            environment=SimpleNamespace(name="dev"),
            campaigns=[SimpleNamespace(name="digits")],
        )
        clients = SimpleNamespace(
            cloudformation=self.cloudformation,
            sagemaker=self.sagemaker,
            s3=None,
            cognito=SimpleNamespace(describe_user_pool=self._pool),
        )
        return Target(project=cast("Any", project), clients=cast("Any", clients), variables={})

    def _pool(self, *, UserPoolId: str) -> dict[str, Any]:
        if UserPoolId not in self.pools:
            raise client_error("no such pool", "ResourceNotFoundException")
        return {"UserPool": {"DeletionProtection": self.pools[UserPoolId]}}

    def teardown(self, known: dict[str, str]) -> Teardown:
        world = self

        class FakeCdk:
            def synth(self, **options: Any) -> None:
                world.happened.append(f"synth {options['environment']}")

            def destroy(self, assembly: Path, *stacks: str) -> None:
                names = {identifier: name for name, identifier in known.items()}
                for stack in stacks:
                    world.happened.append(f"cdk destroy {stack}")
                    world.cloudformation.remove(names[stack])

        return Teardown(
            target=self.target,
            cdk=cast("Any", FakeCdk()),
            export_to=Path("export"),
            scratch=Path("scratch"),
            assembly=Path("assembly"),
        )


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    cloudformation = FakeCloudFormation()
    cloudformation.add(ACCOUNT, outputs={"WorkforceName": "gt", "UserPoolId": "pool"})
    cloudformation.add(STORAGE, outputs={"OutputBucketName": "labels-physical"}, resources=BUCKET)
    cloudformation.add(TEAM, outputs={"WorkteamName": "dev-labelers"})
    cloudformation.add(DIGITS)
    found = World(
        cloudformation=cloudformation,
        sagemaker=Teams(described_job(), teams={"dev-labelers": "gt", "elsewhere": "other"}),
    )

    def export(
        _s3: object, bucket: str, folder: Path, *, before_mark: Callable[[Export], None]
    ) -> Export:
        found.happened.append(f"export {bucket}")
        moment = datetime(2026, 11, 21, tzinfo=UTC)
        made = Export(bucket=bucket, folder=folder, moment=moment, files=())
        before_mark(made)
        return made

    def wait(_client: object, names: list[str], **_limits: float) -> None:
        found.happened.append(f"wait for {len(names)} jobs")

    monkeypatch.setattr(destroy_module, "export_bucket", export)
    monkeypatch.setattr(destroy_module, "wait_until_finished", wait)
    monkeypatch.setattr(
        destroy_module, "job_name_prefix", lambda environment, name: f"gt-{environment}-{name}"
    )
    return found


IDS = {
    DIGITS: "GroundTruth/Labeling-digits",
    TEAM: "GroundTruth/Team",
    STORAGE: "GroundTruth/Storage",
    ACCOUNT: "GroundTruth/Account",
}


@pytest.fixture(autouse=True)
def assembly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(destroy_module, "stack_ids", lambda _assembly: IDS)


def test_jobs_stop_and_labels_are_exported_before_their_bucket_goes(world: World) -> None:
    plan = make_plan(world.target)
    export = tear_down(world.teardown(IDS), plan)
    assert world.happened == [
        "cdk destroy GroundTruth/Labeling-digits",
        "wait for 1 jobs",
        "export labels-physical",
        "cdk destroy GroundTruth/Team",
        "cdk destroy GroundTruth/Storage",
        "cdk destroy GroundTruth/Account",
    ]
    assert export is not None
    assert world.cloudformation.stacks == {}


def test_nothing_goes_after_an_export_that_was_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object, **_options: object) -> Export:
        raise ExportError("disk full")

    monkeypatch.setattr(destroy_module, "export_bucket", refuse)
    with pytest.raises(ExportError, match="disk full"):
        tear_down(world.teardown(IDS), make_plan(world.target))
    assert sorted(world.cloudformation.stacks) == [ACCOUNT, STORAGE, TEAM]


def test_retained_buckets_are_listed_without_parts_of_others_and_need_no_export(
    world: World,
) -> None:
    kept = {
        "Labels": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "RetainExceptOnCreate"},
        "Policy": {"Type": "AWS::S3::BucketPolicy", "DeletionPolicy": "RetainExceptOnCreate"},
        "Version": {"Type": "AWS::Lambda::Version", "DeletionPolicy": "RetainExceptOnCreate"},
    }
    world.cloudformation.templates[STORAGE] = {"Resources": kept}
    plan = make_plan(world.target)
    assert plan.kept == (Kept(type="AWS::S3::Bucket", physical_id="labels-physical"),)
    assert tear_down(world.teardown(IDS), plan) is None
    assert "export labels-physical" not in world.happened


def test_protected_stacks_are_refused_with_the_way_to_lift_it(world: World) -> None:
    world.cloudformation.stacks[STORAGE]["EnableTerminationProtection"] = True
    with pytest.raises(ProtectionError, match="protected, and nothing was touched") as caught:
        make_plan(world.target)
    assert "environments/dev.toml (storage.termination_protection = false)" in str(caught.value)
    assert caught.value.details == (
        f"stack {STORAGE} (termination protection)",
        "cdk deploy 'GroundTruth/Storage' -c env=dev",
    )


def test_a_protected_pool_is_refused_before_anything_else_goes(world: World) -> None:
    """Termination protection that was lifted by hand leaves the pool's own."""
    world.pools["pool"] = "ACTIVE"
    with pytest.raises(ProtectionError, match=r"workforce\.deletion_protection = false") as caught:
        make_plan(world.target)
    assert caught.value.details == (
        "user pool pool (deletion protection)",
        "cdk deploy 'GroundTruth/Account' -c env=dev",
    )


def test_protection_is_lifted_when_told_and_only_after_the_export(world: World) -> None:
    world.cloudformation.stacks[STORAGE]["EnableTerminationProtection"] = True
    world.pools["pool"] = "ACTIVE"
    pool = {"Type": "AWS::Cognito::UserPool", "Properties": {"DeletionProtection": "ACTIVE"}}
    world.cloudformation.templates[ACCOUNT] = {
        "Resources": {"Pool": pool},
        "Parameters": {"Deployment": {}},
    }
    world.cloudformation.lifted = world.happened

    def updated(stack: str, template: dict[str, Any]) -> None:
        world.happened.append(f"update {stack}")
        properties = template["Resources"]["Pool"]["Properties"]
        world.pools["pool"] = properties["DeletionProtection"]

    world.cloudformation.on_update = updated

    tear_down(world.teardown(IDS), make_plan(world.target, protected=True))

    assert world.happened == [
        "cdk destroy GroundTruth/Labeling-digits",
        "wait for 1 jobs",
        "export labels-physical",
        f"update {ACCOUNT}",
        f"lift {STORAGE}",
        "cdk destroy GroundTruth/Team",
        "cdk destroy GroundTruth/Storage",
        "cdk destroy GroundTruth/Account",
    ]


def test_a_pool_that_stays_protected_stops_before_its_stacks_go(world: World) -> None:
    world.pools["pool"] = "ACTIVE"
    with pytest.raises(ProtectionError, match="user pool pool is still protected"):
        tear_down(world.teardown(IDS), make_plan(world.target, protected=True))
    assert sorted(world.cloudformation.stacks) == [ACCOUNT, STORAGE, TEAM]


def test_running_jobs_are_refused_with_what_they_have(world: World) -> None:
    with pytest.raises(DestroyError, match="nothing was touched") as caught:
        refuse_running(make_plan(world.target))
    name = "gt-dev-digits-00000000-11111111-1-aaaaaa"
    assert caught.value.details == (f"job {name} is InProgress with 3 of 10 labeled",)


def test_labels_are_archived_before_anything_that_holds_them_goes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copy(_s3: object, export: Export, to: str) -> str:
        world.happened.append(f"archive {export.bucket} to {to}")
        return to

    monkeypatch.setattr(destroy_module, "archive", copy)
    teardown = replace(world.teardown(IDS), archive="s3://keep/labels")
    tear_down(teardown, make_plan(world.target))
    assert world.happened[2:5] == [
        "export labels-physical",
        "archive labels-physical to s3://keep/labels",
        "cdk destroy GroundTruth/Team",
    ]


def test_a_pool_that_is_gone_already_protects_nothing(world: World) -> None:
    world.pools.clear()
    assert len(make_plan(world.target).deployment.stacks) == 4


def test_a_stack_that_is_changing_is_waited_for_by_the_person(world: World) -> None:
    world.cloudformation.stacks[DIGITS]["StackStatus"] = "UPDATE_IN_PROGRESS"
    with pytest.raises(DestroyError, match=f"{DIGITS} is UPDATE_IN_PROGRESS: nothing was touched"):
        make_plan(world.target)


def test_a_stack_of_a_change_set_nobody_executed_goes_as_well(world: World) -> None:
    world.cloudformation.stacks[STORAGE]["StackStatus"] = "REVIEW_IN_PROGRESS"
    assert len(make_plan(world.target).deployment.stacks) == 4


@pytest.mark.parametrize(
    "template",
    [
        {"Resources": {"A": {"Fn::GetStackOutput": {"StackName": STORAGE}}}},
        f"Resources:\n  A: !GetStackOutput\n    StackName: {STORAGE}\n",
    ],
)
def test_stacks_that_read_outputs_are_consumers(world: World, template: object) -> None:
    world.cloudformation.add("Reports", template=template)
    with pytest.raises(DestroyError, match="others use what dev would take away") as caught:
        make_plan(world.target)
    assert caught.value.details == (f"stack Reports reads outputs of {STORAGE}",)


def test_a_stack_of_a_longer_name_is_no_consumer(world: World) -> None:
    template = {"A": {"Fn::GetStackOutput": {"StackName": f"{STORAGE}-two"}}}
    world.cloudformation.add("Reports", template=template)
    assert make_plan(world.target).deployment.others == ("Reports",)


def test_imports_and_foreign_teams_are_consumers(world: World) -> None:
    world.cloudformation.add(
        STORAGE,
        outputs={"RawBucketName": "raw"},
        exports={"RawBucketName": "raw-export"},
    )
    world.cloudformation.imports = {"raw-export": ["Reports", DIGITS]}
    world.sagemaker = Teams(teams={"dev-labelers": "gt", "prod-labelers": "gt"})
    with pytest.raises(DestroyError) as caught:
        make_plan(world.target)
    assert caught.value.details == (
        f"stack Reports imports raw-export of {STORAGE}",
        "work team prod-labelers belongs to workforce gt",
    )


def test_a_campaign_without_its_folder_goes_by_cloudformation(world: World) -> None:
    orphan = "GroundTruth-dev-Labeling-old"
    world.cloudformation.add(orphan)
    tear_down(world.teardown(IDS), make_plan(world.target))
    assert world.cloudformation.deleted == [orphan]
    assert world.cloudformation.stacks == {}


def test_an_orphan_that_will_not_go_stops_the_rest(world: World) -> None:
    orphan = "GroundTruth-dev-Labeling-old"
    world.cloudformation.add(orphan)
    world.cloudformation.stuck.add(orphan)
    world.cloudformation.events[f"id-of-{orphan}"] = [
        {
            "LogicalResourceId": "Job",
            "ResourceStatus": "DELETE_FAILED",
            "ResourceStatusReason": "AccessDenied",
        }
    ]
    with pytest.raises(DestroyError, match=f"stack {orphan} wasn't deleted") as caught:
        tear_down(world.teardown(IDS), make_plan(world.target))
    assert caught.value.details == ("Job: AccessDenied",)
    assert "cdk destroy GroundTruth/Storage" not in world.happened


def test_what_the_cdk_left_is_named_with_the_reason(world: World) -> None:
    world.cloudformation.stuck.add(DIGITS)
    world.cloudformation.events[f"id-of-{DIGITS}"] = [
        {"LogicalResourceId": "Job", "ResourceStatus": "DELETE_FAILED"},
        {"LogicalResourceId": "Role", "ResourceStatus": "DELETE_COMPLETE"},
    ]
    with pytest.raises(DestroyError, match=f"{DIGITS} is DELETE_FAILED") as caught:
        tear_down(world.teardown(IDS), make_plan(world.target))
    assert caught.value.details == ("Job: no reason given",)
    assert world.happened == ["cdk destroy GroundTruth/Labeling-digits"]


def test_an_environment_without_stacks_needs_nothing(world: World) -> None:
    world.cloudformation.stacks.clear()
    assert tear_down(world.teardown(IDS), make_plan(world.target)) is None
    assert world.happened == []
