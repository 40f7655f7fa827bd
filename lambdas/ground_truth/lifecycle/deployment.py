"""What one Create or Update works with, and how it may find itself overtaken."""

from dataclasses import dataclass

from ground_truth.lifecycle.lineage_file import LineageFile
from ground_truth.lifecycle.ports import World
from ground_truth.lifecycle.survey import Event
from ground_truth.lifecycle.wanted import JobSettings, Wanted


class LineageMovedError(RuntimeError):
    """Another deployment wrote a job into the record since the decision was made."""


class SupersededError(RuntimeError):
    """A late repetition of a request that has been undone in the meantime."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Everything one Create or Update works with."""

    world: World
    record: LineageFile
    wanted: Wanted
    settings: JobSettings
    event: Event
