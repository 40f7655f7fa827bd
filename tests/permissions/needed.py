"""Which exercise shows that a grant is needed, and which grants local AWS can't show.

A new statement in constructs/ needs a row here: `role`, `resource` and `condition` are regular
expressions over the role's construct path, the resource and the statement's condition; CAMPAIGN in
them is the name of the role's own campaign. The first row that fits counts. Each is exercised in
the first campaign that has it; the roles of all campaigns come from the same code.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.permissions import audits, sent_objects
from tests.permissions import exercises as do

if TYPE_CHECKING:
    from tests.permissions.bench import Bench
    from tests.permissions.grants import Grant

Exercise = Callable[["Bench", "Grant"], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    role: str
    actions: tuple[str, ...]
    resource: str = r".*"
    condition: str = r".*"

    def fits(self, grant: Grant) -> bool:
        own = re.escape(grant.campaign)
        return grant.action in self.actions and all(
            re.fullmatch(pattern.replace("CAMPAIGN", own), text, re.IGNORECASE | re.DOTALL)
            for pattern, text in (
                (self.role, grant.role),
                (self.resource, grant.resource),
                (self.condition, grant.condition),
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed(_Row):
    """Without these grants the exercise fails."""

    exercise: Exercise


@dataclass(frozen=True, slots=True, kw_only=True)
class Going(_Row):
    """Needed while the stack is deleted, which is shown last: there is no way back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unshown(_Row):
    """Local AWS can't show it; docs/permissions.md has the same rows."""

    why: str
    source: str


_WORKFORCE = r"(Account/PrivateWorkforce|Team/AdoptedWorkforce)/Gate/Function/Role"
_JOB = r"Labeling/Gate/Function/Role"
_EXECUTION = r"Labeling/Job/ExecutionRole/Role"
_COUNTERS = r"Labeling/Monitor/Counters/Role"
_CONSOLIDATION = r"Labeling/Annotation/Consolidation/Role"
_INTAKE = r"Labeling/Objects/Intake/Role"
_CONTENTS = r"Storage/Buckets/ContentsFunction/Role"
_OUTPUT, _RAW, _ASSETS = r".*output[^/]*", r".*raw[^/]*", r".*assets[^/]*"

# in tests/e2e/test_chain.py: a campaign based on another's labels
CHAINED: tuple[Needed, ...] = (
    Needed(
        role=_JOB,
        actions=("sagemaker:DescribeLabelingJob",),
        resource=r".*labeling-job/(?!gt-[^/]*-CAMPAIGN-[0-9a-f]{8}-).*",
        exercise=audits.begin_with_anothers_labels,
    ),
    Needed(
        role=_JOB,
        actions=("s3:GetObject",),
        resource=rf"{_OUTPUT}/(?!CAMPAIGN/).*",
        exercise=audits.begin_with_anothers_labels,
    ),
    Needed(
        role=_JOB,
        actions=("s3:ListBucket",),
        resource=_OUTPUT,
        condition=r'.*"s3:prefix": \["(?!CAMPAIGN/).*',
        exercise=audits.begin_with_anothers_labels,
    ),
)

# in tests/e2e/test_painted_campaign.py: masks, and audits of them
PAINTED: tuple[Needed, ...] = (
    Needed(
        role=_CONSOLIDATION,
        actions=("s3:PutObject",),
        resource=rf"{_OUTPUT}/.*/annotations/consolidated-annotation/output/.*",
        exercise=audits.consolidate_masks_again,
    ),
    Needed(
        role=_EXECUTION,
        actions=("s3:GetObject",),
        resource=rf"{_OUTPUT}/(?!CAMPAIGN/)[^/]*/labels/.*",
        exercise=audits.see_an_earlier_mask,
    ),
)

