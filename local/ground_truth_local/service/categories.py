"""The label category configuration file (ground-truth.md 2.5)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ground_truth_local.service.tasks import Task

_VERSION = "2018-11-28"
_MAX_NAME = 256


class CategoriesError(Exception):
    """The file isn't a label category configuration."""


def parse_categories(body: bytes, task: Task) -> list[str]:
    """The labels' names, in order, as many as the task wants and allows."""
    try:
        document = json.loads(body)
    except ValueError as error:
        raise CategoriesError(f"it is not valid JSON: {error}") from error
    if not isinstance(document, dict) or document.get("document-version") != _VERSION:
        raise CategoriesError(f'it has no "document-version": "{_VERSION}"')
    labels = document.get("labels")
    if not isinstance(labels, list) or not labels:
        raise CategoriesError("it has no labels")
    names = [_name(label) for label in labels]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise CategoriesError(f"label categories must be unique; twice: {', '.join(twice)}")
    _check_count(names, task)
    if task.ui is not None:
        _check_instructions(document)
    return names


def _check_count(names: list[str], task: Task) -> None:
    if len(names) < task.fewest:
        raise CategoriesError(f"it has {len(names)} labels, the task needs {task.fewest}")
    if task.most is not None and len(names) > task.most:
        raise CategoriesError(f"it has {len(names)} labels, the task allows {task.most}")


def _check_instructions(document: Mapping[str, Any]) -> None:
    """AWS's own worker UI has no template to hold them."""
    instructions = document.get("instructions")
    wanted = ("shortInstruction", "fullInstruction")
    if not isinstance(instructions, dict) or not all(
        isinstance(instructions.get(name), str) for name in wanted
    ):
        raise CategoriesError(f'it has no "instructions" with {" and ".join(wanted)}')


def _name(label: Any) -> str:
    name = label.get("label") if isinstance(label, dict) else None
    if not isinstance(name, str) or not 1 <= len(name) <= _MAX_NAME:
        raise CategoriesError(f'each label is {{"label": <1 to {_MAX_NAME} characters>}}')
    return name
