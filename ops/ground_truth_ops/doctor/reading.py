"""Whether the execution role of each campaign may read one real object of its dataset.

Nothing is read with that role: only SageMaker may assume it. IAM's policy simulator says what the
role's own policies decide, boundaries and organization policies included. It doesn't weigh resource
policies for roles, so the bucket's denials are simulated on their own, as if they were the role's;
a denial is the same wherever it stands. A key policy is only looked at for leaving it to IAM.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from ground_truth.names import dataset_key, input_manifest_key, parse_s3_uri
from ground_truth_ops.deployment import StackKind
from ground_truth_ops.doctor.finding import Finding, ok, problem, unknown

if TYPE_CHECKING:
    from ground_truth_ops.doctor.scene import Scene
    from ground_truth_ops.status import CampaignStatus
    from stacks.config import Campaign

READ, DECRYPT = "s3:GetObject", "kms:Decrypt"
ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def check_datasets(scene: Scene) -> Iterator[Finding]:
    """Whether there is anything to label, for campaigns by prefix or based on another's labels."""
    raw = scene.deployment.output(StackKind.STORAGE, "RawBucketName")
    if raw is None:
        return
    uploads = scene.target.project.environment.settings.storage.upload_sample_data
    for campaign in scene.target.project.campaigns:
        if campaign.base is not None:
            yield _labels_to_go_on_with(scene, campaign.name, campaign.base.name)
            continue
        prefix = campaign.settings.dataset.prefix
        if prefix is None or (uploads and campaign.content.sample_data):
            continue
        if _first_key(scene, raw, prefix) is None:
            yield problem(
                "dataset",
                f"{campaign.name}: no object below s3://{raw}/{prefix}, so its deployment would be "
                "refused",
                run=f"aws s3 cp --recursive FOLDER s3://{raw}/{prefix}",
            )
        else:
            yield ok("dataset", f"{campaign.name}: objects below s3://{raw}/{prefix}")


def _labels_to_go_on_with(scene: Scene, name: str, base: str) -> Finding:
    """Whether what a campaign is based on has ended, unless it has begun with it already."""
    found = {status.campaign: status for status in scene.campaigns}
    own, other = found.get(name), found.get(base)
    if own is not None and own.job is not None:
        return ok("dataset", f"{name}: begun with the labels of {base}")
    if other is not None and other.job is not None and not other.job.live:
        return ok("dataset", f"{name}: the labels of {base}, whose job has ended")
    state = other.state if other is not None else "not deployed"
    return problem(
        "dataset",
        f"{name} is based on {base}, which is {state}, so its deployment would be refused",
        f"deploy {name} when the job of {base} has ended (gt wait)",
    )


def check_reading(scene: Scene) -> Iterator[Finding]:
    campaigns = {campaign.name: campaign for campaign in scene.target.project.campaigns}
    for status in scene.campaigns:
        campaign = campaigns.get(status.campaign)
        if campaign is not None and status.stack is not None and status.job is not None:
            try:
                yield _reading(scene, campaign, status)
            except ClientError as error:
                yield unknown("reading", f"{status.campaign}: {error}", "mend what it says")


def _reading(scene: Scene, campaign: Campaign, status: CampaignStatus) -> Finding:
    job = status.job.name if status.job else ""
    role = scene.clients.sagemaker.describe_labeling_job(LabelingJobName=job)["RoleArn"]
    place = _object(scene, campaign, job)
    if place is None:
        return unknown("reading", f"{campaign.name}: no object of its dataset was found")
    bucket, key = place
    arn = f"{_s3_arn(role)}{bucket}/{key}"
    name = role.rpartition("/")[2]
    shown = f"{campaign.name}: role {name}"
    decision = _decision(scene, role, READ, arn)
    if decision != "allowed":
        return problem(
            "reading",
            f"{shown} may not read s3://{bucket}/{key} ({READ}: {decision})",
            "its stack grants that; somebody has changed the role, so compare",
            run=f"aws cloudformation detect-stack-drift --stack-name {status.stack.name}"
            if status.stack
            else "",
        )
    denied = _denied_by_bucket(scene, bucket, role, arn)
    if denied is not None:
        return denied(shown, f"s3://{bucket}/{key}")
    return _key(scene, shown, role, bucket, key)


class _Denied:
    """What a bucket's policy does to the role's right to read."""

    def __init__(self, bucket: str, statement: str, *, certain: bool) -> None:
        self._bucket, self._statement, self._certain = bucket, statement, certain

    def __call__(self, shown: str, uri: str) -> Finding:
        if self._certain:
            return problem(
                "reading",
                f"{shown} may not read {uri}: the policy of bucket {self._bucket} denies it "
                f"({self._statement})",
                "take that statement out of the policy",
                run=f"aws s3api get-bucket-policy --bucket {self._bucket}",
            )
        return unknown(
            "reading",
            f"{shown} is allowed to read {uri}, but the policy of bucket {self._bucket} has a "
            f"denial that can't be weighed from here ({self._statement})",
            run=f"aws s3api get-bucket-policy --bucket {self._bucket}",
        )


