"""What all answers of several things have in common: things missed, mislabeled and made up."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ground_truth_local.workers.errors import WorkersError
from ground_truth_local.workers.skills import answer

if TYPE_CHECKING:
    from ground_truth_local.workers.skills import Skill


class Hand:
    """One worker at one object. Draws depend on seed, worker and object alone."""

    def __init__(self, skill: Skill, *, seed: int, object_id: str, labels: Sequence[str]) -> None:
        self.skill, self.seed, self.object_id, self.labels = skill, seed, object_id, labels
        text = f"{seed}\n{skill.email}\n{object_id}\nitems"
        digest = hashlib.sha256(text.encode()).digest()
        self.random = random.Random(digest)  # noqa: S311  not a secret

    def label(self, truth: str, part: str = "") -> str:
        """The label this worker gives to a thing of a true label."""
        where = f"{self.object_id}{part}"
        return answer(self.skill, seed=self.seed, object_id=where, truth=truth, labels=self.labels)

    def kept(self, things: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], str]]:
        """The things that aren't missed, each with the label given to it."""
        for number, thing in enumerate(things):
            missed = self.random.random() < self.skill.miss_share
            label = self.label(str(thing["label"]), f"#{number}")
            if not missed:
                yield thing, label

    def made_up(self) -> str | None:
        """The label of one thing more that isn't there, if this worker sees one."""
        draw = self.random.random()
        return self.random.choice(self.labels) if draw < self.skill.extra_share else None

    def moved(self, value: float, scale: float) -> float:
        """A position or length as this worker sets it; `scale` is the thing's own size."""
        return value + self.random.gauss(0.0, 1.0) * self.skill.jitter_share * scale

    def things(self, truth: object, key: str) -> list[Mapping[str, Any]]:
        """The truth's list, bare or under the element's key; WorkersError for anything else."""
        found = truth.get(key) if isinstance(truth, Mapping) else truth
        if not isinstance(found, list) or not all(
            isinstance(thing, dict) and "label" in thing for thing in found
        ):
            raise WorkersError(
                f"{self.object_id}: truth is {str(truth)[:80]!r}, allowed is a JSON list of "
                f'{key}, each with its "label"; correct the truth file'
            )
        return found


def same_labels(given: Sequence[str], truth: Sequence[Mapping[str, Any]]) -> bool:
    """Whether nothing was missed, mislabeled or made up; positions are not looked at."""
    return sorted(given) == sorted(str(thing["label"]) for thing in truth)
