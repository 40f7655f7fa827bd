"""What CloudFormation's handlers of a resource type need, as its registry schema says.

Source: `handlers` (create, read, update, delete) and `tagging` of the type's schema in the public
CloudFormation registry (`aws cloudformation describe-type --type RESOURCE --type-name …`). Left out
are permissions for features that no template of ours uses; which, and why, is in
tests/permissions/registry.py, which also compares every line here with the schemas.

ARN formats: service authorization reference. In them `{stacks}` and `{lower}` stand for what names
begin with that CloudFormation makes up, `{names}` for names of our own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Conditions = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """Actions on ARNs, under conditions; all with places to fill."""

    actions: Sequence[str]
    resources: Sequence[str] = ("*",)
    conditions: Conditions = field(default_factory=dict)


def _arn(service: str, resource: str) -> str:
    return f"arn:{{partition}}:{service}:{{region}}:{{account}}:{resource}"


def _of(service: str, *operations: str) -> tuple[str, ...]:
    return tuple(f"{service}:{operation}" for operation in operations)


_BUCKET = ("arn:{partition}:s3:::{lower}*",)
_ROLE = ("arn:{partition}:iam::{account}:role/{stacks}*",)
_POLICY = "arn:{partition}:iam::{account}:policy/{stacks}*"
_FUNCTION = (_arn("lambda", "function:{stacks}*"),)
_LOG_GROUP = (_arn("logs", "log-group:{stacks}*"),)
_RULE = (_arn("events", "rule/{stacks}*"),)
_ALARM = (_arn("cloudwatch", "alarm:{names}*"), _arn("cloudwatch", "alarm:{stacks}*"))
_DASHBOARD = ("arn:{partition}:cloudwatch::{account}:dashboard/{names}*",)
_TOPIC = (_arn("sns", "{stacks}*"),)
_QUEUE = (_arn("sqs", "{stacks}*"),)
_KEY = (_arn("kms", "key/*"),)
_POOL = (_arn("cognito-idp", "userpool/*"),)
_WORKFORCE = (_arn("sagemaker", "workforce/{workforce}"),)
_WORKTEAM = (_arn("sagemaker", "workteam/private-crowd/{workteam}"),)
_SAGEMAKER_TAGS = _of("sagemaker", "AddTags", "DeleteTags", "ListTags")
# A pool's id can't be known before; SageMaker joins team, group and client in it (schema).
_JOINING = Granted(
    actions=_of(
        "cognito-idp",
        *("DescribeUserPool", "DescribeUserPoolClient", "ListGroups", "UpdateUserPoolClient"),
    ),
    resources=_POOL,
)

TYPES: Mapping[str, Sequence[Granted]] = {
    "AWS::CloudWatch::Alarm": (
        Granted(
            actions=_of(
                "cloudwatch",
                *("DeleteAlarms", "DescribeAlarms", "PutMetricAlarm"),
                *("ListTagsForResource", "TagResource", "UntagResource"),
            ),
            resources=_ALARM,
        ),
    ),
    "AWS::CloudWatch::Dashboard": (
        Granted(
            actions=_of("cloudwatch", "DeleteDashboards", "GetDashboard", "PutDashboard"),
            resources=_DASHBOARD,
        ),
    ),
    "AWS::Cognito::UserPool": (
        Granted(actions=("cognito-idp:CreateUserPool",)),
        Granted(
            actions=_of(
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
            actions=_of(
                "cognito-idp",
                *("CreateUserPoolClient", "DeleteUserPoolClient", "DescribeUserPoolClient"),
                *("ListUserPoolClientSecrets", "UpdateUserPoolClient"),
            ),
            resources=_POOL,
        ),
    ),
    "AWS::Cognito::UserPoolDomain": (
        Granted(
            actions=_of(
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
            actions=_of("cognito-idp", "CreateGroup", "DeleteGroup", "GetGroup", "UpdateGroup"),
            resources=_POOL,
        ),
    ),
    "AWS::Events::Rule": (
        Granted(
            actions=_of(
                "events",
                *("DeleteRule", "DescribeRule", "ListTagsForResource", "ListTargetsByRule"),
                *("PutRule", "PutTargets", "RemoveTargets", "TagResource", "UntagResource"),
            ),
            resources=_RULE,
        ),
    ),
    "AWS::IAM::ManagedPolicy": (
        Granted(
            actions=_of(
                "iam",
                *("CreatePolicy", "CreatePolicyVersion", "DeletePolicy", "DeletePolicyVersion"),
                *("GetPolicy", "GetPolicyVersion", "ListEntitiesForPolicy", "ListPolicyVersions"),
            ),
            resources=(_POLICY,),
        ),
        # only our own policies, so that nobody becomes an administrator by a template
        Granted(
            actions=_of("iam", "AttachRolePolicy", "DetachRolePolicy"),
            resources=_ROLE,
            conditions={"ArnLike": {"iam:PolicyARN": _POLICY}},
        ),
    ),
    "AWS::IAM::Role": (
        # a condition whose value is empty goes: without a boundary there is none
        Granted(
            actions=("iam:CreateRole",),
            resources=_ROLE,
            conditions={"StringEquals": {"iam:PermissionsBoundary": "{boundary}"}},
        ),
        Granted(
            actions=_of(
                "iam",
                *("DeleteRole", "GetRole", "GetRolePolicy", "ListAttachedRolePolicies"),
                *("ListRolePolicies", "ListRoleTags", "TagRole", "UntagRole"),
                *("UpdateAssumeRolePolicy", "UpdateRole", "UpdateRoleDescription"),
            ),
            resources=_ROLE,
        ),
    ),
    "AWS::KMS::Key": (
        Granted(
            actions=("kms:CreateKey",),
            conditions={"StringEquals": {"aws:RequestTag/{environment_tag}": "{environment}"}},
        ),
        Granted(
            actions=_of(
                "kms",
                *("DescribeKey", "DisableKey", "DisableKeyRotation", "EnableKey"),
                *("EnableKeyRotation", "GetKeyPolicy", "GetKeyRotationStatus"),
                *("ListResourceTags", "PutKeyPolicy", "ScheduleKeyDeletion", "TagResource"),
                *("UntagResource", "UpdateKeyDescription"),
            ),
            resources=_KEY,
            conditions={"StringEquals": {"aws:ResourceTag/{environment_tag}": "{environment}"}},
        ),
    ),
    "AWS::Lambda::Alias": (
        Granted(
            actions=_of("lambda", "CreateAlias", "DeleteAlias", "GetAlias", "UpdateAlias"),
            resources=_FUNCTION,
        ),
    ),
    "AWS::Lambda::Function": (
        Granted(
            actions=_of(
                "lambda",
                *("CreateFunction", "DeleteFunction", "GetFunction"),
                *("GetFunctionCodeSigningConfig", "GetFunctionRecursionConfig"),
                *("GetFunctionScalingConfig", "GetRuntimeManagementConfig", "ListTags"),
                *("TagResource", "UntagResource"),
                *("UpdateFunctionCode", "UpdateFunctionConfiguration"),
            ),
            resources=_FUNCTION,
        ),
        Granted(
            actions=("iam:PassRole",),
            resources=_ROLE,
            conditions={"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
        ),
        Granted(actions=("s3:GetObject",), resources=("arn:{partition}:s3:::{assets}/*",)),
    ),
    "AWS::Lambda::Permission": (
        Granted(
            actions=_of("lambda", "AddPermission", "GetPolicy", "RemovePermission"),
            resources=_FUNCTION,
        ),
    ),
    "AWS::Lambda::Version": (
        Granted(
            actions=_of(
                "lambda",
                *("DeleteFunction", "GetFunctionConfiguration", "GetFunctionScalingConfig"),
                *("GetProvisionedConcurrencyConfig", "GetRuntimeManagementConfig"),
                *("ListVersionsByFunction", "PublishVersion"),
            ),
            resources=_FUNCTION,
        ),
    ),
    "AWS::Logs::LogGroup": (
        Granted(
            actions=_of(
                "logs",
                *("AssociateKmsKey", "CreateLogGroup", "DeleteLogGroup", "DeleteRetentionPolicy"),
                *("DisassociateKmsKey", "GetDataProtectionPolicy", "DescribeIndexPolicies"),
                *("ListTagsForResource", "PutRetentionPolicy", "TagResource", "UntagResource"),
            ),
            resources=_LOG_GROUP,
        ),
        # lists them all and picks ours
        Granted(actions=_of("logs", "DescribeLogGroups"), resources=(_arn("logs", "log-group:*"),)),
        # of the account, not of a group
        Granted(actions=("logs:DescribeResourcePolicies",)),
    ),
    "AWS::S3::Bucket": (
        Granted(
            actions=_of(
                "s3",
                *("CreateBucket", "DeleteBucket", "GetAccelerateConfiguration"),
                *("GetAnalyticsConfiguration", "GetBucketAbac", "GetBucketCORS"),
                *("GetBucketLogging", "GetBucketMetadataTableConfiguration"),
                *("GetBucketNotification", "GetBucketObjectLockConfiguration"),
                *("GetBucketOwnershipControls", "GetBucketPublicAccessBlock"),
                *("GetBucketTagging", "GetBucketVersioning", "GetBucketWebsite"),
                *("GetEncryptionConfiguration", "GetIntelligentTieringConfiguration"),
                *("GetInventoryConfiguration", "GetLifecycleConfiguration"),
                *("GetMetricsConfiguration", "GetReplicationConfiguration", "ListBucket"),
                *("ListTagsForResource", "PutBucketCORS", "PutBucketLogging"),
                *("PutBucketOwnershipControls", "PutBucketPublicAccessBlock"),
                *("PutBucketTagging", "PutBucketVersioning", "PutEncryptionConfiguration"),
                *("PutLifecycleConfiguration", "TagResource", "UntagResource"),
            ),
            resources=_BUCKET,
        ),
    ),
    "AWS::S3::BucketPolicy": (
        Granted(
            actions=_of("s3", "DeleteBucketPolicy", "GetBucketPolicy", "PutBucketPolicy"),
            resources=_BUCKET,
        ),
    ),
    "AWS::SNS::Subscription": (
        Granted(actions=("sns:Subscribe",), resources=_TOPIC),
        # no resource to hold them to (service authorization reference)
        Granted(
            actions=_of(
                "sns", "GetSubscriptionAttributes", "SetSubscriptionAttributes", "Unsubscribe"
            )
        ),
    ),
    "AWS::SNS::Topic": (
        Granted(
            actions=_of(
                "sns",
                *("CreateTopic", "DeleteTopic", "GetDataProtectionPolicy", "GetTopicAttributes"),
                *("ListSubscriptionsByTopic", "ListTagsForResource", "SetTopicAttributes"),
                *("TagResource", "UntagResource"),
            ),
            resources=_TOPIC,
        ),
    ),
    "AWS::SNS::TopicPolicy": (Granted(actions=("sns:SetTopicAttributes",), resources=_TOPIC),),
    "AWS::SQS::Queue": (
        Granted(
            actions=_of(
                "sqs",
                *("CreateQueue", "DeleteQueue", "GetQueueAttributes", "GetQueueUrl"),
                *("ListQueueTags", "SetQueueAttributes", "TagQueue", "UntagQueue"),
            ),
            resources=_QUEUE,
        ),
    ),
    "AWS::SQS::QueuePolicy": (Granted(actions=("sqs:SetQueueAttributes",), resources=_QUEUE),),
    "AWS::SageMaker::Workforce": (
        Granted(
            actions=(
                *_of("sagemaker", "CreateWorkforce", "DeleteWorkforce"),
                *_of("sagemaker", "DescribeWorkforce", "UpdateWorkforce"),
                *_SAGEMAKER_TAGS,
            ),
            resources=_WORKFORCE,
        ),
        _JOINING,
        Granted(actions=_of("cognito-idp", "ListUsers", "UpdateUserPool"), resources=_POOL),
        Granted(actions=("cognito-idp:DescribeUserPoolDomain",)),
    ),
    "AWS::SageMaker::Workteam": (
        Granted(
            actions=(
                *_of("sagemaker", "CreateWorkteam", "DeleteWorkteam"),
                *_of("sagemaker", "DescribeWorkteam", "UpdateWorkteam"),
                *_SAGEMAKER_TAGS,
            ),
            resources=_WORKTEAM,
        ),
        Granted(actions=("sagemaker:ListWorkforces",)),
        _JOINING,
        Granted(actions=("cognito-idp:AdminListGroupsForUser",), resources=_POOL),
    ),
}

# Custom resources are invocations of a function of the stack (CloudFormation user guide, "Custom
# resources", ServiceToken).
CUSTOM = Granted(actions=("lambda:InvokeFunction",), resources=_FUNCTION)
# Fn::GetStackOutput reads another stack of the environment.
STACK_OUTPUTS = Granted(
    actions=("cloudformation:DescribeStacks",),
    resources=(_arn("cloudformation", "stack/{stacks}*"),),
)
# Every template asks which version of the bootstrap there is.
BOOTSTRAP_VERSION = Granted(
    actions=("ssm:GetParameters",), resources=(_arn("ssm", "parameter/cdk-bootstrap/*/version"),)
)
