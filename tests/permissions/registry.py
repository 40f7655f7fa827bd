"""The public CloudFormation registry's word on what a type's handlers need, and what we leave out.

The schemas come with cfn-lint, whose resources are those of the registry.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import cfnlint

_SCHEMAS = Path(cfnlint.__file__).parent / "data" / "schemas" / "resources"
_HANDLERS = ("create", "read", "update", "delete")

_NO_KEY = "the resource is under no key of ours, and what is under one is said in the key's policy"
_NO_ROLE = "no template of ours gives it a role"
_NO_USERS = "our policies are attached to roles alone"
_NO_NETWORK = "nothing of ours lies in a network"
_ONE_SPEED = "no version or alias of ours has provisioned concurrency or capacity"
_MANAGED = "policies of roles are managed ones, which attach themselves"
_NOT_USED = "a feature that no template of ours uses"

# Which permissions of a type's schema a deployer of ours doesn't need, and why.
LEFT_OUT: Mapping[str, Mapping[str, str]] = {
    "AWS::CloudWatch::Dashboard": {
        "cloudwatch:*TagResource": "our dashboards carry no tags",
        "cloudwatch:UntagResource": "our dashboards carry no tags",
        "cloudwatch:ListTagsForResource": "our dashboards carry no tags",
    },
    "AWS::Cognito::UserPool": {
        "kms:*": _NO_KEY,
        "iam:PassRole": "no texts are sent, so no role sends them",
        "iam:CreateServiceLinkedRole": _NOT_USED,
    },
    "AWS::Cognito::UserPoolClient": {
        "iam:*": "for analytics and logs of a client, which ours have not",
    },
    "AWS::Cognito::UserPoolDomain": {
        "kms:*": _NO_KEY,
        "cloudfront:updateDistribution": "our domains are prefixes of Cognito's own",
    },
    "AWS::Cognito::UserPoolGroup": {"iam:*": "our groups have no role"},
    "AWS::Events::Rule": {"iam:PassRole": _NO_ROLE},
    "AWS::IAM::ManagedPolicy": {"iam:*Group*": _NO_USERS, "iam:*User*": _NO_USERS},
    "AWS::IAM::Role": {
        "iam:PutRolePolicy": _MANAGED,
        "iam:DeleteRolePolicy": _MANAGED,
        "iam:AttachRolePolicy": _MANAGED,
        "iam:DetachRolePolicy": _MANAGED,
        "iam:*PermissionsBoundary": "set where the file has one, taken off never",
    },
    "AWS::Lambda::Alias": {
        "lambda:*ProvisionedConcurrencyConfig": _ONE_SPEED,
        "codedeploy:*": "aliases move at once",
    },
    "AWS::Lambda::Function": {
        "ec2:*": _NO_NETWORK,
        "elasticfilesystem:*": _NO_NETWORK,
        "s3files:*": _NO_NETWORK,
        "kms:*": "environment variables are under Lambda's own key",
        "s3:GetObjectVersion": "assets are named by their content, without a version",
        "lambda:*FunctionConcurrency": "no function of ours reserves any",
        "lambda:PutFunctionCodeSigningConfig": _NOT_USED,
        "lambda:DeleteFunctionCodeSigningConfig": _NOT_USED,
        "lambda:GetCodeSigningConfig": _NOT_USED,
        "lambda:GetLayerVersion": _NOT_USED,
        "lambda:PutRuntimeManagementConfig": _NOT_USED,
        "lambda:PutFunctionRecursionConfig": _NOT_USED,
        "lambda:PutFunctionScalingConfig": _NOT_USED,
        "lambda:PassCapacityProvider": _NOT_USED,
        "lambda:AssociateRuntimeAlias": _NOT_USED,
        "lambda:PublishVersion": "versions are resources of their own",
    },
    "AWS::Lambda::Version": {
        "lambda:PutProvisionedConcurrencyConfig": _ONE_SPEED,
        "lambda:PutRuntimeManagementConfig": _NOT_USED,
        "lambda:PutFunctionScalingConfig": _NOT_USED,
    },
    "AWS::Logs::LogGroup": {
        "s3:*": _NOT_USED,
        "firehose:*": _NOT_USED,
        "logs:PutDataProtectionPolicy": _NOT_USED,
        "logs:DeleteDataProtectionPolicy": _NOT_USED,
        "logs:CreateLogDelivery": _NOT_USED,
        "logs:PutResourcePolicy": _NOT_USED,
        "logs:DeleteResourcePolicy": _NOT_USED,
        "logs:PutIndexPolicy": _NOT_USED,
        "logs:DeleteIndexPolicy": _NOT_USED,
        "logs:PutBearerTokenAuthentication": _NOT_USED,
        "logs:PutLogGroupDeletionProtection": _NOT_USED,
    },
    "AWS::S3::Bucket": {
        "iam:PassRole": "nothing is replicated",
        "s3tables:*": _NOT_USED,
        "s3:CreateBucketMetadata*": _NOT_USED,
        "s3:UpdateBucketMetadata*": _NOT_USED,
        "s3:DeleteBucketMetadata*": _NOT_USED,
        "s3:PutBucketAbac": _NOT_USED,
        "s3:PutAnalyticsConfiguration": _NOT_USED,
        "s3:PutInventoryConfiguration": _NOT_USED,
        "s3:PutMetricsConfiguration": _NOT_USED,
        "s3:PutBucketNotification": _NOT_USED,
        "s3:PutBucketReplication": _NOT_USED,
        "s3:PutReplicationConfiguration": _NOT_USED,
        "s3:PutBucketWebsite": _NOT_USED,
        "s3:PutAccelerateConfiguration": _NOT_USED,
        "s3:Put*ObjectLockConfiguration": _NOT_USED,
        "s3:PutIntelligentTieringConfiguration": _NOT_USED,
        "s3:PutObjectAcl": "access control lists are disabled",
        "s3:PutBucketAcl": "access control lists are disabled",
        "s3:GetBucketAcl": "access control lists are disabled",
        "s3:DeleteObject": "CloudFormation deletes no objects; a function of ours does",
        "s3:DeleteBucket?*": "no such action in the service authorization reference",
    },
    "AWS::SNS::Subscription": {"iam:*": _NO_ROLE},
    "AWS::SNS::Topic": {
        "iam:*": _NO_ROLE,
        "sns:*ubscribe": "subscriptions are resources of their own",
        "sns:PutDataProtectionPolicy": _NOT_USED,
    },
    "AWS::SageMaker::Workforce": {"ec2:*": _NO_NETWORK},
}

# Beyond the schema: what it leaves out although the calls take it.
ADDED: Mapping[str, Mapping[str, str]] = {
    "AWS::SNS::Topic": {
        "sns:SetTopicAttributes": "in the schema under update; a changed key takes it, too"
    },
}


@cache
def schema_permissions(type_: str) -> frozenset[str]:
    """All permissions that a type's handlers name."""
    schema = _schemas()[type_]
    handlers = schema.get("handlers", {})
    named = [handlers.get(name, {}).get("permissions", []) for name in _HANDLERS]
    tagging = schema.get("tagging", {}).get("permissions", [])
    return frozenset(action for listed in (*named, tagging) for action in listed)


def read_permissions(type_: str) -> frozenset[str]:
    """What a type's handlers name for reading."""
    handlers = _schemas()[type_].get("handlers", {})
    return frozenset(handlers.get("read", {}).get("permissions", []))


def left_out(type_: str, action: str) -> str | None:
    """Why a permission of the schema isn't granted."""
    return next(
        (why for pattern, why in LEFT_OUT.get(type_, {}).items() if fnmatchcase(action, pattern)),
        None,
    )


@cache
def _schemas() -> Mapping[str, Any]:
    found = {}
    for path in _SCHEMAS.glob("*.json"):
        schema = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(schema, dict) and "typeName" in schema:
            found[schema["typeName"]] = schema
    return found
