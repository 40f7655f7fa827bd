"""Finding every label that earlier jobs of the campaign have bought."""

from collections.abc import Iterable

from ground_truth import names
from ground_truth.lifecycle.merge import Line, has_label, object_key
from ground_truth.lifecycle.outputs import (
    EarlierOutputError,
    consolidated_lines,
    manifest_lines,
)
from ground_truth.lifecycle.patience import pauses, until
from ground_truth.lifecycle.plan import KnownJob
from ground_truth.lifecycle.ports import Objects, Status, World

# A job that has just stopped may still be writing what it has
SETTLE_SECONDS = 45.0


def earlier_lines(
    world: World,
    parents: Iterable[KnownJob],
    *,
    bucket: str,
    campaign: str,
    attribute: str,
    restart: str,
) -> list[Line]:
    """Return lines with labels of the parents, best first.

    What a job was given counts as well: it holds the labels of the jobs before it. ``restart`` is
    the approval that would do without them.

    Raises:
        EarlierOutputError: labels that were counted are not there, or cannot be read.
    """
    lines: list[Line] = []
    for parent in parents:
        lines += _lines_of(
            world, parent, bucket=bucket, campaign=campaign, attribute=attribute, restart=restart
        )
    return lines


def _lines_of(
    world: World, parent: KnownJob, *, bucket: str, campaign: str, attribute: str, restart: str
) -> list[Line]:
    moment = until(world, SETTLE_SECONDS, reserve=120)
    waits = pauses(first=1.0)
    while True:
        lines = _own_lines(
            world.objects, parent, bucket=bucket, campaign=campaign, attribute=attribute
        )
        lines += _given_lines(world.objects, parent, bucket=bucket, campaign=campaign)
        found = {object_key(line) for line in lines if has_label(line, attribute)} - {None}
        if len(found) >= parent.state.counters.labeled:
            return lines
        if world.clock.now() >= moment:
            raise EarlierOutputError(
                f"job {parent.entry.name} counts {parent.state.counters.labeled} labeled objects "
                f"but only {len(found)} labels are in s3://{bucket}/"
                f"{names.labels_prefix(campaign)}{parent.entry.name}/; starting now would ask "
                "for the others again. Deploy again later, or set "
                f'approve = "{restart}" in campaign.toml to ask for all again'
            )
        world.clock.sleep(next(waits))


def _own_lines(
    objects: Objects, parent: KnownJob, *, bucket: str, campaign: str, attribute: str
) -> list[Line]:
    final = _final_manifest(objects, parent, bucket=bucket, campaign=campaign)
    if final is None and parent.state.status is Status.COMPLETED:
        return []  # the caller misses its labels and says so
    lines = final or []
    if parent.state.status is not Status.COMPLETED:
        lines = lines + _unfinished_lines(
            objects, parent.entry.name, bucket=bucket, campaign=campaign, attribute=attribute
        )
    return lines


def _final_manifest(
    objects: Objects, parent: KnownJob, *, bucket: str, campaign: str
) -> list[Line] | None:
    uri = parent.state.output_manifest_uri
    place = (
        names.parse_s3_uri(uri)
        if uri
        else (bucket, names.output_manifest_key(campaign, parent.entry.name))
    )
    stored = objects.get(*place)
    return None if stored is None else manifest_lines(stored.body, where=names.s3_uri(*place))


def _unfinished_lines(
    objects: Objects, job: str, *, bucket: str, campaign: str, attribute: str
) -> list[Line]:
    """Return what the job wrote while it ran, newest first."""
    annotations = f"{names.labels_prefix(campaign)}{job}/annotations/"
    progressive = [
        key
        for key in objects.sizes(bucket, f"{annotations}intermediate/")
        if key.endswith(".manifest")
    ]
    consolidated = f"{annotations}consolidated-annotation/"
    asked = list(objects.sizes(bucket, f"{consolidated}consolidation-request/"))
    answered = list(objects.sizes(bucket, f"{consolidated}consolidation-response/"))
    contents = objects.read_all(bucket, [*progressive, *asked, *answered])
    lines = [
        line
        for key in reversed(progressive)
        for line in manifest_lines(contents[key], where=names.s3_uri(bucket, key))
    ]
    return lines + consolidated_lines(
        [contents[key] for key in asked],
        [contents[key] for key in answered],
        attribute=attribute,
        job=job,
    )


def _given_lines(objects: Objects, parent: KnownJob, *, bucket: str, campaign: str) -> list[Line]:
    key = names.input_manifest_key(campaign, parent.entry.name)
    stored = objects.get(bucket, key)
    if stored is not None:
        return manifest_lines(stored.body, where=names.s3_uri(bucket, key))
    if parent.entry.carried:
        raise EarlierOutputError(
            f"{key} is gone from bucket {bucket}; it holds {parent.entry.carried} labels of "
            "earlier jobs, and without it those objects would be asked again. Restore it (the "
            "bucket is versioned)"
        )
    return []
