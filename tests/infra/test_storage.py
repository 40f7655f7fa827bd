"""Buckets: what every one must have, what only prod has, what goes."""

from __future__ import annotations

import pytest

from tests.infra.synth import Resource, Synthesis, synthesize

OUR_BUCKETS = {"AccessLogs", "Output", "Raw"}


def buckets(synthesis: Synthesis) -> dict[str, Resource]:
    return {r.path.split("/")[3]: r for r in synthesis.resources("AWS::S3::Bucket")}


def test_every_bucket_is_encrypted_private_versioned_and_without_acls(
    every_environment: Synthesis,
) -> None:
    found = buckets(every_environment)

    assert set(found) == OUR_BUCKETS
    for bucket in found.values():
        (rule,) = bucket.properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] in {"AES256", "aws:kms"}
        assert set(bucket.properties["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket.properties["VersioningConfiguration"] == {"Status": "Enabled"}
        assert bucket.properties["OwnershipControls"] == {
            "Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]
        }


def test_every_bucket_refuses_plain_http(every_environment: Synthesis) -> None:
    policies = every_environment.resources("AWS::S3::BucketPolicy")
    refusing = {
        policy.properties["Bucket"]["Ref"]
        for policy in policies
        for statement in policy.properties["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
        and statement["Principal"] == {"AWS": "*"}
        and statement["Action"] == "s3:*"
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        and len(statement["Resource"]) == 2
    }

    assert refusing == {bucket.logical_id for bucket in buckets(every_environment).values()}


@pytest.mark.parametrize("name", ["Raw", "Output"])
def test_what_pages_show_has_exactly_the_documented_cors_rule(
    every_environment: Synthesis, name: str
) -> None:
    """Of the output bucket they show the masks of an earlier job."""
    found = buckets(every_environment)

    assert found[name].properties["CorsConfiguration"] == {
        "CorsRules": [
            {
                "AllowedHeaders": [],
                "AllowedMethods": ["GET"],
                "AllowedOrigins": ["*"],
                "ExposedHeaders": ["Access-Control-Allow-Origin"],
            }
        ]
    }
    assert "CorsConfiguration" not in found["AccessLogs"].properties


def test_data_and_labels_log_their_access(every_environment: Synthesis) -> None:
    found = buckets(every_environment)
    target = {"Ref": found["AccessLogs"].logical_id}

    for name, prefix in (("Raw", "raw/"), ("Output", "output/")):
        assert found[name].properties["LoggingConfiguration"] == {
            "DestinationBucketName": target,
            "LogFilePrefix": prefix,
        }
    assert "LoggingConfiguration" not in found["AccessLogs"].properties


def test_current_objects_of_data_and_labels_never_expire(every_environment: Synthesis) -> None:
    for name in ("Raw", "Output"):
        (rule,) = buckets(every_environment)[name].properties["LifecycleConfiguration"]["Rules"]
        assert rule["Status"] == "Enabled"
        assert "ExpirationInDays" not in rule
        assert rule["ExpiredObjectDeleteMarker"] is True
        assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}


def test_retention_follows_the_environment_file(prod: Synthesis) -> None:
    found = buckets(prod)

    (output,) = found["Output"].properties["LifecycleConfiguration"]["Rules"]
    (logs,) = found["AccessLogs"].properties["LifecycleConfiguration"]["Rules"]
    assert output["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90}
    assert logs["ExpirationInDays"] == 365


def test_prod_encrypts_data_and_labels_with_a_rotating_key(prod: Synthesis) -> None:
    key = prod.at("Storage/Buckets/Key/Resource")
    expected = {
        "BucketKeyEnabled": True,
        "ServerSideEncryptionByDefault": {
            "KMSMasterKeyID": {"Fn::GetAtt": [key.logical_id, "Arn"]},
            "SSEAlgorithm": "aws:kms",
        },
    }

    assert key.properties["EnableKeyRotation"] is True
    for name in ("Raw", "Output"):
        encryption = buckets(prod)[name].properties["BucketEncryption"]
        assert encryption["ServerSideEncryptionConfiguration"] == [expected]


def test_prod_keeps_buckets_and_their_key_under_one_policy(prod: Synthesis) -> None:
    """A kept bucket whose key is deleted is unreadable a week later, without policy less safe."""
    policies = prod.resources("AWS::S3::BucketPolicy")
    kept = [*buckets(prod).values(), *policies, prod.at("Storage/Buckets/Key/Resource")]

    for resource in kept:
        assert resource.body["DeletionPolicy"] == "RetainExceptOnCreate", resource.path
        assert resource.body["UpdateReplacePolicy"] == "Retain", resource.path
    assert prod.resources("Custom::GroundTruthBucketContents") == []


def test_key_of_logs_and_notifications_goes_with_the_stack(prod: Synthesis) -> None:
    """It encrypts nothing that stays."""
    key = prod.at("Storage/OperationsKey/Resource")

    assert key.properties["EnableKeyRotation"] is True
    assert (key.body["DeletionPolicy"], key.body["UpdateReplacePolicy"]) == ("Delete", "Delete")


@pytest.mark.parametrize("env", ["local", "dev"])
def test_buckets_that_go_are_emptied_first_and_need_no_key(env: str) -> None:
    synthesis = synthesize(env)
    found = buckets(synthesis)
    contents = synthesis.one("Custom::GroundTruthBucketContents")

    assert synthesis.resources("AWS::KMS::Key") == []
    assert {bucket.body["DeletionPolicy"] for bucket in found.values()} == {"Delete"}
    assert contents.properties["GuardedBucket"] == {"Ref": found["Output"].logical_id}
    assert contents.properties["Buckets"] == [
        {"Ref": found[name].logical_id} for name in ("Raw", "Output", "AccessLogs")
    ]
    assert {bucket.logical_id for bucket in found.values()} <= set(contents.depends_on)
    policies = {r.logical_id for r in synthesis.resources("AWS::S3::BucketPolicy")}
    assert policies <= set(contents.depends_on)


def test_no_helper_function_of_the_cdk_empties_buckets(every_environment: Synthesis) -> None:
    assert every_environment.resources("Custom::S3AutoDeleteObjects") == []
    assert {
        r.properties["Runtime"].rpartition(".")[0]
        for r in every_environment.resources("AWS::Lambda::Function")
    } == {"python3"}
