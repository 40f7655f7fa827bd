"""What answers of each kind are, for whoever looks at all of them; another kind is another row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from ground_truth.answer_labels import Judgements, SetsOfLabels
from ground_truth.tasks import AnswerKind, TaskType, rules_for
from ground_truth_ops.errors import OpsError

if TYPE_CHECKING:
    from ground_truth.answers import AnswerFormat

Choice = tuple[int, ...]
"""The labels somebody chose for an object, as class indexes, rising."""


class KindError(OpsError):
    """Answers of this kind are not understood here yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How a kind's answers are read from what a worker's page has sent.

    `choices` are all there can be, in class index order; empty where there are too many. `comment`
    is what a worker wrote beside the choice.
    """

    answers: AnswerKind
    answer_format: Callable[[Sequence[str], str], AnswerFormat[Any]]
    choice: Callable[[Any], Choice]
    comment: Callable[[Any], str]
    choices: Callable[[int], Sequence[Choice]]


_KINDS: Final[Mapping[AnswerKind, Kind]] = MappingProxyType(
    {
        AnswerKind.SINGLE_LABEL: Kind(
            answers=AnswerKind.SINGLE_LABEL,
            answer_format=lambda labels, element: Judgements(labels=labels, element=element),
            choice=lambda vote: (vote.label,),
            comment=lambda vote: vote.comment,
            choices=lambda count: [(label,) for label in range(count)],
        ),
        AnswerKind.MULTI_LABEL: Kind(
            answers=AnswerKind.MULTI_LABEL,
            answer_format=lambda labels, element: SetsOfLabels(labels=labels, element=element),
            choice=lambda chosen: tuple(sorted(chosen.labels)),
            comment=lambda _chosen: "",
            choices=lambda _count: (),
        ),
    }
)


def kind_of_task(task: TaskType) -> Kind:
    """How a task's answers are read; raises KindError naming the kinds there are."""
    kind = rules_for(task).answers
    if kind is AnswerKind.UNREAD:
        raise KindError(
            f"objects of {task} have one worker each, and only AWS's functions read what their page"
            " sends: there is nothing to compare"
        )
    if kind not in _KINDS:
        raise KindError(
            f"answers of task {task} can't be looked at all together yet: got {kind}, "
            f"allowed {', '.join(_KINDS)}"
        )
    return _KINDS[kind]
