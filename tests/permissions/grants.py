"""The grants of our roles, one by one: as they are synthesized, and as IAM holds them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ground_truth_ops.aws import Clients

Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One action on one resource, of one statement of a role's policy.

    `role` is the role's construct path without the app, and without the campaign's name.
    `condition` is the statement's, as JSON.
    """

    role: str
    action: str
    resource: str
    campaign: str = ""
    condition: str = "{}"
    stack: str = ""
    role_name: str = ""
    policy: str = ""
    statement: int = 0

    def __str__(self) -> str:
        return f"{self.role}: {self.action} on {self.resource}"


# -- as synthesized


def synthesized(template: Mapping[str, Any]) -> list[Grant]:
    """The grants of a template's policies, with intrinsic functions spelled out."""
    resources: Mapping[str, Any] = template["Resources"]
    found = []
    for resource in resources.values():
        if resource["Type"] not in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
            in_role = resource["Type"] == "AWS::IAM::Role" and "Policies" in resource["Properties"]
            assert not in_role, f"let this look into roles, too: {resource}"
            continue
        for role in resource["Properties"]["Roles"]:
            path = path_of(resources[role["Ref"]])
            document = resource["Properties"]["PolicyDocument"]
            found += [
                Grant(
                    role=path,
                    action=action,
                    resource=spelled(target),
                    campaign=campaign_of(resources[role["Ref"]]),
                    condition=json.dumps(document["Statement"][number].get("Condition", {})),
                    statement=number,
                )
                for number, action, target in _pairs(document)
            ]
    return found


def path_of(resource: Mapping[str, Any]) -> str:
    """`GroundTruth/Labeling-digits/Gate/Function/Role/Resource` -> `Labeling/Gate/Function/Role`"""
    path: str = resource["Metadata"]["aws:cdk:path"]
    inner = path.partition("/")[2].removesuffix("/Resource").removesuffix("/Default")
    return re.sub(r"^Labeling-[^/]+", "Labeling", inner)


def campaign_of(resource: Mapping[str, Any]) -> str:
    """The campaign whose stack a resource is in; "" for those of no campaign."""
    found = re.search(r"/Labeling-([^/]+)", resource["Metadata"]["aws:cdk:path"])
    return found[1] if found else ""


def spelled(value: Any) -> str:
    """A resource as text; references in angle brackets."""
    match value:
        case str():
            return re.sub(r"\$\{([^}]+)\}", r"<\1>", value)
        case {"Fn::Join": [delimiter, items]}:
            return str(delimiter).join(map(spelled, items))
        case {"Fn::Sub": str(text)}:
            return spelled(text)
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{name}.{attribute}>"
        case {"Fn::GetStackOutput": {"OutputName": name}} | {"Ref": name}:
            return f"<{name}>"
    raise AssertionError(f"a resource this can't spell: {value!r}")


def _pairs(document: Mapping[str, Any]) -> Iterator[tuple[int, str, Any]]:
    for number, statement in enumerate(_listed(document["Statement"])):
        for action in _listed(statement["Action"]):
            for target in _listed(statement["Resource"]):
                yield number, action, target


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# -- as deployed


def deployed(aws: Clients, stack: str) -> list[Grant]:
    """The grants IAM holds for the roles of a stack, which CloudFormation names."""
    template = as_document(aws.cloudformation.get_template(StackName=stack)["TemplateBody"])
    found = []
    for page in aws.cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack):
        for item in page["StackResourceSummaries"]:
            if item["ResourceType"] == "AWS::IAM::Role":
                resource = template["Resources"][item["LogicalResourceId"]]
                found += _of_role(aws, stack, resource, item["PhysicalResourceId"])
    return found


def _of_role(aws: Clients, stack: str, role: Mapping[str, Any], name: str) -> list[Grant]:
    path = path_of(role)
    assert not aws.iam.list_role_policies(RoleName=name)["PolicyNames"], (
        f"{path} has an inline policy: let `deployed` and `removed` look at those, too"
    )
    attached = aws.iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    documents = {policy["PolicyArn"]: _version(aws, policy["PolicyArn"]) for policy in attached}
    return [
        Grant(
            role=path,
            action=action,
            resource=target,
            campaign=campaign_of(role),
            condition=json.dumps(_listed(document["Statement"])[number].get("Condition", {})),
            stack=stack,
            role_name=name,
            policy=policy,
            statement=number,
        )
        for policy, document in documents.items()
        for number, action, target in _pairs(document)
    ]


@contextmanager
def removed(aws: Clients, grant: Grant) -> Iterator[None]:
    """Take a grant out of its role's policy through the IAM API, and put it back.

    A policy that went meanwhile, because its stack could be deleted without the grant, stays gone.
    """
    document = _version(aws, grant.policy)
    changed = without(document, grant)
    with suppress(aws.iam.exceptions.NoSuchEntityException):
        if not changed["Statement"]:
            with _detached(aws, grant):
                yield
            return
        _replace(aws, grant.policy, changed)
        try:
            yield
        finally:
            _replace(aws, grant.policy, document)


@contextmanager
def _detached(aws: Clients, grant: Grant) -> Iterator[None]:
    aws.iam.detach_role_policy(RoleName=grant.role_name, PolicyArn=grant.policy)
    try:
        yield
    finally:
        aws.iam.attach_role_policy(RoleName=grant.role_name, PolicyArn=grant.policy)


def without(document: Document, grant: Grant) -> Document:
    """The document without one action on one resource; everything else of it stays."""
    changed = deepcopy(document)
    listed = changed["Statement"] = _listed(changed["Statement"])
    statement = listed.pop(grant.statement)
    others = [action for action in _listed(statement["Action"]) if action != grant.action]
    elsewhere = [target for target in _listed(statement["Resource"]) if target != grant.resource]
    if others:
        listed.append({**statement, "Action": others})
    if elsewhere:
        listed.append({**statement, "Action": grant.action, "Resource": elsewhere})
    return changed


def _replace(aws: Clients, policy: str, document: Document) -> None:
    """Make a document the policy's only version; IAM keeps five at most."""
    for version in aws.iam.list_policy_versions(PolicyArn=policy)["Versions"]:
        if not version["IsDefaultVersion"]:
            aws.iam.delete_policy_version(PolicyArn=policy, VersionId=version["VersionId"])
    before = aws.iam.get_policy(PolicyArn=policy)["Policy"]["DefaultVersionId"]
    aws.iam.create_policy_version(
        PolicyArn=policy, PolicyDocument=json.dumps(document), SetAsDefault=True
    )
    aws.iam.delete_policy_version(PolicyArn=policy, VersionId=before)


def _version(aws: Clients, policy: str) -> Document:
    """The document of a managed policy's default version."""
    version = aws.iam.get_policy(PolicyArn=policy)["Policy"]["DefaultVersionId"]
    found = aws.iam.get_policy_version(PolicyArn=policy, VersionId=version)["PolicyVersion"]
    return as_document(found["Document"])


def as_document(answered: Any) -> Document:
    """A JSON document, which boto3 gives as text or as what it holds."""
    return json.loads(answered) if isinstance(answered, str) else dict(answered)
