"""Where workers may come from: the workforce's `SourceIpConfig`.

UpdateWorkforce (API reference): whoever comes from an address outside the ranges "is denied and
gets a Not Found error message on the worker portal".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any, cast

from ground_truth_local.portal.errors import PortalError
from ground_truth_local.portal.portal import Portal, portal_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

Endpoint = Callable[["Request"], Awaitable["Response"]]


def from_allowed_sources(endpoint: Endpoint) -> Endpoint:
    """Answer only to workers whose address the workforce allows."""

    async def answer(request: Request) -> Response:
        address = request.client.host if request.client else ""
        if not allowed(portal_of(request), address):
            message = "there is nothing here for the address you come from"
            raise PortalError(HTTPStatus.NOT_FOUND, "NotFound", message)
        return await endpoint(request)

    return answer


def allowed(portal: Portal, address: str) -> bool:
    """Whether some range holds the address; without ranges everybody may come."""
    ranges = [cidr for workforce in workforces(portal) for cidr in _cidrs(workforce)]
    return not ranges or any(ip_address(address) in ip_network(cidr, False) for cidr in ranges)


def workforces(portal: Portal) -> list[Mapping[str, Any]]:
    """The private workforce, if there is one yet (one per account and region)."""
    caller = f"arn:{portal.platform.partition}:iam::{portal.platform.account_id}:root"
    found = portal.service.call("ListWorkforces", {}, caller)
    return cast("list[Mapping[str, Any]]", found.get("Workforces") or [])


def _cidrs(workforce: Mapping[str, Any]) -> list[str]:
    return list(workforce.get("SourceIpConfig", {}).get("Cidrs", []))
