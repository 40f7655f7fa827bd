"""Requests against botocore's own description of the SageMaker API.

botocore's client-side check looks at names, types and minimums only; the patterns, maximums and
enums stand in the model too, and AWS enforces them. `check_request` walks the shapes and answers
in the wording AWS uses for model constraints.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape

from ground_truth_local.service.errors import ServiceError, validation
from ground_truth_local.service.patterns import translate

OPERATIONS = (
    "AddTags",
    "CreateLabelingJob",
    "CreateWorkforce",
    "CreateWorkteam",
    "DeleteTags",
    "DeleteWorkforce",
    "DeleteWorkteam",
    "DescribeLabelingJob",
    "DescribeWorkforce",
    "DescribeWorkteam",
    "ListLabelingJobs",
    "ListLabelingJobsForWorkteam",
    "ListTags",
    "ListWorkforces",
    "ListWorkteams",
    "RenderUiTemplate",
    "StopLabelingJob",
    "UpdateWorkforce",
    "UpdateWorkteam",
)


@lru_cache(maxsize=1)
def service_model() -> ServiceModel:
    """The model, cut down to Ground Truth's operations: the whole would cost tens of megabytes."""
    whole = Loader().load_service_model("sagemaker", "service-2")
    operations = {name: whole["operations"][name] for name in OPERATIONS}
    shapes: dict[str, Any] = {}
    _collect(operations, whole["shapes"], shapes)
    return ServiceModel(
        {"metadata": whole["metadata"], "operations": operations, "shapes": shapes}, "sagemaker"
    )


def _collect(node: object, shapes: Mapping[str, Any], found: dict[str, Any]) -> None:
    if isinstance(node, Mapping):
        name = node.get("shape")
        if isinstance(name, str) and name not in found:
            found[name] = {k: v for k, v in shapes[name].items() if k != "documentation"}
            _collect(found[name], shapes, found)
        for value in node.values():
            _collect(value, shapes, found)
    elif isinstance(node, list):
        for value in node:
            _collect(value, shapes, found)


def check_request(operation: str, params: Mapping[str, object]) -> None:
    """Raise SerializationException for wrong types, ValidationException for broken constraints."""
    shape = service_model().operation_model(operation).input_shape
    problems: list[str] = []
    if shape is not None:
        _walk(shape, params, "", problems)
    if problems:
        noun = "error" if len(problems) == 1 else "errors"
        raise validation(f"{len(problems)} validation {noun} detected: {'; '.join(problems)}")


def _walk(shape: Shape, value: object, path: str, problems: list[str]) -> None:
    walker = _WALKERS.get(shape.type_name)
    if walker is not None:
        walker(shape, value, path, problems)


def _structure(shape: Any, value: object, path: str, problems: list[str]) -> None:
    if not isinstance(value, Mapping):
        raise _wrong_type(path, value, "a structure")
    _unknown_members(shape, value, path)
    for name, member in shape.members.items():
        where = _child(path, name)
        if value.get(name) is not None:
            _walk(member, value[name], where, problems)
        elif name in shape.required_members:
            problems.append(_failed(None, where, "Member must not be null"))


def _unknown_members(shape: Any, value: Mapping[str, object], path: str) -> None:
    unknown = sorted(set(value) - set(shape.members))
    if unknown:
        known = ", ".join(shape.members)
        raise validation(
            f'Unknown parameter in {path or "input"}: "{unknown[0]}", must be one of: {known}'
        )


def _list(shape: Any, value: object, path: str, problems: list[str]) -> None:
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        raise _wrong_type(path, value, "a list")
    _length(shape, value, path, problems)
    for number, item in enumerate(value, start=1):
        _walk(shape.member, item, f"{path}.{number}.member", problems)


def _map(shape: Any, value: object, path: str, problems: list[str]) -> None:
    if not isinstance(value, Mapping):
        raise _wrong_type(path, value, "a map")
    _length(shape, value, path, problems)
    for key, item in value.items():
        _walk(shape.key, key, f"{path}.key", problems)
        _walk(shape.value, item, f"{path}.{key}.member", problems)


def _string(shape: Any, value: object, path: str, problems: list[str]) -> None:
    if not isinstance(value, str):
        raise _wrong_type(path, value, "a String")
    _length(shape, value, path, problems)
    pattern = shape.metadata.get("pattern")
    if pattern and not _compiled(pattern).fullmatch(value):
        rule = f"Member must satisfy regular expression pattern: {pattern}"
        problems.append(_failed(value, path, rule))
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        rule = f"Member must satisfy enum value set: [{', '.join(allowed)}]"
        problems.append(_failed(value, path, rule))


def _integer(shape: Any, value: object, path: str, problems: list[str]) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong_type(path, value, "an Integer")
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and value < low:
        problems.append(
            _failed(value, path, f"Member must have value greater than or equal to {low}")
        )
    if high is not None and value > high:
        problems.append(
            _failed(value, path, f"Member must have value less than or equal to {high}")
        )


def _boolean(_shape: Any, value: object, path: str, _problems: list[str]) -> None:
    if not isinstance(value, bool):
        raise _wrong_type(path, value, "a Boolean")


def _timestamp(_shape: Any, value: object, path: str, _problems: list[str]) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float, datetime)):
        raise _wrong_type(path, value, "a Timestamp")


def _length(shape: Any, value: Any, path: str, problems: list[str]) -> None:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and len(value) < low:
        problems.append(
            _failed(value, path, f"Member must have length greater than or equal to {low}")
        )
    if high is not None and len(value) > high:
        problems.append(
            _failed(value, path, f"Member must have length less than or equal to {high}")
        )


_WALKERS: dict[str, Callable[[Any, object, str, list[str]], None]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "integer": _integer,
    "long": _integer,
    "boolean": _boolean,
    "timestamp": _timestamp,
}


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # the model's patterns are Java's: \d and \w mean ASCII
    return re.compile(translate(pattern), re.ASCII)


def _child(path: str, name: str) -> str:
    own = name[:1].lower() + name[1:]
    return f"{path}.{own}" if path else own


def _failed(value: object, path: str, rule: str) -> str:
    shown = "null" if value is None else f"'{value}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {rule}"


def _wrong_type(path: str, value: object, wanted: str) -> ServiceError:
    got = type(value).__name__
    return ServiceError("SerializationException", f"{path or 'input'}: {got} is not {wanted}", 400)
