"""User pools, the workforce and work teams: what their handlers need; see `handlers`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ground_truth_ops.deployer.granted import Granted, arn, of

_POOL = (arn("cognito-idp", "userpool/*"),)
_WORKFORCE = (arn("sagemaker", "workforce/{workforce}"),)
_WORKTEAM = (arn("sagemaker", "workteam/private-crowd/{workteam}"),)
_SAGEMAKER_TAGS = of("sagemaker", "AddTags", "DeleteTags", "ListTags")
# A pool's id can't be known before; SageMaker joins team, group and client in it (schema).
_JOINING = Granted(
    actions=of(
        "cognito-idp",
        *("DescribeUserPool", "DescribeUserPoolClient", "ListGroups", "UpdateUserPoolClient"),
    ),
    resources=_POOL,
)

TYPES: Mapping[str, Sequence[Granted]] = {
    "AWS::Cognito::UserPool": (
        Granted(actions=("cognito-idp:CreateUserPool",)),
        Granted(
            actions=of(
                "cognito-idp",
                *("AddCustomAttributes", "DeleteUserPool", "DescribeUserPool"),
                *("GetUserPoolMfaConfig", "ListTagsForResource", "SetUserPoolMfaConfig"),
                *("TagResource", "UntagResource", "UpdateUserPool"),
            ),
            resources=_POOL,
        ),
    ),
    "AWS::Cognito::UserPoolClient": (
        Granted(
            actions=of(
                "cognito-idp",
                *("CreateUserPoolClient", "DeleteUserPoolClient", "DescribeUserPoolClient"),
                *("ListUserPoolClientSecrets", "UpdateUserPoolClient"),
            ),
            resources=_POOL,
        ),
    ),
    "AWS::Cognito::UserPoolDomain": (
        Granted(
            actions=of(
                "cognito-idp",
                *("CreateUserPoolDomain", "DeleteUserPoolDomain", "UpdateUserPoolDomain"),
            ),
            resources=_POOL,
        ),
        # names a domain, not its pool
        Granted(actions=("cognito-idp:DescribeUserPoolDomain",)),
    ),
    "AWS::Cognito::UserPoolGroup": (
        Granted(
            actions=of("cognito-idp", "CreateGroup", "DeleteGroup", "GetGroup", "UpdateGroup"),
            resources=_POOL,
        ),
    ),
    "AWS::SageMaker::Workforce": (
        Granted(
            actions=(
                *of("sagemaker", "CreateWorkforce", "DeleteWorkforce"),
                *of("sagemaker", "DescribeWorkforce", "UpdateWorkforce"),
                *_SAGEMAKER_TAGS,
            ),
            resources=_WORKFORCE,
        ),
        _JOINING,
        Granted(actions=of("cognito-idp", "ListUsers", "UpdateUserPool"), resources=_POOL),
        Granted(actions=("cognito-idp:DescribeUserPoolDomain",)),
    ),
    "AWS::SageMaker::Workteam": (
        Granted(
            actions=(
                *of("sagemaker", "CreateWorkteam", "DeleteWorkteam"),
                *of("sagemaker", "DescribeWorkteam", "UpdateWorkteam"),
                *_SAGEMAKER_TAGS,
            ),
            resources=_WORKTEAM,
        ),
        Granted(actions=("sagemaker:ListWorkforces",)),
        _JOINING,
        Granted(actions=("cognito-idp:AdminListGroupsForUser",), resources=_POOL),
    ),
}
