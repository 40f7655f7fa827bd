"""What `gt relabel` reads and decides, on the account in memory."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from ground_truth.lifecycle.lineage import Lineage
from ground_truth.lifecycle.wanted import read_wanted
from ground_truth_ops.relabel.asking import Asking, Stack, next_asking
from ground_truth_ops.relabel.world import reading_world
from tests.unit.lifecycle.campaigns import OUTPUT, Campaign
from tests.unit.lifecycle.cloudformation import JOB
from tests.unit.lifecycle.wire import WIRE

if TYPE_CHECKING:
    from ground_truth.lifecycle.ports import World
    from tests.unit.lifecycle import cloudformation
    from tests.unit.lifecycle.conftest import Account


def world() -> World:
    """The account as the command sees it, through real clients."""
    clients = SimpleNamespace(sagemaker=WIRE.client("sagemaker"), s3=WIRE.client("s3"))
    return reading_world(cast("Any", clients))


def asking(account: Account, stack: cloudformation.Stack | None, campaign: Campaign) -> Asking:
    """What the command says about a campaign file; `stack` is None where there is none."""
    known = (OUTPUT, "digits/lineage.json") in account.storage.objects
    lineage = account.lineage() if known else Lineage(environment="dev", campaign="digits")
    deployed = Stack()
    if stack is not None:
        properties = stack.resources[JOB][1]
        deployed = Stack(stack_id=stack.arn, generation=int(properties["Generation"]))
    return next_asking(world(), lineage, read_wanted(campaign.job()), deployed)


def edited(campaign: Campaign, found: Asking) -> Campaign:
    """The campaign as the edited file declares it."""
    approve = "" if found.clears_approval else campaign.approve
    return campaign.changed(generation=found.generation, approve=approve)


def objects_of(found: Asking) -> list[str]:
    return [str(line["source-ref"]) for line in found.objects]


def asked_by(account: Account, job: str) -> list[str]:
    """The objects of a job's input that had no label."""
    lines = [json.loads(row) for row in account.input_of(job)]
    return [line["source-ref"] for line in lines if line.get("digit") is None]
