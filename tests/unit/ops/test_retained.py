"""Buckets that outlived their stack, found and judged in an account that moto plays."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from ground_truth_ops.deployment import find_deployment
from ground_truth_ops.retained import Storage, find_retained, outputs_left_alone, problems_of
from tests.unit.ops.conftest import REGION
from tests.unit.ops.fakes import FakeCloudFormation

if TYPE_CHECKING:
    from ground_truth_ops.aws import Clients

ENVIRONMENT = "prod"
BLOCKED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
TLS_ONLY: dict[str, object] = {
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": "s3:*",
    # not these buckets: moto would apply it whatever its condition says
    "Resource": "arn:aws:s3:::another/*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def for_logs(bucket: str) -> dict[str, object]:
    """Lets S3 write its access logs."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }


def keep(
    clients: Clients, stem: str = "old", *, environment: str = ENVIRONMENT, output: str = ""
) -> Storage:
    """What a destroyed Storage stack of an environment has left."""
    key = clients.kms.create_key()["KeyMetadata"]["Arn"]
    storage = Storage(
        raw=f"{stem}-raw",
        output=output or f"{stem}-output",
        access_logs=f"{stem}-logs",
        key_arn=key,
    )
    s3: Any = clients.s3
    for bucket in storage.buckets:
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_tagging(
            Bucket=bucket,
            Tagging={"TagSet": [{"Key": "ground-truth:environment", "Value": environment}]},
        )
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=BLOCKED)
        put_policy(clients, bucket, for_logs(bucket), TLS_ONLY)
    for bucket, prefix in ((storage.raw, "raw/"), (storage.output, "output/")):
        logging = {"TargetBucket": storage.access_logs, "TargetPrefix": prefix}
        s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": logging})
        encrypt(clients, bucket, key)
    s3.put_bucket_cors(
        Bucket=storage.raw,
        CORSConfiguration={"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]},
    )
    put_lineage(clients, storage, environment)
    return storage


def put_policy(clients: Clients, bucket: str, *statements: dict[str, object]) -> None:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    clients.s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))


def encrypt(clients: Clients, bucket: str, key: str) -> None:
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rule: Any = {"ApplyServerSideEncryptionByDefault": default}
    clients.s3.put_bucket_encryption(
        Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]}
    )


def put_lineage(clients: Clients, storage: Storage, environment: str) -> None:
    body = json.dumps({"version": 1, "environment": environment, "campaign": "digits"}).encode()
    clients.s3.put_object(Bucket=storage.output, Key="digits/lineage.json", Body=body)
    clients.s3.put_object(Bucket=storage.output, Key="notes/readme.txt", Body=b"no campaign")


def found(clients: Clients, stacks: FakeCloudFormation | None = None) -> set[Storage]:
    cloudformation: Any = stacks or FakeCloudFormation()
    account: Any = SimpleNamespace(s3=clients.s3, cloudformation=cloudformation)
    return set(find_retained(account, find_deployment(cloudformation, ENVIRONMENT)))


def alone(clients: Clients) -> tuple[str, ...]:
    cloudformation: Any = FakeCloudFormation()
    account: Any = SimpleNamespace(s3=clients.s3, cloudformation=cloudformation)
    return outputs_left_alone(account, find_deployment(cloudformation, ENVIRONMENT))


def test_buckets_of_one_deployment_are_found_together(clients: Clients) -> None:
    old, newer = keep(clients, "old"), keep(clients, "newer")
    keep(clients, "theirs", environment="dev")
    assert found(clients) == {old, newer}


def test_buckets_a_stack_has_were_not_left_behind(clients: Clients) -> None:
    stacks = FakeCloudFormation()
    stacks.add("GroundTruth-prod-Storage", resources={"Output": {"Type": "AWS::S3::Bucket"}})
    kept = keep(clients, "kept")
    keep(clients, "the-stacks", output="output-physical")
    assert found(clients, stacks) == {kept}


