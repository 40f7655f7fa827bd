"""From a request of CloudFormation to the lifecycle, and back to its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from ground_truth.lifecycle.dataset import check_source
from ground_truth.lifecycle.deployment import Deployment
from ground_truth.lifecycle.lineage_file import LineageFile
from ground_truth.lifecycle.patience import patient
from ground_truth.lifecycle.plan import Action
from ground_truth.lifecycle.reconcile import reconcile
from ground_truth.lifecycle.removal import remove
from ground_truth.lifecycle.survey import Event, is_rolling_back, review, stack_status
from ground_truth.lifecycle.wanted import (
    Wanted,
    read_part,
    read_prefix,
    read_settings,
    read_wanted,
)
from ground_truth_functions.custom_resource import Outcome, Request, stable_physical_id

if TYPE_CHECKING:
    from ground_truth.lifecycle.ports import World


def handle_part(request: Request, world: World) -> Outcome:
    """Do what CloudFormation asks for; raises with what people should read."""
    world = patient(world)
    # An id that changed would make CloudFormation delete the old one, which means removal
    identity = request.physical_id or stable_physical_id(request)
    if request.kind == "Delete":
        _delete(request, world)
        return Outcome(physical_id=identity)
    part = read_part(request.properties)
    wanted = read_wanted(request.properties)
    record = _record(world, wanted.output_bucket, wanted.environment, wanted.campaign)
    data = (
        _gate(request, world, record, wanted)
        if part == "gate"
        else _job(request, world, record, wanted)
    )
    return Outcome(physical_id=identity, data=data)


def _delete(request: Request, world: World) -> None:
    properties = request.properties
    bucket, environment, campaign = (
        str(properties.get(name) or "") for name in ("OutputBucket", "Environment", "Campaign")
    )
    known = bucket and environment and campaign
    record = _record(world, bucket, environment, campaign) if known else None
    definition = properties.get("Definition")
    remove(
        world,
        record,
        prefix=read_prefix(properties),
        owner=request.stack_id,
        streaming=isinstance(definition, Mapping) and bool(definition.get("streaming")),
    )


def _gate(request: Request, world: World, record: LineageFile, wanted: Wanted) -> Mapping[str, str]:
    event = _event(request)
    plan = review(world, record, wanted, event)
    chained = wanted.based_on is not None and plan.action is Action.START
    if chained and not is_rolling_back(stack_status(world, event)):
        check_source(world, wanted, record.load())
    job = plan.job.entry.name if plan.job else "first job"
    return {
        "Decision": f"{plan.action.value} {job}: {plan.why}",
        "DefinitionHash": wanted.definition_hash,
    }


def _job(request: Request, world: World, record: LineageFile, wanted: Wanted) -> Mapping[str, str]:
    deployment = Deployment(
        world=world,
        record=record,
        wanted=wanted,
        settings=read_settings(request.properties),
        event=_event(request),
    )
    return reconcile(deployment).attributes()


def _event(request: Request) -> Event:
    old_tags = request.old_properties.get("Tags")
    kind: Literal["Create", "Update"] = "Create" if request.kind == "Create" else "Update"
    return Event(
        kind=kind,
        owner=request.stack_id,
        request_id=request.request_id,
        replaces=str(request.old_properties.get("DefinitionHash") or ""),
        old_tags=tuple(old_tags) if isinstance(old_tags, Mapping) else (),
    )


def _record(world: World, bucket: str, environment: str, campaign: str) -> LineageFile:
    return LineageFile(
        world.objects, world.clock, bucket=bucket, environment=environment, campaign=campaign
    )
