"""Makes one label of several workers' answers; Ground Truth calls it for a batch of objects."""

import os
from collections.abc import Mapping

from ground_truth.consolidation.batch import Batch
from ground_truth.consolidation.kinds import consolidate_batch
from ground_truth.contracts import ConsolidatedObject
from ground_truth.requests import labels_setting, parse_consolidation, task_setting
from ground_truth.tasks import rules_for
from ground_truth_functions.consolidation_files import answer, payload, report
from ground_truth_functions.consolidation_memory import memory_of


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
    content, created = payload(request.payload_uri)
    consolidation = consolidate_batch(
        Batch(
            payload=content,
            rules=rules,
            labels=labels,
            label_attribute=request.label_attribute,
            job_name=request.job_name,
            created=created,
            fetch=answer,
            memory=memory_of(
                os.environ.get("TALLIES", ""),
                job_name=request.job_name,
                payload=content,
                payload_uri=request.payload_uri,
            ),
        )
    )
    report(request.job_name, consolidation)
    return list(consolidation.outputs)
