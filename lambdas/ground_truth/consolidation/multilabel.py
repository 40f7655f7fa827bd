"""From a consolidation payload with sets of labels to Ground Truth's answer."""

from ground_truth.answer_labels import SetsOfLabels
from ground_truth.answers import read_answers
from ground_truth.consolidation import label_sets
from ground_truth.consolidation.batch import Batch, Consolidation
from ground_truth.consolidation.memory import with_memory
from ground_truth.output import label_set_output


def consolidate(batch: Batch) -> Consolidation:
    """Consolidate a batch; the outputs are in the payload's order.

    An object of which everybody says that no label fits has an empty label, which is one.
    """
    read = read_answers(
        batch.payload,
        answer_format=SetsOfLabels(labels=batch.labels, element=batch.rules.template_element),
        fetch=batch.fetch,
    )
    objects = [answered.answers for answered in read.objects]
    found = with_memory(
        batch.memory,
        lambda carried: label_sets.consolidate_with(carried, objects, len(batch.labels)),
    )
    outputs = tuple(
        label_set_output(
            object_id=answered.object_id,
            attribute=batch.label_attribute,
            confidences=result,
            labels=batch.labels,
            metadata_type=batch.rules.metadata_type,
            job_name=batch.job_name,
            created=batch.created,
        )
        for answered, result in zip(read.objects, found.results, strict=True)
    )
    incomplete = tuple(answered for answered in read.objects if answered.set_aside)
    return Consolidation(outputs=outputs, failed=read.failed, incomplete=incomplete)
