"""Finding every label that earlier jobs of the campaign have bought."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ground_truth import names
from ground_truth.lifecycle.merge import Labels, Line
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


def earlier_labels(
    world: World,
    parents: Iterable[KnownJob],
    *,
    bucket: str,
    campaign: str,
    attribute: str,
    advice: str,
) -> list[Line]:
    """Return the labeled lines the parents left, one per object, those of the first parent first.

    What a job was given counts as well: it holds the labels of the jobs before it. ``advice`` is
    what else can be done where labels are missing.

    Raises:
        EarlierOutputError: labels that were counted are not there, or cannot be read.
    """
    labels = Labels(attribute)
    for parent in parents:
        shelf = Shelf(objects=world.objects, bucket=bucket, campaign=campaign, parent=parent)
        labels.take(_labels_of(world, shelf, attribute, advice).by_object.values())
    return list(labels.by_object.values())


def restart_advice(definition_hash: str) -> str:
    """Say how a campaign does without labels it can't find."""
    return f'set approve = "{definition_hash}:restart" in campaign.toml to ask for all again'


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Where the files of one earlier job lie."""

    objects: Objects
    bucket: str
    campaign: str
    parent: KnownJob

    @property
    def job(self) -> str:
        return self.parent.entry.name

    @property
    def folder(self) -> str:
        return f"{names.labels_prefix(self.campaign)}{self.job}/"

    def lines(self, bucket: str, key: str) -> Iterator[Line]:
        """Yield the lines of a manifest, none when there is no such manifest."""
        stored = self.objects.get(bucket, key)
        if stored is not None:
            yield from manifest_lines(stored.body, where=names.s3_uri(bucket, key))


def _labels_of(world: World, shelf: Shelf, attribute: str, advice: str) -> Labels:
    moment = until(world, SETTLE_SECONDS, reserve=120)
    waits = pauses(first=1.0)
    counted = shelf.parent.state.counters.labeled
    while True:
        labels = Labels(attribute)
        labels.take(_final_lines(shelf))
        if shelf.parent.state.status is not Status.COMPLETED:
            _take_unfinished(labels, shelf)
        labels.take(_given_lines(shelf))
        if len(labels.by_object) >= counted:
            return labels
        if world.clock.now() >= moment:
            raise EarlierOutputError(
                f"job {shelf.job} counts {counted} labeled objects but only "
                f"{len(labels.by_object)} labels are in s3://{shelf.bucket}/{shelf.folder}; "
                "starting now would ask for the others again. Deploy again later, or "
                f"{advice}"
            )
        world.clock.sleep(next(waits))


def _final_lines(shelf: Shelf) -> Iterator[Line]:
    uri = shelf.parent.state.output_manifest_uri
    key = names.output_manifest_key(shelf.campaign, shelf.job)
    return shelf.lines(*(names.parse_s3_uri(uri) if uri else (shelf.bucket, key)))


def _take_unfinished(labels: Labels, shelf: Shelf) -> None:
    """Take what the job wrote while it ran, newest first."""
    objects, bucket = shelf.objects, shelf.bucket
    annotations = f"{shelf.folder}annotations/"
    for key in reversed(list(objects.sizes(bucket, f"{annotations}intermediate/"))):
        if key.endswith(".manifest"):
            labels.take(shelf.lines(bucket, key))
    consolidated = f"{annotations}consolidated-annotation/"
    asked = list(objects.sizes(bucket, f"{consolidated}consolidation-request/"))
    answered = list(objects.sizes(bucket, f"{consolidated}consolidation-response/"))
    contents = objects.read_all(bucket, [*asked, *answered])
    labels.take(
        consolidated_lines(
            (contents[key] for key in asked),
            [contents[key] for key in answered],
            attribute=labels.attribute,
            job=shelf.job,
        )
    )


def _given_lines(shelf: Shelf) -> Iterator[Line]:
    key = names.input_manifest_key(shelf.campaign, shelf.job)
    stored = shelf.objects.get(shelf.bucket, key)
    if stored is not None:
        yield from manifest_lines(stored.body, where=names.s3_uri(shelf.bucket, key))
    elif shelf.parent.entry.carried:
        raise EarlierOutputError(
            f"{key} is gone from bucket {shelf.bucket}; it holds {shelf.parent.entry.carried} "
            "labels of earlier jobs, and without it those objects would be asked again. Restore "
            "it (the bucket is versioned)"
        )
