"""Answers of a job's people in columns: some bytes an answer, so that a million fit."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ground_truth.answers import AnswerError
from ground_truth.consolidation.job.answers import Answers
from ground_truth_ops.answers.kinds import Choice, kind_of_task

if TYPE_CHECKING:
    import numpy.typing as npt

    from ground_truth.definition import CampaignDefinition
    from ground_truth_ops.answers.responses import Response

UNKNOWN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """One answer in each place, one for each pair of object and worker, sorted by both.

    `object`, `worker` and `choice` are numbers, the latter two of `workers` (sorted by id) and
    `choices`; `subs` are the workers' ids in the user pool; `submitted` and `seconds`
    are NaN where unknown. `comment` is a number of `comments`, of which the first is empty.
    """

    workers: Sequence[str]
    subs: Sequence[str | None]
    choices: Sequence[Choice]
    object: npt.NDArray[np.intp]
    worker: npt.NDArray[np.intp]
    choice: npt.NDArray[np.intp]
    submitted: npt.NDArray[np.float64]
    seconds: npt.NDArray[np.float64]
    comment: npt.NDArray[np.intp]
    comments: Sequence[str]

    def __len__(self) -> int:
        return len(self.object)

    def answers(self) -> tuple[Answers, npt.NDArray[np.intp]]:
        """The answers for a whole-job pass, and the number of each of its objects.

        A choice is named by its class indexes, with spaces between them.
        """
        numbers, places = np.unique(self.object, return_inverse=True)
        found = Answers(
            objects=[str(number) for number in numbers.tolist()],
            workers=self.workers,
            labels=[" ".join(map(str, choice)) for choice in self.choices],
            object=places.astype(np.intp, copy=False),
            worker=self.worker,
            label=self.choice,
        )
        return found, numbers

    def comments_by_object(self) -> dict[int, list[str]]:
        """What was written about each object by number, in the order of the workers' ids."""
        found: dict[int, list[str]] = {}
        for row in np.flatnonzero(self.comment).tolist():
            text = self.comments[int(self.comment[row])]
            found.setdefault(int(self.object[row]), []).append(text)
        return found


@dataclass(slots=True, kw_only=True)
class AnswerReader:
    """Takes responses one by one; what can't be counted is counted as `set_aside`."""

    definition: CampaignDefinition
    element: str
    set_aside: int = 0
    _workers: dict[str, int] = field(default_factory=dict)
    _subs: dict[str, str] = field(default_factory=dict)
    _choices: dict[Choice, int] = field(default_factory=dict)
    _comments: list[str] = field(default_factory=lambda: [""])
    _numbers: tuple[array[int], array[int], array[int], array[int]] = field(
        default_factory=lambda: (array("l"), array("l"), array("l"), array("l"))
    )
    _times: tuple[array[float], array[float]] = field(
        default_factory=lambda: (array("d"), array("d"))
    )

    def take(self, responses: Iterable[Response], objects: Sequence[int]) -> None:
        """Add the answers of a job, `objects` being the object's number for each of its lines."""
        kind = kind_of_task(self.definition.task)
        answers = kind.answer_format(self.definition.labels, self.element)
        for response in responses:
            item = objects[response.line] if response.line < len(objects) else -1
            try:
                given = answers.answer(response.worker, response.content)
            except AnswerError:
                item = -1
            if item < 0:
                self.set_aside += 1
                continue
            worker = self._workers.setdefault(response.worker, len(self._workers))
            if response.sub is not None:
                self._subs[response.worker] = response.sub
            number = self._choices.setdefault(kind.choice(given), len(self._choices))
            said = self._said(kind.comment(given))
            for column, value in zip(self._numbers, (item, worker, number, said), strict=True):
                column.append(value)
            self._times[0].append(UNKNOWN if response.submitted is None else response.submitted)
            self._times[1].append(UNKNOWN if response.seconds is None else response.seconds)

    def _said(self, comment: str) -> int:
        if not comment:
            return 0
        self._comments.append(comment)
        return len(self._comments) - 1

    def columns(self) -> Columns:
        """What was taken; the latest answer of a worker for an object counts.

        Nothing depends on the order of files. Of single labels all are choices people had, also
        those nobody chose.
        """
        workers = sorted(self._workers)
        all_choices = kind_of_task(self.definition.task).choices(len(self.definition.labels))
        choices = all_choices or sorted(self._choices)
        item, worker, choice, said = (np.array(column, dtype=np.intp) for column in self._numbers)
        worker = _renumbered(worker, [self._workers[name] for name in workers])
        choice = _renumbered(choice, [self._choices.get(each, -1) for each in choices])
        submitted, seconds = (np.array(column, dtype=np.float64) for column in self._times)
        order = np.lexsort((choice, np.nan_to_num(submitted, nan=-1.0), worker, item))
        item, worker = item[order], worker[order]
        last = np.append((item[1:] != item[:-1]) | (worker[1:] != worker[:-1]), True)[: len(item)]
        return Columns(
            workers=workers,
            subs=[self._subs.get(name) for name in workers],
            choices=choices,
            object=item[last],
            worker=worker[last],
            choice=choice[order][last],
            submitted=submitted[order][last],
            seconds=seconds[order][last],
            comment=said[order][last],
            comments=self._comments,
        )


def _renumbered(numbers: npt.NDArray[np.intp], order: Sequence[int]) -> npt.NDArray[np.intp]:
    """Return the place of each number in a new order of them, in which -1 stands for none."""
    place = np.empty(len(order), dtype=np.intp)
    for index, number in enumerate(order):
        if number >= 0:
            place[number] = index
    return place[numbers]
