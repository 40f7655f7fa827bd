"""Input manifests: building them, and checking given ones before anybody is asked anything.

A manifest is UTF-8 JSON Lines; every line is one object to label. Source: developer guide "Input
manifest file" and "Input data quotas": a line has at most 100,000 characters, one attribute at
most 20,000, no attribute begins with ``$``, and every line has ``source-ref`` or ``source``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ground_truth import limits
from ground_truth.json_lines import JsonError, read_json, write_json_lines
from ground_truth.manifest_entries import (
    Entry,
    entry_problems,
    short,
    size_problems,
    type_problems,
)
from ground_truth.names import s3_uri
from ground_truth.tasks import AnswerKind, TaskRules, TaskType, rules_for

# Texts lose their names when they go into the manifest; the key tells where each came from.
TEXT_KEY_ATTRIBUTE: Final = "object-key"

_PROBLEMS_SHOWN: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestProblem:
    """What is wrong, and with what: a line, a key, or None for the dataset as a whole."""

    place: str | None
    what: str

    def __str__(self) -> str:
        return self.what if self.place is None else f"{self.place}: {self.what}"


class ManifestError(ValueError):
    """A dataset that cannot be labeled; ``problems`` holds every one, the message the first ten."""

    def __init__(self, problems: Iterable[ManifestProblem]) -> None:
        self.problems = tuple(problems)
        shown = "; ".join(str(problem) for problem in self.problems[:_PROBLEMS_SHOWN])
        more = len(self.problems) - _PROBLEMS_SHOWN
        super().__init__(shown + (f"; and {more} more" if more > 0 else ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A checked manifest; ``entries`` are its lines in order, extra keys untouched."""

    task: TaskType
    entries: tuple[Entry, ...]

    def __len__(self) -> int:
        return len(self.entries)

    def to_bytes(self) -> bytes:
        """Return the file as Ground Truth reads it."""
        return serialize(self.entries)


def serialize(entries: Iterable[Entry]) -> bytes:
    """Return ``entries`` as JSON Lines."""
    return write_json_lines(entries)


def manifest_from_keys(
    bucket: str, keys: Iterable[str], task: TaskType, sizes: Mapping[str, int] | None = None
) -> Manifest:
    """Return the manifest of objects in a bucket, one line each, sorted by key.

    Keys that end in ``/`` are folder placeholders and left out. ``sizes`` in bytes, where known,
    are checked as well: empty objects and images over 40 MB cannot be labeled.

    Raises:
        ManifestError: no object, an unsupported file type, a key twice, too many objects.
    """
    rules = rules_for(task)
    if rules.manifest_key != "source-ref":
        raise ValueError(f"{task} takes its texts into the manifest: use manifest_from_texts")
    wanted = sorted(key for key in keys if not key.endswith("/"))
    entries = [(key, {"source-ref": s3_uri(bucket, key)}) for key in wanted]
    sized = [(key, sizes[key]) for key in wanted if sizes and key in sizes]
    problems = [
        ManifestProblem(place=key, what=what)
        for key, size in sized
        for what in size_problems(size, rules)
    ]
    return _checked(entries, rules, problems)


def manifest_from_texts(texts: Mapping[str, str], task: TaskType) -> Manifest:
    """Return the manifest of texts by the key they came from, sorted by key.

    Every line has the text as ``source`` and its key as ``object-key``. White space around a text
    is dropped: it would show workers nothing. Where positions in it are asked for, its lines end as
    a browser has them, with a line feed.

    Raises:
        ManifestError: no text, an unsupported file type, an empty, repeated or too long text.
    """
    rules = rules_for(task)
    if rules.manifest_key != "source":
        raise ValueError(f"{task} refers to objects: use manifest_from_keys")
    wanted = sorted(key for key in texts if not key.endswith("/"))
    problems = [
        ManifestProblem(place=key, what=what)
        for key in wanted
        for what in type_problems(key, rules)
    ]
    entries = [
        (key, {"source": _as_shown(texts[key].strip(), rules), TEXT_KEY_ATTRIBUTE: key})
        for key in wanted
    ]
    return _checked(entries, rules, problems)


