"""The app client of a workforce leads back to its worker portal, whatever else is changed in it.

UpdateUserPoolClient sets every attribute that is left out to its default. So the whole client is
read, the two lists of addresses are completed, and the whole of it is written back.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ground_truth_functions.aws import client
from ground_truth_functions.workforce_facts import Portal, workforce_of

if TYPE_CHECKING:
    from ground_truth_functions.custom_resource import Request

_log = logging.getLogger(__name__)


class PortalSignInError(RuntimeError):
    """Nobody could sign in at the portal, and the app client isn't ours to mend."""


def keep_portal(request: Request) -> None:
    """Complete the client's addresses, or tell what is missing if it may not be written to.

    Without a UserPoolId there is nothing to do: workers sign in with an OpenID Connect provider.
    """
    if "UserPoolId" not in request.properties:
        return
    name = request.text("WorkforceName")
    described = client("sagemaker").describe_workforce(WorkforceName=name)["Workforce"]
    domain = workforce_of(described).domain
    if not domain:
        # SageMaker writes the addresses itself as soon as it has them
        _log.warning("the workforce has no portal address yet")
        return
    portal = Portal(scheme=request.text("PortalScheme"), domain=domain)
    cognito: Any = client("cognito-idp")
    ids = {"UserPoolId": request.text("UserPoolId"), "ClientId": request.text("ClientId")}
    found = cognito.describe_user_pool_client(**ids)["UserPoolClient"]
    known = writable(cognito, found)
    wanted = with_portal(known, portal, placeholder=str(request.properties.get("Placeholder", "")))
    if wanted == known:
        return
    if request.text("Write") == "true":
        cognito.update_user_pool_client(**wanted)
        _log.info("the portal's addresses were written into the app client")
    elif portal.callback not in found.get("CallbackURLs", []):
        raise PortalSignInError(
            f"nobody could sign in at {portal.url}: app client {ids['ClientId']} of user pool "
            f"{ids['UserPoolId']} lacks callback URL {portal.callback} (and needs logout URL "
            f"{portal.logout}). It belongs to whoever made the workforce, so nothing was changed. "
            "Add them there, or set workforce.repair_client = true, which adds these two and "
            "changes nothing else"
        )


def with_portal(
    known: Mapping[str, Any], portal: Portal, *, placeholder: str = ""
) -> dict[str, Any]:
    """Return the request that leaves everything as it is, but with the portal's addresses.

    Other addresses stay, in their order. The placeholder goes, unless it is the default one.
    """
    kept_anyway = known.get("DefaultRedirectURI")
    wanted = dict(known)
    for name, address in (("CallbackURLs", portal.callback), ("LogoutURLs", portal.logout)):
        others = [
            url
            for url in known.get(name, [])
            if not placeholder or url != placeholder or url == kept_anyway
        ]
        wanted[name] = others if address in others else [*others, address]
    return wanted


def writable(cognito: Any, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a described client UpdateUserPoolClient takes: all but what can't change.

    Asked of the runtime's own SDK, which knows as many fields in one call as in the other.
    """
    taken = cognito.meta.service_model.operation_model("UpdateUserPoolClient").input_shape.members
    return {name: value for name, value in found.items() if name in taken}