# in tests/e2e/test_permissions.py
NEEDED: tuple[Needed, ...] = (
    Needed(
        role=r".*(?<!ExecutionRole)/Role",
        actions=("logs:CreateLogStream", "logs:PutLogEvents"),
        exercise=do.write_a_log,
    ),
    Needed(
        role=r"Account/PrivateWorkforce/SignIn/Invitation/Role",
        actions=("sagemaker:DescribeWorkforce",),
        exercise=do.write_an_invitation,
    ),
    Needed(
        role=_WORKFORCE,
        actions=("sagemaker:ListWorkforces", "cloudformation:DescribeStacks"),
        exercise=do.pass_the_workforces_gate,
    ),
    Needed(
        role=_WORKFORCE,
        actions=(
            "sagemaker:DescribeWorkforce",
            "cognito-idp:DescribeUserPoolClient",
            "cognito-idp:UpdateUserPoolClient",
        ),
        exercise=do.lead_back_to_the_portal,
    ),
    Needed(
        role=r"Team/WorkTeam/WorkersFunction/Role",
        actions=(
            "cognito-idp:AdminAddUserToGroup",
            "cognito-idp:AdminCreateUser",
            "cognito-idp:AdminDisableUser",
            "cognito-idp:AdminEnableUser",
            "cognito-idp:AdminGetUser",
            "cognito-idp:AdminListGroupsForUser",
            "cognito-idp:AdminRemoveUserFromGroup",
            "cognito-idp:AdminUpdateUserAttributes",
            "cognito-idp:DescribeUserPool",
            "cognito-idp:ListUsers",
        ),
        exercise=do.let_somebody_in_and_out,
    ),
    Needed(
        role=_CONTENTS,
        actions=("cloudformation:DescribeStacks",),
        exercise=do.keep_contents_of_a_stack_that_stays,
    ),
    Needed(
        role=r"Labeling/SampleData/Function/Role",
        actions=("s3:GetObject", "s3:ListBucket", "s3:PutObject"),
        exercise=do.upload_sample_data,
    ),
    Needed(
        role=_JOB,
        actions=(
            "cloudformation:DescribeStacks",
            "sagemaker:ListLabelingJobs",
            "sagemaker:DescribeLabelingJob",
        ),
        exercise=do.pass_the_gate,
    ),
    Needed(
        role=_JOB,
        actions=("s3:GetObject",),
        resource=f"{_OUTPUT}/.*",
        exercise=do.pass_the_gate,
    ),
    Needed(
        role=_JOB,
        actions=("s3:GetObject",),
        resource=f"{_RAW}/.*",  # texts are read, images are not
        exercise=do.start_the_first_job,
    ),
    Needed(
        role=_JOB,
        actions=("s3:GetObject",),
        resource=rf"{_ASSETS}/.*\.jsonl",
        exercise=do.start_the_first_job,
    ),
    Needed(
        role=_JOB,
        actions=("s3:ListBucket", "s3:PutObject", "s3:GetObject"),
        exercise=do.start_the_first_job,
    ),
    Needed(
        role=_JOB,
        actions=("sagemaker:CreateLabelingJob", "iam:PassRole"),
        exercise=do.wait_for_a_grant_and_start,
    ),
    Needed(
        role=_JOB,
        actions=("sagemaker:AddTags", "sagemaker:DeleteTags"),
        exercise=do.change_the_jobs_tags,
    ),
    Needed(
        role=_JOB,
        actions=("sagemaker:ListTags", "sagemaker:StopLabelingJob"),
        exercise=do.remove_the_running_job,
    ),
    Needed(
        role=_CONSOLIDATION,
        actions=("s3:GetObject",),
        resource=f"{_OUTPUT}/.*/labels/.*",
        exercise=do.consolidate_answers,
    ),
    Needed(
        role=_CONSOLIDATION,
        actions=("s3:GetObject", "s3:PutObject", "s3:ListBucket"),
        exercise=do.carry_what_a_batch_taught,
    ),
    Needed(
        role=_COUNTERS,
        actions=("s3:ListBucket",),
        exercise=do.count_before_the_first_job,
    ),
    Needed(
        role=_COUNTERS,
        actions=("sagemaker:DescribeLabelingJob", "cloudwatch:PutMetricData", "s3:GetObject"),
        exercise=do.count_a_jobs_objects,
    ),
    Needed(
        role=f"{_COUNTERS}|{_INTAKE}",
        actions=("sqs:SendMessage",),
        exercise=do.keep_an_event_that_failed,
    ),
    Needed(
        role=_INTAKE,
        actions=("s3:PutObject",),
        exercise=sent_objects.write_down_what_is_sent,
    ),
    Needed(
        role=_JOB,
        actions=("sqs:DeleteQueue", "sqs:GetQueueUrl"),
        exercise=sent_objects.leave_no_queue,
    ),
    Needed(
        role=_EXECUTION,
        actions=(
            "s3:GetBucketLocation",
            "s3:GetObject",
            "s3:PutObject",
            "lambda:InvokeFunction",
            "sns:Publish",
        ),
        resource=rf"(?!{_RAW}$).*",
        exercise=do.label_an_object,
    ),
    Needed(
        role=_EXECUTION,
        actions=(
            "sns:Subscribe",
            "sns:Unsubscribe",
            "sqs:CreateQueue",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
            "sqs:SetQueueAttributes",
        ),
        exercise=sent_objects.take_what_is_sent,
    ),
    Needed(
        role=_EXECUTION,
        actions=(
            "cloudwatch:PutMetricData",
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        ),
        exercise=do.log_and_count_a_job,
    ),
)

