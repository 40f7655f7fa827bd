"""What the consolidation functions share: the request's files, and what the log tells."""

import json
import logging
from datetime import datetime
from typing import Final

from ground_truth.consolidation.batch import Consolidation
from ground_truth.names import parse_s3_uri
from ground_truth_functions import aws

ANSWER_BYTES: Final = 1_000_000
_LOG = logging.getLogger(__name__)


class PayloadUnreadableError(RuntimeError):
    """The consolidation payload cannot be fetched; the role or the object is to blame."""


def payload(uri: str) -> tuple[bytes, datetime]:
    bucket, key = parse_s3_uri(uri)
    s3 = aws.client("s3")
    try:
        response = s3.get_object(Bucket=bucket, Key=key)
    except s3.exceptions.ClientError as error:
        raise PayloadUnreadableError(
            f"the consolidation payload cannot be fetched: got {error} for {uri}; "
            "the function's role needs s3:GetObject there, and kms:Decrypt where there is a key"
        ) from error
    return response["Body"].read(), response["LastModified"]


def answer(uri: str, limit: int = ANSWER_BYTES) -> bytes:
    """Return an answer that lies in S3, of at most ``limit`` bytes and one more.

    An answer that is not there or not for us is its own problem (``OSError``); anything else, such
    as throttling, fails the call so that Ground Truth repeats it and no answer is lost.
    """
    bucket, key = parse_s3_uri(uri)
    s3 = aws.client("s3")
    try:
        response = s3.get_object(Bucket=bucket, Key=key)
    except s3.exceptions.ClientError as error:
        code = error.response["Error"]["Code"]
        if code in {"NoSuchKey", "NoSuchBucket", "AccessDenied", "InvalidObjectState"}:
            raise OSError(code) from error
        raise
    # One byte more than is allowed is enough to be refused.
    return response["Body"].read(limit + 1)


def report(job_name: str, consolidation: Consolidation) -> None:
    """Log what became of the batch, and each object people should hear of; never who answered."""
    _LOG.setLevel(logging.INFO)
    for failed in consolidation.failed:
        _log(
            logging.WARNING,
            message="object left out, counts as failed",
            job=job_name,
            object=failed.object_id,
            reason=failed.reason,
        )
    for answered in consolidation.incomplete:
        _log(
            logging.WARNING,
            message="answers set aside",
            job=job_name,
            object=answered.object_id,
            reason="; ".join(answered.set_aside),
        )
    _log(
        logging.INFO,
        message="batch consolidated",
        job=job_name,
        labeled=len(consolidation.outputs),
        failed=len(consolidation.failed),
    )


def _log(level: int, **values: object) -> None:
    _LOG.log(level, "%s", json.dumps(values))
