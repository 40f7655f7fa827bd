"""What templates say of buckets and topics is kept, and can be read back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from tests.local.platform.server import Server, StackFailedError, delete, deploy, settled

PROPERTIES: dict[str, object] = {
    "VersioningConfiguration": {"Status": "Enabled"},
    "BucketEncryption": {
        "ServerSideEncryptionConfiguration": [
            {
                "BucketKeyEnabled": True,
                "ServerSideEncryptionByDefault": {
                    "SSEAlgorithm": "aws:kms",
                    "KMSMasterKeyID": "key",
                },
            }
        ]
    },
    "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
    "LoggingConfiguration": {"DestinationBucketName": "elsewhere", "LogFilePrefix": "raw/"},
    "LifecycleConfiguration": {
        "Rules": [
            {
                "Id": "versions",
                "Status": "Enabled",
                "NoncurrentVersionExpiration": {"NoncurrentDays": "30"},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
            },
            {"Id": "logs", "Status": "Enabled", "Prefix": "raw/", "ExpirationInDays": 90},
            {
                "Id": "markers",
                "Status": "Enabled",
                "ExpiredObjectDeleteMarker": True,
                "TagFilters": [{"Key": "kind", "Value": "old"}],
            },
            {
                "Id": "cold",
                "Status": "Disabled",
                "Prefix": "a/",
                "TagFilters": [{"Key": "kind", "Value": "old"}],
                "Transitions": [{"StorageClass": "GLACIER", "TransitionInDays": "10"}],
                "NoncurrentVersionTransitions": [{"StorageClass": "GLACIER", "NoncurrentDays": 5}],
            },
        ]
    },
    "Tags": [{"Key": "ground-truth:environment", "Value": "tests"}],
}


@pytest.fixture
def s3(server: Server) -> Any:
    return server.client("s3")


@pytest.fixture
def bucket(server: Server, s3: Any) -> Iterator[str]:
    """A bucket of a stack `Buckets`, emptied and deleted afterwards."""
    resources = {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": PROPERTIES}}
    name = str(deploy(server, "Buckets", resources, Name={"Ref": "Bucket"})["Name"])
    yield name
    for version in s3.list_object_versions(Bucket=name).get("Versions", []):
        s3.delete_object(Bucket=name, Key=version["Key"], VersionId=version["VersionId"])
    delete(server, "Buckets")


def test_encryption_is_read_back(s3: Any, bucket: str) -> None:
    found = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "key"}
    rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}
    assert found == {"Rules": [rule]}


def test_lifecycle_is_read_back(s3: Any, bucket: str) -> None:
    old = {"Key": "kind", "Value": "old"}
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == [
        {
            "ID": "versions",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        },
        {
            "ID": "logs",
            "Status": "Enabled",
            "Filter": {"Prefix": "raw/"},
            "Expiration": {"Days": 90},
        },
        {
            "ID": "markers",
            "Status": "Enabled",
            "Filter": {"Tag": old},
            "Expiration": {"ExpiredObjectDeleteMarker": True},
        },
        {
            "ID": "cold",
            "Status": "Disabled",
            "Filter": {"And": {"Prefix": "a/", "Tags": [old], "ObjectSizeGreaterThan": 0}},
            "Transitions": [{"Days": 10, "StorageClass": "GLACIER"}],
            "NoncurrentVersionTransitions": [{"NoncurrentDays": 5, "StorageClass": "GLACIER"}],
        },
    ]


def test_ownership_logging_and_tags_are_read_back(s3: Any, bucket: str) -> None:
    ownership = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]
    assert ownership == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    logging = s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"]
    assert logging == {"TargetBucket": "elsewhere", "TargetPrefix": "raw/"}
    tags = {t["Key"]: t["Value"] for t in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]}
    assert tags["ground-truth:environment"] == "tests"
    assert tags["team"] == "tests"  # the stack's
    assert tags["aws:cloudformation:stack-name"] == "Buckets"


def test_properties_taken_out_of_the_template_are_gone(
    server: Server, s3: Any, bucket: str
) -> None:
    versioned = {"VersioningConfiguration": {"Status": "Enabled"}}
    deploy(server, "Buckets", {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": versioned}})
    default = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    assert default["Rules"][0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)
    with pytest.raises(ClientError, match="NoSuchLifecycleConfiguration"):
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)


def test_stack_cannot_delete_a_bucket_with_objects(server: Server, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="label", Body=b"1")
    with pytest.raises(StackFailedError, match=r"not empty \(Service: S3, Status Code: 409"):
        delete(server, "Buckets")
    assert s3.get_object(Bucket=bucket, Key="label")["Body"].read() == b"1"


def test_bad_property_fails_the_stack_with_s3s_reason(server: Server) -> None:
    rule = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "rot13"}}
    wrong = {"BucketEncryption": {"ServerSideEncryptionConfiguration": [rule]}}
    resources = {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": wrong}}
    with pytest.raises(StackFailedError, match="MalformedXML"):
        deploy(server, "WrongBucket", resources)
    delete(server, "WrongBucket")


def test_upload_with_kms_and_no_key_takes_the_services_key(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"", ServerSideEncryption="aws:kms")
    found = s3.head_object(Bucket=bucket, Key="k")["SSEKMSKeyId"]
    assert found == "arn:aws:kms:us-east-1:000000000000:alias/aws/s3"


def test_topic_keeps_its_key_until_the_template_drops_it(server: Server) -> None:
    sns = server.client("sns")

    def key(**properties: object) -> str | None:
        topic = {"Type": "AWS::SNS::Topic", "Properties": properties}
        arn = deploy(server, "Topics", {"Topic": topic}, Arn={"Ref": "Topic"})["Arn"]
        found: str | None = sns.get_topic_attributes(TopicArn=arn)["Attributes"].get(
            "KmsMasterKeyId"
        )
        return found

    assert key(KmsMasterKeyId="alias/one", DisplayName="d") == "alias/one"
    assert key(KmsMasterKeyId="alias/two", DisplayName="d") == "alias/two"
    assert key(DisplayName="d") is None
    delete(server, "Topics")


POLICY = {
    "Type": "AWS::S3::BucketPolicy",
    "DeletionPolicy": "Retain",
    "Properties": {
        "Bucket": "policed",
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*"}
            ],
        },
    },
}


@pytest.fixture
def policed(s3: Any) -> Iterator[str]:
    """A bucket with a policy that no stack has."""
    s3.create_bucket(Bucket="policed")
    s3.put_bucket_policy(Bucket="policed", Policy='{"Version": "2012-10-17", "Statement": []}')
    yield "policed"
    s3.delete_bucket(Bucket="policed")


def test_a_policy_that_is_there_is_not_overwritten_by_a_new_stack(
    server: Server, s3: Any, policed: str
) -> None:
    with pytest.raises(StackFailedError, match="bucket policy already exists on bucket policed"):
        deploy(server, "Policies", {"Policy": POLICY})
    assert '"Statement": []' in s3.get_bucket_policy(Bucket=policed)["Policy"]
    delete(server, "Policies")


def test_a_policy_that_is_there_can_be_imported(server: Server, s3: Any, policed: str) -> None:
    assert import_policy(server, policed)["StackStatus"] == "IMPORT_COMPLETE"
    found = server.client("cloudformation").describe_stack_resources(StackName="Imported")
    assert [resource["LogicalResourceId"] for resource in found["StackResources"]] == ["Policy"]
    delete(server, "Imported")
    assert s3.get_bucket_policy(Bucket=policed)["Policy"]


def test_a_policy_that_is_not_there_cannot_be_imported(server: Server) -> None:
    with pytest.raises(WaiterError, match="FAILED"):
        import_policy(server, "elsewhere")
    change_set = server.client("cloudformation").describe_change_set(
        StackName="Imported", ChangeSetName="take-over-elsewhere"
    )
    assert "The bucket policy does not exist on bucket elsewhere" in change_set["StatusReason"]


def import_policy(server: Server, bucket: str) -> Any:
    """Make the stack `Imported` of a bucket's policy."""
    cloudformation = server.client("cloudformation")
    resource = {
        "ResourceType": "AWS::S3::BucketPolicy",
        "LogicalResourceId": "Policy",
        "ResourceIdentifier": {"Bucket": bucket},
    }
    names = {"StackName": "Imported", "ChangeSetName": f"take-over-{bucket}"}
    cloudformation.create_change_set(
        **names,
        ChangeSetType="IMPORT",
        TemplateBody=json.dumps({"Resources": {"Policy": POLICY}}),
        ResourcesToImport=[resource],
    )
    quick = {"Delay": 1, "MaxAttempts": 10}
    cloudformation.get_waiter("change_set_create_complete").wait(**names, WaiterConfig=quick)
    cloudformation.execute_change_set(**names)
    return settled(server, "Imported")
