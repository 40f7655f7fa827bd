from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ground_truth_ops import adopt as adopt_module
from ground_truth_ops.adopt import AdoptError, Adoption, adopt, import_mapping, refuse_forgotten
from ground_truth_ops.project import Target
from ground_truth_ops.retained import Storage
from tests.unit.ops.fakes import FakeCloudFormation

STACK = "GroundTruth-prod-Storage"
BUCKET = {"Raw": {"Type": "AWS::S3::Bucket"}}
KEPT = Storage(raw="r", output="o", access_logs="a", key_arn="arn:aws:kms:us-east-1:1:key/f00d")
TEMPLATE = {
    "Resources": {
        **{name: {"Type": "AWS::S3::Bucket"} for name in ("Raw", "Output", "Logs")},
        "Key": {"Type": "AWS::KMS::Key"},
        "RawPolicy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {"Bucket": {"Ref": "Raw"}},
        },
        "Metadata": {"Type": "AWS::CDK::Metadata"},
    },
    "Outputs": {
        "RawBucketName": {"Value": {"Ref": "Raw"}},
        "OutputBucketName": {"Value": {"Ref": "Output"}},
        "AccessLogBucketName": {"Value": {"Ref": "Logs"}},
        "KeyArn": {"Value": {"Fn::GetAtt": ["Key", "Arn"]}},
    },
}
MAPPING = {
    "Raw": {"BucketName": "r"},
    "Output": {"BucketName": "o"},
    "Logs": {"BucketName": "a"},
    "RawPolicy": {"Bucket": "r"},
    "Key": {"KeyId": "f00d"},
}


@dataclass
class World:
    """An environment whose Storage stack is gone; `imported` is what the CDK was given."""

    scratch: Path
    encryption: str = "kms"
    removal: str = "retain"
    cloudformation: FakeCloudFormation = field(default_factory=FakeCloudFormation)
    imported: list[tuple[str, Any]] = field(default_factory=list)
    forgets: frozenset[str] = frozenset()

    def adoption(self, output_bucket: str | None = None) -> Adoption:
        storage = SimpleNamespace(encryption=self.encryption, removal=self.removal)
        environment = SimpleNamespace(name="prod", settings=SimpleNamespace(storage=storage))
        project: Any = SimpleNamespace(root=self.scratch, environment=environment)
        clients: Any = SimpleNamespace(cloudformation=self.cloudformation)
        return Adoption(
            target=Target(project=project, clients=clients, variables={}),
            cdk=cast("Any", self),
            scratch=self.scratch,
            output_bucket=output_bucket,
        )

    def synth(self, *, environment: str, output: Path) -> None:
        artifact = {
            "type": "aws:cloudformation:stack",
            "displayName": "GroundTruth/Storage",
            "properties": {"stackName": STACK, "templateFile": "storage.json"},
        }
        output.mkdir()
        (output / "manifest.json").write_text(json.dumps({"artifacts": {environment: artifact}}))
        (output / "storage.json").write_text(json.dumps(TEMPLATE))

    def import_resources(self, _assembly: Path, stack: str, mapping: Path) -> None:
        named = json.loads(mapping.read_text())
        self.imported.append((stack, named))
        taken = {name: {"Type": "x"} for name in named if name not in self.forgets}
        self.cloudformation.add(STACK, resources=taken)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    there(monkeypatch, KEPT)
    return World(scratch=tmp_path)


def there(
    monkeypatch: pytest.MonkeyPatch,
    *kept: Storage,
    problems: tuple[str, ...] = (),
    alone: tuple[str, ...] = (),
) -> None:
    monkeypatch.setattr(adopt_module, "find_retained", lambda *_: kept)
    monkeypatch.setattr(adopt_module, "outputs_left_alone", lambda *_: alone)
    monkeypatch.setattr(adopt_module, "problems_of", lambda *_: iter(problems))


def test_buckets_policies_and_key_go_into_the_new_stack(world: World) -> None:
    assert adopt(world.adoption()) == KEPT
    assert world.imported == [("GroundTruth/Storage", MAPPING)]


def test_buckets_without_a_key_need_none() -> None:
    plain = Storage(raw="r", output="o", access_logs="a", key_arn=None)
    assert "Key" not in import_mapping(TEMPLATE, plain)


