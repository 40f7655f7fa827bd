"""What is known about the objects, found again by what a worker sees of them."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ground_truth_local.workers.errors import WorkersError


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An object as the truth file names it, and its label: a name, or JSON."""

    object_id: str
    label: str

    @property
    def value(self) -> object:
        """What JSON says where it is JSON of several things, else the name."""
        if self.label[:1] not in ("[", "{"):
            return self.label
        try:
            return json.loads(self.label)
        except ValueError:  # a label may well begin so
            return self.label


@dataclass(slots=True, kw_only=True)
class Truth:
    """True labels by the end of an image's path or by a text's words."""

    paths: dict[str, Known] = field(default_factory=dict)
    texts: dict[str, Known] = field(default_factory=dict)

    def of_image(self, link: str) -> Known | None:
        """The object whose key is the longest ending of the link's path."""
        parts = unquote(urlsplit(link).path).strip("/").split("/")
        endings = ("/".join(parts[start:]) for start in range(len(parts)))
        return next((self.paths[end] for end in endings if end in self.paths), None)

    def of_text(self, text: str) -> Known | None:
        return self.texts.get(_words(text))


def read_truth(path: Path, *, manifest: Path | None = None) -> Truth:
    """Truth from a CSV file ``object,label``, or from a ``.jsonl`` file of those two keys.

    A label is a name or JSON: a list of names, or the value that the task's element would submit
    (``{"boundingBoxes": […]}`` or just the list). Masks are given as ``[{"label", "vertices"}]``.

    ``object`` is a key below the dataset's prefix; with a manifest, the 0-based number of its
    line. Unless one is named, a ``manifest.jsonl`` beside a file of numbers is taken. A ``.txt``
    key is looked up in the ``data`` folder beside the file, for a worker sees its words only.
    """
    rows = _rows(path)
    beside = path.parent / "manifest.jsonl"
    if manifest is None and beside.is_file() and all(row.object_id.isdigit() for row in rows):
        manifest = beside
    truth = Truth()
    if manifest is not None:
        lines = _lines(manifest)
        for row in rows:
            _add_line(truth, row, lines, path)
    else:
        for row in rows:
            _add_key(truth, row, path.parent / "data")
    return truth


def _rows(path: Path) -> list[Known]:
    if path.suffix == ".jsonl":
        return _json_rows(path)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            names = set(reader.fieldnames or ())
            if not {"object", "label"} <= names:
                raise WorkersError(f"{path}: got columns {sorted(names)}, needed are object, label")
            rows = [Known(object_id=row["object"], label=row["label"]) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise WorkersError(f"{path}: can't be read: {error}") from error
    if not rows:
        raise WorkersError(f"{path}: has no rows")
    return rows


def _json_rows(path: Path) -> list[Known]:
    rows: list[Known] = []
    for number, line in enumerate(_lines(path), start=1):
        if not isinstance(line, dict) or not {"object", "label"} <= set(line):
            raise WorkersError(f"{path}: line {number}: needed are the keys object and label")
        label = line["label"]
        text = label if isinstance(label, str) else json.dumps(label, ensure_ascii=False)
        rows.append(Known(object_id=str(line["object"]), label=text))
    if not rows:
        raise WorkersError(f"{path}: has no rows")
    return rows


def _lines(manifest: Path) -> list[Mapping[str, object]]:
    try:
        text = manifest.read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise WorkersError(f"{manifest}: can't be read: {error}") from error


def _add_line(truth: Truth, row: Known, lines: list[Mapping[str, object]], path: Path) -> None:
    if not row.object_id.isdigit() or int(row.object_id) >= len(lines):
        raise WorkersError(
            f"{path}: object {row.object_id!r}: allowed is a line of the manifest, "
            f"0 to {len(lines) - 1}"
        )
    line = lines[int(row.object_id)]
    if "source-ref" in line:
        truth.paths[str(line["source-ref"]).removeprefix("s3://")] = row
    else:
        _add_text(truth, row, str(line.get("source", "")))


def _add_key(truth: Truth, row: Known, data: Path) -> None:
    file = data / row.object_id
    if row.object_id.endswith(".txt") and file.is_file():
        _add_text(truth, row, file.read_text(encoding="utf-8"))
    truth.paths[row.object_id.strip("/")] = row


def _add_text(truth: Truth, row: Known, text: str) -> None:
    known = truth.texts.setdefault(_words(text), row)
    if known.label != row.label:
        raise WorkersError(
            f"objects {known.object_id} and {row.object_id} have the same text but the labels "
            f"{known.label!r} and {row.label!r}; a worker can't tell them apart"
        )


def _words(text: str) -> str:
    return " ".join(text.split())
