"""What is known about a campaign's jobs when deciding, and what the decision looks like."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from ground_truth.lifecycle.lineage import Entry, Lineage, StoppedFor
from ground_truth.lifecycle.ports import JobState, Status
from ground_truth.lifecycle.wanted import Wanted

# "A labeling job expires after 30 days if it is not completed" (developer guide, monitoring)
LIFETIME: Final = timedelta(days=30)


class Action(StrEnum):
    """What happens to the campaign."""

    ADOPT = "adopt"  # the job is the wanted one
    LEAVE = "leave"  # stopped by hand, and it stays so
    START = "start"  # a new generation


class RefusedError(Exception):
    """The deployment is refused; nothing has been changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownJob:
    """A recorded job that exists."""

    entry: Entry
    state: JobState

    @property
    def has_labels(self) -> bool:
        return self.state.counters.labeled + self.entry.carried > 0

    @property
    def expired(self) -> bool:
        return self.state.modified_at - self.state.created_at >= LIFETIME

    @property
    def stopped_by_hand(self) -> bool:
        stopped = self.state.status in (Status.STOPPING, Status.STOPPED)
        return stopped and self.entry.stopped is StoppedFor.NOTHING and not self.expired

    @property
    def left(self) -> int:
        return self.state.counters.failed + self.state.counters.unlabeled


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do. ``job`` is the one to adopt or leave, or that a start falls back to.

    ``stop`` are jobs to stop or to see end, ``undo`` jobs of a failed update, ``parents`` the jobs
    whose labels the new one carries, best first.
    """

    action: Action
    job: KnownJob | None = None
    stop: tuple[str, ...] = ()
    stop_reason: StoppedFor = StoppedFor.NOTHING
    undo: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    approval: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is known when deciding; ``jobs`` are the recorded jobs that exist, oldest first."""

    wanted: Wanted
    owner: str
    lineage: Lineage
    jobs: tuple[KnownJob, ...]
