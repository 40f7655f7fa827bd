"""A dataset that is another campaign's labels: chaining, with what went wrong left out.

The lines are those of the newest job, with every attribute they have gathered so far, so the
labels of a whole chain stay together. Failed objects have no label, and would be refused or paid
for nothing as input of a verification (developer guide, "Verify and adjust labels").
"""

from collections.abc import Iterable, Iterator, Mapping

from ground_truth import names
from ground_truth.lifecycle.earlier import earlier_labels
from ground_truth.lifecycle.lineage import Stage
from ground_truth.lifecycle.lineage_file import LineageFile
from ground_truth.lifecycle.merge import Line, has_label, merge
from ground_truth.lifecycle.outputs import manifest_lines
from ground_truth.lifecycle.plan import KnownJob
from ground_truth.lifecycle.ports import Status, World
from ground_truth.lifecycle.survey import known_jobs
from ground_truth.lifecycle.wanted import BasedOn, Wanted


class BaseNotReadyError(ValueError):
    """The other campaign has no labels to go on with yet."""


def newest_ended_job(world: World, wanted: Wanted, base: BasedOn) -> KnownJob:
    """Return the other campaign's newest job; reads only.

    Raises:
        BaseNotReadyError: there is none, or people are still at it.
    """
    record = LineageFile(
        world.objects,
        world.clock,
        bucket=wanted.output_bucket,
        environment=wanted.environment,
        campaign=base.campaign,
    )
    entries = [
        entry
        for entry in record.load().entries
        if entry.stage is not Stage.ABANDONED and not entry.undone
    ]
    jobs = known_jobs(world, entries)
    if not jobs:
        raise BaseNotReadyError(
            f"campaign {wanted.campaign} is based on campaign {base.campaign}, which has no "
            f"labeling job in {wanted.environment}; deploy {base.campaign} first, and wait until "
            "its job has ended"
        )
    newest = jobs[-1]
    if not newest.state.status.ended:
        counters = newest.state.counters
        raise BaseNotReadyError(
            f"campaign {wanted.campaign} is based on campaign {base.campaign}, whose job "
            f"{newest.entry.name} is {newest.state.status.value} ({counters.labeled} of "
            f"{newest.entry.objects} labeled); deploy {wanted.campaign} when it has ended (gt wait)"
        )
    return newest


def base_lines(world: World, wanted: Wanted, base: BasedOn) -> list[Line]:
    """Return the other campaign's labeled lines, of accepted classes where some are named.

    Raises:
        BaseNotReadyError: its job has not ended.
        EarlierOutputError: labels that were counted are not there, or cannot be read.
    """
    newest = newest_ended_job(world, wanted, base)
    attribute = base.label_attribute
    labels = earlier_labels(
        world,
        [newest],
        bucket=wanted.output_bucket,
        campaign=base.campaign,
        attribute=attribute,
        advice=f"look what became of campaign {base.campaign}",
    )
    lines: Iterable[Line] = labels
    if newest.state.status is not Status.COMPLETED:
        # what it had written of the last batches repeats nothing but source and label
        lines = merge(_given(world, wanted, base, newest), labels, attribute).lines
    return [line for line in lines if _goes_on(line, attribute, base)]


def _given(world: World, wanted: Wanted, base: BasedOn, newest: KnownJob) -> Iterator[Line]:
    """Yield the input of the job, which has every attribute of an object."""
    key = names.input_manifest_key(base.campaign, newest.entry.name)
    stored = world.objects.get(wanted.output_bucket, key)
    if stored is not None:
        yield from manifest_lines(stored.body, where=names.s3_uri(wanted.output_bucket, key))


def _goes_on(line: Line, attribute: str, base: BasedOn) -> bool:
    if not has_label(line, attribute):
        return False
    if not base.accepted:
        return True
    metadata = line.get(f"{attribute}-metadata")
    name = metadata.get("class-name") if isinstance(metadata, Mapping) else None
    if isinstance(name, str):
        return name in base.accepted
    # documented both as a number and as text
    return str(line[attribute]) in base.accepted_indexes
