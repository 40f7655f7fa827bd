"""Checks of where workers may come from and what they sign in with."""

import unicodedata
from collections.abc import Sequence
from ipaddress import IPv4Network
from itertools import combinations

from ground_truth import limits
from ground_truth.checks.problem import Problem, check_range


def check_source_ips(cidrs: Sequence[str]) -> list[Problem]:
    """Check ``SourceIpConfig``: IPv4 networks, none inside another.

    A portal answers to IPv4 unless it is told otherwise, so an IPv6 range would let nobody in.
    """
    problems = check_range(
        len(cidrs), limits.SOURCE_IPS, what="number of source IP ranges", fix="join some"
    )
    networks = []
    for cidr in cidrs:
        try:
            network = IPv4Network(cidr)
            wrong = "" if str(network) == cidr else f"write it as {network}"
            networks.append(network)
        except ValueError as error:
            wrong = str(error)
        if wrong:
            problems.append(
                Problem(
                    what=f"not a range of source IP addresses ({wrong})",
                    value=cidr,
                    allowed="IPv4 networks with their length and no host bits: 203.0.113.0/24",
                    fix="correct it",
                )
            )
    problems += [
        Problem(
            what="source IP ranges overlap",
            value=f"{one} and {other}",
            allowed="ranges that have no address in common",
            fix="remove the smaller one",
        )
        for one, other in combinations(networks, 2)
        if one.overlaps(other)
    ]
    return problems


def check_oidc_group(group: str) -> list[Problem]:
    """Check a group of ``OidcMemberDefinition``: letters, marks, symbols, numbers, punctuation."""
    visible = all(unicodedata.category(character)[0] in "LMSNP" for character in group)
    if visible and len(group) in limits.OIDC_GROUP_LENGTH:
        return []
    return [
        Problem(
            what="group of the OpenID Connect provider is not allowed",
            value=group,
            allowed=f"{limits.OIDC_GROUP_LENGTH} characters without spaces",
            fix="rename it at the provider",
        )
    ]
