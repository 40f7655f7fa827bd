"""The new lines: the old manifest's, with labels from all answers where there are enough."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from ground_truth.json_lines import json_line
from ground_truth.lifecycle.merge import has_label
from ground_truth_ops.reconsolidate.outcomes import Labeled, consolidate

if TYPE_CHECKING:
    import numpy.typing as npt

    from ground_truth.definition import CampaignDefinition
    from ground_truth_ops.answers.manifests import Line, Register
    from ground_truth_ops.answers.pool import Pool

BELIEVED = 0.5
JOB_PREFIX = "labeling-job/"


@dataclass(slots=True, kw_only=True)
class Comparison:
    """What became of the labels; the means are over objects that had a label and got one anew.

    `changed` are those with another label (with sets, another set of labels that are more likely
    there than not; with shapes, other ones), `added` had none, `kept` are labels without answers
    of their own.
    """

    objects: int = 0
    labeled: int = 0
    compared: int = 0
    changed: int = 0
    added: int = 0
    kept: int = 0
    before: float = 0.0
    after: float = 0.0

    @property
    def mean_before(self) -> float | None:
        return self.before / self.compared if self.compared else None

    @property
    def mean_after(self) -> float | None:
        return self.after / self.compared if self.compared else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Relabeling:
    """Turns lines into new ones, counting in `comparison` as they pass.

    By object's number: `place` in the outcome (-1 without an answer), `answers`, and when the
    `newest` came.
    """

    definition: CampaignDefinition
    job: str
    register: Register
    outcome: Labeled
    place: npt.NDArray[np.intp]
    answers: npt.NDArray[np.intp]
    newest: npt.NDArray[np.float64]
    comparison: Comparison = field(default_factory=Comparison)

    def lines(self, old: Iterable[Line]) -> Iterator[Line]:
        """Yield every line, relabeled or as it was."""
        attribute = self.definition.label_attribute
        for line in old:
            new = self._line(line)
            self.comparison.objects += 1
            self.comparison.labeled += has_label(new, attribute)
            self.comparison.kept += new is line and has_label(line, attribute)
            yield new

    def _line(self, line: Line) -> Line:
        attribute = self.definition.label_attribute
        number = self.register.find(line)
        answers = int(self.answers[number]) if number >= 0 else 0
        labeled = has_label(line, attribute)
        # Fewer answers than were ordered make no label: Ground Truth wouldn't have made one.
        if not answers or not (labeled or answers >= self.definition.workers_per_object):
            return line
        new = self._label(number, _maker(line, attribute) if labeled else self.job)
        if labeled:
            self._compare(line, new)
        else:
            self.comparison.added += 1
        return {k: v for k, v in line.items() if k != f"{attribute}_metadata"} | new

    def _label(self, number: int, job: str) -> dict[str, object]:
        # The same answers have to give the same bytes: a label is as old as its newest answer.
        created = datetime.fromtimestamp(float(self.newest[number]), UTC)
        output = self.outcome.output(int(self.place[number]), self.definition, job, created)
        return dict(output["consolidatedAnnotation"]["content"])

    def _compare(self, old: Line, new: Line) -> None:
        (was, before), (now, after) = (
            _believed(line, self.definition.label_attribute) for line in (old, new)
        )
        self.comparison.compared += 1
        self.comparison.changed += was != now
        self.comparison.before += before
        self.comparison.after += after


def relabeling(pool: Pool, definition: CampaignDefinition, job: str) -> Relabeling:
    """Consolidate all answers of a pool."""
    columns, size = pool.columns, len(pool.register)
    answers, numbers = columns.answers()
    place = np.full(size, -1, dtype=np.intp)
    place[numbers] = np.arange(len(numbers))
    comments = {int(place[item]): said for item, said in columns.comments_by_object().items()}
    newest = np.zeros(size)
    np.maximum.at(newest, columns.object, np.nan_to_num(columns.submitted))
    return Relabeling(
        definition=definition,
        job=job,
        register=pool.register,
        outcome=consolidate(answers, definition, comments),
        place=place,
        answers=np.bincount(columns.object, minlength=size),
        newest=newest,
    )


def _metadata(line: Line, attribute: str) -> Mapping[str, object]:
    found = line.get(f"{attribute}-metadata", line.get(f"{attribute}_metadata"))
    return found if isinstance(found, Mapping) else {}


def _maker(line: Line, attribute: str) -> str:
    """Return the job that made a label; of custom jobs the guide spells it with an underscore."""
    metadata = _metadata(line, attribute)
    name = metadata.get("job-name", metadata.get("job_name", ""))
    return str(name).removeprefix(JOB_PREFIX)


def _believed(line: Line, attribute: str) -> tuple[frozenset[str], float]:
    """Return what a label says, and how sure it is on average."""
    metadata = _metadata(line, attribute)
    confidences = metadata.get("confidence-map")
    if isinstance(confidences, Mapping):
        sure = {str(label): _number(value) for label, value in confidences.items()}
        believed = frozenset(label for label, value in sure.items() if value >= BELIEVED)
        return believed, sum(sure.values()) / len(sure) if sure else 0.0
    value = line[attribute]
    said = json_line(value) if isinstance(value, Mapping) else str(value)
    return frozenset({said}), _mean_confidence(metadata)


def _mean_confidence(metadata: Mapping[str, object]) -> float:
    """Return one label's confidence, or the mean of those of its shapes or entities."""
    for name in ("objects", "entities"):
        parts = metadata.get(name)
        if isinstance(parts, list):
            sure = [_number(part.get("confidence")) for part in parts if isinstance(part, Mapping)]
            return sum(sure) / len(sure) if sure else 0.0
    return _number(metadata.get("confidence"))


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
