"""Whether labels of one job may stand beside labels of another."""

from collections.abc import Iterable

from ground_truth.definition import (
    CampaignDefinition,
    DefinitionError,
    changed_fields,
    continuation_problems,
)
from ground_truth.lifecycle.lineage import Entry
from ground_truth.lifecycle.plan import KnownJob, Situation


def continuation(entry: Entry, definition: CampaignDefinition) -> list[str]:
    """Return why labels of a recorded job cannot be kept; empty when they can."""
    recorded = recorded_definition(entry)
    if recorded is None:
        return [f"the definition of {entry.name} was recorded by another version of the project"]
    return continuation_problems(recorded, definition)


def differences(entry: Entry, definition: CampaignDefinition) -> tuple[str, ...]:
    """Return the fields of the definition that differ from a recorded job's."""
    recorded = recorded_definition(entry)
    return changed_fields(recorded, definition) if recorded else ("definition",)


def recorded_definition(entry: Entry) -> CampaignDefinition | None:
    """Return a recorded job's definition, None when this version cannot read it."""
    try:
        return CampaignDefinition.from_dict(entry.definition)
    except DefinitionError:
        return None


def compatible(jobs: Iterable[KnownJob], definition: CampaignDefinition) -> tuple[str, ...]:
    """Return the jobs whose labels mean the same under ``definition``, in either direction."""
    names = []
    for job in jobs:
        recorded = recorded_definition(job.entry)
        if recorded is None:
            continue
        forward = continuation_problems(recorded, definition)
        if not forward or not continuation_problems(definition, recorded):
            names.append(job.entry.name)
    return tuple(names)


def undone_parents(situation: Situation, *, after: Entry | None) -> tuple[str, ...]:
    """Return undone jobs since ``after`` whose labels may be used: they were bought, too."""
    return compatible(undone_with_labels(situation, after), situation.wanted.definition)


def label_holders(situation: Situation, current: KnownJob) -> tuple[KnownJob, ...]:
    """Return the jobs whose labels count for the campaign now."""
    own = (current,) if current.has_labels else ()
    return (*own, *undone_with_labels(situation, current.entry))


def undone_with_labels(situation: Situation, after: Entry | None) -> tuple[KnownJob, ...]:
    """Return the jobs of failed updates that came after a job and were worked on."""
    since = after.generation if after else 0
    return tuple(
        job
        for job in situation.jobs
        if job.entry.undone and job.entry.generation > since and job.has_labels
    )
