"""Every policy as it is after a deployment: a linter's findings, sizes, and who is trusted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import parliament
import pytest

from stacks.config import load
from tests.infra.physical import ACCOUNT, Deployed
from tests.infra.synth import ENVIRONMENTS, HOST, Synthesis, synthesize, synthesize_project
from tests.stacks.projects import minimal_project

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENTS = ("AssumeRolePolicyDocument", "KeyPolicy", "PolicyDocument")
# IAM counts no white space; user guide "IAM and AWS STS quotas".
LARGEST_MANAGED, LARGEST_TRUST = 6_144, 2_048
MOST_MANAGED_OF_A_ROLE = 10
SERVICES = {"lambda.amazonaws.com", "sagemaker.amazonaws.com"}
# Findings that stay: where (the end of a construct path, and the document), which, and why.
ACCEPTED = {
    ("Key/Resource", "KeyPolicy", "RESOURCE_STAR"): "in a key's policy, * is the key itself",
    ("Key/Resource", "KeyPolicy", "PERMISSIONS_MANAGEMENT_ACTIONS"): (
        "a key that its account's administrators can't manage is lost with its last user"
    ),
    ("OperationsKey/Resource", "KeyPolicy", "MISMATCHED_TYPE"): (
        "ArnLike on an encryption context, as CloudWatch Logs documents it: the value is an ARN"
    ),
    ("Job/Permissions/Resource", "PolicyDocument", "PERMISSIONS_MANAGEMENT_ACTIONS"): (
        "passes one role, the campaign's own, and only to Ground Truth"
    ),
    ("Gate/PortalPermissions/Resource", "PolicyDocument", "CREDENTIALS_EXPOSURE"): (
        "a client is written back whole, so it is read whole; its secret is among what isn't "
        "written, and goes into no log and no answer"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy document without intrinsics."""

    stack: str
    path: str
    kind: str
    document: dict[str, Any]
    roles: tuple[str, ...]

    @property
    def size(self) -> int:
        return len(json.dumps(self.document, separators=(",", ":")))

    @property
    def statements(self) -> list[dict[str, Any]]:
        found = self.document["Statement"]
        return found if isinstance(found, list) else [found]


def policies(synthesis: Synthesis) -> Iterator[Policy]:
    deployed = Deployed(synthesis=synthesis)
    for resource in synthesis.resources():
        for kind in DOCUMENTS:
            if kind in resource.properties:
                properties = deployed.properties(resource)
                yield Policy(
                    stack=resource.stack,
                    path=resource.path,
                    kind=kind,
                    document=properties[kind],
                    roles=tuple(properties.get("Roles", ())),
                )


@cache
def findings(env: str) -> frozenset[tuple[str, str, str, str]]:
    """Path, document, issue and details of all that the linter finds in an environment."""
    return frozenset(
        (policy.path, policy.kind, issue, detail)
        for policy in policies(synthesize(env))
        if policy.kind != "AssumeRolePolicyDocument"  # it knows no policies without resources
        for issue, detail in lint(policy.document)
    )


def lint(document: dict[str, Any]) -> list[tuple[str, str]]:
    policy = parliament.analyze_policy_string(json.dumps(document), include_community_auditors=True)
    return [(found.issue, str(found.detail)) for found in policy.findings]


def accepted(path: str, kind: str, issue: str) -> tuple[str, str, str] | None:
    return next(
        (key for key in ACCEPTED if path.endswith(key[0]) and (kind, issue) == key[1:]), None
    )


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_linter_finds_nothing_that_was_not_accepted(env: str) -> None:
    assert [found for found in sorted(findings(env)) if accepted(*found[:3]) is None] == []


def test_every_accepted_finding_is_still_found() -> None:
    found = {accepted(*each[:3]) for env in ENVIRONMENTS for each in findings(env)}

    assert set(ACCEPTED) - found == set()


@pytest.mark.parametrize(
    ("action", "resource", "issue"),
    [
        ("s3:GetObjects", "arn:aws:s3:::labels/*", "UNKNOWN_ACTION"),
        ("s3:ListBucket", "arn:aws:s3:::labels/*", "RESOURCE_MISMATCH"),
        ("sagemaker:StopLabelingJob", "*", "RESOURCE_STAR"),
    ],
)
def test_linter_would_notice(action: str, resource: str, issue: str) -> None:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}

    assert issue in dict(lint({"Version": "2012-10-17", "Statement": [statement]}))


def test_every_principal_is_a_service_or_the_own_account(every_environment: Synthesis) -> None:
    """`AWS: *` would be anybody; only a refusal may be meant for all."""
    for policy in policies(every_environment):
        for statement in policy.statements:
            principal = statement.get("Principal", {})
            named = principal if isinstance(principal, dict) else {"AWS": principal}
            for kind, principals in named.items():
                listed = principals if isinstance(principals, list) else [principals]
                if statement["Effect"] == "Deny":
                    assert listed == ["*"], policy.path
                elif kind == "AWS":
                    assert listed == [f"arn:aws:iam::{ACCOUNT}:root"], policy.path
                else:
                    assert kind == "Service", policy.path
                    assert all(name.endswith(".amazonaws.com") for name in listed), policy.path


def test_roles_trust_one_service_each(every_environment: Synthesis) -> None:
    trusts = [p for p in policies(every_environment) if p.kind == "AssumeRolePolicyDocument"]

    assert trusts
    for trust in trusts:
        (statement,) = trust.statements
        (service,) = statement["Principal"].values()
        assert service in SERVICES, trust.path
        assert statement["Action"] == "sts:AssumeRole"


def test_policies_fit_what_iam_takes_whatever_names_are_as_long_as_they_may(tmp_path: Path) -> None:
    environment, campaign = "x" * 20, "y" * 40
    files = minimal_project(tmp_path)
    files.set_environment("storage", {"encryption": "kms", "removal": "retain"})
    (tmp_path / "environments/dev.toml").rename(tmp_path / f"environments/{environment}.toml")
    (tmp_path / "campaigns/letters").rename(tmp_path / f"campaigns/{campaign}")
    longest = synthesize_project(load(tmp_path, env=environment, host=HOST))

    _assert_fitting(longest)


def test_policies_fit_what_iam_takes(every_environment: Synthesis) -> None:
    _assert_fitting(every_environment)


def _assert_fitting(synthesis: Synthesis) -> None:
    of_roles: Counter[tuple[str, str]] = Counter()
    for policy in policies(synthesis):
        largest = LARGEST_TRUST if policy.kind == "AssumeRolePolicyDocument" else LARGEST_MANAGED
        assert policy.size <= largest, policy.path
        of_roles.update((policy.stack, role) for role in policy.roles)
    inline = [
        resource.path
        for resource in synthesis.resources()
        if resource.type == "AWS::IAM::Policy"
        or (resource.type == "AWS::IAM::Role" and "Policies" in resource.properties)
    ]

    assert max(of_roles.values()) <= MOST_MANAGED_OF_A_ROLE
    assert inline == []
