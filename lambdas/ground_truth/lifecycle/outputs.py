"""Reading what earlier jobs left, as lines of a manifest.

A completed job leaves one output manifest. A job that was stopped or failed may not have one; then
its labels are in the progressive manifests and in what the consolidation function returned
(developer guide "Output data": ``annotations/intermediate`` and
``annotations/consolidated-annotation``).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ground_truth.json_lines import JsonError, read_json
from ground_truth.lifecycle.merge import Line, has_label


class EarlierOutputError(ValueError):
    """A manifest with labels that cannot be read; going on would ask for them again."""


def manifest_lines(content: bytes, *, where: str) -> Iterator[Line]:
    """Yield the objects of a manifest, one at a time: there may be a hundred thousand.

    Raises:
        EarlierOutputError: a line is not a JSON object.
    """
    for number, row in enumerate(content.split(b"\n"), start=1):
        if not row.strip():
            continue
        try:
            value = read_json(row)
        except JsonError as error:
            raise _unreadable(where, number, str(error)) from error
        if not isinstance(value, dict):
            raise _unreadable(where, number, "not a JSON object")
        yield value


def consolidated_lines(
    requests: Iterable[bytes], responses: Sequence[bytes], *, attribute: str, job: str
) -> list[Line]:
    """Return the labels the consolidation function gave, newest first.

    A response names objects by ``datasetObjectId`` alone; what that is stands in the request. What
    cannot be joined or read is left out: the caller counts whether labels are missing.
    """
    sources = dict(pair for body in requests for pair in _sources(body))
    lines: list[Line] = []
    for body in reversed(responses):
        for item in _items(body):
            source = sources.get(str(item.get("datasetObjectId")))
            content = _content(item)
            if source is not None and has_label(content, attribute):
                lines.append({**source, **_with_metadata(content, attribute, job)})
    return lines


def _sources(body: bytes) -> Iterable[tuple[str, Line]]:
    for item in _items(body):
        place = item.get("dataObject")
        if not isinstance(place, Mapping):
            continue
        for name, key in (("s3Uri", "source-ref"), ("content", "source")):
            value = place.get(name)
            if isinstance(value, str):
                yield str(item.get("datasetObjectId")), {key: value}


def _items(body: bytes) -> list[Mapping[str, object]]:
    try:
        value = read_json(body)
    except JsonError:
        return []
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _content(item: Mapping[str, object]) -> Line:
    annotation = item.get("consolidatedAnnotation")
    content = annotation.get("content") if isinstance(annotation, Mapping) else None
    return content if isinstance(content, Mapping) else {}


def _with_metadata(content: Line, attribute: str, job: str) -> Line:
    """Return the label; Ground Truth adds metadata to what a custom function returns without."""
    metadata = f"{attribute}-metadata"
    if metadata in content:
        return {attribute: content[attribute], metadata: content[metadata]}
    added = {
        "type": "groundTruth/custom",
        "job-name": f"labeling-job/{job}",
        "human-annotated": "yes",
    }
    return {attribute: content[attribute], metadata: added}


def _unreadable(where: str, number: int, problem: str) -> EarlierOutputError:
    return EarlierOutputError(
        f"labels of an earlier job cannot be read: {where} line {number} is {problem}; without "
        "them the "
        "same objects would be asked and paid again. Restore an earlier version of the object "
        "(the bucket is versioned)"
    )
