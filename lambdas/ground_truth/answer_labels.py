"""How workers' labels are written: what the classifier elements of worker templates send.

`crowd-classifier` and `crowd-image-classifier` send `{"label": "dog"}`, the two elements whose
names end `-multi-select` send `{"labels": ["dog", "cat"]}`, below the element's name. Beside the
label of a verification `crowd-image-classifier` has `"workerComment"` where the worker wrote one;
a page with another element may have a text area of that name. Source: developer guide, "Crowd HTML
elements reference".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ground_truth.answers import AnswerError, element_value, kind_of
from ground_truth.consolidation.label_sets import LabelSet
from ground_truth.consolidation.votes import Judgement, Vote

# Labels of 256 characters with a comment and some marking round them; a drawing would be more.
_CONTENT_CHARACTERS: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleLabels:
    """One label of the categories, which are in class index order."""

    labels: Sequence[str]
    element: str
    limit: int = _CONTENT_CHARACTERS

    def answer(self, worker: str, content: Mapping[str, object]) -> Vote:
        """Return the vote of a worker; raises ``AnswerError``."""
        label = element_value(content, self.element, "label").get("label")
        if not isinstance(label, str):
            raise AnswerError(f"label is not text: got {kind_of(label)}")
        return Vote(worker=worker, label=_index(self.labels, label))


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgements:
    """One judgement of the categories, which are in class index order, perhaps with a comment."""

    labels: Sequence[str]
    element: str
    limit: int = _CONTENT_CHARACTERS

    def answer(self, worker: str, content: Mapping[str, object]) -> Judgement:
        """Return the judgement of a worker; raises ``AnswerError``."""
        value = element_value(content, self.element, "label")
        label = value.get("label")
        comment = value.get("workerComment", content.get("workerComment"))
        if not isinstance(label, str):
            raise AnswerError(f"label is not text: got {kind_of(label)}")
        return Judgement(
            worker=worker,
            label=_index(self.labels, label),
            comment=_line(comment) if isinstance(comment, str) else "",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SetsOfLabels:
    """Any number of the categories, which are in class index order; also none."""

    labels: Sequence[str]
    element: str
    limit: int = _CONTENT_CHARACTERS

    def answer(self, worker: str, content: Mapping[str, object]) -> LabelSet:
        """Return the labels of a worker; raises ``AnswerError``."""
        labels = element_value(content, self.element, "labels").get("labels")
        if not isinstance(labels, list):
            raise AnswerError(f"labels is not a list: got {kind_of(labels)}")
        if not all(isinstance(label, str) for label in labels):
            raise AnswerError("labels is not a list of texts")
        return LabelSet(
            worker=worker, labels=frozenset(_index(self.labels, label) for label in labels)
        )


def _line(comment: str) -> str:
    """Return a comment in one line of printable characters."""
    shown = (character if character.isprintable() else " " for character in comment)
    return " ".join("".join(shown).split())


def _index(labels: Sequence[str], label: str) -> int:
    try:
        return labels.index(label)
    except ValueError:
        raise AnswerError(f"label is not one of the categories: got {kind_of(label)}") from None
