"""A labeling job's numbers: what the request allows, and what Describe counts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ground_truth_liquid import markup
from ground_truth_local.service.tasks import CUSTOM, TASKS

_DEFAULT_WINDOW = 1000  # ground-truth.md 3.1, objects
_SEGMENTATION = "crowd-semantic-segmentation"
_DEFAULT_AVAILABILITY = 2_592_000  # 3.1, seconds, private teams


def most_objects(template: str) -> int:
    """3.4: a dataset's quota. Whether a custom template's segmentation counts as such isn't said:
    it does here.
    """
    found = markup.tags(markup.without_liquid(template))
    segmentation = any(tag.name == _SEGMENTATION for tag in found)
    return (TASKS["SemanticSegmentation"] if segmentation else CUSTOM).objects


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The request's numbers with the documented defaults filled in (3.1)."""

    workers: int
    time_limit: timedelta
    availability: timedelta
    window: int
    max_human: int | None
    max_percent: int | None

    @classmethod
    def of(cls, request: Mapping[str, Any]) -> Limits:
        """From a CreateLabelingJob request."""
        human, stopping = request["HumanTaskConfig"], request.get("StoppingConditions", {})
        if request["InputConfig"]["DataSource"].get("SnsDataSource"):
            stopping = {}  # 3.5: ignored in a streaming job
        availability = human.get("TaskAvailabilityLifetimeInSeconds", _DEFAULT_AVAILABILITY)
        return cls(
            workers=human["NumberOfHumanWorkersPerDataObject"],
            time_limit=timedelta(seconds=human["TaskTimeLimitInSeconds"]),
            availability=timedelta(seconds=availability),
            window=human.get("MaxConcurrentTaskCount", _DEFAULT_WINDOW),
            max_human=stopping.get("MaxHumanLabeledObjectCount"),
            max_percent=stopping.get("MaxPercentageOfInputDatasetLabeled"),
        )

    def budget(self, *, total: int, human: int, chained: int) -> int | None:
        """Labels the StoppingConditions still allow; None without conditions (3.1)."""
        left: list[int] = []
        if self.max_human is not None:
            left.append(self.max_human - human)
        if self.max_percent is not None:
            left.append(math.ceil(total * self.max_percent / 100) - human - chained)
        return min(left) if left else None


@dataclass(frozen=True, slots=True)
class Counters:
    """Describe's LabelCounters (3.2)."""

    human: int = 0
    machine: int = 0
    failed: int = 0
    unlabeled: int = 0

    def view(self) -> dict[str, int]:
        """As the API spells them."""
        return {
            "TotalLabeled": self.human + self.machine,
            "HumanLabeled": self.human,
            "MachineLabeled": self.machine,
            "FailedNonRetryableError": self.failed,
            "Unlabeled": self.unlabeled,
        }
