"""Lines of manifests, and which object each is about, without holding the objects themselves."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ground_truth.json_lines import JsonError, read_json
from ground_truth.lifecycle.merge import object_key
from ground_truth.names import input_manifest_key
from ground_truth_ops.errors import OpsError

if TYPE_CHECKING:
    from ground_truth_ops.answers.store import Store

Line = Mapping[str, object]
NOBODY = -1


class ManifestLineError(OpsError):
    """A manifest that should be there is not, or can't be read."""


def lines_of(store: Store, key: str) -> Iterator[Line]:
    """The lines of a manifest; raises ManifestLineError where there is none, or no JSON object."""
    rows = store.lines(key)
    if rows is None:
        raise ManifestLineError(f"{store.where(key)} is not there; restore it or export again")
    for number, row in enumerate(rows, start=1):
        try:
            value = read_json(row)
        except JsonError as error:
            raise ManifestLineError(f"{store.where(key)}, line {number}: {error}") from error
        if not isinstance(value, dict):
            raise ManifestLineError(f"{store.where(key)}, line {number}: not a JSON object")
        yield value


class Register:
    """Numbers objects by their reference or text, of which it keeps a hash: texts may be long."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def number(self, line: Line) -> int:
        """The number of a line's object, a new one when it is new; NOBODY for none."""
        key = _digest(line)
        return NOBODY if key is None else self._numbers.setdefault(key, len(self._numbers))

    def find(self, line: Line) -> int:
        """The number of a line's object, NOBODY when it has none."""
        key = _digest(line)
        return NOBODY if key is None else self._numbers.get(key, NOBODY)

    def of_job(self, store: Store, campaign: str, job: str) -> array[int]:
        """The object's number for each line of the manifest a job was given."""
        lines = lines_of(store, input_manifest_key(campaign, job))
        return array("l", (self.number(line) for line in lines))


def _digest(line: Line) -> bytes | None:
    key = object_key(line)
    if key is None:
        return None
    return hashlib.blake2b("\0".join(key).encode(errors="surrogatepass"), digest_size=16).digest()
