"""Edits two keys of a campaign file and nothing else: comments, order and line ends stay."""

from __future__ import annotations

import difflib
import os
import shutil
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import AoT, Item, Table

from ground_truth_ops.errors import OpsError


class CampaignFileError(OpsError):
    """The file can't be edited safely; it was left as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A file's text before and after; both are what is on disk, line ends included."""

    path: Path
    before: str
    after: str

    def diff(self, name: str) -> tuple[str, ...]:
        """A unified diff without line ends."""
        lines = (self.before.splitlines(), self.after.splitlines())
        return tuple(difflib.unified_diff(*lines, f"a/{name}", f"b/{name}", lineterm="", n=2))


def plan_edit(path: Path, changes: Mapping[str, int | str]) -> Edit:
    """Set top-level keys of a TOML file; nothing is written yet.

    Raises CampaignFileError when the edited text would not mean the old file with just these
    values.
    """
    before = path.read_bytes().decode("utf-8")
    document = tomlkit.parse(before)
    for key, value in changes.items():
        if key in document:
            document[key] = value
        else:
            _insert(document, key, value, "\r\n" if "\r\n" in before else "\n")
    after = document.as_string()
    if tomllib.loads(after) != {**tomllib.loads(before), **changes}:
        raise CampaignFileError(
            f"{path} can't be edited without changing more than {', '.join(changes)}; set them by "
            f"hand: {', '.join(f'{key} = {value!r}' for key, value in changes.items())}"
        )
    return Edit(path=path, before=before, after=after)


def write(edit: Edit) -> None:
    """Replace the file in one step, unless somebody has changed it in the meantime."""
    path = edit.path.resolve()  # a link stays one
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    partial = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(edit.after.encode())
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(path, partial)
        if path.read_bytes().decode("utf-8") != edit.before:
            raise CampaignFileError(f"{edit.path} was changed by somebody else; run this again")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _insert(document: tomlkit.TOMLDocument, key: str, value: Any, end: str) -> None:
    """Put a key right after the last one that belongs to no table.

    Left to itself, the library puts it after the comment that introduces the first table.
    """
    last: Item | None = None
    for name, item in document.body:
        if name is not None and not isinstance(item, Table | AoT):
            last = item
    if last is None:
        document.add(key, value)
        return
    trail = last.trivia.trail or end
    last.trivia.trail = f"{trail}{key} = {tomlkit.item(value).as_string()}{trail}"
