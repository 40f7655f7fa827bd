"""Makes one label of several workers' answers; Ground Truth calls it for a batch of objects."""

import json
import logging
import os
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from ground_truth.consolidation.batch import Batch, Consolidation
from ground_truth.consolidation.kinds import consolidate_batch
from ground_truth.contracts import ConsolidatedObject
from ground_truth.names import parse_s3_uri
from ground_truth.requests import labels_setting, parse_consolidation, task_setting
from ground_truth.tasks import rules_for
from ground_truth_functions import aws
from ground_truth_functions.consolidation_memory import memory_of

_ANSWER_BYTES: Final = 1_000_000
_LOG = logging.getLogger(__name__)


class PayloadUnreadableError(RuntimeError):
    """The consolidation payload cannot be fetched; the role or the object is to blame."""


def handler(event: Mapping[str, object], _context: object) -> list[ConsolidatedObject]:
    """Answer a consolidation request; settings are ``TASK``, ``LABELS`` and ``TALLIES``.

    The same request gives the same answer, byte for byte, also when Ground Truth repeats it: the
    creation date is the payload's, not the clock's, and what other batches had taught then is kept
    below ``TALLIES``, an S3 URI that ends with a slash.
    """
    request = parse_consolidation(event)
    rules = rules_for(task_setting(os.environ))
    labels = labels_setting(
        os.environ, fallback=request.label_categories, least=rules.labels.minimum
    )
    payload, created = _payload(request.payload_uri)
    consolidation = consolidate_batch(
        Batch(
            payload=payload,
            rules=rules,
            labels=labels,
            label_attribute=request.label_attribute,
            job_name=request.job_name,
            created=created,
            fetch=_answer,
            memory=memory_of(
                os.environ.get("TALLIES", ""),
                job_name=request.job_name,
                payload_uri=request.payload_uri,
            ),
        )
    )
    _report(request.job_name, consolidation)
    return list(consolidation.outputs)


def _payload(uri: str) -> tuple[bytes, datetime]:
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


def _answer(uri: str) -> bytes:
    """Return an answer that lies in S3.

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
    return response["Body"].read(_ANSWER_BYTES + 1)


def _report(job_name: str, consolidation: Consolidation) -> None:
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