def _as_shown(text: str, rules: TaskRules) -> str:
    if rules.answers is not AnswerKind.SPANS:
        return text  # as it came: a job's earlier labels are found by it
    return text.replace("\r\n", "\n").replace("\r", "\n")


def manifest_from_lines(lines: Sequence[Entry], task: TaskType) -> Manifest:
    """Check lines that are read already; a hundred thousand with labels are read once, not twice.

    Raises:
        ManifestError: with every problem and the line it is in.
    """
    return _checked(
        [(f"line {number}", line) for number, line in enumerate(lines, start=1)],
        rules_for(task),
        [],
    )


def parse_manifest(content: str | bytes | Iterable[str], task: TaskType) -> Manifest:
    """Read and check a given manifest: text, bytes, or lines.

    Lines end with ``\\n`` or ``\\r\\n``. Labels of earlier jobs and other keys pass through.

    Raises:
        ManifestError: with every problem and the line it is in.
    """
    problems: list[ManifestProblem] = []
    entries: list[tuple[str, Entry]] = []
    try:
        lines = _lines(content)
    except UnicodeDecodeError as error:
        what = f"the manifest is not UTF-8 (byte {error.start}); save it as UTF-8"
        raise ManifestError([ManifestProblem(place=None, what=what)]) from error
    places = [f"line {number}" for number in range(1, len(lines) + 1)]
    for place, line in zip(places, lines, strict=True):
        try:
            entries.append((place, _entry(line)))
        except JsonError as error:
            problems.append(ManifestProblem(place=place, what=str(error)))
    return _checked(entries, rules_for(task), problems, order=places)


def _lines(content: str | bytes | Iterable[str]) -> list[str]:
    if isinstance(content, bytes):
        content = content.decode("utf-8")
    if isinstance(content, str):
        # Not splitlines(): it would also cut at characters that may stand inside a text.
        content = content.split("\n")
        if content[-1] == "":
            content.pop()
    return [line.removesuffix("\n").removesuffix("\r") for line in content]


def _entry(line: str) -> Entry:
    if len(line) > limits.MANIFEST_LINE_CHARACTERS:
        raise JsonError(
            f"too long: got {len(line)} characters, allowed {limits.MANIFEST_LINE_CHARACTERS}; "
            "shorten the text or drop keys"
        )
    if not line.strip():
        raise JsonError("empty line; remove it")
    if line.startswith("\ufeff"):
        raise JsonError("begins with a byte order mark; save the file without it")
    value = read_json(line)
    if not isinstance(value, dict):
        raise JsonError(f'not a JSON object: got {line[:40]!r}, allowed {{"source-ref": …}}')
    return value


def _checked(
    entries: Sequence[tuple[str, Entry]],
    rules: TaskRules,
    problems: list[ManifestProblem],
    order: list[str] | None = None,
) -> Manifest:
    found = list(problems)
    first: dict[str, str] = {}
    for place, entry in entries:
        found += [ManifestProblem(place=place, what=what) for what in entry_problems(entry, rules)]
        source = entry.get(rules.manifest_key)
        if not isinstance(source, str) or not source.strip():
            continue
        if source in first:
            what = f"duplicate of {first[source]}: got {short(source)}; remove one"
            found.append(ManifestProblem(place=place, what=what))
        first.setdefault(source, place)
    if len(entries) > (rules.dataset_objects.maximum or len(entries)):
        what = f"too many objects: got {len(entries)}, allowed {rules.dataset_objects}; split them"
        found.append(ManifestProblem(place=None, what=what))
    if not entries and not found:
        what = f"the dataset has no objects: got 0, allowed {rules.dataset_objects}; add some"
        found.append(ManifestProblem(place=None, what=what))
    if found:
        ranks = {place: rank for rank, place in enumerate(order or [key for key, _ in entries])}
        raise ManifestError(sorted(found, key=lambda problem: ranks.get(problem.place or "", -1)))
    return Manifest(task=rules.task, entries=tuple(entry for _, entry in entries))
