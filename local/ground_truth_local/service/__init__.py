"""The SageMaker Ground Truth service of local AWS.

Everything here follows ground-truth.md; the comments name the section a rule comes from. It sees
API calls, objects, roles and functions, as AWS does, and knows nothing of this project's own code.
"""

from __future__ import annotations

from ground_truth_local.service.context import Tuning
from ground_truth_local.service.errors import ServiceError
from ground_truth_local.service.queue import Assignment, JobCard, Worker, WorkQueue
from ground_truth_local.service.service import GroundTruth, KeptIn

__all__ = [
    "Assignment",
    "GroundTruth",
    "JobCard",
    "KeptIn",
    "ServiceError",
    "Tuning",
    "WorkQueue",
    "Worker",
]