def test_every_problem_is_named_and_nothing_imported(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    there(monkeypatch, KEPT, problems=("bucket r keeps no versions",))
    world.encryption = "s3"
    with pytest.raises(AdoptError, match="can't be taken over as they are") as caught:
        adopt(world.adoption())
    assert caught.value.details == (
        'storage.encryption is "s3" in environments/prod.toml, the kept buckets are encrypted '
        'the way of "kms"; write that',
        "bucket r keeps no versions",
    )
    assert world.imported == []


def test_a_storage_stack_that_has_buckets_takes_no_others(world: World) -> None:
    world.cloudformation.add(STACK, resources=BUCKET)
    with pytest.raises(AdoptError, match=rf"{STACK} exists \(CREATE_COMPLETE\)"):
        adopt(world.adoption())


def test_a_change_set_nobody_executed_is_no_stack(world: World) -> None:
    world.cloudformation.add(STACK)
    world.cloudformation.stacks[STACK]["StackStatus"] = "REVIEW_IN_PROGRESS"
    assert adopt(world.adoption()) == KEPT


def test_a_stack_that_failed_before_it_had_buckets_goes_first(world: World) -> None:
    world.cloudformation.add(STACK)
    world.cloudformation.stacks[STACK]["StackStatus"] = "ROLLBACK_COMPLETE"
    with pytest.raises(AdoptError, match="is ROLLBACK_COMPLETE and has no buckets") as caught:
        adopt(world.adoption())
    assert f"delete-stack --stack-name {STACK}" in str(caught.value)
    assert world.imported == []


def test_an_environment_that_removes_its_buckets_takes_none_over(world: World) -> None:
    world.removal = "destroy"
    with pytest.raises(AdoptError, match=r'set storage\.removal = "retain" first'):
        adopt(world.adoption())


def test_nothing_kept_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    there(monkeypatch)
    with pytest.raises(AdoptError, match="no buckets of environment prod are kept"):
        adopt(world.adoption())


@pytest.mark.parametrize(("asked", "said"), [(None, "several were kept"), ("x", "no kept output")])
def test_several_sets_are_chosen_from(
    world: World, monkeypatch: pytest.MonkeyPatch, asked: str | None, said: str
) -> None:
    older = Storage(raw="r0", output="o0", access_logs="a0", key_arn=KEPT.key_arn)
    there(monkeypatch, KEPT, older)
    with pytest.raises(AdoptError, match=said) as caught:
        adopt(world.adoption(asked))
    assert caught.value.details == ("o", "o0")
    assert adopt(world.adoption("o0")) == older


def test_an_import_that_left_something_out_is_no_success(world: World) -> None:
    world.forgets = frozenset({"RawPolicy"})
    with pytest.raises(AdoptError, match="did not take over RawPolicy"):
        adopt(world.adoption())


def test_a_forgotten_take_over_is_refused_with_what_to_say(world: World) -> None:
    with pytest.raises(AdoptError, match="ask for every label again") as caught:
        refuse_forgotten(world.adoption().target)
    assert caught.value.details == ("make adopt ENV=prod BUCKET=o",)


@pytest.mark.parametrize(
    "status", ["REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"]
)
def test_a_stack_without_buckets_does_not_hide_a_forgotten_take_over(
    world: World, status: str
) -> None:
    world.cloudformation.add(STACK)
    world.cloudformation.stacks[STACK]["StackStatus"] = status
    with pytest.raises(AdoptError, match="ask for every label again"):
        refuse_forgotten(world.adoption().target)


def test_labels_whose_raw_bucket_is_gone_are_not_forgotten_either(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    there(monkeypatch, alone=("o",))
    with pytest.raises(AdoptError, match="can only be saved") as caught:
        refuse_forgotten(world.adoption().target)
    assert caught.value.details == ("aws s3 sync s3://o export/prod/o",)


def test_nothing_was_forgotten_where_the_stack_is_there_or_nothing_is_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = world.adoption().target
    world.cloudformation.add(STACK, resources=BUCKET)
    refuse_forgotten(target)
    world.cloudformation.stacks.clear()
    there(monkeypatch)
    refuse_forgotten(target)


def test_an_environment_that_removes_its_buckets_forgets_nothing(world: World) -> None:
    world.removal = "destroy"
    refuse_forgotten(world.adoption().target)
