"""Sets of labels from all answers of a job: for each label somebody chose, is it there?

An object and a label make a pair that is true or not. A worker w chooses the label of a true pair
with probability h[w], of an untrue one with f[w], whatever the label: rates shared over the labels
are learned from few answers, where a model per label would need all of them. By expectation
maximization over all pairs, also those nobody chose (S = 2 answers of prior, and the same for p):

    h[w] = (sum of q over what w chose + S h) / (sum of q over what w could choose + S)
    f[w] = the same with 1 - q for q
    p[c] = (sum of q over the objects + S p) / (objects + S)

with h, f and p the same of the whole crowd. The probability given in the end has the evidence to
the power of one half: labels are mistaken for each other, and workers make the same mistakes, so
their answers count for less than independent ones. Objects with one answer are labeled, but nothing
is learned from them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ground_truth.consolidation.job.answers import Answers, Floats, Integers, summed
from ground_truth.consolidation.label_sets import (
    FALSE_ALARM,
    HIT,
    POWER,
    PRIOR_ANSWERS,
    ROUNDS,
    SMALL_CHANGE,
    STRENGTH,
    SURE,
)

_BLOCK: Final = 1 << 15


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSets:
    """For each pair somebody chose, by object, then label: its place and its probability."""

    labels: Sequence[str]
    object: Integers
    label: Integers
    confidence: Floats


def consolidate(answers: Answers) -> LabelSets:
    """Consolidate ``answers`` whose labels are sets: names with single spaces between them."""
    job = _Job.of(answers)
    if not len(job.pair_object):
        nothing = np.empty(0, dtype=np.intp)
        return LabelSets(labels=job.labels, object=nothing, label=nothing, confidence=np.empty(0))
    evidence, prior = _fit(job)
    logit = prior[job.pair_label] + POWER * evidence
    confidence = np.clip(_logistic(logit), SURE, 1.0 - SURE)
    return LabelSets(
        labels=job.labels, object=job.pair_object, label=job.pair_label, confidence=confidence
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """Tasks are workers' visits to objects, choices the labels chosen there.

    ``choice_pair`` leads from a choice to its pair of object and label. Both ``learned`` tell where
    an object has two answers or more.
    """

    labels: Sequence[str]
    objects: int
    workers: int
    task_object: Integers
    task_worker: Integers
    choice_worker: Integers
    choice_pair: Integers
    pair_object: Integers
    pair_label: Integers
    counts: Integers

    @classmethod
    def of(cls, answers: Answers) -> "_Job":
        sets = [sorted(set(filter(None, text.split(" ")))) for text in answers.labels]
        labels = sorted({name for names in sets for name in names})
        index = {name: place for place, name in enumerate(labels)}
        sizes = np.array([len(names) for names in sets], dtype=np.intp)
        members = np.array([index[name] for names in sets for name in names], dtype=np.intp)
        of_set = np.cumsum(sizes) - sizes
        number = sizes[answers.label]
        task = np.repeat(np.arange(len(number)), number)
        within = np.arange(len(task)) - np.repeat(np.cumsum(number) - number, number)
        chosen = members[of_set[answers.label[task]] + within]
        pairs, choice_pair = np.unique(
            answers.object[task] * max(1, len(labels)) + chosen, return_inverse=True
        )
        return cls(
            labels=labels,
            objects=len(answers.objects),
            workers=len(answers.workers),
            task_object=answers.object,
            task_worker=answers.worker,
            choice_worker=answers.worker[task],
            choice_pair=choice_pair,
            pair_object=pairs // max(1, len(labels)),
            pair_label=pairs % max(1, len(labels)),
            counts=answers.counts,
        )


def _fit(job: _Job) -> tuple[Floats, Floats]:
    """Return the log odds every chosen pair's answers are evidence of, and every label's prior."""
    learned = job.counts > 1
    task = learned[job.task_object]
    choice = learned[job.pair_object[job.choice_pair]]
    votes = np.bincount(job.choice_pair)
    posterior = votes / job.counts[job.pair_object]
    by_object = summed(job.pair_object, posterior, job.objects)
    by_label = summed(job.pair_label, posterior * learned[job.pair_object], len(job.labels))
    for _ in range(ROUNDS):
        hit, alarm = _rates(job, posterior, by_object, task, choice)
        prior = _prior(by_label, int(learned.sum()))
        passed = np.log((1.0 - hit) / (1.0 - alarm))
        chosen = np.log(hit / alarm) - passed
        base = summed(job.task_object, passed[job.task_worker], job.objects)
        evidence = base[job.pair_object] + summed(
            job.choice_pair, chosen[job.choice_worker], len(posterior)
        )
        new = _logistic(prior[job.pair_label] + evidence)
        more = new - _logistic(prior[job.pair_label] + base[job.pair_object])
        by_object, by_label = _unchosen(prior, base, learned)
        by_object += summed(job.pair_object, more, job.objects)
        by_label += summed(job.pair_label, more * learned[job.pair_object], len(job.labels))
        change = np.abs(new - posterior)[learned[job.pair_object]]
        posterior = new
        if change.sum() <= SMALL_CHANGE * len(change):
            break
    return evidence, prior


def _rates(
    job: _Job, posterior: Floats, by_object: Floats, task: np.ndarray, choice: np.ndarray
) -> tuple[Floats, Floats]:
    """Return every worker's chance to choose a label that is there, and one that isn't."""
    workers, tasks = job.choice_worker[choice], job.task_worker[task]
    hits = summed(workers, posterior[job.choice_pair[choice]], job.workers)
    alarms = np.bincount(workers, minlength=job.workers) - hits
    there = summed(tasks, by_object[job.task_object[task]], job.workers)
    places = np.bincount(tasks, minlength=job.workers) * len(job.labels)
    return _shrunk(hits, there, HIT), _shrunk(alarms, places - there, FALSE_ALARM)


def _shrunk(part: Floats, whole: Floats, prior: float) -> Floats:
    crowd = (part.sum() + PRIOR_ANSWERS * prior) / (whole.sum() + PRIOR_ANSWERS)
    rates: Floats = (part + STRENGTH * crowd) / (whole + STRENGTH)
    return rates


def _prior(by_label: Floats, objects: int) -> Floats:
    """Return every label's log odds to be there."""
    crowd = (by_label.sum() + 1.0) / (objects * len(by_label) + 2.0)
    share = (by_label + STRENGTH * crowd) / (objects + STRENGTH)
    logit: Floats = np.log(share / (1.0 - share))
    return logit


def _unchosen(prior: Floats, base: Floats, learned: np.ndarray) -> tuple[Floats, Floats]:
    """Return the sums of the posteriors, per object and per label, were nothing chosen."""
    by_object, by_label = np.empty(len(base)), np.zeros(len(prior))
    step = max(1, _BLOCK // len(prior))
    for start in range(0, len(base), step):
        places = slice(start, start + step)
        block = _logistic(prior[:, None] + base[places])
        by_object[places] = block.sum(axis=0)
        by_label += block @ learned[places]
    return by_object, by_label


def _logistic(logit: Floats) -> Floats:
    odds: Floats = 1.0 / (1.0 + np.exp(-np.clip(logit, -500.0, 500.0)))
    return odds
