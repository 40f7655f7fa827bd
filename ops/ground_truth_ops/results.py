"""Reads what Ground Truth wrote: the output manifest's lines and the worker responses."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ground_truth_ops.errors import OpsError
from ground_truth_ops.quality import Answer, Prediction

SOURCE_KEYS = ("source-ref", "source")
CREATION_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?")
RESPONSE_PATH = re.compile(
    r"annotations/worker-response/iteration-\d+/(?P<object>[^/]+)/[^/]+\.json$"
)
SHOWN_PROBLEMS = 10


class OutputManifestError(OpsError):
    """The output manifest isn't what the documents promise.

    Every problem with its line is named.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class LabeledLine:
    """One labeled object of an output manifest.

    `line` is 0-based, which is also the object's id in a job.
    """

    line: int
    source: str
    label: str
    confidence: float


def read_output_manifest(
    text: str, *, attribute: str, labels: Sequence[str], metadata_type: str, expected: int
) -> tuple[LabeledLine, ...]:
    """The lines of a completed classification job, or one error with every wrong line.

    Shape: one JSON object per line and object, the source, `<attribute>` (class index, number or
    string) and `<attribute>-metadata` with class-name, confidence, type, job-name,
    human-annotated and creation-date (developer guide, "Output data": classification job output).
    """
    problems: list[str] = []
    lines: list[LabeledLine] = []
    rows = [row for row in text.split("\n") if row]
    if len(rows) != expected:
        problems.append(f"{len(rows)} lines, expected one for each of {expected} objects")
    sources: set[str] = set()
    for number, row in enumerate(rows):
        try:
            line = _labeled_line(number, row, attribute, labels, metadata_type)
        except ValueError as error:
            problems.append(f"line {number + 1}: {error}")
            continue
        if line.source in sources:
            problems.append(f"line {number + 1}: {line.source} appears twice")
        sources.add(line.source)
        lines.append(line)
    if problems:
        more = len(problems) - SHOWN_PROBLEMS
        tail = (f"and {more} more",) if more > 0 else ()
        raise OutputManifestError(
            f"output manifest breaks the documented shape in {len(problems)} places",
            details=(*problems[:SHOWN_PROBLEMS], *tail),
        )
    return tuple(lines)


def _labeled_line(
    number: int, row: str, attribute: str, labels: Sequence[str], metadata_type: str
) -> LabeledLine:
    record = json.loads(row)
    if not isinstance(record, dict):
        raise ValueError("not a JSON object")
    source = next((record[key] for key in SOURCE_KEYS if key in record), None)
    if not isinstance(source, str):
        raise ValueError("no source-ref and no source")
    metadata = record.get(f"{attribute}-metadata")
    if attribute not in record or not isinstance(metadata, dict):
        raise ValueError(f"no {attribute} with {attribute}-metadata: {failure_of(metadata)}")
    name = _class_name(record[attribute], metadata, labels)
    _check_metadata(metadata, metadata_type)
    return LabeledLine(
        line=number, source=source, label=name, confidence=float(metadata["confidence"])
    )


def failure_of(metadata: object) -> str:
    reason = metadata.get("failure-reason") if isinstance(metadata, dict) else None
    return str(reason) if reason else "the object has no label"


def _class_name(index: object, metadata: Mapping[str, Any], labels: Sequence[str]) -> str:
    name = metadata.get("class-name")
    if name not in labels:
        raise ValueError(f"class-name {name!r} is none of the campaign's labels")
    if isinstance(index, bool) or not isinstance(index, int | str) or not str(index).isdigit():
        raise ValueError(f"class index {index!r} is no whole number")
    position = int(index)
    if position >= len(labels) or labels[position] != name:
        raise ValueError(f"class index {index!r} doesn't stand for {name!r}")
    return str(name)


def _check_metadata(metadata: Mapping[str, Any], metadata_type: str) -> None:
    confidence = metadata.get("confidence")
    if isinstance(confidence, bool) or not isinstance(confidence, int | float):
        raise ValueError(f"confidence {confidence!r} is no number")
    if not 0 <= confidence <= 1:
        raise ValueError(f"confidence {confidence} lies outside 0 to 1")
    if metadata.get("type") != metadata_type:
        raise ValueError(f"type is {metadata.get('type')!r}, expected {metadata_type!r}")
    if metadata.get("human-annotated") not in ("yes", "no"):
        raise ValueError(f"human-annotated is {metadata.get('human-annotated')!r}")
    if not metadata.get("job-name"):
        raise ValueError("job-name is missing")
    if not CREATION_DATE.fullmatch(str(metadata.get("creation-date"))):
        raise ValueError(f"creation-date is {metadata.get('creation-date')!r}")


def read_answers(documents: Iterable[tuple[str, str]], *, element: str) -> tuple[Answer, ...]:
    """Every person's label from worker-response files, given as (key, JSON text).

    `element` names the answer: the template's crowd element.
    Objects are named by their 0-based line number. The latest answer of a person to an object
    counts.
    """
    found: dict[tuple[str, str], tuple[str, Answer]] = {}
    for key, text in documents:
        match = RESPONSE_PATH.search(key)
        if match is None:
            continue
        for answer in json.loads(text)["answers"]:
            label = answer["answerContent"][element]["label"]
            item = Answer(object_id=match["object"], worker=answer["workerId"], label=label)
            moment = str(answer.get("submissionTime", ""))
            place = (item.object_id, item.worker)
            if place not in found or found[place][0] <= moment:
                found[place] = (moment, item)
    return tuple(answer for _, answer in sorted(found.values(), key=lambda item: _order(item[1])))


def _order(answer: Answer) -> tuple[int, str, str]:
    return (len(answer.object_id), answer.object_id, answer.worker)


def read_truth(path: Path) -> dict[str, str]:
    """`object,label` rows of a truth file, by object."""
    with path.open(newline="", encoding="utf-8") as file:
        return {row["object"]: row["label"] for row in csv.DictReader(file)}


def truth_by_line(
    truth: Mapping[str, str], lines: Sequence[LabeledLine], *, prefix: str | None
) -> dict[str, str]:
    """Truth keyed by line number.

    `object` is the key below the prefix, or the line number of a given manifest.
    """
    by_line: dict[str, str] = {}
    for line in lines:
        name = str(line.line)
        if prefix is not None:
            name = line.source.split("/", 3)[-1].removeprefix(prefix)
        if name in truth:
            by_line[str(line.line)] = truth[name]
    return by_line


def predictions_of(lines: Collection[LabeledLine]) -> tuple[Prediction, ...]:
    return tuple(
        Prediction(object_id=str(line.line), label=line.label, confidence=line.confidence)
        for line in lines
    )
