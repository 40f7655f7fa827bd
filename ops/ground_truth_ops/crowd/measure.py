"""From the answers of a job to what is said about them."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from ground_truth.agreement import alpha, distances, peers
from ground_truth.agreement.beta import Rate, rate
from ground_truth.agreement.copies import Copy, copies, looking
from ground_truth.agreement.looking import Looking
from ground_truth.agreement.spammers import Suspicion, suspicions
from ground_truth.gold_answers import labels_of
from ground_truth.names import input_manifest_key
from ground_truth.tasks import AnswerKind, rules_for
from ground_truth_ops.answers.manifests import lines_of
from ground_truth_ops.answers.pool import pool_answers
from ground_truth_ops.crowd.report import JobReport, WorkerReport
from ground_truth_ops.crowd.uncertain import doubts, mixups
from ground_truth_ops.reconsolidate.outcomes import consolidate

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from ground_truth.definition import CampaignDefinition
    from ground_truth.gold import Gold
    from ground_truth_ops.answers.chain import RecordedJob
    from ground_truth_ops.answers.columns import Columns
    from ground_truth_ops.answers.pool import Pool
    from ground_truth_ops.answers.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """What the answers say about everybody, by worker's number."""

    agreement: Mapping[int, Rate]
    suspicions: Mapping[int, Suspicion]
    copied: Mapping[int, int]


def measure(store: Store, campaign: str, job: RecordedJob, gold: Gold) -> JobReport:
    """Look at all answers to one job."""
    pool = pool_answers(store, campaign, [job])
    columns, definition = pool.columns, job.definition
    single = rules_for(definition.task).answers is AnswerKind.SINGLE_LABEL
    truths = _truths(store, campaign, job, pool, gold)
    right = _gold(columns, truths)
    people = _people_of_labels(columns, definition) if single else _people_of_sets(columns)
    answers, numbers = columns.answers()
    lines = lines_of(store, input_manifest_key(campaign, job.name))
    outcome = consolidate(answers, definition)
    seconds = _medians(columns)
    return JobReport(
        job=job.name,
        kind=rules_for(definition.task).answers,
        objects=len(numbers),
        answers=len(columns),
        set_aside=pool.set_aside,
        median_seconds=_median(columns.seconds),
        measure="equal or not" if single else "MASI",
        alpha=_alpha(columns, single=single),
        gold_objects=len(truths),
        gold=_sum(right.values()),
        workers=[
            WorkerReport(
                worker=name,
                sub=columns.subs[number],
                answers=int((columns.worker == number).sum()),
                median_seconds=seconds.get(number),
                agreement=people.agreement.get(number),
                gold=right.get(number),
                suspicion=people.suspicions[number].z if number in people.suspicions else None,
                spammer=number in people.suspicions and people.suspicions[number].spammer,
                copies=_name(columns, people.copied.get(number)),
            )
            for number, name in enumerate(columns.workers)
        ],
        mixups=mixups(columns, outcome, numbers, definition) if single else (),
        doubts=doubts(lines, pool, outcome, numbers, definition),
    )


def _truths(
    store: Store, campaign: str, job: RecordedJob, pool: Pool, gold: Gold
) -> Mapping[int, frozenset[int]]:
    """Return the true labels of each gold object a job was given, by the object's number."""
    if not len(gold):
        return {}
    found = {}
    for line in lines_of(store, input_manifest_key(campaign, job.name)):
        rows = gold.rows_of(line)
        if rows:
            found[pool.register.find(line)] = labels_of(rows, job.definition.labels)
    return found


def _gold(columns: Columns, truths: Mapping[int, frozenset[int]]) -> Mapping[int, Rate]:
    """Return how right everybody is; of single labels, MASI is equal or not."""
    right: defaultdict[int, list[float]] = defaultdict(list)
    for item, answers in _objects(columns):
        truth = truths.get(item)
        for worker, choice in answers if truth is not None else ():
            given = frozenset(columns.choices[choice])
            right[worker].append(1.0 - distances.masi(given, truth or frozenset()))
    return _rates(right)


