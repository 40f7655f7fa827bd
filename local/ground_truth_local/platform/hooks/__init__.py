"""Every touch of ministack's private parts, each with its reason; nothing else imports ministack.

ministack reads its settings when it is imported, so nothing here imports it before a hook is used.
"""

from ground_truth_local.platform.hooks import (
    alarms,
    calls,
    cloudformation,
    custom_resources,
    deliveries,
    denials,
    deployments,
    events,
    functions,
    identity,
    keeping,
    private,
    s3_rules,
    services,
    stores,
)
from ground_truth_local.platform.hooks.private import MINISTACK, HookMovedError

__all__ = [
    "MINISTACK",
    "HookMovedError",
    "alarms",
    "calls",
    "check",
    "cloudformation",
    "custom_resources",
    "deliveries",
    "denials",
    "deployments",
    "events",
    "functions",
    "identity",
    "keeping",
    "s3_rules",
    "services",
    "stores",
]


def check() -> None:
    """Raise HookMovedError, naming it, if a private part that a hook uses isn't there."""
    private.check_parts(
        alarms.PARTS,
        services.PARTS,
        identity.PARTS,
        keeping.PARTS,
        cloudformation.PARTS,
        deliveries.PARTS,
        calls.PARTS,
        custom_resources.PARTS,
        events.PARTS,
        stores.PARTS,
        functions.PARTS,
        denials.PARTS,
        deployments.PARTS,
        s3_rules.PARTS,
    )
