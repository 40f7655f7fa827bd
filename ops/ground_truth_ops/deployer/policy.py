"""From an environment's templates to documents that fit into IAM."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ground_truth import names
from ground_truth_ops.deployer.handlers import (
    BOOTSTRAP_VERSION,
    BOUNDARY,
    CUSTOM,
    STACK_OUTPUTS,
    TYPES,
    secret,
)
from ground_truth_ops.errors import OpsError

if TYPE_CHECKING:
    from ground_truth_ops.deployer.granted import Granted

MANAGED_POLICY_CHARACTERS = 6144  # IAM counts all but white space
POLICIES_PER_ROLE = 10
POLICY_PREFIX = "GroundTruthDeployer-"
# CloudFormation shortens a stack's name within the names it makes up; this much of it is kept.
KEPT_OF_A_STACK_NAME = 24

_SECRET = re.compile(r"\{\{resolve:secretsmanager:([^:}]+)[:}]")

Document = dict[str, Any]
Template = Mapping[str, Any]


class DeployerPolicyError(OpsError):
    """The policy can't be made: a resource type isn't known, or it doesn't fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an environment is deployed; `account` may be `*`, which is the policy's own account.

    `boundary` is the ARN of a permissions boundary that every role must have. `environment` may be
    `pr-*`, for every environment of a pattern.
    """

    environment: str
    partition: str
    region: str
    account: str
    workforce: str
    workteam: str
    boundary: str | None = None

    def fields(self) -> dict[str, str]:
        stacks = names.stack_name(self.environment, "")[:KEPT_OF_A_STACK_NAME]
        return {
            "partition": self.partition,
            "region": self.region,
            "account": self.account,
            "stacks": stacks,
            "lower": stacks.lower(),
            "names": names.monitor_name(self.environment, ""),
            # of any campaign, without it and its hash
            "jobs": names.job_name_prefix(self.environment, "x").rsplit("-x-", 1)[0],
            "workforce": self.workforce,
            "workteam": self.workteam,
            "assets": f"cdk-*-assets-{self.account}-{self.region}",
            "environment": self.environment,
            "environment_tag": names.TAG_ENVIRONMENT,
            "boundary": self.boundary or "",
        }


def deployer_policies(templates: Iterable[Template], place: Place) -> list[Document]:
    """Policy documents, each as large as IAM allows at most, as few as that takes.

    Raises DeployerPolicyError for a resource type without an entry in `handlers`, or when a role
    could not hold so many.
    """
    bounded = [BOUNDARY] if place.boundary else []
    return documents_of([*granted(templates), *bounded], place)


def documents_of(grants: Iterable[Granted], place: Place) -> list[Document]:
    """Grants as documents, with the places filled in and split as IAM needs it."""
    merged = _merged(dict.fromkeys(map(_hashable, grants)))
    documents = list(_split(_statements(merged, place)))
    if len(documents) > POLICIES_PER_ROLE:
        raise DeployerPolicyError(
            f"{len(documents)} policies of {MANAGED_POLICY_CHARACTERS} characters are needed, and "
            f"a role holds {POLICIES_PER_ROLE}; deploy fewer campaigns with one role"
        )
    return documents


def characters(document: Document) -> int:
    """How long IAM finds a document."""
    return len(json.dumps(document, separators=(",", ":")))


def granted(templates: Iterable[Template]) -> Iterator[Granted]:
    """What deploying the templates takes, type by type."""
    for template in templates:
        yield BOOTSTRAP_VERSION
        text = json.dumps(template)
        if "Fn::GetStackOutput" in text:
            yield STACK_OUTPUTS
        yield from map(secret, _SECRET.findall(text))
        for logical_id, resource in template["Resources"].items():
            yield from _of_type(resource["Type"], logical_id)


def _of_type(type_: str, logical_id: str) -> Iterable[Granted]:
    if type_.startswith("Custom::"):
        return (CUSTOM,)
    if type_ == "AWS::CDK::Metadata":
        return ()
    if type_ not in TYPES:
        raise DeployerPolicyError(
            f"resource {logical_id} is a {type_}, of which it isn't known what deploying it takes; "
            "add the type to ops/ground_truth_ops/deployer/handlers.py from its registry schema"
        )
    return TYPES[type_]


# (resources, conditions as JSON) and an action
_Key = tuple[tuple[str, ...], str]


def _hashable(granted: Granted) -> tuple[_Key, tuple[str, ...]]:
    conditions = json.dumps(granted.conditions, sort_keys=True)
    return (tuple(granted.resources), conditions), tuple(granted.actions)


def _merged(grants: Iterable[tuple[_Key, tuple[str, ...]]]) -> dict[_Key, list[str]]:
    """Actions on the same ARNs under the same conditions, together."""
    found: dict[_Key, set[str]] = {}
    for key, actions in grants:
        found.setdefault(key, set()).update(actions)
    return {key: sorted(found[key]) for key in sorted(found, key=lambda key: sorted(found[key]))}


def _statements(merged: Mapping[_Key, list[str]], place: Place) -> list[Document]:
    fields = place.fields()
    return [
        _statement(number, key, actions, fields)
        for number, (key, actions) in enumerate(merged.items(), start=1)
    ]


def _statement(number: int, key: _Key, actions: list[str], fields: Mapping[str, str]) -> Document:
    resources, conditions = key
    statement: Document = {
        "Sid": f"{actions[0].partition(':')[0].title().replace('-', '')}{number}",
        "Effect": "Allow",
        "Action": actions,
        "Resource": [resource.format_map(fields) for resource in resources],
    }
    filled = {
        operator: {
            name.format_map(fields): value.format_map(fields)
            for name, value in keys.items()
            if value.format_map(fields)
        }
        for operator, keys in json.loads(conditions).items()
    }
    held = {operator: keys for operator, keys in filled.items() if keys}
    return {**statement, "Condition": held} if held else statement


def _split(statements: Iterable[Document]) -> Iterator[Document]:
    document: Document = {"Version": "2012-10-17", "Statement": []}
    for statement in statements:
        longer = {**document, "Statement": [*document["Statement"], statement]}
        if characters(longer) <= MANAGED_POLICY_CHARACTERS:
            document = longer
            continue
        yield document
        document = {**document, "Statement": [statement]}
    yield document
