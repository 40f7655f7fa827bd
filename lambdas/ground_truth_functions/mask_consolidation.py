"""Makes one mask of several workers' masks; Ground Truth calls it for a batch of objects.

A function of its own, because masks take libraries that no other function has to carry.
"""

import os
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Final
from urllib.parse import quote

from ground_truth.consolidation.batch import Batch
from ground_truth.consolidation.mask_batch import consolidate
from ground_truth.contracts import ConsolidatedObject
from ground_truth.names import parse_s3_uri, s3_uri
from ground_truth.output import creation_date
from ground_truth.requests import (
    ConsolidationJob,
    RequestError,
    labels_setting,
    parse_consolidation,
    task_setting,
)
from ground_truth.tasks import rules_for
from ground_truth_functions import aws
from ground_truth_functions.consolidation_files import answer, payload, report

_ANSWER_BYTES: Final = 16_000_000
# Where Ground Truth puts the pictures of its own segmentation jobs, below the job's folder.
_PICTURES: Final = "annotations/consolidated-annotation/output"


def handler(event: Mapping[str, object], _context: object) -> list[ConsolidatedObject]:
    """Answer a consolidation request; settings are ``TASK`` and ``LABELS``.

    The same request gives the same answer and writes the same pictures to the same keys, also when
    Ground Truth repeats it: the time is the payload's, not the clock's.
    """
    request = parse_consolidation(event)
    rules = rules_for(task_setting(os.environ))
    labels = labels_setting(
        os.environ, fallback=request.label_categories, least=rules.labels.minimum
    )
    bucket, folder = _job_folder(request)
    content, created = payload(request.payload_uri)

    def store(object_id: str | int, png: bytes) -> str:
        return _stored(bucket, folder, object_id, created, png)

    consolidation = consolidate(
        Batch(
            payload=content,
            rules=rules,
            labels=labels,
            label_attribute=request.label_attribute,
            job_name=request.job_name,
            created=created,
            fetch=partial(answer, limit=_ANSWER_BYTES),
        ),
        store,
    )
    report(request.job_name, consolidation)
    return list(consolidation.outputs)


def _job_folder(request: ConsolidationJob) -> tuple[str, str]:
    """Return the bucket and the key of the job's folder, which the payload lies in."""
    bucket, key = parse_s3_uri(request.payload_uri)
    before, found, _ = key.partition(f"{request.job_name}/annotations/")
    if not found:
        raise RequestError(
            f"the payload does not lie in the job's folder: got {request.payload_uri}, "
            f"allowed a key with {request.job_name}/annotations/"
        )
    return bucket, f"{before}{request.job_name}"


def _stored(bucket: str, folder: str, object_id: str | int, created: datetime, png: bytes) -> str:
    name = f"{quote(str(object_id), safe='')}_{creation_date(created)}.png"
    key = f"{folder}/{_PICTURES}/{name}"
    aws.client("s3").put_object(Bucket=bucket, Key=key, Body=png, ContentType="image/png")
    return s3_uri(bucket, key)
