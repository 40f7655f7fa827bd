"""From a consolidation payload of a classification task to Ground Truth's answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ground_truth.answers import AnswerBatch, AnsweredObject, FailedObject
from ground_truth.consolidation import one_coin
from ground_truth.consolidation.votes import Consensus, Objects
from ground_truth.contracts import ConsolidatedObject
from ground_truth.output import classification_output
from ground_truth.tasks import TaskType, rules_for

Algorithm = Callable[[Objects, int], list[Consensus]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consolidation:
    """The answer for Ground Truth, and what has to be told about it.

    ``failed`` objects are not in ``outputs``: Ground Truth counts an object that is missing from
    the answer as failed. ``incomplete`` have a label, but some answers for them did not count.
    """

    outputs: tuple[ConsolidatedObject, ...]
    failed: tuple[FailedObject, ...]
    incomplete: tuple[AnsweredObject, ...]


def consolidate_answers(
    batch: AnswerBatch,
    *,
    task: TaskType,
    labels: tuple[str, ...],
    label_attribute: str,
    job_name: str,
    created: datetime,
    algorithm: Algorithm = one_coin.consolidate,
) -> Consolidation:
    """Consolidate a batch; the outputs are in the payload's order."""
    results = algorithm([answered.answers for answered in batch.objects], len(labels))
    outputs = tuple(
        classification_output(
            object_id=answered.object_id,
            attribute=label_attribute,
            class_index=result.label,
            class_name=labels[result.label],
            confidence=result.confidence,
            metadata_type=rules_for(task).metadata_type,
            job_name=job_name,
            created=created,
        )
        for answered, result in zip(batch.objects, results, strict=True)
    )
    incomplete = tuple(answered for answered in batch.objects if answered.set_aside)
    return Consolidation(outputs=outputs, failed=batch.failed, incomplete=incomplete)
