"""What CloudFormation's handlers of a resource type need, as its registry schema says.

Source: `handlers` (create, read, update, delete) and `tagging` of the type's schema in the public
CloudFormation registry (`aws cloudformation describe-type --type RESOURCE --type-name …`). Left out
are permissions for features that no template of ours uses; which, and why, is in
tests/permissions/registry.py, which also compares every line here with the schemas.

ARN formats: service authorization reference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ground_truth_ops.deployer import people
from ground_truth_ops.deployer.granted import Granted, arn, of

_BUCKET = ("arn:{partition}:s3:::{lower}*",)
_ROLE = ("arn:{partition}:iam::{account}:role/{stacks}*",)
_POLICY = "arn:{partition}:iam::{account}:policy/{stacks}*"
_FUNCTION = (arn("lambda", "function:{stacks}*"),)
_LOG_GROUP = (arn("logs", "log-group:{stacks}*"),)
_RULE = (arn("events", "rule/{stacks}*"),)
_ALARM = (arn("cloudwatch", "alarm:{names}*"), arn("cloudwatch", "alarm:{stacks}*"))
_DASHBOARD = ("arn:{partition}:cloudwatch::{account}:dashboard/{names}*",)
_TOPIC = (arn("sns", "{stacks}*"),)
_QUEUE = (arn("sqs", "{stacks}*"),)
_KEY = (arn("kms", "key/*"),)

TYPES: Mapping[str, Sequence[Granted]] = {
    **people.TYPES,
    "AWS::CloudWatch::Alarm": (
        Granted(
            actions=of(
                "cloudwatch",
                *("DeleteAlarms", "DescribeAlarms", "PutMetricAlarm"),
                *("ListTagsForResource", "TagResource", "UntagResource"),
            ),
            resources=_ALARM,
        ),
    ),
    "AWS::CloudWatch::Dashboard": (
        Granted(
            actions=of("cloudwatch", "DeleteDashboards", "GetDashboard", "PutDashboard"),
            resources=_DASHBOARD,
        ),
    ),
    "AWS::Events::Rule": (
        Granted(
            actions=of(
                "events",
                *("DeleteRule", "DescribeRule", "ListTagsForResource", "ListTargetsByRule"),
                *("PutRule", "PutTargets", "RemoveTargets", "TagResource", "UntagResource"),
            ),
            resources=_RULE,
        ),
    ),
    "AWS::IAM::ManagedPolicy": (
        Granted(
            actions=of(
                "iam",
                *("CreatePolicy", "CreatePolicyVersion", "DeletePolicy", "DeletePolicyVersion"),
                *("GetPolicy", "GetPolicyVersion", "ListEntitiesForPolicy", "ListPolicyVersions"),
            ),
            resources=(_POLICY,),
        ),
        # only our own policies, so that nobody becomes an administrator by a template
        Granted(
            actions=of("iam", "AttachRolePolicy", "DetachRolePolicy"),
            resources=_ROLE,
            conditions={"ArnLike": {"iam:PolicyARN": _POLICY}},
        ),
    ),
    "AWS::IAM::Role": (
        # a condition whose value is empty goes: without a boundary there is none
        Granted(
            actions=("iam:CreateRole",),
            resources=_ROLE,
            conditions={"StringLike": {"iam:PermissionsBoundary": "{boundary}"}},
        ),
        Granted(
            actions=of(
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
            actions=of(
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
            actions=of("lambda", "CreateAlias", "DeleteAlias", "GetAlias", "UpdateAlias"),
            resources=_FUNCTION,
        ),
    ),
    "AWS::Lambda::Function": (
        Granted(
            actions=of(
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
            actions=of("lambda", "AddPermission", "GetPolicy", "RemovePermission"),
            resources=_FUNCTION,
        ),
    ),
    "AWS::Lambda::Version": (
        Granted(
            actions=of(
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
            actions=of(
                "logs",
                *("AssociateKmsKey", "CreateLogGroup", "DeleteLogGroup", "DeleteRetentionPolicy"),
                *("DisassociateKmsKey", "GetDataProtectionPolicy", "DescribeIndexPolicies"),
                *("ListTagsForResource", "PutRetentionPolicy", "TagResource", "UntagResource"),
            ),
            resources=_LOG_GROUP,
        ),
        # lists them all and picks ours
        Granted(actions=of("logs", "DescribeLogGroups"), resources=(arn("logs", "log-group:*"),)),
        # of the account, not of a group
        Granted(actions=("logs:DescribeResourcePolicies",)),
    ),
    "AWS::S3::Bucket": (
        Granted(
            actions=of(
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
            actions=of("s3", "DeleteBucketPolicy", "GetBucketPolicy", "PutBucketPolicy"),
            resources=_BUCKET,
        ),
    ),
    "AWS::SNS::Subscription": (
        Granted(actions=("sns:Subscribe",), resources=_TOPIC),
        # no resource to hold them to (service authorization reference)
        Granted(
            actions=of(
                "sns", "GetSubscriptionAttributes", "SetSubscriptionAttributes", "Unsubscribe"
            )
        ),
    ),
    "AWS::SNS::Topic": (
        Granted(
            actions=of(
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
            actions=of(
                "sqs",
                *("CreateQueue", "DeleteQueue", "GetQueueAttributes", "GetQueueUrl"),
                *("ListQueueTags", "SetQueueAttributes", "TagQueue", "UntagQueue"),
            ),
            resources=_QUEUE,
        ),
    ),
    "AWS::SQS::QueuePolicy": (Granted(actions=("sqs:SetQueueAttributes",), resources=_QUEUE),),
}

# Custom resources are invocations of a function of the stack (CloudFormation user guide, "Custom
# resources", ServiceToken).
CUSTOM = Granted(actions=("lambda:InvokeFunction",), resources=_FUNCTION)
# Fn::GetStackOutput reads another stack of the environment.
STACK_OUTPUTS = Granted(
    actions=("cloudformation:DescribeStacks",),
    resources=(arn("cloudformation", "stack/{stacks}*"),),
)
# A boundary comes to roles that were made without it, and none but this one.
BOUNDARY = Granted(
    actions=("iam:PutRolePermissionsBoundary",),
    resources=_ROLE,
    conditions={"StringLike": {"iam:PermissionsBoundary": "{boundary}"}},
)
# Every template asks which version of the bootstrap there is.
BOOTSTRAP_VERSION = Granted(
    actions=("ssm:GetParameters",), resources=(arn("ssm", "parameter/cdk-bootstrap/*/version"),)
)


def secret(name: str) -> Granted:
    """Reading a secret that a template refers to; its ARN ends in six characters of its own."""
    return Granted(
        actions=("secretsmanager:GetSecretValue",),
        resources=(arn("secretsmanager", f"secret:{name}-??????"),),
    )
