"""Roles and their policies."""

from __future__ import annotations

from collections.abc import Mapping

from ground_truth_local.platform.deployer.needs import Handlers, Need, tagging

_ROLE = "arn:{partition}:iam::{account}:role/{name}"
_POLICY = "arn:{partition}:iam::{account}:policy/{name}"
_THIS_POLICY = {"iam:PolicyARN": _POLICY}
_ITEMS_ROLE = "arn:{partition}:iam::{account}:role/{item_name}"

TYPES: Mapping[str, Handlers] = {
    "AWS::IAM::Role": Handlers(
        name="RoleName",
        create=(
            Need(
                action="iam:CreateRole",
                resource=_ROLE,
                keys={"iam:PermissionsBoundary": "{PermissionsBoundary}"},
            ),
            Need(action="iam:TagRole", resource=_ROLE, when=("Tags",)),
            Need(action="iam:PutRolePolicy", resource=_ROLE, when=("Policies",)),
            Need(
                action="iam:AttachRolePolicy",
                resource=_ROLE,
                each="ManagedPolicyArns",
                keys={"iam:PolicyARN": "{item}"},
            ),
        ),
        update=(
            Need(action="iam:UpdateRole", resource=_ROLE, when=("Description",)),
            Need(
                action="iam:PutRolePermissionsBoundary",
                resource=_ROLE,
                when=("PermissionsBoundary",),
                keys={"iam:PermissionsBoundary": "{PermissionsBoundary}"},
            ),
            Need(
                action="iam:UpdateAssumeRolePolicy",
                resource=_ROLE,
                when=("AssumeRolePolicyDocument",),
            ),
            Need(action="iam:PutRolePolicy", resource=_ROLE, when=("Policies",)),
            Need(
                action="iam:AttachRolePolicy",
                resource=_ROLE,
                each="ManagedPolicyArns",
                keys={"iam:PolicyARN": "{item}"},
            ),
            *tagging("iam:TagRole", "iam:UntagRole", _ROLE),
        ),
        delete=(
            Need(action="iam:GetRole", resource=_ROLE),
            Need(action="iam:ListAttachedRolePolicies", resource=_ROLE),
            Need(action="iam:ListRolePolicies", resource=_ROLE),
            Need(action="iam:DeleteRole", resource=_ROLE),
        ),
        reading=(Need(action="iam:GetRole", resource=_ROLE),),
    ),
    "AWS::IAM::ManagedPolicy": Handlers(
        name="ManagedPolicyName",
        create=(
            Need(action="iam:CreatePolicy", resource=_POLICY),
            Need(
                action="iam:AttachRolePolicy", resource=_ITEMS_ROLE, each="Roles", keys=_THIS_POLICY
            ),
        ),
        update=(
            Need(action="iam:ListPolicyVersions", resource=_POLICY, when=("PolicyDocument",)),
            Need(action="iam:CreatePolicyVersion", resource=_POLICY, when=("PolicyDocument",)),
            Need(action="iam:DeletePolicyVersion", resource=_POLICY, when=("PolicyDocument",)),
            Need(
                action="iam:AttachRolePolicy", resource=_ITEMS_ROLE, each="Roles", keys=_THIS_POLICY
            ),
            Need(
                action="iam:DetachRolePolicy",
                resource=_ITEMS_ROLE,
                each="Roles",
                gone=True,
                keys=_THIS_POLICY,
            ),
        ),
        delete=(
            Need(
                action="iam:DetachRolePolicy", resource=_ITEMS_ROLE, each="Roles", keys=_THIS_POLICY
            ),
            Need(action="iam:ListPolicyVersions", resource=_POLICY),
            Need(action="iam:DeletePolicy", resource=_POLICY),
        ),
        reading=(Need(action="iam:GetPolicy", resource=_POLICY),),
    ),
}
