"""Properties of `AWS::S3::Bucket` that ministack drops: kept, and readable through the S3 API.

Each becomes the body of the S3 call that sets it, serialized by botocore from the API's own model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.serialize import create_serializer

from ground_truth_local.platform.hooks import cloudformation, stores

Properties = Mapping[str, Any]

_RENAMED = {"TransitionInDays": "Days", "TransitionDate": "Date"}


class BucketPropertyError(Exception):
    """S3 refused what a template says about a bucket."""


def install() -> None:
    """Keep what templates say of buckets; refuse to delete a bucket with objects."""
    cloudformation.add_bucket_configurations(
        [
            ("BucketEncryption", _encryption, *_calls("bucket_encryption")),
            ("LifecycleConfiguration", _lifecycle, *_calls("bucket_lifecycle")),
            ("OwnershipControls", _ownership, *_calls("bucket_ownership_controls")),
            ("LoggingConfiguration", _logging, _checked("_put_bucket_logging"), _forget_logging),
            ("Tags", _tagging, *_calls("bucket_tagging")),
        ]
    )
    # stack tags reach only types that are known to keep tags
    cloudformation.carry_stack_tags("AWS::S3::Bucket")
    handlers = cloudformation.resource_handlers("AWS::S3::Bucket")
    delete = handlers["delete"]

    def delete_if_empty(physical_id: str, props: Properties) -> None:
        status, _, _ = stores.s3("_delete_bucket")(physical_id)
        if status == 409:
            raise BucketPropertyError(
                f"The bucket you tried to delete is not empty (Service: S3, Status Code: 409, "
                f"Bucket: {physical_id})"
            )
        delete(physical_id, props)

    handlers["delete"] = delete_if_empty
    _know_bucket_policies()


def _know_bucket_policies() -> None:
    """A policy that is there is never overwritten by a new stack's, but can be imported.

    CloudFormation's roadmap, issue 1068; its list of resource types that support import.
    """
    handlers = cloudformation.resource_handlers("AWS::S3::BucketPolicy")
    create = handlers["create"]

    def create_first(logical_id: str, props: Properties, stack: str) -> Any:
        bucket = props.get("Bucket", "")
        if bucket in stores.s3("_bucket_policies"):
            raise BucketPropertyError(f"The bucket policy already exists on bucket {bucket}.")
        return create(logical_id, props, stack)

    def missing(bucket: str) -> str | None:
        there = bucket in stores.s3("_bucket_policies")
        return None if there else f"The bucket policy does not exist on bucket {bucket}."

    handlers["create"] = create_first
    cloudformation.allow_import(
        "AWS::S3::BucketPolicy",
        identifier="Bucket",
        problem=missing,
        adopt=lambda bucket: (f"{bucket}-policy", {}),
    )


def _calls(what: str) -> tuple[Callable[[str, bytes], None], Callable[[str], None]]:
    return _checked(f"_put_{what}"), stores.s3(f"_delete_{what}")


def _checked(name: str) -> Callable[[str, bytes], None]:
    put = stores.s3(name)

    def checked(bucket: str, body: bytes) -> None:
        status, _, answer = put(bucket, body)
        if status >= 400:
            raise BucketPropertyError(f"{name.removeprefix('_put_')} of {bucket}: {answer!r}")

    return checked


def _forget_logging(bucket: str) -> None:
    stores.s3("_bucket_logging_config").pop(bucket, None)


@cache
def _model() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("s3", "service-2"), "s3")


def _body(operation: str, member: str, value: object) -> bytes:
    serializer = create_serializer("rest-xml", include_validation=False)
    request = serializer.serialize_to_request(
        {"Bucket": "any", member: value}, _model().operation_model(operation)
    )
    body: bytes = request["body"]
    return body


def _encryption(props: Properties) -> bytes:
    rules = [
        {
            "ApplyServerSideEncryptionByDefault": rule.get("ServerSideEncryptionByDefault"),
            "BucketKeyEnabled": str(rule.get("BucketKeyEnabled", False)).lower() == "true",
        }
        for rule in props.get("ServerSideEncryptionConfiguration") or []
    ]
    value = {"Rules": [_present(rule) for rule in rules]}
    return _body("PutBucketEncryption", "ServerSideEncryptionConfiguration", value)


def _ownership(props: Properties) -> bytes:
    value = {"Rules": list(props.get("Rules") or [])}
    return _body("PutBucketOwnershipControls", "OwnershipControls", value)


def _logging(props: Properties) -> bytes:
    enabled = {
        "TargetBucket": props.get("DestinationBucketName", ""),
        "TargetPrefix": props.get("LogFilePrefix", ""),
        "TargetObjectKeyFormat": props.get("TargetObjectKeyFormat"),
    }
    value = {"LoggingEnabled": _present(enabled)}
    return _body("PutBucketLogging", "BucketLoggingStatus", value)


def _tagging(tags: Sequence[Properties]) -> bytes:
    value = {"TagSet": [{"Key": str(t["Key"]), "Value": str(t.get("Value", ""))} for t in tags]}
    return _body("PutBucketTagging", "Tagging", value)


def _lifecycle(props: Properties) -> bytes:
    value = {"Rules": [_lifecycle_rule(rule) for rule in props.get("Rules") or []]}
    return _body("PutBucketLifecycleConfiguration", "LifecycleConfiguration", value)


def _lifecycle_rule(rule: Properties) -> dict[str, object]:
    """One rule; CloudFormation flattens what the API nests."""
    noncurrent = rule.get("NoncurrentVersionExpiration") or _present(
        {"NoncurrentDays": rule.get("NoncurrentVersionExpirationInDays")}
    )
    return _present(
        {
            "ID": rule.get("Id"),
            "Status": rule.get("Status"),
            "Filter": _lifecycle_filter(rule),
            "Expiration": _lifecycle_expiration(rule),
            "NoncurrentVersionExpiration": _numbers(noncurrent),
            "AbortIncompleteMultipartUpload": _numbers(rule.get("AbortIncompleteMultipartUpload")),
            "Transitions": [_numbers(t) for t in _listed(rule, "Transition")],
            "NoncurrentVersionTransitions": [
                _numbers(t) for t in _listed(rule, "NoncurrentVersionTransition")
            ],
        }
    )


def _lifecycle_filter(rule: Properties) -> dict[str, object]:
    tags = [{"Key": tag["Key"], "Value": tag["Value"]} for tag in rule.get("TagFilters") or []]
    sizes = _numbers(
        {n: rule.get(n) for n in ("ObjectSizeGreaterThan", "ObjectSizeLessThan")}, keep=True
    )
    conditions: dict[str, object] = _present({"Prefix": rule.get("Prefix"), **sizes})
    if len(tags) + len(conditions) > 1:
        return {"And": {**conditions, **({"Tags": tags} if tags else {})}}
    if tags:
        return {"Tag": tags[0]}
    return conditions or {"Prefix": ""}


def _lifecycle_expiration(rule: Properties) -> dict[str, object]:
    marker = rule.get("ExpiredObjectDeleteMarker")
    expiration = {"Days": rule.get("ExpirationInDays"), "Date": rule.get("ExpirationDate")}
    found = _numbers(expiration)
    if marker is not None:
        found["ExpiredObjectDeleteMarker"] = str(marker).lower() == "true"
    return found


def _listed(rule: Properties, name: str) -> list[Properties]:
    """`Transitions`, or the older single `Transition`."""
    one = rule.get(name)
    return list(rule.get(f"{name}s") or ([one] if one else []))


def _numbers(values: Properties | None, *, keep: bool = False) -> dict[str, object]:
    """Templates may carry numbers as strings; S3's own names for days."""
    found = {
        name if keep else _RENAMED.get(name, name): int(value) if str(value).isdigit() else value
        for name, value in (values or {}).items()
    }
    return _present(found)


def _present(values: Properties) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, {}, [])}
