"""A batch of answers as Ground Truth hands it over, and what becomes of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from ground_truth.answers import AnsweredObject, FailedObject, FetchText
from ground_truth.built_in import Audit
from ground_truth.consolidation.memory import Memory, NoMemory
from ground_truth.contracts import ConsolidatedObject
from ground_truth.output_shapes import metadata_of
from ground_truth.tasks import TaskRules


class Drawn(Protocol):
    """An answer that may have begun with an earlier label."""

    @property
    def unmodified(self) -> bool:
        """Return whether it is as it began."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A consolidation request with its payload read.

    ``labels`` are in class index order; ``created`` is an aware time; ``fetch`` returns answers
    that lie in S3; ``memory`` is what the job's batches teach each other.
    """

    payload: bytes
    rules: TaskRules
    labels: tuple[str, ...]
    label_attribute: str
    job_name: str
    created: datetime
    fetch: FetchText
    memory: Memory = field(default_factory=NoMemory)

    def metadata(self, answers: Sequence[Drawn]) -> dict[str, object]:
        """Return what the metadata of every drawn label has.

        Of an adjustment it says "adjusted" if one worker or more has changed the label.
        """
        adjusts = self.rules.audit is Audit.ADJUSTMENT
        return metadata_of(
            metadata_type=self.rules.metadata_type,
            job_name=self.job_name,
            created=self.created,
            adjusted=not all(each.unmodified for each in answers) if adjusts else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Consolidation:
    """The answer for Ground Truth, and what has to be told about it.

    ``failed`` objects are not in ``outputs``: Ground Truth counts an object that is missing from
    the answer as failed. ``incomplete`` have a label, but some answers for them did not count.
    """

    outputs: tuple[ConsolidatedObject, ...]
    failed: tuple[FailedObject, ...]
    incomplete: tuple[AnsweredObject[Any], ...]
