"""Custom resources around the account's one private workforce.

Part "gate" comes before everything else of its stack and changes nothing: it refuses what can't
succeed while there is nothing to roll back. Part "portal" comes last: it keeps the app client
leading back to the worker portal, and keeps a workforce that others use from being deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ground_truth_functions.aws import client
from ground_truth_functions.custom_resource import (
    Outcome,
    Request,
    RequestError,
    answer,
    stable_physical_id,
)
from ground_truth_functions.portal_client import keep_portal
from ground_truth_functions.workforce_departure import refuse_while_used
from ground_truth_functions.workforce_facts import Portal, deployed_stack, existing_workforce
from ground_truth_functions.workforce_gate import check

Data = Mapping[str, str]


def handler(event: Mapping[str, object], context: object) -> None:
    """Lambda entry point for Custom::GroundTruthWorkforceGate and Custom::GroundTruthPortal."""
    answer(event, context, reconcile, physical_id=stable_physical_id)


def reconcile(request: Request) -> Outcome:
    """Do the part the properties name; raises RequestError for an unknown one."""
    part = _PARTS.get(request.text("Part"))
    if part is None:
        raise RequestError(f"property Part must be one of {', '.join(_PARTS)}")
    return Outcome(physical_id=stable_physical_id(request), data=part(request))


def _gate(request: Request) -> Data:
    if request.kind == "Delete":
        return {}
    workforce = existing_workforce(client("sagemaker"))
    stack = deployed_stack(client("cloudformation"), request.stack_id)
    # what was deployed before comes back whatever it is: a refused rollback helps nobody
    if not stack.rolls_back:
        check(request, stack, workforce)
    domain = workforce.domain if workforce else ""
    portal = Portal(scheme=request.text("PortalScheme"), domain=domain)
    stand_in = str(request.properties.get("Placeholder", ""))
    return {
        "CallbackUrl": portal.callback if domain else stand_in,
        "LogoutUrl": portal.logout if domain else stand_in,
        "PortalDomain": domain,
        "PortalUrl": portal.url if domain else "",
    }


def _portal(request: Request) -> Data:
    if request.kind != "Delete":
        keep_portal(request)
    elif request.properties.get("Mode") == "create":
        refuse_while_used(request)
    return {}


_PARTS: Mapping[str, Callable[[Request], Data]] = {"gate": _gate, "portal": _portal}
