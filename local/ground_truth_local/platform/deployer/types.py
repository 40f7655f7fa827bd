"""The resource types that local AWS deploys in a role's name.

Sources: the API references name the call that each property takes; the service authorization
reference names the ARN it is authorized on; `handlers` of the type's registry schema say which
reads go with it. Actions that only reads of unused features need are left out there and here.
"""

from __future__ import annotations

from collections.abc import Mapping

from ground_truth_local.platform.deployer.needs import Handlers, Need


def _arn(service: str, resource: str) -> str:
    return f"arn:{{partition}}:{service}:{{region}}:{{account}}:{resource}"


_BUCKET = "arn:{partition}:s3:::{name}"
_POLICY_BUCKET = "arn:{partition}:s3:::{Bucket}"
_ROLE = "arn:{partition}:iam::{account}:role/{name}"
_POLICY = "arn:{partition}:iam::{account}:policy/{name}"
_THIS_POLICY = {"iam:PolicyARN": _POLICY}
_ITEMS_ROLE = "arn:{partition}:iam::{account}:role/{item_name}"
_FUNCTION = _arn("lambda", "function:{name}")
_OF_FUNCTION = _arn("lambda", "function:{function}")
_LOG_GROUP = _arn("logs", "log-group:{name}:log-stream:")
_RULE = _arn("events", "rule/{name}")
_ALARM = _arn("cloudwatch", "alarm:{name}")
_DASHBOARD = "arn:{partition}:cloudwatch::{account}:dashboard/{name}"
_TOPIC = _arn("sns", "{name}")
_QUEUE = _arn("sqs", "{name}")
_KEY = _arn("kms", "key/{name}")
_POOL = _arn("cognito-idp", "userpool/{name}")
_OF_POOL = _arn("cognito-idp", "userpool/{UserPoolId}")
_WORKFORCE = _arn("sagemaker", "workforce/{name}")
_WORKTEAM = _arn("sagemaker", "workteam/private-crowd/{name}")
_ANY_POOL = _arn("cognito-idp", "userpool/*")

# Each bucket property is a call of its own.
_BUCKET_CALLS = (
    ("s3:PutEncryptionConfiguration", "BucketEncryption"),
    ("s3:PutBucketVersioning", "VersioningConfiguration"),
    ("s3:PutBucketPublicAccessBlock", "PublicAccessBlockConfiguration"),
    ("s3:PutBucketOwnershipControls", "OwnershipControls"),
    ("s3:PutLifecycleConfiguration", "LifecycleConfiguration"),
    ("s3:PutBucketLogging", "LoggingConfiguration"),
    ("s3:PutBucketCORS", "CorsConfiguration"),
    ("s3:PutReplicationConfiguration", "ReplicationConfiguration"),
    ("s3:PutBucketNotification", "NotificationConfiguration"),
    ("s3:PutBucketTagging", "Tags"),
)
_CODE = Need(action="s3:GetObject", resource="arn:{partition}:s3:::{code}", when=("Code",))
_PASS_TO_LAMBDA = Need(
    action="iam:PassRole",
    resource="{Role}",
    when=("Role",),
    keys={"iam:PassedToService": "lambda.amazonaws.com"},
)


_SET_QUEUE = Need(
    action="sqs:SetQueueAttributes", resource=_arn("sqs", "{item_name}"), each="Queues"
)


def _bucket_properties() -> tuple[Need, ...]:
    return tuple(
        Need(action=action, resource=_BUCKET, when=(name,)) for action, name in _BUCKET_CALLS
    )


def _tags(add: str, remove: str, resource: str, name: str = "Tags") -> tuple[Need, ...]:
    return (
        Need(action=add, resource=resource, when=(name,)),
        Need(action=remove, resource=resource, when=(name,)),
    )


# What SageMaker does in Cognito runs with the rights of whoever calls it (ground-truth.md 4.3).
_JOINING_POOL = (
    Need(action="cognito-idp:DescribeUserPool", resource=_ANY_POOL),
    Need(action="cognito-idp:DescribeUserPoolClient", resource=_ANY_POOL),
    Need(action="cognito-idp:UpdateUserPoolClient", resource=_ANY_POOL),
    Need(action="cognito-idp:ListGroups", resource=_ANY_POOL),
)

