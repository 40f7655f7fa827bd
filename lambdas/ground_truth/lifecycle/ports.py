"""What the lifecycle asks of the world: labeling jobs, objects, queues, the stack, the time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Status(StrEnum):
    """``LabelingJobStatus``."""

    INITIALIZING = "Initializing"
    IN_PROGRESS = "InProgress"
    COMPLETED = "Completed"
    FAILED = "Failed"
    STOPPING = "Stopping"
    STOPPED = "Stopped"

    @property
    def runs(self) -> bool:
        """Whether people are, or soon will be, asked."""
        return self in (Status.INITIALIZING, Status.IN_PROGRESS)

    @property
    def ended(self) -> bool:
        return self in (Status.COMPLETED, Status.FAILED, Status.STOPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """``LabelCounters``; all are 0 right after a job has started."""

    labeled: int = 0
    failed: int = 0
    unlabeled: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """What DescribeLabelingJob or ListLabelingJobs says about a job."""

    name: str
    arn: str
    status: Status
    created_at: datetime
    modified_at: datetime
    counters: Counters = field(default_factory=Counters)
    failure_reason: str = ""
    output_manifest_uri: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """An object and the version tag that a conditional write compares."""

    body: bytes
    etag: str


class Jobs(Protocol):
    """SageMaker's labeling jobs; every method raises ``ApiError``."""

    def create(self, request: Mapping[str, object]) -> None: ...
    def describe(self, name: str) -> JobState | None:
        """Return the job, None when there is none."""

    def stop(self, name: str) -> None: ...
    def list(self, name_contains: str) -> Iterable[JobState]: ...
    def tags(self, arn: str) -> Mapping[str, str]: ...
    def add_tags(self, arn: str, tags: Mapping[str, str]) -> None: ...
    def delete_tags(self, arn: str, keys: Iterable[str]) -> None: ...


class Objects(Protocol):
    """S3 objects; every method raises ``ApiError``."""

    def get(self, bucket: str, key: str) -> StoredObject | None:
        """Return the object, None when the key (not the bucket) does not exist."""

    def put(
        self,
        bucket: str,
        key: str,
        body: bytes,
        *,
        content_type: str = "application/json",
        if_match: str | None = None,
        only_new: bool = False,
    ) -> str:
        """Write and return the version tag; ``Fault.CONFLICT`` when the condition does not hold."""

    def sizes(self, bucket: str, prefix: str) -> Mapping[str, int]:
        """Return the keys below a prefix, in S3's order, with the objects' sizes in bytes."""

    def read_all(self, bucket: str, keys: Iterable[str]) -> Mapping[str, bytes]:
        """Return the content of many small objects; ``Fault.MISSING`` when one does not exist."""


class Queues(Protocol):
    """The queues Ground Truth makes for streaming jobs; raises ``ApiError``."""

    def remove(self, job: str) -> None:
        """Remove a job's queue and its subscription; one that is gone is removed."""


class Stacks(Protocol):
    """CloudFormation."""

    def status(self, stack_id: str) -> str:
        """Return ``StackStatus``; raises ``ApiError``."""


class Clock(Protocol):
    """Time, so that tests need not wait."""

    def now(self) -> datetime:
        """Return the time in UTC, aware."""

    def sleep(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything outside, in one hand; ``deadline`` is when the function must have answered."""

    jobs: Jobs
    objects: Objects
    queues: Queues
    stacks: Stacks
    clock: Clock
    deadline: datetime
