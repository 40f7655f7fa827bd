"""The dataset: built once per revision, checked, and frozen beside the output."""

from collections.abc import Sequence

from ground_truth import names
from ground_truth.lifecycle.based_on import BaseNotReadyError, base_lines, newest_ended_job
from ground_truth.lifecycle.lineage import Lineage
from ground_truth.lifecycle.lineage_file import LineageError
from ground_truth.lifecycle.merge import Line, has_label
from ground_truth.lifecycle.outputs import EarlierOutputError
from ground_truth.lifecycle.ports import Objects, World
from ground_truth.lifecycle.wanted import BasedOn, PropertiesError, Wanted
from ground_truth.manifest import (
    Manifest,
    ManifestError,
    manifest_from_keys,
    manifest_from_lines,
    manifest_from_texts,
    parse_manifest,
)
from ground_truth.tasks import rules_for


class DatasetError(ValueError):
    """A dataset nobody can be asked about."""


def frozen_dataset(world: World, wanted: Wanted, lineage: Lineage) -> tuple[Line, ...]:
    """Return the lines of the wanted revision, freezing them if nobody was asked about it yet.

    Raises:
        DatasetError: with every problem of the dataset and where it comes from.
    """
    objects = world.objects
    revision = wanted.definition.dataset_revision
    key = names.dataset_key(wanted.campaign, revision)
    if lineage.binds_dataset(revision):
        lines = _frozen(objects, wanted, key)
        _check_audited(wanted, lines)
        return lines
    manifest = _built(world, wanted)
    _check_audited(wanted, manifest.entries)
    objects.put(
        wanted.output_bucket, key, manifest.to_bytes(), content_type="application/jsonlines"
    )
    return manifest.entries


def _check_audited(wanted: Wanted, lines: Sequence[Line]) -> None:
    """Refuse to ask about labels that the objects don't have."""
    attribute = wanted.definition.audited_attribute
    without = sum(not has_label(line, attribute) for line in lines) if attribute else 0
    if without:
        raise DatasetError(
            f"campaign {wanted.campaign} is about labels {attribute}, and {without} of "
            f"{len(lines)} objects of its dataset don't carry one; raise revision under [dataset] "
            "to build the dataset anew from what others have labeled"
        )


def check_source(world: World, wanted: Wanted, lineage: Lineage) -> None:
    """Check before anything is made that the dataset can be built, where that is cheaply known.

    Raises:
        DatasetError: the campaign it is based on is still being labeled.
    """
    revision = wanted.definition.dataset_revision
    if wanted.based_on is None or lineage.binds_dataset(revision):
        return
    try:
        newest_ended_job(world, wanted, wanted.based_on)
    except (BaseNotReadyError, LineageError) as error:
        raise DatasetError(str(error)) from error


def check_count(objects: int, wanted: Wanted) -> None:
    """Check before a job is stopped that its successor can have all objects.

    Raises:
        DatasetError: with those that were sent there are more than one job may have.
    """
    allowed = rules_for(wanted.definition.task).dataset_objects
    if allowed.maximum is not None and objects > allowed.maximum:
        raise DatasetError(
            f"campaign {wanted.campaign} has {objects} objects with those that were sent, allowed "
            f"for one job are {allowed}; nothing was stopped. Let the job go on, and send further "
            "objects to a campaign of another name"
        )


def check_input(objects: int, wanted: Wanted, content: bytes) -> None:
    """Check what a job is about to be given; raises ``DatasetError``."""
    try:
        parse_manifest(content, wanted.definition.task)
    except ManifestError as error:
        raise DatasetError(
            f"the dataset of campaign {wanted.campaign} with the labels of earlier jobs "
            f"({objects} lines) cannot be labeled: {error}"
        ) from error


def _frozen(objects: Objects, wanted: Wanted, key: str) -> tuple[Line, ...]:
    stored = objects.get(wanted.output_bucket, key)
    if stored is None:
        raise DatasetError(
            f"the frozen dataset {key} is gone from bucket {wanted.output_bucket}; restore it (the "
            "bucket is versioned), or raise revision under [dataset] to build a new one"
        )
    if not stored.body and wanted.definition.streaming:
        return ()
    try:
        return parse_manifest(stored.body, wanted.definition.task).entries
    except ManifestError as error:
        raise DatasetError(
            f"the dataset of campaign {wanted.campaign} is frozen as {key} and does not fit the "
            f"task {wanted.definition.task}: {error}; raise revision under [dataset]"
        ) from error


def _built(world: World, wanted: Wanted) -> Manifest:
    objects = world.objects
    try:
        if wanted.based_on is not None:
            return _based(world, wanted, wanted.based_on)
        if wanted.dataset_manifest is not None:
            return _given(objects, wanted)
        if wanted.dataset_prefix:
            return _listed(objects, wanted)
    except ManifestError as error:
        raise DatasetError(
            f"the dataset of campaign {wanted.campaign} ({_origin(wanted)}) cannot be labeled: "
            f"{error}"
        ) from error
    raise PropertiesError("property Dataset is wrong: got neither Prefix, Manifest nor BasedOn")


def _based(world: World, wanted: Wanted, base: BasedOn) -> Manifest:
    try:
        lines = base_lines(world, wanted, base)
    except (BaseNotReadyError, EarlierOutputError, LineageError) as error:
        raise DatasetError(str(error)) from error
    return manifest_from_lines(lines, wanted.definition.task)


def _given(objects: Objects, wanted: Wanted) -> Manifest:
    place = wanted.dataset_manifest
    stored = objects.get(place.bucket, place.key) if place else None
    if stored is None:
        raise DatasetError(f"the manifest {_origin(wanted)} does not exist; deploy again")
    manifest = parse_manifest(stored.body, wanted.definition.task)
    outside = sorted(
        {
            names.parse_s3_uri(str(line["source-ref"]))[0]
            for line in manifest.entries
            if "source-ref" in line
        }
        - {wanted.raw_bucket}
    )
    if outside:
        raise DatasetError(
            f"the manifest of campaign {wanted.campaign} refers to bucket {', '.join(outside)}; "
            f"jobs may only read the raw bucket {wanted.raw_bucket}, which is in their region: "
            "copy the objects there"
        )
    return manifest


def _listed(objects: Objects, wanted: Wanted) -> Manifest:
    task = wanted.definition.task
    sizes = objects.sizes(wanted.raw_bucket, wanted.dataset_prefix)
    if wanted.definition.streaming and all(key.endswith("/") for key in sizes):
        return Manifest(task=task, entries=())  # everything is still to come
    if rules_for(task).manifest_key == "source-ref":
        return manifest_from_keys(wanted.raw_bucket, sizes, task, sizes)
    keys = [key for key in sizes if not key.endswith("/")]
    contents = objects.read_all(wanted.raw_bucket, keys)
    return manifest_from_texts({key: _text(key, contents[key]) for key in keys}, task)


def _text(key: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DatasetError(
            f"text {key} is not UTF-8 (byte {error.start}); save it as UTF-8 and upload it again"
        ) from error


def _origin(wanted: Wanted) -> str:
    if wanted.based_on is not None:
        return f"the labels of {wanted.based_on}"
    if wanted.dataset_manifest is not None:
        return names.s3_uri(wanted.dataset_manifest.bucket, wanted.dataset_manifest.key)
    return names.s3_uri(wanted.raw_bucket, wanted.dataset_prefix)
