"""Gold objects: a few whose label is known, by which people are judged, and nothing else.

A gold file is CSV with a heading and the columns ``object`` and ``label``, for shapes and masks
those of the shape as well. There is a row for each object with a single label, else for each label
or shape of an object, and one with nothing but the object where there is none.
``object`` is the key below the dataset's prefix, or, where a manifest was given, the number of its
line, counted from 0. The file stays with whoever deploys: what a worker or a template can see is
made without it. Gold objects are labeled like all others and left out of what models learn from.
"""

import csv
import io
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ground_truth.checks.problem import Problem
from ground_truth.gold_answers import KINDS, SHAPES, GoldRow, columns_of
from ground_truth.json_lines import read_json
from ground_truth.lifecycle.merge import Line, ObjectKey, has_label, object_key
from ground_truth.manifest import TEXT_KEY_ATTRIBUTE
from ground_truth.manifest_entries import short
from ground_truth.names import parse_s3_uri
from ground_truth.tasks import AnswerKind, TaskType, rules_for

# Of two labels, five guesses in a row are right once in 32 times: the fewest below one in twenty.
FEWEST: Final = 5
JUDGED: Final = frozenset(AnswerKind) - {AnswerKind.UNREAD}


GoldRows = tuple[GoldRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """The rows of each object: by key below ``prefix``, or by object of a given manifest."""

    prefix: str = ""
    by_name: Mapping[str, GoldRows] = field(default_factory=dict)
    by_object: Mapping[ObjectKey, GoldRows] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.by_name) + len(self.by_object)

    def rows_of(self, line: Line) -> GoldRows:
        """Return what is true of a line's object; none for an object that is not gold."""
        key = object_key(line)
        if key is None or not len(self):
            return ()
        return self.by_object.get(key) or self.by_name.get(self._name(line, key), ())

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


Report = Callable[[str], None]


def check_task(task: TaskType) -> list[Problem]:
    """Check whether people's answers to a task can be compared with a gold file."""
    return _compared(task, KINDS, f"gold of {task} can't be scored", "remove gold")


def check_judged_task(task: TaskType) -> list[Problem]:
    """Check whether it can be told from answers to a task who doesn't look."""
    what = f"who answers {task} without looking can't be told"
    return _compared(task, JUDGED, what, "remove max_spammers")


def _compared(
    task: TaskType, allowed: Collection[AnswerKind], what: str, fix: str
) -> list[Problem]:
    kind = rules_for(task).answers
    if kind in allowed:
        return []
    return [Problem(what=what, value=kind.value, allowed=", ".join(sorted(allowed)), fix=fix)]


def read_rows(content: bytes, kind: AnswerKind, report: Report) -> GoldRows:
    """Return the rows of a gold file for answers of ``kind``, and report what can't be read."""
    columns = columns_of(kind)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        report(f"not UTF-8 at byte {error.start}; save it as UTF-8")
        return ()
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        heading = tuple(reader.fieldnames or ())
        if sorted(heading) != sorted(columns):
            allowed = ",".join(columns)
            report(f"the first line is {','.join(heading)!r}, allowed {allowed!r}; correct it")
            return ()
        found = [_row(row, columns, f"line {reader.line_num}", kind, report) for row in reader]
        return tuple(row for row in found if row is not None)
    except csv.Error as error:
        report(f"not CSV: {error}; correct it")
        return ()


def check_rows(
    rows: Sequence[GoldRow], labels: Sequence[str], kind: AnswerKind, report: Report
) -> None:
    """Report labels that there are not, objects that come twice, and too few of them."""
    first: dict[str, str] = {}
    nothing = {row.object for row in rows if row.is_nothing}
    seen: set[GoldRow] = set()
    for row in rows:
        if row.label not in labels and not row.is_nothing:
            allowed = ", ".join(labels[:10]) + (", …" if len(labels) > 10 else "")
            report(f"{row.place}: unknown label: got {short(row.label)}, allowed {allowed}")
        same = replace(row, place="")
        alone = kind is AnswerKind.SINGLE_LABEL or row.object in nothing or same in seen
        seen.add(same)
        if row.object in first and alone:
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
    found: dict[ObjectKey, GoldRows] = {}
    for name, its_rows in by_object(rows).items():
        line = lines.get(name, {})
        key = object_key(line)
        if has_label(line, attribute):
            report(
                f"{its_rows[0].place}: object {name} has a {attribute} in the manifest already: "
                "nobody is asked about it; take it out of one of the files"
            )
        elif key is not None:
            found[key] = its_rows
    return Gold(by_object=found)


def by_key(rows: Sequence[GoldRow], prefix: str) -> Gold:
    """Return the gold of a dataset below a prefix."""
    return Gold(prefix=prefix, by_name=by_object(rows))


def by_object(rows: Sequence[GoldRow]) -> dict[str, GoldRows]:
    """Return the rows of each object, in the order of the file."""
    found: dict[str, GoldRows] = {}
    for row in rows:
        found[row.object] = (*found.get(row.object, ()), row)
    return found


def _lines(manifest: bytes) -> Iterator[Line]:
    for row in manifest.split(b"\n"):
        if row:
            value = read_json(row)
            yield value if isinstance(value, dict) else {}


def _row(
    row: Mapping[str | None, object],
    columns: Sequence[str],
    place: str,
    kind: AnswerKind,
    report: Report,
) -> GoldRow | None:
    """Return a row; None, having reported it, where it is not whole or its shape is none."""
    needed = f"{', '.join(columns[:-1])} and {columns[-1]}"
    item, *shape, label = (row.get(name) for name in columns)
    texts = [text for text in (item, *shape, label) if isinstance(text, str)]
    if None in row or len(texts) != len(columns) or not item:
        report(f"{place}: needs {needed}, and no more; correct it")
        return None
    found = GoldRow(place=place, object=texts[0], label=texts[-1], shape=tuple(texts[1:-1]))
    if found.is_nothing and kind is not AnswerKind.SINGLE_LABEL:
        return found
    if not found.label:
        report(f"{place}: needs {needed}, and no more; correct it")
        return None
    try:
        if kind in SHAPES:
            SHAPES[kind].read(found.shape)
    except ValueError as error:
        report(f"{place}: {error}; correct it")
        return None
    return found
