"""The service's entry: one object that answers API calls and runs labeling jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ground_truth_local.service.errors import not_offered

if TYPE_CHECKING:
    from ground_truth_local.platform.port import Platform, ServiceConfig
    from ground_truth_local.service.queue import WorkQueue


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """How fast the engine goes; none of it is visible in AWS's documents."""

    consolidation_batch_objects: int = 50
    consolidation_idle_seconds: float = 20.0
    pre_annotation_threads: int = 6
    link_seconds: int = 900
    max_answer_bytes: int = 1_000_000


class GroundTruth:
    """SageMaker Ground Truth over a platform; `portal_domain` is the portal's `host:port`."""

    queue: WorkQueue

    def __init__(
        self,
        platform: Platform,
        portal_domain: str,
        config: ServiceConfig,
        *,
        tuning: Tuning | None = None,
    ) -> None:
        self._platform = platform
        self._portal_domain = portal_domain
        self._config = config
        self._tuning = tuning or Tuning()

    def call(
        self, operation: str, params: Mapping[str, object], caller_arn: str
    ) -> Mapping[str, object]:
        """Answer one API operation; raises ServiceError(code, message, status).

        Timestamps in the answer are aware datetimes.
        """
        raise not_offered(operation, "it is not one of Ground Truth's operations")

    def start(self) -> None:
        """Begin running jobs."""

    def stop(self) -> None:
        """End every thread; running jobs stay as they are."""
