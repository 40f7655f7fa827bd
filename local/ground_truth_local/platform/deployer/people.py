"""User pools, the workforce and work teams."""

from __future__ import annotations

from collections.abc import Mapping

from ground_truth_local.platform.deployer.needs import Handlers, Need, arn, tagging

_POOL = arn("cognito-idp", "userpool/{name}")
_OF_POOL = arn("cognito-idp", "userpool/{UserPoolId}")
_WORKFORCE = arn("sagemaker", "workforce/{name}")
_WORKTEAM = arn("sagemaker", "workteam/private-crowd/{name}")
_JOINED = arn("cognito-idp", "userpool/{pool}")
# What SageMaker does in Cognito runs with the rights of whoever calls it (the registry
# schemas of AWS::SageMaker::Workforce and Workteam name these actions).
_JOINING_POOL = (
    Need(action="cognito-idp:DescribeUserPool", resource=_JOINED),
    Need(action="cognito-idp:DescribeUserPoolClient", resource=_JOINED),
    Need(action="cognito-idp:UpdateUserPoolClient", resource=_JOINED),
    Need(action="cognito-idp:ListGroups", resource=_JOINED),
)

TYPES: Mapping[str, Handlers] = {
    "AWS::Cognito::UserPool": Handlers(
        create=(
            Need(action="cognito-idp:CreateUserPool"),
            Need(action="cognito-idp:TagResource", resource=_POOL, when=("UserPoolTags",)),
            Need(
                action="cognito-idp:SetUserPoolMfaConfig",
                resource=_POOL,
                when=("EnabledMfas",),
            ),
        ),
        update=(
            Need(action="cognito-idp:UpdateUserPool", resource=_POOL),
            Need(
                action="cognito-idp:SetUserPoolMfaConfig",
                resource=_POOL,
                when=("EnabledMfas", "MfaConfiguration"),
            ),
            Need(action="cognito-idp:AddCustomAttributes", resource=_POOL, when=("Schema",)),
            *tagging("cognito-idp:TagResource", "cognito-idp:UntagResource", _POOL, "UserPoolTags"),
        ),
        delete=(Need(action="cognito-idp:DeleteUserPool", resource=_POOL),),
        reading=(Need(action="cognito-idp:DescribeUserPool", resource=_POOL),),
    ),
    "AWS::Cognito::UserPoolDomain": Handlers(
        create=(Need(action="cognito-idp:CreateUserPoolDomain", resource=_OF_POOL),),
        update=(Need(action="cognito-idp:UpdateUserPoolDomain", resource=_OF_POOL),),
        delete=(Need(action="cognito-idp:DeleteUserPoolDomain", resource=_OF_POOL),),
        reading=(Need(action="cognito-idp:DescribeUserPoolDomain"),),
    ),
    "AWS::Cognito::UserPoolClient": Handlers(
        create=(Need(action="cognito-idp:CreateUserPoolClient", resource=_OF_POOL),),
        update=(Need(action="cognito-idp:UpdateUserPoolClient", resource=_OF_POOL),),
        delete=(Need(action="cognito-idp:DeleteUserPoolClient", resource=_OF_POOL),),
        reading=(Need(action="cognito-idp:DescribeUserPoolClient", resource=_OF_POOL),),
    ),
    "AWS::Cognito::UserPoolGroup": Handlers(
        create=(Need(action="cognito-idp:CreateGroup", resource=_OF_POOL),),
        update=(Need(action="cognito-idp:UpdateGroup", resource=_OF_POOL),),
        delete=(Need(action="cognito-idp:DeleteGroup", resource=_OF_POOL),),
        reading=(Need(action="cognito-idp:GetGroup", resource=_OF_POOL),),
    ),
    "AWS::SageMaker::Workforce": Handlers(
        name="WorkforceName",
        create=(
            Need(action="sagemaker:CreateWorkforce", resource=_WORKFORCE),
            Need(action="sagemaker:AddTags", resource=_WORKFORCE, when=("Tags",)),
            *_JOINING_POOL,
            Need(action="cognito-idp:DescribeUserPoolDomain"),
            Need(action="cognito-idp:ListUsers", resource=_JOINED),
            Need(action="cognito-idp:UpdateUserPool", resource=_JOINED),
        ),
        update=(
            Need(
                action="sagemaker:UpdateWorkforce",
                resource=_WORKFORCE,
                when=("OidcConfig", "SourceIpConfig"),
            ),
            *tagging("sagemaker:AddTags", "sagemaker:DeleteTags", _WORKFORCE),
        ),
        delete=(Need(action="sagemaker:DeleteWorkforce", resource=_WORKFORCE),),
        reading=(
            Need(action="sagemaker:DescribeWorkforce", resource=_WORKFORCE),
            Need(action="sagemaker:ListTags", resource=_WORKFORCE),
        ),
    ),
    "AWS::SageMaker::Workteam": Handlers(
        name="WorkteamName",
        create=(
            Need(action="sagemaker:CreateWorkteam", resource=_WORKTEAM),
            Need(action="sagemaker:AddTags", resource=_WORKTEAM, when=("Tags",)),
            Need(action="sagemaker:ListWorkforces"),
            *_JOINING_POOL,
            Need(action="cognito-idp:AdminListGroupsForUser", resource=_JOINED),
        ),
        update=(
            Need(
                action="sagemaker:UpdateWorkteam",
                resource=_WORKTEAM,
                when=("Description", "MemberDefinitions", "NotificationConfiguration"),
            ),
            *tagging("sagemaker:AddTags", "sagemaker:DeleteTags", _WORKTEAM),
        ),
        delete=(Need(action="sagemaker:DeleteWorkteam", resource=_WORKTEAM),),
        reading=(
            Need(action="sagemaker:DescribeWorkteam", resource=_WORKTEAM),
            Need(action="sagemaker:ListTags", resource=_WORKTEAM),
        ),
    ),
}
