"""From a consolidation payload with single labels to Ground Truth's answer."""

from ground_truth.answer_labels import Judgements, SingleLabels
from ground_truth.answers import AnsweredObject, AnswerFormat, read_answers
from ground_truth.built_in import Audit
from ground_truth.consolidation import shrunken
from ground_truth.consolidation.batch import Batch, Consolidation
from ground_truth.consolidation.memory import with_memory
from ground_truth.consolidation.votes import Consensus, Judgement, Vote
from ground_truth.contracts import ConsolidatedObject
from ground_truth.output import classification_output, verification_output


def consolidate(batch: Batch) -> Consolidation:
    """Consolidate a batch; the outputs are in the payload's order.

    Judgements of earlier labels are consolidated as any label is; what people wrote about them
    stays beside them.
    """
    read = read_answers(batch.payload, answer_format=_format(batch), fetch=batch.fetch)
    objects = [answered.answers for answered in read.objects]
    found = with_memory(
        batch.memory,
        lambda carried: shrunken.consolidate_with(carried, objects, len(batch.labels)),
    )
    outputs = tuple(
        _output(batch, answered, result)
        for answered, result in zip(read.objects, found.results, strict=True)
    )
    incomplete = tuple(answered for answered in read.objects if answered.set_aside)
    return Consolidation(outputs=outputs, failed=read.failed, incomplete=incomplete)


def _format(batch: Batch) -> AnswerFormat[Vote]:
    labels, element = batch.labels, batch.rules.template_element
    if batch.rules.audit is Audit.VERIFICATION:
        return Judgements(labels=labels, element=element)
    return SingleLabels(labels=labels, element=element)


def _output(batch: Batch, answered: AnsweredObject[Vote], result: Consensus) -> ConsolidatedObject:
    if batch.rules.audit is Audit.VERIFICATION:
        votes = (vote for vote in answered.answers if isinstance(vote, Judgement))
        return verification_output(
            object_id=answered.object_id,
            attribute=batch.label_attribute,
            class_index=result.label,
            class_name=batch.labels[result.label],
            confidence=result.confidence,
            comments=[vote.comment for vote in votes if vote.comment],
            metadata_type=batch.rules.metadata_type,
            job_name=batch.job_name,
            created=batch.created,
        )
    return classification_output(
        object_id=answered.object_id,
        attribute=batch.label_attribute,
        class_index=result.label,
        class_name=batch.labels[result.label],
        confidence=result.confidence,
        metadata_type=batch.rules.metadata_type,
        job_name=batch.job_name,
        created=batch.created,
    )
