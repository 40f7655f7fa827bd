"""Gold objects: a few whose label is known, by which people are judged, and nothing else.

A gold file is CSV with a heading and the columns ``object`` and ``label``, a row for each object.
``object`` is the key below the dataset's prefix, or, where a manifest was given, the number of its
line, counted from 0. The file stays with whoever deploys: what a worker or a template can see is
made without it. Gold objects are labeled like all others and left out of what models learn from.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ground_truth.checks.problem import Problem
from ground_truth.json_lines import read_json
from ground_truth.lifecycle.merge import Line, ObjectKey, has_label, object_key
from ground_truth.manifest import TEXT_KEY_ATTRIBUTE
from ground_truth.manifest_entries import short
from ground_truth.names import parse_s3_uri
from ground_truth.tasks import AnswerKind, TaskType, rules_for

# Of two labels, five guesses in a row are right once in 32 times: the fewest below one in twenty.
FEWEST: Final = 5
COLUMNS: Final = ("object", "label")
# Of the others a row would have to say more than a label.
KINDS: Final = frozenset({AnswerKind.SINGLE_LABEL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """The true labels: by key below ``prefix``, or by object of a given manifest."""

    prefix: str = ""
    by_name: Mapping[str, str] = field(default_factory=dict)
    by_object: Mapping[ObjectKey, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.by_name) + len(self.by_object)

    def truth_of(self, line: Line) -> str | None:
        """Return the true label of a line's object; None for an object that is not gold."""
        key = object_key(line)
        if key is None or not len(self):
            return None
        return self.by_object.get(key) or self.by_name.get(self._name(line, key))

    def _name(self, line: Line, key: ObjectKey) -> str:
        kind, value = key
        if kind == "source-ref":
            try:
                value = parse_s3_uri(value)[1]
            except ValueError:
                return ""
        else:
            value = str(line.get(TEXT_KEY_ATTRIBUTE, ""))
        return value.removeprefix(self.prefix) if value.startswith(self.prefix) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldRow:
    """One row; ``place`` is where it stands, for messages."""

    place: str
    object: str
    label: str


Report = Callable[[str], None]


def check_task(task: TaskType) -> list[Problem]:
    """Check whether people's answers to a task can be compared with a gold file."""
    return _single_labels(task, f"gold of {task} can't be scored", "remove gold")


def check_judged_task(task: TaskType) -> list[Problem]:
    """Check whether it can be told from answers to a task who doesn't look."""
    what = f"who answers {task} without looking can't be told"
    return _single_labels(task, what, "remove max_spammers")


def _single_labels(task: TaskType, what: str, fix: str) -> list[Problem]:
    kind = rules_for(task).answers
    if kind in KINDS:
        return []
    return [Problem(what=what, value=kind.value, allowed=", ".join(sorted(KINDS)), fix=fix)]


def read_rows(content: bytes, report: Report) -> tuple[GoldRow, ...]:
    """Return the rows of a gold file, and report what can't be read."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        report(f"not UTF-8 at byte {error.start}; save it as UTF-8")
        return ()
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        heading = tuple(reader.fieldnames or ())
        if sorted(heading) != sorted(COLUMNS):
            report(f"the first line is {','.join(heading)!r}, allowed 'object,label'; correct it")
            return ()
        return tuple(
            GoldRow(place=f"line {reader.line_num}", object=row["object"], label=row["label"])
            for row in reader
            if _whole(row, f"line {reader.line_num}", report)
        )
    except csv.Error as error:
        report(f"not CSV: {error}; correct it")
        return ()


def check_rows(rows: Sequence[GoldRow], labels: Sequence[str], report: Report) -> None:
    """Report labels that there are not, objects that come twice, and too few rows."""
    first: dict[str, str] = {}
    for row in rows:
        if row.label not in labels:
            allowed = ", ".join(labels[:10]) + (", …" if len(labels) > 10 else "")
            report(f"{row.place}: unknown label: got {short(row.label)}, allowed {allowed}")
        if row.object in first:
            report(
                f"{row.place}: object {short(row.object)} twice, first in {first[row.object]}; "
                "keep one"
            )
        first.setdefault(row.object, row.place)
    if len(first) < FEWEST:
        report(
            f"too few gold objects: got {len(first)}, allowed {FEWEST} or more: by fewer nobody "
            "who guesses between two labels can be told from somebody who looks; add some"
        )


def check_names(rows: Sequence[GoldRow], objects: Sequence[str], report: Report) -> None:
    """Report gold that is not among all objects of a dataset, given by name, or is all of them."""
    known = frozenset(objects)
    for row in rows:
        if row.object not in known:
            report(
                f"{row.place}: no object {short(row.object)} in the dataset; "
                f"it has {len(known)}, such as {short(min(known, default=''))}"
            )
    if known and known <= {row.object for row in rows}:
        report(f"all {len(known)} objects are gold: none is left to learn from; keep some out")


def by_manifest_line(
    rows: Sequence[GoldRow], manifest: bytes, attribute: str, report: Report
) -> Gold:
    """Return the gold of a given manifest, and report lines that nobody will be asked about."""
    lines = {str(number): line for number, line in enumerate(_lines(manifest))}
    check_names(rows, tuple(lines), report)
    found: dict[ObjectKey, str] = {}
    for row in rows:
        line = lines.get(row.object, {})
        key = object_key(line)
        if has_label(line, attribute):
            report(
                f"{row.place}: object {row.object} has a {attribute} in the manifest already: "
                "nobody is asked about it; take it out of one of the files"
            )
        elif key is not None:
            found[key] = row.label
    return Gold(by_object=found)


def by_key(rows: Sequence[GoldRow], prefix: str) -> Gold:
    """Return the gold of a dataset below a prefix."""
    return Gold(prefix=prefix, by_name={row.object: row.label for row in rows})


def _lines(manifest: bytes) -> Iterator[Line]:
    for row in manifest.split(b"\n"):
        if row:
            value = read_json(row)
            yield value if isinstance(value, dict) else {}


def _whole(row: Mapping[str | None, object], place: str, report: Report) -> bool:
    whole = None not in row and all(isinstance(row[name], str) and row[name] for name in COLUMNS)
    if not whole:
        report(f"{place}: needs an object and a label and no more; correct it")
    return whole
