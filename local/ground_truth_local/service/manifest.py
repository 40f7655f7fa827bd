"""The input manifest (ground-truth.md 6.1)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_MAX_LINE = 100_000  # characters
_MAX_ATTRIBUTE = 20_000  # characters
SOURCES = ("source", "source-ref")


class ManifestError(Exception):
    """The manifest can't be labeled; the message becomes the job's FailureReason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One object: its text as it stood, whether it came labeled, and by whom."""

    text: str
    labeled: bool
    human: bool


def parse_manifest(body: bytes, attribute: str, *, most: int) -> list[Line]:
    """All lines, checked; `most` is the dataset's quota (3.4).

    Raises ManifestError at the first line that breaks a rule.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ManifestError(f"the manifest is not UTF-8: {error.reason}") from error
    lines = [_parse(line, number, attribute) for number, line in _numbered(text)]
    if not lines:
        raise ManifestError("the manifest has no lines")
    if len(lines) > most:
        raise ManifestError(f"the manifest has {len(lines)} lines, allowed are at most {most}")
    return lines


def parse_line(text: str, attribute: str) -> Line:
    """One object that was sent to a streaming job (3.5); raises ManifestError."""
    return _parse(text, 1, attribute)


def _numbered(text: str) -> Iterator[tuple[int, str]]:
    # not splitlines(): U+2028 and the like are characters of a text, not line ends
    ended = text.removesuffix("\n").removesuffix("\r")
    for number, line in enumerate(ended.split("\n") if ended else [], start=1):
        yield number, line.removesuffix("\r")


def _parse(text: str, number: int, attribute: str) -> Line:
    if len(text) > _MAX_LINE:
        raise ManifestError(f"line {number} has {len(text)} characters, allowed are {_MAX_LINE}")
    try:
        fields = json.loads(text)
    except ValueError as error:
        raise ManifestError(f"line {number} is not valid JSON: {error}") from error
    if not isinstance(fields, dict):
        raise ManifestError(f"line {number} is not a JSON object")
    _check_fields(fields, number)
    # 3.6: with the same label attribute only unlabeled objects are asked again
    labeled = attribute in fields
    metadata = fields.get(f"{attribute}-metadata")
    human = not (isinstance(metadata, dict) and metadata.get("human-annotated") == "no")
    return Line(text=text, labeled=labeled, human=human)


def _check_fields(fields: dict[str, Any], number: int) -> None:
    if not any(isinstance(fields.get(source), str) for source in SOURCES):
        raise ManifestError(f"line {number} has neither source nor source-ref")
    if all(source in fields for source in SOURCES):
        raise ManifestError(f"line {number} has both source and source-ref")
    for name, value in fields.items():
        if name.startswith("$"):
            raise ManifestError(f"line {number}: attribute {name} must not begin with $")
        size = len(value) if isinstance(value, str) else len(json.dumps(value))
        if size > _MAX_ATTRIBUTE:
            raise ManifestError(
                f"line {number}: attribute {name} has {size} characters, allowed are "
                f"{_MAX_ATTRIBUTE}"
            )
