"""What one line of an input manifest must be."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

from ground_truth import limits
from ground_truth.built_in import ObjectKind
from ground_truth.frame_manifests import point_cloud_problems
from ground_truth.json_lines import json_line
from ground_truth.names import parse_s3_uri
from ground_truth.tasks import AnswerKind, TaskRules

Entry = Mapping[str, object]

_S3_URI_CHARACTERS: Final = 1024


def entry_problems(entry: Entry, rules: TaskRules) -> list[str]:
    """Return what Ground Truth would refuse in one line of a manifest of this task."""
    problems = _source_problems(entry, rules)
    try:
        line = json_line(entry)
        line.encode()
    except UnicodeEncodeError:
        return [
            *problems,
            "has half of a surrogate pair, which is not a character; correct the text",
        ]
    except (ValueError, RecursionError) as error:
        return [*problems, f"cannot be written as JSON ({error})"]
    if len(line) > limits.MANIFEST_LINE_CHARACTERS:
        problems.append(
            f"too long: got {len(line)} characters, allowed {limits.MANIFEST_LINE_CHARACTERS}"
        )
    for key, value in entry.items():
        length = len(value) if isinstance(value, str) else len(json_line(value))
        if length > limits.MANIFEST_ATTRIBUTE_CHARACTERS:
            problems.append(
                f"attribute {short(key)} is too long: got {length} characters, "
                f"allowed {limits.MANIFEST_ATTRIBUTE_CHARACTERS}; shorten or split it"
            )
        if key.startswith("$"):
            problems.append(f"attribute {short(key)} begins with $; rename it")
    return problems


def _source_problems(entry: Entry, rules: TaskRules) -> list[str]:
    other = "source" if rules.manifest_key == "source-ref" else "source-ref"
    if other in entry and rules.manifest_key in entry:
        return [f"has both source and source-ref, allowed {rules.manifest_key}; drop {other}"]
    source = entry.get(rules.manifest_key)
    if not isinstance(source, str) or not source.strip():
        keys = ", ".join(short(key) for key in list(entry)[:5]) or "none"
        return [
            f"lacks {rules.manifest_key} with a text: got the keys {keys}; "
            f"{rules.task} needs {rules.manifest_key}"
        ]
    if rules.manifest_key == "source-ref":
        return _reference_problems(source, entry, rules)
    if rules.answers is AnswerKind.SPANS and "\r" in source:
        return [
            "has a carriage return: a browser shows it and the line feed after it as one "
            "character, so positions behind it would be wrong; end lines with a line feed alone"
        ]
    return []


def _reference_problems(uri: str, entry: Entry, rules: TaskRules) -> list[str]:
    try:
        _, key = parse_s3_uri(uri)
    except ValueError as error:
        return [str(error)]
    if len(uri) > _S3_URI_CHARACTERS:
        return [f"source-ref is too long: got {len(uri)} characters, allowed {_S3_URI_CHARACTERS}"]
    if rules.objects is ObjectKind.POINT_CLOUD:
        return [*point_cloud_problems(entry, key)]
    return type_problems(key, rules)


def type_problems(key: str, rules: TaskRules) -> list[str]:
    """Return why an object cannot be labeled, going by its key."""
    # Upper case extensions are the same formats; browsers and Ground Truth go by the content.
    if PurePosixPath(key).suffix.lower() in rules.extensions:
        return []
    return [
        f"unsupported file type: got {short(key)}, allowed {', '.join(rules.extensions)}; "
        "convert it or move it out of the dataset"
    ]


def size_problems(size: int, rules: TaskRules) -> list[str]:
    """Return why an object of ``size`` bytes cannot be labeled."""
    if size == 0:
        return ["object is empty: got 0 bytes; upload it again"]
    if rules.manifest_key == "source-ref" and size > limits.IMAGE_BYTES:
        return [
            f"object is too large: got {size} bytes, allowed {limits.IMAGE_BYTES}; scale it down"
        ]
    return []


def short(text: str) -> str:
    """Return ``text`` quoted, and cut when it would drown the message around it."""
    return repr(text if len(text) <= 120 else f"{text[:60]}…{text[-40:]}")