TYPES: Mapping[str, Handlers] = {
    "AWS::S3::Bucket": Handlers(
        name="BucketName",
        lower_case=True,
        create=(Need(action="s3:CreateBucket", resource=_BUCKET), *_bucket_properties()),
        update=_bucket_properties(),
        delete=(Need(action="s3:DeleteBucket", resource=_BUCKET),),
    ),
    "AWS::S3::BucketPolicy": Handlers(
        create=(Need(action="s3:PutBucketPolicy", resource=_POLICY_BUCKET),),
        update=(Need(action="s3:PutBucketPolicy", resource=_POLICY_BUCKET),),
        delete=(
            Need(action="s3:GetBucketPolicy", resource=_POLICY_BUCKET),
            Need(action="s3:DeleteBucketPolicy", resource=_POLICY_BUCKET),
        ),
        reading=(Need(action="s3:GetBucketPolicy", resource=_POLICY_BUCKET),),
    ),
    "AWS::KMS::Key": Handlers(
        create=(
            Need(action="kms:CreateKey"),
            Need(action="kms:TagResource", resource=_KEY, when=("Tags",)),
            Need(action="kms:PutKeyPolicy", resource=_KEY),
            Need(action="kms:EnableKeyRotation", resource=_KEY, when=("EnableKeyRotation",)),
        ),
        update=(
            Need(action="kms:PutKeyPolicy", resource=_KEY, when=("KeyPolicy",)),
            Need(action="kms:UpdateKeyDescription", resource=_KEY, when=("Description",)),
            Need(action="kms:EnableKeyRotation", resource=_KEY, when=("EnableKeyRotation",)),
            *_tags("kms:TagResource", "kms:UntagResource", _KEY),
        ),
        delete=(Need(action="kms:ScheduleKeyDeletion", resource=_KEY),),
        reading=(Need(action="kms:DescribeKey", resource=_KEY),),
    ),
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
            *_tags("iam:TagRole", "iam:UntagRole", _ROLE),
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
    "AWS::Lambda::Function": Handlers(
        name="FunctionName",
        create=(
            Need(action="lambda:CreateFunction", resource=_FUNCTION),
            _PASS_TO_LAMBDA,
            _CODE,
            Need(action="lambda:TagResource", resource=_FUNCTION, when=("Tags",)),
            Need(
                action="lambda:PutFunctionConcurrency",
                resource=_FUNCTION,
                when=("ReservedConcurrentExecutions",),
            ),
        ),
        update=(
            Need(action="lambda:UpdateFunctionCode", resource=_FUNCTION, when=("Code",)),
            _CODE,
            Need(
                action="lambda:UpdateFunctionConfiguration",
                resource=_FUNCTION,
                when=(
                    *("DeadLetterConfig", "Description", "Environment", "Handler"),
                    *("LoggingConfig", "MemorySize", "Role", "Runtime", "Timeout"),
                ),
            ),
            _PASS_TO_LAMBDA,
            *_tags("lambda:TagResource", "lambda:UntagResource", _FUNCTION),
        ),
        delete=(Need(action="lambda:DeleteFunction", resource=_FUNCTION),),
        reading=(Need(action="lambda:GetFunction", resource=_FUNCTION),),
    ),
    "AWS::Lambda::Version": Handlers(
        more={"function": "FunctionName"},
        create=(Need(action="lambda:PublishVersion", resource=_OF_FUNCTION),),
        delete=(Need(action="lambda:DeleteFunction", resource=f"{_OF_FUNCTION}:{{name}}"),),
        reading=(Need(action="lambda:GetFunctionConfiguration", resource=_OF_FUNCTION),),
    ),
    "AWS::Lambda::Alias": Handlers(
        more={"function": "FunctionName"},
        create=(Need(action="lambda:CreateAlias", resource=_OF_FUNCTION),),
        update=(Need(action="lambda:UpdateAlias", resource=_OF_FUNCTION),),
        delete=(Need(action="lambda:DeleteAlias", resource=_OF_FUNCTION),),
        reading=(Need(action="lambda:GetAlias", resource=_OF_FUNCTION),),
    ),
    "AWS::Lambda::Permission": Handlers(
        more={"function": "FunctionName"},
        create=(Need(action="lambda:AddPermission", resource=_OF_FUNCTION),),
        update=(
            Need(action="lambda:RemovePermission", resource=_OF_FUNCTION),
            Need(action="lambda:AddPermission", resource=_OF_FUNCTION),
        ),
        delete=(Need(action="lambda:RemovePermission", resource=_OF_FUNCTION),),
        reading=(Need(action="lambda:GetPolicy", resource=_OF_FUNCTION),),
    ),
    "AWS::Logs::LogGroup": Handlers(
        name="LogGroupName",
        create=(
            Need(action="logs:CreateLogGroup", resource=_LOG_GROUP),
            Need(action="logs:PutRetentionPolicy", resource=_LOG_GROUP, when=("RetentionInDays",)),
            Need(action="logs:TagResource", resource=_LOG_GROUP, when=("Tags",)),
        ),
        update=(
            Need(action="logs:PutRetentionPolicy", resource=_LOG_GROUP, when=("RetentionInDays",)),
            Need(action="logs:AssociateKmsKey", resource=_LOG_GROUP, when=("KmsKeyId",)),
            *_tags("logs:TagResource", "logs:UntagResource", _LOG_GROUP),
        ),
        delete=(Need(action="logs:DeleteLogGroup", resource=_LOG_GROUP),),
        reading=(
            Need(action="logs:DescribeLogGroups", resource=_arn("logs", "log-group::log-stream:")),
        ),
    ),
    "AWS::Events::Rule": Handlers(
        name="Name",
        create=(
            Need(action="events:PutRule", resource=_RULE),
            Need(action="events:PutTargets", resource=_RULE, when=("Targets",)),
            Need(action="events:TagResource", resource=_RULE, when=("Tags",)),
        ),
        update=(
            Need(action="events:PutRule", resource=_RULE),
            Need(action="events:RemoveTargets", resource=_RULE, when=("Targets",)),
            Need(action="events:PutTargets", resource=_RULE, when=("Targets",)),
            *_tags("events:TagResource", "events:UntagResource", _RULE),
        ),
        delete=(
            Need(action="events:ListTargetsByRule", resource=_RULE),
            Need(action="events:RemoveTargets", resource=_RULE),
            Need(action="events:DeleteRule", resource=_RULE),
        ),
        reading=(Need(action="events:DescribeRule", resource=_RULE),),
    ),
    "AWS::CloudWatch::Alarm": Handlers(
        name="AlarmName",
        create=(
            Need(action="cloudwatch:PutMetricAlarm", resource=_ALARM),
            Need(action="cloudwatch:TagResource", resource=_ALARM, when=("Tags",)),
        ),
        update=(
            Need(action="cloudwatch:PutMetricAlarm", resource=_ALARM),
            *_tags("cloudwatch:TagResource", "cloudwatch:UntagResource", _ALARM),
        ),
        delete=(Need(action="cloudwatch:DeleteAlarms", resource=_ALARM),),
        reading=(Need(action="cloudwatch:DescribeAlarms", resource=_ALARM),),
    ),
    "AWS::CloudWatch::Dashboard": Handlers(
        name="DashboardName",
        create=(Need(action="cloudwatch:PutDashboard", resource=_DASHBOARD),),
        update=(Need(action="cloudwatch:PutDashboard", resource=_DASHBOARD),),
        delete=(Need(action="cloudwatch:DeleteDashboards", resource=_DASHBOARD),),
        reading=(Need(action="cloudwatch:GetDashboard", resource=_DASHBOARD),),
    ),
    "AWS::SNS::Topic": Handlers(
        name="TopicName",
        create=(
            Need(action="sns:CreateTopic", resource=_TOPIC),
            Need(action="sns:TagResource", resource=_TOPIC, when=("Tags",)),
            Need(action="sns:Subscribe", resource=_TOPIC, when=("Subscription",)),
        ),
        update=(
            Need(action="sns:SetTopicAttributes", resource=_TOPIC, when=("KmsMasterKeyId",)),
            Need(action="sns:Subscribe", resource=_TOPIC, when=("Subscription",)),
            *_tags("sns:TagResource", "sns:UntagResource", _TOPIC),
        ),
        delete=(Need(action="sns:DeleteTopic", resource=_TOPIC),),
        reading=(Need(action="sns:GetTopicAttributes", resource=_TOPIC),),
    ),
    "AWS::SNS::TopicPolicy": Handlers(
        create=(Need(action="sns:SetTopicAttributes", resource="{item}", each="Topics"),),
        update=(Need(action="sns:SetTopicAttributes", resource="{topic}"),),
        delete=(Need(action="sns:SetTopicAttributes", resource="{item}", each="Topics"),),
    ),
    "AWS::SNS::Subscription": Handlers(
        create=(Need(action="sns:Subscribe", resource="{TopicArn}"),),
        update=(Need(action="sns:SetSubscriptionAttributes"),),
        delete=(Need(action="sns:Unsubscribe"),),
        reading=(Need(action="sns:GetSubscriptionAttributes"),),
    ),
    "AWS::SQS::Queue": Handlers(
        name="QueueName",
        create=(
            Need(action="sqs:CreateQueue", resource=_QUEUE),
            Need(action="sqs:TagQueue", resource=_QUEUE, when=("Tags",)),
        ),
        update=(
            Need(action="sqs:SetQueueAttributes", resource=_QUEUE),
            *_tags("sqs:TagQueue", "sqs:UntagQueue", _QUEUE),
        ),
        delete=(Need(action="sqs:DeleteQueue", resource=_QUEUE),),
        reading=(Need(action="sqs:GetQueueAttributes", resource=_QUEUE),),
    ),
    "AWS::SQS::QueuePolicy": Handlers(
        create=(
            Need(
                action="sqs:SetQueueAttributes", resource=_arn("sqs", "{item_name}"), each="Queues"
            ),
        ),
        update=(
            Need(
                action="sqs:SetQueueAttributes", resource=_arn("sqs", "{item_name}"), each="Queues"
            ),
        ),
        delete=(
            Need(
                action="sqs:SetQueueAttributes", resource=_arn("sqs", "{item_name}"), each="Queues"
            ),
        ),
    ),
    "AWS::Cognito::UserPool": Handlers(
        create=(
            Need(action="cognito-idp:CreateUserPool"),
            Need(action="cognito-idp:TagResource", resource=_ANY_POOL, when=("UserPoolTags",)),
            Need(
                action="cognito-idp:SetUserPoolMfaConfig",
                resource=_ANY_POOL,
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
            *_tags("cognito-idp:TagResource", "cognito-idp:UntagResource", _POOL, "UserPoolTags"),
        ),
        delete=(Need(action="cognito-idp:DeleteUserPool", resource=_POOL),),
        reading=(Need(action="cognito-idp:DescribeUserPool", resource=_ANY_POOL),),
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
            Need(action="cognito-idp:ListUsers", resource=_ANY_POOL),
            Need(action="cognito-idp:UpdateUserPool", resource=_ANY_POOL),
        ),
        update=(
            Need(action="sagemaker:UpdateWorkforce", resource=_WORKFORCE, when=("SourceIpConfig",)),
            *_tags("sagemaker:AddTags", "sagemaker:DeleteTags", _WORKFORCE),
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
            Need(action="cognito-idp:AdminListGroupsForUser", resource=_ANY_POOL),
        ),
        update=(
            Need(
                action="sagemaker:UpdateWorkteam",
                resource=_WORKTEAM,
                when=("Description", "MemberDefinitions", "NotificationConfiguration"),
            ),
            *_tags("sagemaker:AddTags", "sagemaker:DeleteTags", _WORKTEAM),
        ),
        delete=(Need(action="sagemaker:DeleteWorkteam", resource=_WORKTEAM),),
        reading=(
            Need(action="sagemaker:DescribeWorkteam", resource=_WORKTEAM),
            Need(action="sagemaker:ListTags", resource=_WORKTEAM),
        ),
    ),
}

# A custom resource is an invocation of its function, whatever happens to it.
_INVOKE = (Need(action="lambda:InvokeFunction", resource="{ServiceToken}"),)
CUSTOM = Handlers(create=_INVOKE, update=_INVOKE, delete=_INVOKE)

# Types that CloudFormation serves itself.
NOTHING_NEEDED = frozenset({"AWS::CDK::Metadata", "AWS::CloudFormation::WaitConditionHandle"})


def handlers_of(type_: str) -> Handlers | None:
    """The handlers of a type; None for one that isn't known here."""
    if type_.startswith("Custom::") or type_ == "AWS::CloudFormation::CustomResource":
        return CUSTOM
    return TYPES.get(type_)
