"""What every part of the service needs to know about where it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING, Protocol

from ground_truth_local.service.arns import Arn
from ground_truth_local.service.kept import Kept, NothingKept

if TYPE_CHECKING:
    from ground_truth_local.platform.port import Platform
    from ground_truth_local.service.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """How fast the engine goes; none of it is visible in AWS's documents.

    A consolidation batch leaves when it has `consolidation_batch_objects`, when nothing else is
    outstanding, or when its oldest object has waited `consolidation_idle_seconds`. An annotation of
    more than `inline_annotation_bytes` comes to the function as an S3 URI.
    """

    consolidation_batch_objects: int = 50
    consolidation_idle_seconds: float = 20.0
    threads: int = 6
    link_seconds: int = 900
    max_answer_bytes: int = 6_000_000
    inline_annotation_bytes: int = 65_536


class JobFaults(Protocol):
    """What goes wrong with labeling jobs because somebody asked for it."""

    def held(self, job: str, status: str) -> bool:
        """Whether a job of that name stays in a status for now."""
        ...

    def failure(self, job: str) -> str | None:
        """The reason with which a job of that name fails while it is set up."""
        ...


class NoFaults:
    """As ever."""

    def held(self, job: str, status: str) -> bool:  # noqa: ARG002 - a protocol's
        return False

    def failure(self, job: str) -> str | None:  # noqa: ARG002 - a protocol's
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One account and Region, the portal's address, and the lock over the service's state."""

    platform: Platform
    portal_domain: str
    portal_scheme: str
    tuning: Tuning
    clock: Clock
    lock: RLock
    faults: JobFaults = field(default_factory=NoFaults)
    kept: Kept = field(default_factory=NothingKept)

    def arn(self, resource: str) -> str:
        """The ARN of one of this account's SageMaker resources."""
        platform = self.platform
        return str(
            Arn(
                partition=platform.partition,
                service="sagemaker",
                region=platform.region,
                account=platform.account_id,
                resource=resource,
            )
        )

    @property
    def portal_url(self) -> str:
        """The portal's address without a slash at the end."""
        return f"{self.portal_scheme}://{self.portal_domain}"
