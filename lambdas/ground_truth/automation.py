"""Automated data labeling: which algorithm labels what, and what it asks of a job.

Source: the service model (LabelingJobAlgorithmsConfig) and the developer guide, "Automate data
labeling".
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# Of Amazon, the same in every region (LabelingJobAlgorithmSpecificationArn)
ALGORITHM_ACCOUNT: Final = "027400017018"
LEAST_OBJECTS: Final = 1250
ADVISED_OBJECTS: Final = 5000
SEGMENTATION_LABELS: Final = 20

ALGORITHMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "bounding-box": "object-detection",
        "image-classification": "image-classification",
        "semantic-segmentation": "semantic-segmentation",
        "text-classification": "text-classification",
    }
)
