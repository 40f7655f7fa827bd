"""Reading what people answered: the payload Ground Truth hands to a consolidation function.

The payload is a JSON list of objects with the answers for each; an answer's content is JSON inside
a JSON string, or lies in S3. Source: developer guide "Post-annotation Lambda". People, browsers
and templates write these answers, so one broken answer never costs another its place: it is set
aside with the reason, and an object fails only when no answer for it can be read.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ground_truth.consolidation.votes import Vote
from ground_truth.json_lines import JsonError, read_json, read_json_leniently

# Everything a worker template may use is in here; synth compares it with the template's variables.
PRE_ANNOTATION_INPUTS: Final = ("taskObject", "labels")

# A label of 256 characters with a comment and some marking round it; a drawing would be more.
_CONTENT_CHARACTERS: Final = 100_000

ObjectId = str | int
FetchText = Callable[[str], str | bytes]


class AnnotationPayloadError(ValueError):
    """A payload that cannot be read at all, so that no object in it can be told from another."""


class AnswerError(ValueError):
    """One answer that cannot be counted; the message says why, without the worker or the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredObject:
    """An object with the answers that count, one per worker, in the order of workers' ids.

    ``set_aside`` tells why other answers do not count.
    """

    object_id: ObjectId
    answers: tuple[Vote, ...]
    set_aside: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedObject:
    """An object without a single answer that counts, and why; the id is None if it has none."""

    object_id: ObjectId | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerBatch:
    """A payload read: what can be consolidated and what cannot, both in the payload's order."""

    objects: tuple[AnsweredObject, ...]
    failed: tuple[FailedObject, ...]


def read_answers(
    payload: str | bytes, *, labels: Sequence[str], element: str, fetch: FetchText
) -> AnswerBatch:
    """Read a consolidation payload of a classification task.

    Args:
        payload: the file's content.
        labels: the label categories in class index order.
        element: the name of the crowd element whose answer counts.
        fetch: returns the text of an S3 URI, for answers that lie in S3; may raise ``OSError`` or
            ``ValueError``, which sets that answer aside.

    A worker who answered an object twice counts once when the answers agree and not at all when
    they differ: the payload does not tell which came last.

    Raises:
        AnnotationPayloadError: the payload is not a JSON list.
    """
    reader = _AnswerReader(labels=labels, element=element, fetch=fetch)
    objects: list[AnsweredObject] = []
    failed: list[FailedObject] = []
    for object_id, annotations in _objects(payload):
        if object_id is None or isinstance(annotations, AnswerError):
            failed.append(FailedObject(object_id=object_id, reason=str(annotations)))
            continue
        answered = reader.read(object_id, annotations)
        if answered.answers:
            objects.append(answered)
        else:
            reason = "; ".join(answered.set_aside) or "nobody answered"
            failed.append(FailedObject(object_id=object_id, reason=f"no answer counts: {reason}"))
    return AnswerBatch(objects=tuple(objects), failed=tuple(failed))


Annotations = list[object]


def _objects(payload: str | bytes) -> Iterator[tuple[ObjectId | None, Annotations | AnswerError]]:
    try:
        entries = read_json_leniently(payload)
    except JsonError as error:
        raise AnnotationPayloadError(
            f"the consolidation payload cannot be read: {error}; look at the file in S3"
        ) from error
    if not isinstance(entries, list):
        raise AnnotationPayloadError(
            f"the consolidation payload is not a list of objects: got {type(entries).__name__}"
        )
    merged: dict[ObjectId, Annotations | AnswerError] = {}
    for entry in entries:
        object_id = entry.get("datasetObjectId") if isinstance(entry, Mapping) else None
        if isinstance(object_id, bool) or not isinstance(object_id, str | int):
            yield None, AnswerError(f"datasetObjectId is not text: got {_short(object_id)}")
            continue
        _merge(merged, object_id, entry.get("annotations"))
    yield from merged.items()


def _merge(
    merged: dict[ObjectId, Annotations | AnswerError], object_id: ObjectId, annotations: object
) -> None:
    """Add annotations to an object; one that comes twice keeps what can be read of either."""
    known = merged.get(object_id)
    if isinstance(annotations, list):
        merged[object_id] = [*known, *annotations] if isinstance(known, list) else annotations
    elif known is None:
        merged[object_id] = AnswerError(f"annotations is not a list: got {_kind(annotations)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _AnswerReader:
    labels: Sequence[str]
    element: str
    fetch: FetchText

    def read(self, object_id: ObjectId, annotations: Annotations) -> AnsweredObject:
        by_worker: dict[str, set[int]] = {}
        set_aside = []
        index = {label: position for position, label in enumerate(self.labels)}
        for annotation in annotations:
            try:
                worker = _worker(annotation)
                label = self._label(annotation)
                if label not in index:
                    raise AnswerError(f"label is not one of the categories: got {_kind(label)}")
            except AnswerError as error:
                set_aside.append(str(error))
                continue
            by_worker.setdefault(worker, set()).add(index[label])
        answers = []
        for worker, chosen in sorted(by_worker.items()):
            if len(chosen) == 1:
                answers.append(Vote(worker=worker, label=chosen.pop()))
            else:
                set_aside.append(f"one worker gave {len(chosen)} different answers")
        # Sorted, so that the outcome does not depend on the order answers came in.
        return AnsweredObject(
            object_id=object_id, answers=tuple(answers), set_aside=tuple(sorted(set_aside))
        )

    def _label(self, annotation: object) -> str:
        content = self._content(annotation)
        value = content.get(self.element)
        if not isinstance(value, Mapping):
            # A template may name its element otherwise; with one answer there is no doubt.
            found = [
                item for item in content.values() if isinstance(item, Mapping) and "label" in item
            ]
            if len(found) != 1:
                raise AnswerError(f"no answer of {self.element}: got the keys {_short([*content])}")
            value = found[0]
        label = value.get("label")
        if not isinstance(label, str):
            raise AnswerError(f"label is not text: got {_kind(label)}")
        return label

    def _content(self, annotation: object) -> Mapping[str, object]:
        data = annotation.get("annotationData") if isinstance(annotation, Mapping) else None
        if not isinstance(data, Mapping):
            raise AnswerError(f"annotationData is not an object: got {_kind(data)}")
        content = data.get("content")
        if content is None and isinstance(data.get("s3Uri"), str):
            content = self._fetched(str(data["s3Uri"]))
        if isinstance(content, str | bytes):
            content = _parsed(content)
        if not isinstance(content, Mapping):
            raise AnswerError(f"content is not a JSON object: got {_kind(content)}")
        return content

    def _fetched(self, uri: str) -> str | bytes:
        try:
            return self.fetch(uri)
        except (OSError, ValueError) as error:
            raise AnswerError(f"content cannot be fetched from S3: {_short(str(error))}") from error


def _worker(annotation: object) -> str:
    worker = annotation.get("workerId") if isinstance(annotation, Mapping) else None
    if not isinstance(worker, str) or not worker:
        raise AnswerError(f"workerId is not text: got {_kind(worker)}")
    return worker


def _parsed(content: str | bytes) -> object:
    if len(content) > _CONTENT_CHARACTERS:
        raise AnswerError(
            f"content is too large: got {len(content)} characters, allowed {_CONTENT_CHARACTERS}"
        )
    try:
        return read_json(content)
    except JsonError as error:
        raise AnswerError(f"content is {error}") from error


def _kind(value: object) -> str:
    """Say what was given without repeating it: reasons are logged, and answers are not to be."""
    if isinstance(value, str | bytes):
        return f"text of {len(value)} characters"
    return "null" if value is None else type(value).__name__


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
