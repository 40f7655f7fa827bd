"""Labels made of all answers at once, by kind of answer; another kind is another row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from ground_truth.built_in import Audit
from ground_truth.consolidation.job import label_sets, single
from ground_truth.output import classification_output, label_set_output, verification_output
from ground_truth.tasks import AnswerKind, rules_for
from ground_truth_ops.answers.kinds import Choice, kind_of_task

if TYPE_CHECKING:
    from datetime import datetime

    from ground_truth.consolidation.job.answers import Answers, Floats, Integers
    from ground_truth.contracts import ConsolidatedObject
    from ground_truth.definition import CampaignDefinition

EVEN: Final = 0.5
METHOD: Final = "whole job, {kind} (docs/consolidation.md)"


class Labeled(Protocol):
    """The label of each place."""

    def output(
        self, place: int, definition: CampaignDefinition, job: str, created: datetime
    ) -> ConsolidatedObject:
        """The label in the shape of Ground Truth's own output."""
        ...


class Outcome(Labeled, Protocol):
    """Of labels that are chosen, also what is believed."""

    def believed(self, place: int) -> tuple[Choice, float]:
        """What is more likely true than not, and how sure the least sure part of that is."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """One label for each object."""

    label: Integers
    confidence: Floats

    def output(
        self, place: int, definition: CampaignDefinition, job: str, created: datetime
    ) -> ConsolidatedObject:
        label = int(self.label[place])
        return classification_output(
            object_id=place,
            attribute=definition.label_attribute,
            class_index=label,
            class_name=definition.labels[label],
            confidence=float(self.confidence[place]),
            metadata_type=rules_for(definition.task).metadata_type,
            job_name=job,
            created=created,
        )

    def believed(self, place: int) -> tuple[Choice, float]:
        return (int(self.label[place]),), float(self.confidence[place])


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgements:
    """One judgement for each object, with what was written, by place."""

    labels: Labels
    comments: Mapping[int, Sequence[str]]

    def output(
        self, place: int, definition: CampaignDefinition, job: str, created: datetime
    ) -> ConsolidatedObject:
        label = int(self.labels.label[place])
        return verification_output(
            object_id=place,
            attribute=definition.label_attribute,
            class_index=label,
            class_name=definition.labels[label],
            confidence=float(self.labels.confidence[place]),
            comments=self.comments.get(place, ()),
            metadata_type=rules_for(definition.task).metadata_type,
            job_name=job,
            created=created,
        )

    def believed(self, place: int) -> tuple[Choice, float]:
        return self.labels.believed(place)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetsOfLabels:
    """Every label somebody chose, with its confidence; `first` leads from a place to its rows."""

    first: Integers
    label: Integers
    confidence: Floats

    def output(
        self, place: int, definition: CampaignDefinition, job: str, created: datetime
    ) -> ConsolidatedObject:
        rows = slice(int(self.first[place]), int(self.first[place + 1]))
        return label_set_output(
            object_id=place,
            attribute=definition.label_attribute,
            confidences=dict(
                zip(self.label[rows].tolist(), self.confidence[rows].tolist(), strict=True)
            ),
            labels=definition.labels,
            metadata_type=rules_for(definition.task).metadata_type,
            job_name=job,
            created=created,
        )

    def believed(self, place: int) -> tuple[Choice, float]:
        rows = slice(int(self.first[place]), int(self.first[place + 1]))
        sure = dict(zip(self.label[rows].tolist(), self.confidence[rows].tolist(), strict=True))
        chosen = tuple(sorted(label for label, value in sure.items() if value >= EVEN))
        return chosen, min((max(value, 1.0 - value) for value in sure.values()), default=1.0)


def _single(answers: Answers) -> Labels:
    label, confidence = single.consolidate(answers)
    return Labels(label=label, confidence=confidence)


def _sets(answers: Answers) -> Outcome:
    found = label_sets.consolidate(answers)
    # its labels are names of class indexes, in their own order
    names = np.array([int(name) for name in found.labels], dtype=np.intp)
    return SetsOfLabels(
        first=np.searchsorted(found.object, np.arange(len(answers.objects) + 1)),
        label=names[found.label] if len(found.label) else found.label,
        confidence=found.confidence,
    )


_WHOLE_JOB: Final[Mapping[AnswerKind, Callable[[Answers], Outcome]]] = MappingProxyType(
    {AnswerKind.SINGLE_LABEL: _single, AnswerKind.MULTI_LABEL: _sets}
)


CHOSEN: Final = frozenset(_WHOLE_JOB)


def consolidate(
    answers: Answers,
    definition: CampaignDefinition,
    comments: Mapping[int, Sequence[str]] = MappingProxyType({}),
) -> Outcome:
    """Consolidate all answers to a definition's question; raises KindError.

    `comments` are what was written about objects, by their place among the answers.
    """
    found = _WHOLE_JOB[kind_of_task(definition.task).answers](answers)
    if isinstance(found, Labels) and rules_for(definition.task).audit is Audit.VERIFICATION:
        return Judgements(labels=found, comments=comments)
    return found


def method_of(definition: CampaignDefinition) -> str:
    """In words, how the labels are made."""
    return METHOD.format(kind=rules_for(definition.task).answers)
