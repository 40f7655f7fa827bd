"""Every touch of ministack's private parts, each with its reason; nothing else imports ministack.

ministack reads its settings when it is imported, so nothing here imports it before a hook is used.
"""

from ground_truth_local.platform.hooks import (
    cloudformation,
    deliveries,
    functions,
    identity,
    private,
    services,
    stores,
)
from ground_truth_local.platform.hooks.private import MINISTACK, HookMovedError

__all__ = [
    "MINISTACK",
    "HookMovedError",
    "check",
    "cloudformation",
    "deliveries",
    "functions",
    "identity",
    "services",
    "stores",
]


def check() -> None:
    """Raise HookMovedError, naming it, if a private part that a hook uses isn't there."""
    private.check_parts(
        services.PARTS,
        identity.PARTS,
        cloudformation.PARTS,
        deliveries.PARTS,
        stores.PARTS,
        functions.PARTS,
    )
