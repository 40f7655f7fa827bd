"""All answers that speak about the labels of one job.

A chain's jobs ask the same people about the same dataset, and a job that was stopped has answers
that never became labels; both make it better to look at all of them at once. Where a job had other
labels to choose from, its people had another question: its answers are left out, and the labels it
made stay as they are (ADR 36).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ground_truth.tasks import rules_for
from ground_truth_ops.answers.columns import AnswerReader
from ground_truth_ops.answers.manifests import Register
from ground_truth_ops.answers.responses import Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ground_truth_ops.answers.chain import Chain, RecordedJob
    from ground_truth_ops.answers.columns import Columns
    from ground_truth_ops.answers.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """The answers of `jobs`, and the objects they were given, numbered.

    `set_aside` answers can't be read or don't count.
    """

    register: Register
    columns: Columns
    jobs: tuple[str, ...]
    set_aside: int


def pool_answers(store: Store, campaign: str, jobs: Sequence[RecordedJob]) -> Pool:
    """The answers of jobs with the same question."""
    register = Register()
    definition = jobs[-1].definition
    reader = AnswerReader(
        definition=definition, element=rules_for(definition.task).template_element
    )
    reading = Reading(store=store)
    for job in jobs:
        objects = register.of_job(store, campaign, job.name)
        reader.take(reading.responses(campaign, job.name), objects)
    return Pool(
        register=register,
        columns=reader.columns(),
        jobs=tuple(job.name for job in jobs),
        set_aside=reader.set_aside + reading.unread,
    )


def same_question(chain: Chain) -> tuple[RecordedJob, ...]:
    """The jobs of a chain whose people chose from the same labels, in the same order."""
    wanted = chain.job.definition
    return tuple(
        job
        for job in chain.jobs
        if (job.definition.task, job.definition.labels) == (wanted.task, wanted.labels)
    )
