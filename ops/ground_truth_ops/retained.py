"""Buckets that outlived their stack: which belong together, and whether labels can go on in them.

Everything here only reads.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from ground_truth.names import TAG_ENVIRONMENT
from ground_truth_ops.deployment import Deployment, StackKind, resources_of
from ground_truth_ops.inventory import buckets

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from ground_truth_ops.aws import Clients

# where the buckets' access logs go: what tells them apart, and which belong together
RAW_LOGS, OUTPUT_LOGS = "raw/", "output/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """The buckets of one deployment; `key_arn` is None where S3's own key encrypts them."""

    raw: str
    output: str
    access_logs: str
    key_arn: str | None

    @property
    def buckets(self) -> tuple[str, ...]:
        return (self.raw, self.output, self.access_logs)

    def parts(self) -> tuple[tuple[str, str], ...]:
        """What there is of it, each with the word for it."""
        key = () if self.key_arn is None else (("key", self.key_arn),)
        return (*(("bucket", name) for name in self.buckets), *key)


def find_retained(clients: Clients, deployment: Deployment) -> tuple[Storage, ...]:
    """Every complete set of buckets with the environment's tag that no stack of it has."""
    return tuple(
        Storage(
            raw=found[RAW_LOGS],
            output=found[OUTPUT_LOGS],
            access_logs=target,
            key_arn=_encryption(clients.s3, found[OUTPUT_LOGS]),
        )
        for target, found in _left(clients, deployment)
        if {RAW_LOGS, OUTPUT_LOGS} <= found.keys()
    )


def outputs_left_alone(clients: Clients, deployment: Deployment) -> tuple[str, ...]:
    """Output buckets that no stack has and whose raw bucket is gone: labels, but no set."""
    return tuple(
        found[OUTPUT_LOGS]
        for _, found in _left(clients, deployment)
        if OUTPUT_LOGS in found and RAW_LOGS not in found
    )


def _left(clients: Clients, deployment: Deployment) -> Iterator[tuple[str, dict[str, str]]]:
    """Buckets by where their access logs go, then by the prefix there; a stack has none of them."""
    owned = {
        resource.physical_id
        for stack in deployment.of_kind(StackKind.STORAGE)
        for resource in resources_of(clients.cloudformation, stack.name)
    }
    sets: dict[str, dict[str, str]] = {}
    for bucket in buckets(clients):
        if (bucket.tags or {}).get(TAG_ENVIRONMENT) == deployment.environment:
            target, prefix = _logging(clients.s3, bucket.name)
            sets.setdefault(target, {})[prefix] = bucket.name
    for target, found in sorted(sets.items()):
        if not owned & {target, *found.values()}:
            yield target, found


def problems_of(clients: Clients, storage: Storage, environment: str) -> Iterator[str]:
    """Why a new stack must not go on in these buckets, each with its fix."""
    account = clients.named("sts").get_caller_identity()["Account"]
    for bucket in storage.buckets:
        refused = _refused(clients, bucket, account)
        if refused is not None:
            yield refused
            continue
        yield from _settings_problems(clients.s3, bucket)
    yield from _key_problems(clients, storage)
    yield from _browser_problems(clients.s3, storage.raw)
    yield from _lineage_problems(clients.s3, storage.output, environment)


def _logging(s3: S3Client, bucket: str) -> tuple[str, str]:
    found: Any = s3.get_bucket_logging(Bucket=bucket).get("LoggingEnabled", {})
    return found.get("TargetBucket", ""), found.get("TargetPrefix", "")


def _encryption(s3: S3Client, bucket: str) -> str | None:
    """The customer key that encrypts new objects."""
    found: Any = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    defaults = (rule.get("ApplyServerSideEncryptionByDefault", {}) for rule in found["Rules"])
    return next((rule["KMSMasterKeyID"] for rule in defaults if "KMSMasterKeyID" in rule), None)


def _refused(clients: Clients, bucket: str, account: str) -> str | None:
    try:
        found = clients.s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=account)
    except ClientError as error:
        return (
            f"bucket {bucket} is not one of account {account} that you may use "
            f"({error.response['Error']['Code']})"
        )
    headers = found["ResponseMetadata"]["HTTPHeaders"]
    region = headers.get("x-amz-bucket-region", clients.region)
    if region != clients.region:
        return f"bucket {bucket} is in {region}, the environment in {clients.region}"
    return None


def _settings_problems(s3: S3Client, bucket: str) -> Iterator[str]:
    if s3.get_bucket_versioning(Bucket=bucket).get("Status") != "Enabled":
        yield f"bucket {bucket} keeps no versions; enable versioning"
    if not _blocks_public_access(s3, bucket):
        yield f"bucket {bucket} doesn't block public access; turn all four settings on"
    if not _refuses_plain_http(s3, bucket):
        yield (
            f"bucket {bucket} doesn't refuse plain HTTP; put back its policy: Deny s3:* to "
            'everybody where aws:SecureTransport is "false"'
        )


def _blocks_public_access(s3: S3Client, bucket: str) -> bool:
    try:
        found = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchPublicAccessBlockConfiguration":
            return False
        raise
    return all(found.values())


def _refuses_plain_http(s3: S3Client, bucket: str) -> bool:
    try:
        policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucketPolicy":
            return False
        raise
    return any(
        (statement["Effect"], statement.get("Action")) == ("Deny", "s3:*")
        and statement.get("Principal") in ("*", {"AWS": "*"})
        and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
        for statement in policy["Statement"]
    )


def _key_problems(clients: Clients, storage: Storage) -> Iterator[str]:
    raw = _encryption(clients.s3, storage.raw)
    if raw != storage.key_arn:
        yield f"{storage.raw} is encrypted by {raw}, {storage.output} by {storage.key_arn}"
    if storage.key_arn is None:
        return
    try:
        key = clients.kms.describe_key(KeyId=storage.key_arn)["KeyMetadata"]
    except ClientError as error:
        yield f"key {storage.key_arn} can't be read: {error.response['Error']['Code']}"
        return
    if key["KeyState"] != "Enabled":
        yield (
            f"key {storage.key_arn} is {key['KeyState']}, and nothing it encrypts can be read; "
            "cancel its deletion (aws kms cancel-key-deletion) and enable it (aws kms enable-key)"
        )


def _browser_problems(s3: S3Client, raw: str) -> Iterator[str]:
    try:
        rules: Any = s3.get_bucket_cors(Bucket=raw)["CORSRules"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchCORSConfiguration":
            raise
        rules = []
    if not any("GET" in r["AllowedMethods"] and "*" in r["AllowedOrigins"] for r in rules):
        yield f"bucket {raw} lets no browser read its images; put back its CORS rule: GET from *"


def _lineage_problems(s3: S3Client, output: str, environment: str) -> Iterator[str]:
    """Two environments must never write one record; reading them also proves the key works."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=output, Delimiter="/")
    for prefix in (p["Prefix"] for page in pages for p in page.get("CommonPrefixes", [])):
        key = f"{prefix}lineage.json"
        try:
            record = json.loads(s3.get_object(Bucket=output, Key=key)["Body"].read())
            found = record["environment"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchKey":
                yield f"{key} of {output} can't be read: {error}"
            continue
        except (ValueError, KeyError, TypeError):
            yield f"{key} of {output} is no record of jobs; restore an earlier version of it"
            continue
        if found != environment:
            yield f"{key} of {output} is the record of environment {found}, not of {environment}"
