"""The buckets: what browsers may load from them, and which ones nobody would take over."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from ground_truth.names import TAG_ENVIRONMENT
from ground_truth_ops.deployment import StackKind, resources_of
from ground_truth_ops.doctor.finding import Finding, ok, problem, unknown
from ground_truth_ops.retained import find_retained, problems_of

if TYPE_CHECKING:
    from ground_truth_ops.doctor.scene import Scene
    from ground_truth_ops.retained import Storage

# developer guide "CORS permission requirement", letter for letter
CORS_RULE = {
    "AllowedHeaders": [],
    "AllowedMethods": ["GET"],
    "AllowedOrigins": ["*"],
    "ExposeHeaders": ["Access-Control-Allow-Origin"],
}
# the same of video frames and point clouds, whose page works on both buckets itself
FRAMES_RULE = {
    "AllowedHeaders": ["*"],
    "AllowedMethods": ["GET", "HEAD", "PUT"],
    "AllowedOrigins": ["*"],
    "ExposeHeaders": ["Access-Control-Allow-Origin"],
    "MaxAgeSeconds": 3000,
}
RECORD = "/lineage.json"
SHOWN = 5


def check_cors(scene: Scene) -> Iterator[Finding]:
    """The worker pages load images from the raw bucket, from an origin of their own.

    Masks that are verified or adjusted come from the output bucket. The page of video frames and
    point clouds also saves what was begun.
    """
    if scene.target.project.environment.settings.storage.frames:
        for output in ("RawBucketName", "OutputBucketName"):
            if bucket := scene.deployment.output(StackKind.STORAGE, output):
                yield _frames(scene, bucket)
        return
    masks = any(
        campaign.audited is not None and campaign.audited.attribute.endswith("-ref")
        for campaign in scene.target.project.campaigns
    )
    for output in ("RawBucketName", *(["OutputBucketName"] if masks else [])):
        bucket = scene.deployment.output(StackKind.STORAGE, output)
        if bucket is not None:
            yield _cors(scene, bucket)


def _cors(scene: Scene, bucket: str) -> Finding:
    rules = _rules(scene, bucket)
    if any(_lets_images_through(rule) for rule in rules):
        return ok("cors", f"browsers may load images of {bucket}")
    configuration = json.dumps({"CORSRules": [*rules, CORS_RULE]})
    return problem(
        "cors",
        f"{bucket} has no rule that lets a browser GET from any origin: image tasks stay empty",
        run=f"aws s3api put-bucket-cors --bucket {bucket} --cors-configuration '{configuration}'",
    )


def _frames(scene: Scene, bucket: str) -> Finding:
    rules = _rules(scene, bucket)
    if any(_lets_frames_through(rule) for rule in rules):
        return ok("cors", f"browsers may work on the frames of {bucket}")
    configuration = json.dumps({"CORSRules": [*rules, FRAMES_RULE]})
    return problem(
        "cors",
        f"{bucket} has no rule that lets a browser GET, HEAD and PUT from any origin, with any"
        " header: tasks of video frames and point clouds stay empty",
        run=f"aws s3api put-bucket-cors --bucket {bucket} --cors-configuration '{configuration}'",
    )


def _rules(scene: Scene, bucket: str) -> list[Mapping[str, Any]]:
    try:
        return list(scene.clients.s3.get_bucket_cors(Bucket=bucket)["CORSRules"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchCORSConfiguration":
            return []
        raise


def _lets_images_through(rule: Mapping[str, Any]) -> bool:
    return "GET" in rule["AllowedMethods"] and "*" in rule["AllowedOrigins"]


def _lets_frames_through(rule: Mapping[str, Any]) -> bool:
    return (
        {"GET", "HEAD", "PUT"} <= set(rule["AllowedMethods"])
        and "*" in rule["AllowedOrigins"]
        and "*" in rule.get("AllowedHeaders", [])
    )


def check_retained(scene: Scene) -> Iterator[Finding]:
    """Buckets with this environment's tag that its stacks don't hold; labels may be in them."""
    ours = _ours(scene)
    left = sorted(name for name in _tagged(scene) - ours if _exists(scene, name))
    if not left:
        yield ok("retained", f"no bucket of an earlier {scene.environment} is left")
        return
    sets = {each.output: each for each in find_retained(scene.clients, scene.deployment)}
    told: set[str] = set()
    for name in left:
        campaigns = _campaigns(scene, name)
        if campaigns:
            told |= {name, *(sets[name].buckets if name in sets else ())}
            yield from _holding(scene, name, campaigns, sets.get(name))
    others = [name for name in left if name not in told]
    if others:
        yield unknown(
            "retained",
            f"{len(others)} more buckets of an earlier {scene.environment} without labels: "
            f"{', '.join(others[:SHOWN])}",
            "look into them, and remove what isn't needed",
            run=f"aws s3 ls --recursive s3://{others[0]}",
        )


def _holding(
    scene: Scene, bucket: str, campaigns: Sequence[str], storage: Storage | None
) -> Iterator[Finding]:
    """Labels outside every stack: how they can be gone on with, and what is in the way of that."""
    text = (
        f"bucket {bucket} of an earlier {scene.environment} holds labels of "
        f"{', '.join(campaigns)}; without it a deployment asks for everything again"
    )
    if storage is None:
        yield problem(
            "retained",
            f"{text}; its raw and access-log bucket are gone, so it can't be taken over",
            "save the labels, then remove it",
            run=f"aws s3 sync s3://{bucket} export/{scene.environment}/{bucket}",
        )
        return
    adopt = f"make adopt ENV={scene.environment} BUCKET={bucket}"
    first = []
    if scene.target.removes_buckets:
        first.append(f'set storage.removal = "retain" in {scene.file}')
    if scene.deployment.of_kind(StackKind.STORAGE):
        first.append(f"make destroy ENV={scene.environment} (a stack has buckets of its own)")
    fix = f"{', '.join(first)}, then take it over" if first else "take it over before deploying"
    yield problem("retained", text, f"{fix}; or save the labels and remove it", run=adopt)
    for each in problems_of(scene.clients, storage, scene.environment):
        yield problem("retained", f"in the way of taking it over: {each}", "mend that first")


def _ours(scene: Scene) -> set[str]:
    cloudformation = scene.clients.cloudformation
    return {
        resource.physical_id
        for stack in scene.deployment.of_kind(StackKind.STORAGE)
        for resource in resources_of(cloudformation, stack.name)
    }


def _tagged(scene: Scene) -> set[str]:
    tagging = scene.clients.named("resourcegroupstaggingapi")
    pages = tagging.get_paginator("get_resources").paginate(
        ResourceTypeFilters=["s3"],
        TagFilters=[{"Key": TAG_ENVIRONMENT, "Values": [scene.environment]}],
    )
    found = [item["ResourceARN"] for page in pages for item in page["ResourceTagMappingList"]]
    return {arn.rpartition(":")[2] for arn in found if arn.split(":")[2] == "s3"}


def _exists(scene: Scene, bucket: str) -> bool:
    """The tagging API goes on naming what was deleted for a while."""
    try:
        scene.clients.s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        return error.response["Error"]["Code"] not in ("404", "NoSuchBucket")
    return True


def _campaigns(scene: Scene, bucket: str) -> list[str]:
    """Campaigns whose record lies in the bucket."""
    s3 = scene.clients.s3
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Delimiter="/")
    folders = [item["Prefix"] for page in pages for item in page.get("CommonPrefixes", [])]
    found = []
    for folder in folders:
        key = folder.rstrip("/") + RECORD
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("Contents", [])
        if any(item["Key"] == key for item in listed):
            found.append(folder.rstrip("/"))
    return found
