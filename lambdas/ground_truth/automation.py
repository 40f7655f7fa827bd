"""Automated data labeling: which algorithm labels what, and what it asks of a job.

Source: the service model (LabelingJobAlgorithmsConfig) and the developer guide, "Automate data
labeling".
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ground_truth.tasks import TASK_RULES

LEAST_OBJECTS: Final = 1250
ADVISED_OBJECTS: Final = 5000
SEGMENTATION_LABELS: Final = 20

ALGORITHMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        task.value: rules.built_in.algorithm
        for task, rules in sorted(TASK_RULES.items())
        if rules.built_in and rules.built_in.algorithm
    }
)
