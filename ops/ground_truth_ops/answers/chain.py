"""Which jobs a campaign's labels come from, by its record in the output bucket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ground_truth.definition import CampaignDefinition, DefinitionError
from ground_truth.lifecycle.lineage import Stage
from ground_truth.lifecycle.lineage_file import LineageError, from_bytes
from ground_truth.names import lineage_key
from ground_truth_ops.errors import OpsError

if TYPE_CHECKING:
    from ground_truth.lifecycle.lineage import Entry, Lineage
    from ground_truth_ops.answers.store import Store


class ChainError(OpsError):
    """There is no such job, or no record to find one in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedJob:
    """A job people were asked in, with the definition it was started with."""

    name: str
    definition: CampaignDefinition
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A job and those whose labels its input carries, oldest first, the job itself last."""

    jobs: tuple[RecordedJob, ...]

    @property
    def job(self) -> RecordedJob:
        return self.jobs[-1]


def read_jobs(store: Store, *, environment: str, campaign: str) -> tuple[RecordedJob, ...]:
    """The jobs of a campaign that people were asked in, oldest first; raises ChainError."""
    key = lineage_key(campaign)
    body = store.read(key)
    if body is None:
        raise ChainError(
            f"campaign {campaign} of {environment} has no record: {store.where(key)} is not there; "
            "was it ever deployed, and is this its output bucket or an export of it?"
        )
    try:
        return _started(from_bytes(body, environment=environment, campaign=campaign))
    except (LineageError, DefinitionError) as error:
        raise ChainError(str(error)) from error


def _started(lineage: Lineage) -> tuple[RecordedJob, ...]:
    return tuple(_job(entry) for entry in lineage.entries if entry.stage is Stage.STARTED)


def _job(entry: Entry) -> RecordedJob:
    return RecordedJob(
        name=entry.name,
        definition=CampaignDefinition.from_dict(entry.definition),
        parents=entry.parents,
    )


def chain_of(jobs: tuple[RecordedJob, ...], name: str | None = None) -> Chain:
    """The job of that name (default: the newest) after its parents and theirs.

    Raises ChainError naming the jobs there are.
    """
    known = {job.name: job for job in jobs}
    if name is not None and name not in known:
        there = ", ".join(known) or "none"
        raise ChainError(f"no job {name!r} in the campaign's record, there are {there}")
    if not jobs:
        raise ChainError("no job of the campaign has asked anybody yet; deploy it first")
    wanted = {name or jobs[-1].name}
    for job in reversed(jobs):  # a parent is recorded before its children
        if job.name in wanted:
            wanted.update(job.parents)
    found = [job for job in jobs if job.name in wanted]
    last = known[name or jobs[-1].name]
    return Chain(jobs=(*(job for job in found if job is not last), last))