def test_an_incomplete_set_is_none(clients: Clients) -> None:
    storage = keep(clients)
    clients.s3.put_bucket_logging(Bucket=storage.raw, BucketLoggingStatus={})
    assert found(clients) == set()


def test_labels_whose_raw_bucket_is_gone_are_seen(clients: Clients) -> None:
    storage = keep(clients)
    assert alone(clients) == ()
    clients.s3.delete_bucket(Bucket=storage.raw)
    assert found(clients) == set()
    assert alone(clients) == (storage.output,)


def test_buckets_as_their_stack_left_them_are_fine(clients: Clients) -> None:
    assert list(problems_of(clients, keep(clients), ENVIRONMENT)) == []


def _suspend(clients: Clients, storage: Storage) -> None:
    clients.s3.put_bucket_versioning(
        Bucket=storage.output, VersioningConfiguration={"Status": "Suspended"}
    )


def _open(clients: Clients, storage: Storage) -> None:
    block: Any = {**BLOCKED, "IgnorePublicAcls": False}
    clients.s3.put_public_access_block(Bucket=storage.raw, PublicAccessBlockConfiguration=block)


def _close_key(clients: Clients, storage: Storage) -> None:
    identifier = (storage.key_arn or "").rpartition("/")[2]
    clients.kms.schedule_key_deletion(KeyId=identifier, PendingWindowInDays=7)


def _other_key(clients: Clients, storage: Storage) -> None:
    encrypt(clients, storage.raw, "arn:aws:kms:us-east-1:123456789012:key/other")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_suspend, ["bucket old-output keeps no versions"]),
        (_open, ["bucket old-raw doesn't block public access"]),
        (
            lambda c, s: c.s3.delete_public_access_block(Bucket=s.output),
            ["bucket old-output doesn't block public access"],
        ),
        (
            lambda c, s: put_policy(c, s.output, for_logs(s.output)),
            ["bucket old-output doesn't refuse plain HTTP"],
        ),
        (
            lambda c, s: c.s3.delete_bucket_policy(Bucket=s.raw),
            ["bucket old-raw doesn't refuse plain HTTP"],
        ),
        (_close_key, ["is PendingDeletion, and nothing it encrypts can be read"]),
        (_other_key, ["old-raw is encrypted by arn:aws:kms:us-east-1:123456789012:key/other"]),
        (
            lambda c, s: c.s3.delete_bucket_cors(Bucket=s.raw),
            ["bucket old-raw lets no browser read its images"],
        ),
        (
            lambda c, s: put_lineage(c, s, "dev"),
            ["digits/lineage.json of old-output is the record of environment dev, not of prod"],
        ),
        (
            lambda c, s: c.s3.put_object(Bucket=s.output, Key="digits/lineage.json", Body=b"{"),
            ["digits/lineage.json of old-output is no record of jobs"],
        ),
    ],
)
def test_whatever_would_lose_labels_or_open_them_is_a_problem(
    clients: Clients, spoil: Callable[[Clients, Storage], object], said: list[str]
) -> None:
    storage = keep(clients)
    spoil(clients, storage)
    problems = list(problems_of(clients, storage, ENVIRONMENT))
    assert len(problems) == len(said), problems
    for problem, words in zip(problems, said, strict=True):
        assert words in problem


def test_a_bucket_that_is_gone_cannot_be_imported(clients: Clients) -> None:
    storage = replace(keep(clients), access_logs="nowhere")
    (problem,) = problems_of(clients, storage, ENVIRONMENT)
    assert problem == ("bucket nowhere is not one of account 123456789012 that you may use (404)")


def test_buckets_of_another_region_cannot_be_imported(clients: Clients) -> None:
    elsewhere: Any = {"LocationConstraint": "eu-west-1"}
    clients.s3.create_bucket(Bucket="far-logs", CreateBucketConfiguration=elsewhere)
    storage = replace(keep(clients), access_logs="far-logs")
    (problem,) = problems_of(clients, storage, ENVIRONMENT)
    assert problem == f"bucket far-logs is in eu-west-1, the environment in {REGION}"
