"""`gt adopt`: a new Storage stack takes over the buckets and the key that an earlier one left."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ground_truth.names import stack_name
from ground_truth_ops.cdk import Cdk, stack_ids, template_of
from ground_truth_ops.deployment import (
    DeployedStack,
    Deployment,
    StackKind,
    find_deployment,
    resources_of,
)
from ground_truth_ops.errors import OpsError
from ground_truth_ops.retained import Storage, find_retained, outputs_left_alone, problems_of

if TYPE_CHECKING:
    from ground_truth_ops.project import Target

# a change set that was made and never executed: a stack in name only
EMPTY_STATES = frozenset({"REVIEW_IN_PROGRESS"})

Mapped = Mapping[str, Mapping[str, str]]


class AdoptError(OpsError):
    """Nothing was taken over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """How to take buckets over; `output_bucket` chooses where there are several sets."""

    target: Target
    cdk: Cdk
    scratch: Path
    output_bucket: str | None = None
    say: Callable[[str], None] = field(default=lambda _line: None)


def adopt(adoption: Adoption) -> Storage:
    """Check the retained buckets, then import them into a new Storage stack.

    Raises AdoptError, with every problem, before anything is touched.
    """
    target = adoption.target
    clients, environment = target.clients, target.environment
    if target.removes_buckets:
        raise AdoptError(
            f'environment {environment} removes its buckets (storage.removal = "destroy"), so '
            'none is taken over; set storage.removal = "retain" first'
        )
    deployment = find_deployment(clients.cloudformation, environment)
    _refuse_existing(target, deployment)
    storage = _choose(find_retained(clients, deployment), adoption.output_bucket, environment)
    problems = [*_file_problems(target, storage), *problems_of(clients, storage, environment)]
    if problems:
        raise AdoptError(
            f"the buckets that are kept of {environment} can't be taken over as they are; "
            "nothing was touched:",
            details=tuple(problems),
        )
    _import(adoption, storage)
    return storage


def refuse_forgotten(target: Target) -> None:
    """Raise AdoptError where a deployment would make new buckets beside kept ones."""
    if target.removes_buckets:
        return
    deployment = find_deployment(target.clients.cloudformation, target.environment)
    # not by the stack's being there: a creation or an import that failed leaves one without buckets
    if any(_has_buckets(target, stack) for stack in deployment.of_kind(StackKind.STORAGE)):
        return
    kept = find_retained(target.clients, deployment)
    alone = outputs_left_alone(target.clients, deployment)
    if kept or alone:
        folder = f"export/{target.environment}"
        raise AdoptError(
            f"environment {target.environment} has kept buckets and no stack that uses them; a "
            "deployment now would make new ones beside them and ask for every label again. Take "
            "them over first (one whose raw bucket is gone can only be saved), or say FRESH=1 if "
            "new ones are meant:",
            details=(
                *(f"make adopt ENV={target.environment} BUCKET={each.output}" for each in kept),
                *(f"aws s3 sync s3://{bucket} {folder}/{bucket}" for bucket in alone),
            ),
        )


def _has_buckets(target: Target, stack: DeployedStack) -> bool:
    resources = resources_of(target.clients.cloudformation, stack.name)
    return any(resource.type == "AWS::S3::Bucket" for resource in resources)


def _refuse_existing(target: Target, deployment: Deployment) -> None:
    for stack in deployment.of_kind(StackKind.STORAGE):
        if stack.status not in EMPTY_STATES and not _has_buckets(target, stack):
            raise AdoptError(
                f"stack {stack.name} is {stack.status} and has no buckets, but an import needs a "
                f"new stack; remove it (aws cloudformation delete-stack --stack-name {stack.name}) "
                f"and run `make adopt ENV={deployment.environment}` again"
            )
        if stack.status not in EMPTY_STATES:
            raise AdoptError(
                f"stack {stack.name} exists ({stack.status}) and has buckets of its own; only a "
                "new one can take others over. If labels were meant to go on in the kept ones, "
                f"run `make destroy ENV={deployment.environment}`, then "
                f"`make adopt ENV={deployment.environment} BUCKET=<the older output bucket>`"
            )


def _choose(found: tuple[Storage, ...], asked: str | None, environment: str) -> Storage:
    chosen = [storage for storage in found if asked in (None, storage.output)]
    if len(chosen) == 1:
        return chosen[0]
    if not found:
        raise AdoptError(
            f"no buckets of environment {environment} are kept: none carries its tag, an access "
            "log and no stack; deploy without taking any over"
        )
    wrong = f"there is no kept output bucket {asked}" if asked else "several were kept"
    raise AdoptError(
        f"{wrong} of environment {environment}; choose one with "
        f"`make adopt ENV={environment} BUCKET=…`:",
        details=tuple(storage.output for storage in found),
    )


def _file_problems(target: Target, storage: Storage) -> list[str]:
    """An import doesn't change a resource, so the file must say what there is."""
    wanted = target.project.environment.settings.storage.encryption
    there = "s3" if storage.key_arn is None else "kms"
    if wanted == there:
        return []
    return [
        f'storage.encryption is "{wanted}" in environments/{target.environment}.toml, the '
        f'kept buckets are encrypted the way of "{there}"; write that'
    ]


def _import(adoption: Adoption, storage: Storage) -> None:
    target = adoption.target
    name = stack_name(target.environment, "Storage")
    assembly = adoption.scratch / "cdk.out"
    adoption.say("synthesizing, so that the CDK knows the stack")
    adoption.cdk.synth(environment=target.environment, output=assembly)
    mapping = adoption.scratch / "retained.json"
    mapped = import_mapping(template_of(assembly, name), storage)
    mapping.write_text(json.dumps(mapped, indent=2), encoding="utf-8")
    adoption.say(f"importing into {name}")
    adoption.cdk.import_resources(assembly, stack_ids(assembly)[name], mapping)
    found = resources_of(target.clients.cloudformation, name)
    missing = mapped.keys() - {resource.logical_id for resource in found}
    if missing:
        raise AdoptError(
            f"{name} did not take over {', '.join(sorted(missing))}; look at its events"
        )


def import_mapping(template: Mapping[str, Any], storage: Storage) -> Mapped:
    """What identifies each resource to import, by its logical id in the Storage template."""
    outputs: Any = template["Outputs"]
    names = {
        outputs["RawBucketName"]["Value"]["Ref"]: storage.raw,
        outputs["OutputBucketName"]["Value"]["Ref"]: storage.output,
        outputs["AccessLogBucketName"]["Value"]["Ref"]: storage.access_logs,
    }
    mapped: dict[str, Mapping[str, str]] = {
        logical_id: {"BucketName": name} for logical_id, name in names.items()
    }
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] == "AWS::S3::BucketPolicy":
            mapped[logical_id] = {"Bucket": names[resource["Properties"]["Bucket"]["Ref"]]}
    if storage.key_arn is not None:
        key, _ = outputs["KeyArn"]["Value"]["Fn::GetAtt"]
        mapped[key] = {"KeyId": storage.key_arn.rpartition("/")[2]}
    return mapped
