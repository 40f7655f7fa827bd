"""What a job begins with: the objects of its manifest, read with the execution role's rights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from ground_truth_local.service.failures import client_error, said
from ground_truth_local.service.manifest import Line, parse_manifest

if TYPE_CHECKING:
    from ground_truth_local.service.locations import S3Location
    from ground_truth_local.service.role import RoleSession


def read_dataset(
    role: RoleSession, manifest: S3Location | None, attribute: str, *, most: int
) -> list[Line]:
    """Its lines; none without a manifest, as everything will be sent then.

    Raises JobFailedError when it can't be read, ManifestError when it can't be labeled.
    """
    if manifest is None:
        return []
    try:
        answer = role.client("s3").get_object(Bucket=manifest.bucket, Key=manifest.key)
        body: bytes = answer["Body"].read()
    except (ClientError, BotoCoreError) as error:
        raise client_error(f"Unable to read the manifest {manifest}: {said(error)}") from error
    return parse_manifest(body, attribute, most=most)
