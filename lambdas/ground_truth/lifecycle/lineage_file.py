"""``lineage.json``: the record as bytes, and writing it so that two writers lose nothing."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Final, cast

from ground_truth import names
from ground_truth.lifecycle.faults import ApiError, Fault
from ground_truth.lifecycle.lineage import Entry, Lineage, Stage, StoppedFor
from ground_truth.lifecycle.ports import Clock, Objects

VERSION: Final = 1
_ATTEMPTS: Final = 12


class LineageError(ValueError):
    """The record cannot be read, or not be written."""


def to_bytes(lineage: Lineage) -> bytes:
    """Return readable JSON: people look into this file when something is odd."""
    document = {
        "version": VERSION,
        "environment": lineage.environment,
        "campaign": lineage.campaign,
        "jobs": [asdict(entry) for entry in lineage.entries],
    }
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def from_bytes(body: bytes, *, environment: str, campaign: str) -> Lineage:
    """Read the record.

    Raises:
        LineageError: it is no JSON of this version, or of another campaign or environment.
    """
    try:
        document = json.loads(body)
        version = document["version"]
        found = (document["environment"], document["campaign"])
        entries = tuple(_entry(item) for item in document["jobs"]) if version == VERSION else ()
    except (ValueError, KeyError, TypeError) as error:
        raise LineageError(
            f"{names.lineage_key(campaign)} in the output bucket cannot be read: {error!r}; "
            "restore an earlier version of the object (the bucket is versioned)"
        ) from error
    if version != VERSION:
        raise LineageError(
            f"{names.lineage_key(campaign)} has version {version}, allowed {VERSION}; "
            "deploy with the version of the project that wrote it"
        )
    if found != (environment, campaign):
        raise LineageError(
            f"{names.lineage_key(campaign)} is of environment {found[0]!r}, campaign {found[1]!r}, "
            f"not of {environment!r}, {campaign!r}; environments cannot share an output bucket"
        )
    return Lineage(environment=environment, campaign=campaign, entries=entries)


def _entry(item: Mapping[str, object]) -> Entry:
    values = dict(item)
    values["parents"] = tuple(cast("list[str]", values.get("parents", [])))
    values["stage"] = Stage(cast("str", values.get("stage", Stage.INTENDED)))
    values["stopped"] = StoppedFor(cast("str", values.get("stopped", "")))
    return Entry(**values)  # type: ignore[arg-type]  # checked by the shape of the record


class LineageFile:
    """The record in the output bucket."""

    def __init__(
        self, objects: Objects, clock: Clock, *, bucket: str, environment: str, campaign: str
    ) -> None:
        self._objects = objects
        self._clock = clock
        self._bucket = bucket
        self._environment = environment
        self._campaign = campaign
        self._key = names.lineage_key(campaign)

    def load(self) -> Lineage:
        """Return the record, an empty one when there is none."""
        return self._read()[0]

    def update(self, change: Callable[[Lineage], Lineage]) -> Lineage:
        """Write what ``change`` makes of the newest record, and return it.

        The write only succeeds on the version that was read; after losing to another writer the
        change is made again on what that one wrote. ``change`` may raise to give up.
        """
        for attempt in range(_ATTEMPTS):
            lineage, etag = self._read()
            changed = change(lineage)
            if changed == lineage:
                return lineage
            try:
                self._objects.put(
                    self._bucket,
                    self._key,
                    to_bytes(changed),
                    if_match=etag,
                    only_new=etag is None,
                )
            except ApiError as error:
                if error.fault is not Fault.CONFLICT and not _vanished(error, etag):
                    raise
                self._clock.sleep(0.1 * (attempt + 1))
            else:
                return changed
        raise LineageError(
            f"{self._key} was changed by others {_ATTEMPTS} times in a row; deploy again"
        )

    def _read(self) -> tuple[Lineage, str | None]:
        stored = self._objects.get(self._bucket, self._key)
        if stored is None:
            return Lineage(environment=self._environment, campaign=self._campaign), None
        lineage = from_bytes(stored.body, environment=self._environment, campaign=self._campaign)
        return lineage, stored.etag


def _vanished(error: ApiError, etag: str | None) -> bool:
    """S3 answers 404 to If-Match on a key that has gone in the meantime."""
    return etag is not None and error.code in ("NoSuchKey", "404")
