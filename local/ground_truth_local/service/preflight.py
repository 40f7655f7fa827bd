"""What CreateLabelingJob looks at with the execution role before it accepts a job.

The document (3.1) says that a role that can't be assumed and a manifest that can't be read arrive
as ValidationException from the call; the template and the label categories are treated alike,
as the stricter reading. Functions and CORS show later, in the running job.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from ground_truth_liquid import TemplateError, variables
from ground_truth_local.platform.port import SAGEMAKER_PRINCIPAL, RoleNotAssumableError
from ground_truth_local.service.buckets import bucket_region
from ground_truth_local.service.categories import CategoriesError, parse_categories
from ground_truth_local.service.errors import validation
from ground_truth_local.service.failures import said
from ground_truth_local.service.frame_categories import parse_frame_categories
from ground_truth_local.service.locations import parse_s3_uri
from ground_truth_local.service.request import manifest_uri, task_of

if TYPE_CHECKING:
    from ground_truth_local.service.context import Context
    from ground_truth_local.service.role import RoleSession


def role_message(role_arn: str) -> str:
    """SageMaker's words for a role that is missing or doesn't trust it."""
    return (
        f"Could not assume role {role_arn}. Please ensure that the role exists and allows "
        f"principal '{SAGEMAKER_PRINCIPAL}' to assume the role."
    )


def assume(role: RoleSession) -> None:
    """5.5: the role trusts sagemaker.amazonaws.com."""
    try:
        role.credentials()
    except RoleNotAssumableError as error:
        raise validation(role_message(role.role_arn)) from error


def check_buckets(context: Context, role: RoleSession, request: Mapping[str, Any]) -> None:
    """6.1: the manifest's bucket is in the job's Region; so is, here, the output's."""
    uris = (manifest_uri(request) or "", request["OutputConfig"]["S3OutputPath"])
    for bucket in dict.fromkeys(
        location.bucket for location in map(parse_s3_uri, uris) if location
    ):
        region = _bucket_region(role, bucket)
        if region != context.platform.region:
            raise validation(
                f"The bucket {bucket} is in region {region}; it must be in the region of the "
                f"labeling job, {context.platform.region}"
            )


def _bucket_region(role: RoleSession, bucket: str) -> str:
    try:
        return bucket_region(role.client("s3"), bucket)
    except (ClientError, BotoCoreError) as error:
        raise validation(
            f"Unable to access bucket {bucket} with role {role.role_arn}: {said(error)}. Ensure "
            "that the bucket exists and that the role may s3:GetBucketLocation"
        ) from error


def check_manifest(role: RoleSession, request: Mapping[str, Any]) -> None:
    """3.1: the manifest is there and the role may read it; its content is looked at later."""
    uri = manifest_uri(request)
    if uri is None:  # a streaming job
        return
    location = parse_s3_uri(uri)
    if location is None:  # pragma: no cover - the rules checked it
        raise validation(uri)
    try:
        role.client("s3").head_object(Bucket=location.bucket, Key=location.key)
    except (ClientError, BotoCoreError) as error:
        raise _unreadable("ManifestS3Uri", uri, role, error) from error


def read_template(role: RoleSession, request: Mapping[str, Any]) -> str:
    """The worker task template, readable and well-formed."""
    uri = request["HumanTaskConfig"]["UiConfig"]["UiTemplateS3Uri"]
    body = _read("UiTemplateS3Uri", uri, role)
    try:
        template = body.decode("utf-8")
        variables(template)
    except (UnicodeDecodeError, TemplateError) as error:
        raise validation(f"UiTemplateS3Uri {uri} is not a valid template: {error}") from error
    return template


def read_categories(role: RoleSession, request: Mapping[str, Any]) -> list[str] | None:
    """2.5: the labels' names; None without a label category configuration."""
    uri, task = request.get("LabelCategoryConfigS3Uri"), task_of(request)
    if uri is None:
        return None
    parse = parse_frame_categories if task.of_frames else parse_categories
    try:
        return parse(_read("LabelCategoryConfigS3Uri", uri, role), task)
    except CategoriesError as error:
        raise validation(
            f"LabelCategoryConfigS3Uri {uri} is not a label category configuration: {error}"
        ) from error


def _read(name: str, uri: str, role: RoleSession) -> bytes:
    location = parse_s3_uri(uri)
    if location is None:  # pragma: no cover - the rules checked it
        raise validation(uri)
    try:
        answer = role.client("s3").get_object(Bucket=location.bucket, Key=location.key)
        body: bytes = answer["Body"].read()
    except (ClientError, BotoCoreError) as error:
        raise _unreadable(name, uri, role, error) from error
    return body


def _unreadable(
    name: str, uri: str, role: RoleSession, error: ClientError | BotoCoreError
) -> Exception:
    return validation(
        f"Unable to read {name} {uri} with role {role.role_arn}: {said(error)}. Ensure that the "
        "object exists and that the role may s3:GetObject it"
    )