def _people_of_labels(columns: Columns, definition: CampaignDefinition) -> People:
    objects = [answers for _, answers in _objects(columns)]
    agreed: defaultdict[int, list[float]] = defaultdict(list)
    for worker, label, others in peers.compared(objects):
        agreed[worker].append(peers.credit(label, others))
    suspected = {item.worker: item for item in suspicions(objects, len(definition.labels))}
    spammers = {worker for worker, item in suspected.items() if item.spammer}
    return People(
        agreement=_rates(agreed),
        suspicions=suspected,
        copied=_copied(columns, copies(looking(objects, spammers), len(definition.labels))),
    )


def _copied(columns: Columns, pairs: Iterable[Copy]) -> Mapping[int, int]:
    """Return who has somebody else's answers; of a pair, who mostly answered later."""
    found: dict[int, int] = {}
    later = _later(columns)
    for copy in pairs:
        pair = copy.worker, copy.source
        first, second = pair if later[pair] >= later[pair[::-1]] else pair[::-1]
        found.setdefault(first, second)
    return found


def _later(columns: Columns) -> Counter[tuple[int, int]]:
    """Count how often each worker answered after each other one."""
    found = Counter[tuple[int, int]]()
    times = zip(
        columns.object.tolist(), columns.worker.tolist(), columns.submitted.tolist(), strict=True
    )
    for _, group in itertools.groupby(times, key=lambda row: row[0]):
        for (_, one, early), (_, other, late) in itertools.permutations(group, 2):
            found[other, one] += late > early
    return found


def _people_of_sets(columns: Columns) -> People:
    objects = [
        [(worker, frozenset(columns.choices[choice])) for worker, choice in answers]
        for _, answers in _objects(columns)
    ]
    agreed: defaultdict[int, list[float]] = defaultdict(list)
    for worker, share in peers.compared_sets(objects):
        agreed[worker].append(share)
    looked: Looking[frozenset[int]] = Looking(distances.masi)
    for answers in objects:
        looked.add({columns.workers[worker]: labels for worker, labels in answers})
    numbers = {name: number for number, name in enumerate(columns.workers)}
    return People(
        agreement=_rates(agreed),
        suspicions={numbers[name]: each for name, each in looked.result().items()},
        copied={},
    )


def _alpha(columns: Columns, *, single: bool) -> float | None:
    objects = ([choice for _, choice in answers] for _, answers in _objects(columns))
    if single:
        return alpha.nominal(objects).alpha
    sets = [frozenset(choice) for choice in columns.choices]
    return alpha.structured(
        ([sets[choice] for choice in choices] for choices in objects), distances.masi
    ).alpha


def _objects(columns: Columns) -> Iterator[tuple[int, list[peers.Answer]]]:
    """Yield each object's number with its answers, as worker and choice."""
    rows = zip(
        columns.object.tolist(), columns.worker.tolist(), columns.choice.tolist(), strict=True
    )
    for item, group in itertools.groupby(rows, key=lambda row: row[0]):
        yield item, [(worker, choice) for _, worker, choice in group]


def _rates(shares: Mapping[int, Sequence[float]]) -> Mapping[int, Rate]:
    return {worker: rate(sum(each), len(each)) for worker, each in shares.items()}


def _sum(rates: Iterable[Rate]) -> Rate | None:
    every = list(rates)
    total = sum(each.total for each in every)
    return rate(sum(each.right for each in every), total) if total else None


def _medians(columns: Columns) -> Mapping[int, float]:
    found = {
        number: _median(columns.seconds[columns.worker == number])
        for number in range(len(columns.workers))
    }
    return {number: value for number, value in found.items() if value is not None}


def _median(values: npt.NDArray[np.float64]) -> float | None:
    known = [value for value in values.tolist() if not math.isnan(value)]
    return median(known) if known else None


def _name(columns: Columns, number: int | None) -> str | None:
    return None if number is None else columns.workers[number]
