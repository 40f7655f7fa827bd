"""The label category configuration file (ground-truth.md 2.5)."""

from __future__ import annotations

import json
from typing import Any

_VERSION = "2018-11-28"
_MAX_NAME = 256


class CategoriesError(Exception):
    """The file isn't a label category configuration."""


def parse_categories(body: bytes) -> list[str]:
    """The labels' names, in order."""
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
    return names


def _name(label: Any) -> str:
    name = label.get("label") if isinstance(label, dict) else None
    if not isinstance(name, str) or not 1 <= len(name) <= _MAX_NAME:
        raise CategoriesError(f'each label is {{"label": <1 to {_MAX_NAME} characters>}}')
    return name
