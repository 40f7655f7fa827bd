"""What a consolidation function returns for an object, in the shape of Ground Truth's own output.

A line of the output manifest of a classification has the class index under the label attribute and
``class-name``, ``confidence``, ``type``, ``human-annotated``, ``job-name`` and ``creation-date``
under ``<attribute>-metadata`` (developer guide "Output data").

Who writes the metadata: the guide says that Ground Truth adds ``<attribute>-metadata`` with the
last four to what a custom function returns, with the type ``groundTruth/custom``; it does not say
what happens to metadata the function returned itself. Ground Truth's own classification functions
answer to the same contract, and their class names and confidences reach the manifest, so returned
metadata is taken to be kept and only filled up. We return all six, and the manifest is whole
under either reading of "adds", except one: were our metadata replaced, the confidence would be
found only in the consolidation response beside the manifest.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from ground_truth.contracts import (
    ClassificationMetadata,
    ConsolidatedObject,
    LabelSetMetadata,
    VerificationMetadata,
)

# More digits would only show how a platform rounds logarithms.
_CONFIDENCE_DIGITS = 6
# Nine people's comments within the 20 000 characters of a manifest's attribute, all of them quotes:
# a line beyond that could be in no chain. The answers themselves keep every word.
_COMMENT_CHARACTERS = 1_000


def classification_output(
    *,
    object_id: str | int,
    attribute: str,
    class_index: int,
    class_name: str,
    confidence: float,
    metadata_type: str,
    job_name: str,
    created: datetime,
) -> ConsolidatedObject:
    """Return one element of a consolidation function's answer.

    Args:
        object_id: ``datasetObjectId`` as it came; Ground Truth finds the object by it.
        attribute: the label attribute.
        class_index: position of the label in the label categories.
        class_name: the label.
        confidence: estimated probability that the label is right, 0-1.
        metadata_type: of the task's rules, such as ``groundtruth/image-classification``.
        job_name: without ``labeling-job/``.
        created: an aware time; the manifest has it in UTC without an offset, as Ground Truth does.
    """
    metadata: ClassificationMetadata = {
        "class-name": class_name,
        "confidence": round(confidence, _CONFIDENCE_DIGITS),
        "type": metadata_type,
        "human-annotated": "yes",
        "job-name": f"labeling-job/{job_name}",
        "creation-date": creation_date(created),
    }
    return {
        "datasetObjectId": object_id,
        "consolidatedAnnotation": {
            "content": {attribute: class_index, f"{attribute}-metadata": metadata}
        },
    }


def verification_output(
    *,
    object_id: str | int,
    attribute: str,
    class_index: int,
    class_name: str,
    confidence: float,
    comments: Sequence[str],
    metadata_type: str,
    job_name: str,
    created: datetime,
) -> ConsolidatedObject:
    """Return one element of a consolidation function's answer for a judgement of earlier labels.

    As in Ground Truth's own output, the class index is text here, and ``worker-feedback`` has what
    workers wrote; it is left out where nobody wrote anything (developer guide, "Label verification
    and adjustment data in the output manifest").

    Args:
        object_id: ``datasetObjectId`` as it came.
        attribute: the label attribute.
        class_index: position of the judgement in the label categories.
        class_name: the judgement.
        confidence: estimated probability that the judgement is right, 0-1.
        comments: workers' own words, cut where they are longer than a manifest can carry.
        metadata_type: of the task's rules, ``groundtruth/label-verification``.
        job_name: without ``labeling-job/``.
        created: an aware time.
    """
    metadata: VerificationMetadata = {
        "class-name": class_name,
        "confidence": round(confidence, _CONFIDENCE_DIGITS),
        "type": metadata_type,
        "human-annotated": "yes",
        "job-name": f"labeling-job/{job_name}",
        "creation-date": creation_date(created),
    }
    if comments:
        metadata["worker-feedback"] = [{"comment": _cut(comment)} for comment in comments]
    return {
        "datasetObjectId": object_id,
        "consolidatedAnnotation": {
            "content": {attribute: str(class_index), f"{attribute}-metadata": metadata}
        },
    }


def _cut(comment: str) -> str:
    if len(comment) <= _COMMENT_CHARACTERS:
        return comment
    return f"{comment[: _COMMENT_CHARACTERS - 1]}…"


def label_set_output(
    *,
    object_id: str | int,
    attribute: str,
    confidences: Mapping[int, float],
    labels: Sequence[str],
    metadata_type: str,
    job_name: str,
    created: datetime,
) -> ConsolidatedObject:
    """Return one element of a consolidation function's answer for a task with sets of labels.

    As in Ground Truth's own output, every label that somebody chose is listed, here the likeliest
    first, and ``confidence-map`` tells which of them to believe.

    Args:
        object_id: ``datasetObjectId`` as it came.
        attribute: the label attribute.
        confidences: of each label somebody chose, by its index, that it is there, 0-1.
        labels: the label categories in class index order.
        metadata_type: of the task's rules, such as ``groundtruth/image-classification-multilabel``.
        job_name: without ``labeling-job/``.
        created: an aware time.
    """
    rounded = {label: round(sure, _CONFIDENCE_DIGITS) for label, sure in confidences.items()}
    order = sorted(rounded, key=lambda label: (-rounded[label], label))
    metadata: LabelSetMetadata = {
        "class-map": {str(label): labels[label] for label in order},
        "confidence-map": {str(label): rounded[label] for label in order},
        "type": metadata_type,
        "human-annotated": "yes",
        "job-name": f"labeling-job/{job_name}",
        "creation-date": creation_date(created),
    }
    return {
        "datasetObjectId": object_id,
        "consolidatedAnnotation": {
            "content": {attribute: order, f"{attribute}-metadata": metadata}
        },
    }


def creation_date(created: datetime) -> str:
    """Return an aware time as manifests have it: UTC without an offset."""
    return created.astimezone(UTC).replace(tzinfo=None).isoformat()
