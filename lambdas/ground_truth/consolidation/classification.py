"""From a consolidation payload with single labels to Ground Truth's answer."""

from ground_truth.answer_labels import SingleLabels
from ground_truth.answers import read_answers
from ground_truth.consolidation import shrunken
from ground_truth.consolidation.batch import Batch, Consolidation
from ground_truth.consolidation.memory import with_memory
from ground_truth.output import classification_output


def consolidate(batch: Batch) -> Consolidation:
    """Consolidate a batch; the outputs are in the payload's order."""
    read = read_answers(
        batch.payload,
        answer_format=SingleLabels(labels=batch.labels, element=batch.rules.template_element),
        fetch=batch.fetch,
    )
    objects = [answered.answers for answered in read.objects]
    found = with_memory(
        batch.memory,
        lambda carried: shrunken.consolidate_with(carried, objects, len(batch.labels)),
    )
    outputs = tuple(
        classification_output(
            object_id=answered.object_id,
            attribute=batch.label_attribute,
            class_index=result.label,
            class_name=batch.labels[result.label],
            confidence=result.confidence,
            metadata_type=batch.rules.metadata_type,
            job_name=batch.job_name,
            created=batch.created,
        )
        for answered, result in zip(read.objects, found.results, strict=True)
    )
    incomplete = tuple(answered for answered in read.objects if answered.set_aside)
    return Consolidation(outputs=outputs, failed=read.failed, incomplete=incomplete)
