"""Reading what people answered: the payload Ground Truth hands to a consolidation function.

The payload is a JSON list of objects with the answers for each; an answer's content is JSON inside
a JSON string, or lies in S3. Source: developer guide "Post-annotation Lambda". People, browsers
and templates write these answers, so one broken answer never costs another its place: it is set
aside with the reason, and an object fails only when no answer for it can be read.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from ground_truth.json_lines import JsonError, read_json, read_json_leniently

ObjectId = str | int
FetchText = Callable[[str], str | bytes]


class AnnotationPayloadError(ValueError):
    """A payload that cannot be read at all, so that no object in it can be told from another."""


class AnswerError(ValueError):
    """One answer that cannot be counted; the message says why, without the worker or the answer."""


A = TypeVar("A", bound=Hashable)
A_co = TypeVar("A_co", bound=Hashable, covariant=True)


class AnswerFormat(Protocol[A_co]):
    """How one kind of answer is written."""

    @property
    def limit(self) -> int:
        """Return how many characters the content of an answer may have."""
        ...

    def answer(self, worker: str, content: Mapping[str, object]) -> A_co:
        """Return a worker's answer, equal for equal ones; raises ``AnswerError``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredObject(Generic[A]):
    """An object with the answers that count, one per worker, in the order of workers' ids.

    ``set_aside`` tells why other answers do not count.
    """

    object_id: ObjectId
    answers: tuple[A, ...]
    set_aside: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedObject:
    """An object without a single answer that counts, and why; the id is None if it has none."""

    object_id: ObjectId | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerBatch(Generic[A]):
    """A payload read: what can be consolidated and what cannot, both in the payload's order."""

    objects: tuple[AnsweredObject[A], ...]
    failed: tuple[FailedObject, ...]


def read_answers(
    payload: str | bytes, *, answer_format: AnswerFormat[A], fetch: FetchText
) -> AnswerBatch[A]:
    """Read a consolidation payload.

    Args:
        payload: the file's content.
        answer_format: how the task's answers are written.
        fetch: returns the text of an S3 URI, for answers that lie in S3; may raise ``OSError`` or
            ``ValueError``, which sets that answer aside.

    A worker who answered an object twice counts once when the answers agree and not at all when
    they differ: the payload does not tell which came last.

    Raises:
        AnnotationPayloadError: the payload is not a JSON list.
    """
    reader = _AnswerReader(answer_format=answer_format, fetch=fetch)
    objects: list[AnsweredObject[A]] = []
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
            yield None, AnswerError(f"datasetObjectId is not text: got {shortened(object_id)}")
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
        merged[object_id] = AnswerError(f"annotations is not a list: got {kind_of(annotations)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _AnswerReader(Generic[A]):
    answer_format: AnswerFormat[A]
    fetch: FetchText

    def read(self, object_id: ObjectId, annotations: Annotations) -> AnsweredObject[A]:
        by_worker: dict[str, set[A]] = {}
        set_aside = []
        for annotation in annotations:
            try:
                worker = _worker(annotation)
                answer = self.answer_format.answer(worker, self._content(annotation))
            except AnswerError as error:
                set_aside.append(str(error))
                continue
            by_worker.setdefault(worker, set()).add(answer)
        answers = []
        for _, given in sorted(by_worker.items()):
            if len(given) == 1:
                answers.append(given.pop())
            else:
                set_aside.append(f"one worker gave {len(given)} different answers")
        # Sorted, so that the outcome does not depend on the order answers came in.
        return AnsweredObject(
            object_id=object_id, answers=tuple(answers), set_aside=tuple(sorted(set_aside))
        )

    def _content(self, annotation: object) -> Mapping[str, object]:
        data = annotation.get("annotationData") if isinstance(annotation, Mapping) else None
        if not isinstance(data, Mapping):
            raise AnswerError(f"annotationData is not an object: got {kind_of(data)}")
        content = data.get("content")
        if content is None and isinstance(data.get("s3Uri"), str):
            content = self._fetched(str(data["s3Uri"]))
        if isinstance(content, str | bytes):
            content = _parsed(content, self.answer_format.limit)
        if not isinstance(content, Mapping):
            raise AnswerError(f"content is not a JSON object: got {kind_of(content)}")
        return content

    def _fetched(self, uri: str) -> str | bytes:
        try:
            return self.fetch(uri)
        except (OSError, ValueError) as error:
            raise AnswerError(
                f"content cannot be fetched from S3: {shortened(str(error))}"
            ) from error


def _worker(annotation: object) -> str:
    worker = annotation.get("workerId") if isinstance(annotation, Mapping) else None
    if not isinstance(worker, str) or not worker:
        raise AnswerError(f"workerId is not text: got {kind_of(worker)}")
    return worker


def _parsed(content: str | bytes, limit: int) -> object:
    if len(content) > limit:
        raise AnswerError(f"content is too large: got {len(content)} characters, allowed {limit}")
    try:
        return read_json(content)
    except JsonError as error:
        raise AnswerError(f"content is {error}") from error


def element_value(content: Mapping[str, object], name: str, key: str) -> Mapping[str, object]:
    """Return what the element ``name`` sent, an object with ``key``; raises ``AnswerError``."""
    value = content.get(name)
    if isinstance(value, Mapping):
        return value
    # A template may name its element otherwise; with one answer there is no doubt.
    found = [item for item in content.values() if isinstance(item, Mapping) and key in item]
    if len(found) != 1:
        raise AnswerError(f"no answer of {name}: got the keys {shortened([*content])}")
    return found[0]


def unmodified(value: Mapping[str, object]) -> bool:
    """Return whether an element says that its initial value was left as it was.

    An element that doesn't say so may have changed it: whoever skips labels that nobody adjusted
    is to skip no other.
    """
    return value.get("initialValueModified") is False


def kind_of(value: object) -> str:
    """Say what was given without repeating it: reasons are logged, and answers are not to be."""
    if isinstance(value, str | bytes):
        return f"text of {len(value)} characters"
    return "null" if value is None else type(value).__name__


def shortened(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