GOING: tuple[Going, ...] = (
    Going(
        role=_CONTENTS,
        actions=(
            "s3:ListBucket",
            "s3:ListBucketVersions",
            "s3:GetBucketTagging",
            "s3:DeleteObject",
            "s3:DeleteObjectVersion",
        ),
    ),
    # whether others use the workforce that goes
    Going(
        role=_WORKFORCE,
        actions=("sagemaker:ListWorkteams", "cognito-idp:ListGroups", "cognito-idp:ListUsers"),
    ),
)

_EXECUTION_GUIDE = (
    "SageMaker developer guide, Assign IAM permissions to use Ground Truth, "
    "Create a SageMaker execution role for a Ground Truth labeling job"
)
_KEY_GUIDE = (
    "SageMaker developer guide, Encrypt output data and storage volume with AWS KMS; "
    "S3 user guide, Using server-side encryption with AWS KMS keys"
)

_AUTOMATED_GUIDE = f"{_EXECUTION_GUIDE}, automated data labeling"
_STREAMING_GUIDE = f"{_EXECUTION_GUIDE}, streaming labeling jobs"
_NETWORK_GUIDE = (
    "SageMaker developer guide, How to use SageMaker AI execution roles, "
    "CreateTrainingJob API: a VPC in the request"
)

UNSHOWN: tuple[Unshown, ...] = (
    Unshown(
        role=_EXECUTION,
        actions=("s3:GetBucketLocation", "s3:ListBucket"),
        why="which buckets the service lists is not documented; local AWS lists none",
        source=_EXECUTION_GUIDE,
    ),
    Unshown(
        role=_EXECUTION,
        actions=("s3:AbortMultipartUpload",),
        why="local AWS writes no output in parts",
        source=_EXECUTION_GUIDE,
    ),
    Unshown(
        role=_EXECUTION,
        actions=("logs:DescribeLogStreams",),
        why="local AWS writes to a job's stream without looking for it",
        source=_EXECUTION_GUIDE,
    ),
    Unshown(
        role=_EXECUTION,
        actions=("iam:PassRole",),
        why="local AWS offers no automated labeling; the models run with the same role",
        source=_AUTOMATED_GUIDE,
    ),
    Unshown(
        role=_EXECUTION,
        actions=(
            "ec2:CreateNetworkInterface",
            "ec2:CreateNetworkInterfacePermission",
            "ec2:DeleteNetworkInterface",
            "ec2:DeleteNetworkInterfacePermission",
            "ec2:DescribeDhcpOptions",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
        ),
        why="local AWS offers no automated labeling, so nothing is trained in a network",
        source=_NETWORK_GUIDE,
    ),
    Unshown(
        role=_EXECUTION,
        actions=("kms:CreateGrant",),
        why="local AWS offers no automated labeling, so there are no volumes",
        source=_KEY_GUIDE,
    ),
    Unshown(
        role=_EXECUTION,
        actions=("sqs:GetQueueUrl", "sqs:SendMessage"),
        why="local AWS knows a queue's address from making it, and sends nothing to it itself",
        source=_STREAMING_GUIDE,
    ),
    Unshown(
        role=r"Labeling/.*",
        actions=(
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:GenerateDataKeyWithoutPlaintext",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
        ),
        why="the environment that is deployed here is removed again, and a key can't be",
        source=_KEY_GUIDE,
    ),
)


Row = Needed | Going | Unshown
ROWS: tuple[Row, ...] = (*CHAINED, *PAINTED, *NEEDED, *GOING, *UNSHOWN)


def needed_for(grant: Grant) -> Row | None:
    """The first row that a grant belongs to."""
    return next((row for row in ROWS if row.fits(grant)), None)
