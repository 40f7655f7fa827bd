"""The label category configuration file of video frames and 3D (ground-truth.md 2.5).

Its rules and quotas are the tables of "Create a Labeling Category Configuration File with Label
Category and Frame Attributes"; what they leave open is read strictly.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ground_truth_local.service.categories import CategoriesError

if TYPE_CHECKING:
    from ground_truth_local.service.tasks import Task

_VERSION = "2020-03-01"
_KEYS = {
    *("documentVersion", "labels", "frameAttributes", "categoryGlobalAttributes"),
    *("annotationType", "instructions", "auditLabelAttributeName"),
}
_LABEL_KEYS = {"label", "categoryAttributes", "editsAllowed"}
_ATTRIBUTE_KEYS = {
    *("name", "type", "description", "enum", "minimum", "maximum", "editsAllowed", "isRequired"),
}
_TOOLS = ("BoundingBox", "Polyline", "Polygon", "Keypoint")
_SHORT, _LONG, _CHOICES = 16, 128, 10
_MOST_ATTRIBUTES, _MOST_FREE = 10, 5
_INSTRUCTIONS = {"shortInstruction": 255, "fullInstruction": 2048}


def parse_frame_categories(body: bytes, task: Task) -> list[str]:
    """The labels' names; raises CategoriesError with the first thing that is wrong."""
    try:
        document = json.loads(body)
    except ValueError as error:
        raise CategoriesError(f"it is not valid JSON: {error}") from error
    for problem in _problems(document, task):
        raise CategoriesError(problem)
    return [label["label"] for label in document["labels"]]


def _problems(document: Any, task: Task) -> Iterator[str]:
    if not isinstance(document, dict) or document.get("documentVersion") != _VERSION:
        yield f'it has no "documentVersion": "{_VERSION}"'
        return
    yield from _unknown(document, _KEYS, "it")
    labels = document.get("labels")
    if not isinstance(labels, list) or not 1 <= len(labels) <= (task.most or len(labels)):
        yield f"it has no labels, or more than {task.most}"
        return
    for label in labels:
        yield from _label(label)
    yield from _twice([label["label"] for label in labels], "label")
    yield from _attributes(document, labels, task)
    yield from _page(document, task)


def _label(label: Any) -> Iterator[str]:
    name = label.get("label") if isinstance(label, dict) else None
    if not _is_text(name, 1, _SHORT):
        yield f'each label is {{"label": <1 to {_SHORT} characters>}}'
        return
    yield from _unknown(label, _LABEL_KEYS, f"label {name}")
    yield from _edits(label, f"label {name}")


def _attributes(document: Mapping[str, Any], labels: list[Any], task: Task) -> Iterator[str]:
    frames, shared = (
        _listed(document, key) for key in ("frameAttributes", "categoryGlobalAttributes")
    )
    own = [_listed(label, "categoryAttributes") for label in labels]
    if None in (frames, shared, *own):
        yield "attributes are lists of JSON objects"
        return
    everybodys, single = shared or [], [each or [] for each in own]
    for attribute in (*(frames or []), *everybodys, *(each for some in single for each in some)):
        yield from _attribute(attribute)
    for attribute in frames or []:
        if not attribute.get("description"):
            yield f"frame attribute {attribute['name']} has no description"
    yield from _counts(frames or [], "frameAttributes")
    for some in single:
        yield from _counts([*everybodys, *some], "categoryAttributes and categoryGlobalAttributes")
    yield from _twice([each["name"] for each in frames or []], "frame attribute")
    names = [each["name"] for each in (*everybodys, *(each for some in single for each in some))]
    yield from _twice(names, "label category attribute")
    if names and task.ui == "PointCloudSemanticSegmentation":
        yield "label category attributes are not supported for 3D point cloud semantic segmentation"


def _attribute(attribute: Mapping[str, Any]) -> Iterator[str]:
    name, kind, choices = (attribute.get(key) for key in ("name", "type", "enum"))
    if not _is_text(name, 1, _SHORT) or kind not in ("string", "number"):
        yield f'an attribute has a name of 1 to {_SHORT} characters and type "string" or "number"'
        return
    yield from _unknown(attribute, _ATTRIBUTE_KEYS, f"attribute {name}")
    yield from _edits(attribute, f"attribute {name}")
    if not _is_text(attribute.get("description", ""), 0, _LONG):
        yield f"the description of attribute {name} has more than {_LONG} characters"
    if not isinstance(attribute.get("isRequired", False), bool):
        yield f"isRequired of attribute {name} is no boolean"
    bounds: list[Any] = [attribute.get(key) for key in ("minimum", "maximum")]
    whole = all(isinstance(each, int) and not isinstance(each, bool) for each in bounds)
    if kind == "number" and (not whole or bounds[0] > bounds[1] or choices is not None):
        yield f"attribute {name} is a number: it has minimum and maximum, and no enum"
    if kind == "string" and bounds != [None, None]:
        yield f"attribute {name} is a string: it has no minimum nor maximum"
    if choices is not None and not (
        isinstance(choices, list)
        and 1 <= len(choices) <= _CHOICES
        and all(_is_text(each, 1, _SHORT) for each in choices)
    ):
        yield f"enum of attribute {name} is 1 to {_CHOICES} values of 1 to {_SHORT} characters"


def _page(document: Mapping[str, Any], task: Task) -> Iterator[str]:
    tool, audited = document.get("annotationType"), document.get("auditLabelAttributeName")
    video = (task.ui or "").startswith("Video")
    if tool is not None and (not video or tool not in _TOOLS):
        yield f"annotationType is for video frames alone, one of {', '.join(_TOOLS)}"
    if task.audit != isinstance(audited, str):
        yield "auditLabelAttributeName is required for adjustment and verification, for no other"
    instructions = document.get("instructions")
    if instructions is None:
        return
    for key, length in _INSTRUCTIONS.items():
        text = instructions.get(key) if isinstance(instructions, dict) else None
        if not _is_text(text, 0, length - 1):
            yield f"instructions has no {key} under {length} characters"


def _counts(attributes: list[Mapping[str, Any]], what: str) -> Iterator[str]:
    free = sum(each["type"] == "string" and "enum" not in each for each in attributes)
    if len(attributes) > _MOST_ATTRIBUTES or free > _MOST_FREE:
        yield (
            f"{what} are {len(attributes)}, {free} of them free text; allowed are"
            f" {_MOST_ATTRIBUTES} and {_MOST_FREE}"
        )


def _edits(entry: Mapping[str, Any], what: str) -> Iterator[str]:
    if entry.get("editsAllowed", "any") not in ("any", "none"):
        yield f'editsAllowed of {what} is neither "any" nor "none"'


def _twice(names: list[str], what: str) -> Iterator[str]:
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        yield f"each {what} must be unique; twice: {', '.join(repeated)}"


def _unknown(entry: Mapping[str, Any], known: set[str], what: str) -> Iterator[str]:
    if extra := sorted(set(entry) - known):
        yield f"{what} has unknown keys: {', '.join(extra)}"


def _listed(entry: Mapping[str, Any], key: str) -> list[Mapping[str, Any]] | None:
    found = entry.get(key, [])
    fine = isinstance(found, list) and all(isinstance(each, dict) for each in found)
    return found if fine else None


def _is_text(value: object, least: int, most: int) -> bool:
    return isinstance(value, str) and least <= len(value) <= most
