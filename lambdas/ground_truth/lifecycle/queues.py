"""Removing the queues that Ground Truth makes for streaming jobs and leaves behind.

Source: developer guide "Send data objects to your labeling job": they are not deleted when a job
stops, and must not be touched while it runs. What waits in one is in the campaign's ``arrived/``
as well, so nothing is lost with it.
"""

import logging
from collections.abc import Iterable

from ground_truth.definition import CampaignDefinition, DefinitionError
from ground_truth.lifecycle.faults import ApiError
from ground_truth.lifecycle.lineage import Entry, Lineage
from ground_truth.lifecycle.ports import World

_log = logging.getLogger(__name__)


def streams(entry: Entry) -> bool:
    """Return whether a recorded job takes objects from a topic."""
    try:
        return bool(CampaignDefinition.from_dict(entry.definition).streaming)
    except DefinitionError:  # of another version of the project
        return bool(entry.definition.get("streaming"))


def remove_queues(world: World, jobs: Iterable[str]) -> None:
    """Remove the queues of jobs that have ended, or never were; raises ``ApiError``."""
    for name in jobs:
        state = world.jobs.describe(name)
        if state is not None and not state.status.ended:
            _log.warning("the queue of %s stays: the job is %s", name, state.status.value)
            continue
        world.queues.remove(name)


def tidy(world: World, lineage: Lineage, *, owner: str) -> None:
    """Remove the queues of our jobs that have ended; a deployment does not fail for them."""
    for entry in lineage.entries:
        if entry.owner == owner and streams(entry):
            try:
                remove_queues(world, [entry.name])
            except ApiError as error:
                _log.warning("the queue of %s was not removed: %s", entry.name, error)
