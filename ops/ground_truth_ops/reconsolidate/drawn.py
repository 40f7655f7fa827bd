"""Shapes and entities anew: by the function's own code, with all answers for its batch.

What it learns about a worker needs answers, not all there are: lots of two thousand objects teach
as much, and fit into memory whatever the job's size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from ground_truth.consolidation.batch import Batch
from ground_truth.consolidation.kinds import consolidate_batch
from ground_truth.output import creation_date
from ground_truth.tasks import AnswerKind, rules_for
from ground_truth_ops.answers.manifests import Register
from ground_truth_ops.answers.responses import Reading
from ground_truth_ops.reconsolidate.relabeled import Relabeling

if TYPE_CHECKING:
    from ground_truth.contracts import ConsolidatedObject
    from ground_truth.definition import CampaignDefinition
    from ground_truth_ops.answers.chain import RecordedJob
    from ground_truth_ops.answers.store import Store
    from ground_truth_ops.reconsolidate.spool import Spool

LOT: Final = 2_000
DRAWN: Final = frozenset(
    {
        AnswerKind.BOXES,
        AnswerKind.POLYGONS,
        AnswerKind.POLYLINES,
        AnswerKind.KEYPOINTS,
        AnswerKind.SPANS,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnOutcome:
    """Labels by object's number, on disk."""

    spool: Spool

    def output(
        self, place: int, definition: CampaignDefinition, job: str, created: datetime
    ) -> ConsolidatedObject:
        """The label in the shape of Ground Truth's own output."""
        content = self.spool.output(place)
        metadata = content[f"{definition.label_attribute}-metadata"]
        metadata |= {"job-name": f"labeling-job/{job}", "creation-date": creation_date(created)}
        return {"datasetObjectId": place, "consolidatedAnnotation": {"content": content}}


def relabel_drawn(
    store: Store, campaign: str, jobs: Sequence[RecordedJob], spool: Spool
) -> tuple[Relabeling, int]:
    """Consolidate all answers of jobs with one question; how many answers don't count, too."""
    register, reading = Register(), Reading(store=store)
    lost = 0
    for job in jobs:
        objects = register.of_job(store, campaign, job.name)
        lost += spool.take(reading.responses(campaign, job.name), objects)
    definition, size = jobs[-1].definition, len(register)
    lost += _consolidate(spool, definition, jobs[-1].name)
    place = np.full(size, -1, dtype=np.intp)
    answers, newest = np.zeros(size, dtype=np.intp), np.zeros(size)
    for number, count, moment in spool.by_object():
        if spool.has_output(number):
            place[number], answers[number], newest[number] = number, count, moment
    made = Relabeling(
        definition=definition,
        job=jobs[-1].name,
        register=register,
        outcome=DrawnOutcome(spool=spool),
        place=place,
        answers=answers,
        newest=newest,
    )
    return made, lost + reading.unread


def _consolidate(spool: Spool, definition: CampaignDefinition, job: str) -> int:
    aside = 0
    for payload in spool.payloads(LOT):
        batch = Batch(
            payload=payload,
            rules=rules_for(definition.task),
            labels=definition.labels,
            label_attribute=definition.label_attribute,
            job_name=job,
            created=datetime.fromtimestamp(0, UTC),  # each label gets a time of its own
            fetch=_not_in_s3,
        )
        found = consolidate_batch(batch)
        for output in found.outputs:
            content = output["consolidatedAnnotation"]["content"]
            spool.put_output(int(output["datasetObjectId"]), content)
        aside += len(found.failed) + sum(len(each.set_aside) for each in found.incomplete)
    return aside


def _not_in_s3(uri: str) -> str:
    raise ValueError(f"worker responses hold their answers: {uri}")