def _denied_by_bucket(scene: Scene, bucket: str, role: str, arn: str) -> _Denied | None:
    for number, statement in enumerate(_denials(scene, bucket), start=1):
        named = f"statement {statement.get('Sid') or number}"
        if "NotPrincipal" in statement:
            return _Denied(bucket, named, certain=False)
        if not _concerns(statement["Principal"], role):
            continue
        plain = {key: value for key, value in statement.items() if key != "Principal"}
        answer = scene.clients.iam.simulate_custom_policy(
            PolicyInputList=[_policy(ALLOW_ALL), _policy(plain)],
            ActionNames=[READ],
            ResourceArns=[arn],
        )["EvaluationResults"][0]
        if answer["EvalDecision"] == "explicitDeny":
            return _Denied(bucket, named, certain=True)
        if "Condition" in statement:
            return _Denied(bucket, named, certain=False)
    return None


def _denials(scene: Scene, bucket: str) -> list[dict[str, Any]]:
    """Denials of plain HTTP are left out: SageMaker's calls are encrypted."""
    try:
        policy = scene.clients.s3.get_bucket_policy(Bucket=bucket)["Policy"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucketPolicy":
            return []
        raise
    found = json.loads(policy)["Statement"]
    statements = found if isinstance(found, list) else [found]
    plain_http = {"Bool": {"aws:SecureTransport": "false"}}
    return [
        each
        for each in statements
        if each["Effect"] == "Deny" and each.get("Condition") != plain_http
    ]


def _concerns(principal: object, role: str) -> bool:
    """Whether a statement's principal is the role, its account, or everybody."""
    if principal == "*":
        return True
    named = principal.get("AWS", []) if isinstance(principal, Mapping) else []
    names = [named] if isinstance(named, str) else list(named)
    account = role.split(":")[4]
    return bool({"*", role, account, f"{_iam_arn(role)}root"} & set(names))


def _key(scene: Scene, shown: str, role: str, bucket: str, key: str) -> Finding:
    uri = f"s3://{bucket}/{key}"
    head = scene.clients.s3.head_object(Bucket=bucket, Key=key)
    kms = head.get("SSEKMSKeyId")
    if head.get("ServerSideEncryption", "AES256") == "AES256" or kms is None:
        return ok("reading", f"{shown} may read {uri} (simulated)")
    decision = _decision(scene, role, DECRYPT, kms)
    if decision != "allowed":
        return problem(
            "reading",
            f"{shown} may read {uri} but not decrypt it ({DECRYPT} on {kms}: {decision})",
            "encrypt the object with the environment's key, or grant the role that key",
        )
    if not _left_to_iam(scene, kms, role):
        return unknown(
            "reading",
            f"{shown} may read {uri} and its policies allow {DECRYPT}, but the policy of {kms} "
            "doesn't leave that to IAM",
            run=f"aws kms get-key-policy --policy-name default --key-id {kms}",
        )
    return ok("reading", f"{shown} may read and decrypt {uri} (simulated)")


def _left_to_iam(scene: Scene, key: str, role: str) -> bool:
    """Whether the key policy gives the account every use of the key, as keys of the CDK do."""
    policy = scene.clients.kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    root = f"{_iam_arn(role)}root"
    return any(
        each["Effect"] == "Allow"
        and each.get("Principal") in ({"AWS": root}, {"AWS": [root]})
        and each.get("Action") in ("kms:*", ["kms:*"])
        and "Condition" not in each
        for each in json.loads(policy)["Statement"]
    )


def _decision(scene: Scene, role: str, action: str, resource: str) -> str:
    answer = scene.clients.iam.simulate_principal_policy(
        PolicySourceArn=role, ActionNames=[action], ResourceArns=[resource]
    )
    return str(answer["EvaluationResults"][0]["EvalDecision"])


def _object(scene: Scene, campaign: Campaign, job: str) -> tuple[str, str] | None:
    """An object of the frozen dataset; for texts, which travel in it, the job's own manifest."""
    output = scene.deployment.output(StackKind.STORAGE, "OutputBucketName") or ""
    frozen = dataset_key(campaign.name, campaign.settings.dataset.revision)
    try:
        body = scene.clients.s3.get_object(Bucket=output, Key=frozen)["Body"]
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
            return None
        raise
    line = json.loads(next(body.iter_lines(), b"{}"))
    source = line.get("source-ref")
    return parse_s3_uri(source) if source else (output, input_manifest_key(campaign.name, job))


def _first_key(scene: Scene, bucket: str, prefix: str) -> str | None:
    found = scene.clients.s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=10)
    keys = (item["Key"] for item in found.get("Contents", []))
    return next((key for key in keys if not key.endswith("/")), None)


def _policy(statement: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _s3_arn(role: str) -> str:
    return f"arn:{role.split(':')[1]}:s3:::"


def _iam_arn(role: str) -> str:
    parts = role.split(":")
    return f"arn:{parts[1]}:iam::{parts[4]}:"
