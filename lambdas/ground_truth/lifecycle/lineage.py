"""The record of a campaign's jobs in one environment, kept beside their output.

It outlives the stack: after a destroy and a new deployment work goes on where it ended. A job is
written down before it is started, so no job exists that the record does not know.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Stage(StrEnum):
    """How far a recorded job came."""

    INTENDED = "intended"  # written down; the job may exist or not
    STARTED = "started"  # people were asked
    ABANDONED = "abandoned"  # never began; holds no label


class StoppedFor(StrEnum):
    """Why we stopped a job; a job stopped for none of these was stopped by hand."""

    NOTHING = ""
    CONTINUE = "continue"
    RESTART = "restart"
    ROLLBACK = "rollback"
    DELETE = "delete"
    STUCK = "stuck"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One job.

    ``wanted_generation`` is the campaign file's number, ``generation`` ours, counted per lineage.
    ``parents`` are the jobs whose labels its input carries, ``replaces`` the definition hash the
    stack had before, ``objects`` and ``carried`` the lines of its input and those already labeled.
    """

    name: str
    generation: int
    request: str
    owner: str
    definition: dict[str, object]
    definition_hash: str
    wanted_generation: int
    dataset_revision: int
    created_at: str
    source: str = ""
    replaces: str = ""
    approval: str = ""
    parents: tuple[str, ...] = ()
    objects: int = 0
    carried: int = 0
    stage: Stage = Stage.INTENDED
    stopped: StoppedFor = StoppedFor.NOTHING
    undone: bool = False
    failure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """All jobs of a campaign in an environment, oldest first."""

    environment: str
    campaign: str
    entries: tuple[Entry, ...] = field(default_factory=tuple)

    @property
    def next_generation(self) -> int:
        return max((entry.generation for entry in self.entries), default=0) + 1

    def of_request(self, request_id: str) -> Entry | None:
        """Return the job a CloudFormation request has started or was about to."""
        return next((entry for entry in self.entries if entry.request == request_id), None)

    def named(self, name: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.name == name), None)

    def with_entry(self, entry: Entry) -> "Lineage":
        return replace(self, entries=(*self.entries, entry))

    def changed(self, names: Iterable[str], change: Callable[[Entry], Entry]) -> "Lineage":
        """Return the lineage with the named jobs changed."""
        chosen = frozenset(names)
        entries = tuple(change(entry) if entry.name in chosen else entry for entry in self.entries)
        return replace(self, entries=entries)

    def binds_dataset(self, revision: int) -> bool:
        """Return whether people were asked about this revision, so that it is frozen."""
        return any(
            entry.dataset_revision == revision and entry.stage is Stage.STARTED
            for entry in self.entries
        )

    def approval_used(self, approval: str, wanted_generation: int) -> bool:
        """Return whether an approval has done its work; raising ``generation`` renews it."""
        return any(
            entry.approval == approval
            and entry.wanted_generation >= wanted_generation
            and entry.stage is not Stage.ABANDONED
            and not entry.undone
            for entry in self.entries
        )
