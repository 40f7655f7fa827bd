"""What people draw or mark, looked at as it comes: of shapes and masks only a sample is kept."""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ground_truth.agreement import distances
from ground_truth.agreement.alpha import Running
from ground_truth.agreement.beta import rate
from ground_truth.agreement.looking import Looking
from ground_truth.answer_masks import DrawnMask, Masks
from ground_truth.answers import AnswerError
from ground_truth.consolidation import areas, lines, shapes
from ground_truth.consolidation.pictures import PictureError, read_classes
from ground_truth.gold_answers import marks_of
from ground_truth.gold_masks import gold_mask
from ground_truth.names import input_manifest_key
from ground_truth.tasks import AnswerKind, rules_for
from ground_truth_ops.answers.manifests import lines_of
from ground_truth_ops.answers.responses import Reading
from ground_truth_ops.crowd.report import Doubt, JobReport, WorkerReport
from ground_truth_ops.crowd.uncertain import SHOWN, shown
from ground_truth_ops.errors import OpsError

if TYPE_CHECKING:
    from ground_truth.agreement.beta import Rate
    from ground_truth.agreement.spammers import Suspicion
    from ground_truth.definition import CampaignDefinition
    from ground_truth.gold import Gold, GoldRows
    from ground_truth.gold_masks import Read
    from ground_truth_ops.answers.chain import RecordedJob
    from ground_truth_ops.answers.responses import Response
    from ground_truth_ops.answers.store import Store

KEPT: Final = 2_000
KEPT_MASKS: Final = 150  # a mask may have millions of pixels
_KEPT_OBJECTS: Final = 200  # to compare others with

Distance = Callable[[Any, Any], float]


class GoldPictureError(OpsError):
    """A mask that gold names is none to compare people's with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How answers of a kind are compared, and what that is called."""

    name: str
    distance: Distance
    kept: int = KEPT


def _matched(alike: Callable[[Any, Any], float]) -> Distance:
    return lambda first, second: distances.matched(first, second, alike)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Areas:
    """A mask: a bit for each pixel by class index; without a size where it is nothing at all."""

    size: tuple[int, int] | None
    by_label: Mapping[str, int]


def _masks(first: _Areas, second: _Areas) -> float:
    """Masks of different sizes have nothing in common."""
    if first.size and second.size and first.size != second.size:
        return 1.0
    return distances.masks(first.by_label, second.by_label)


MEASURES: Final[Mapping[AnswerKind, Measure]] = MappingProxyType(
    {
        AnswerKind.BOXES: Measure(name="overlap of matched boxes", distance=distances.boxes),
        AnswerKind.POLYGONS: Measure(
            name="overlap of matched polygons", distance=_matched(areas.shared_area)
        ),
        AnswerKind.POLYLINES: Measure(
            name="nearness of matched lines", distance=_matched(lines.nearness)
        ),
        AnswerKind.KEYPOINTS: Measure(
            name="nearness of matched points", distance=_matched(lines.closeness)
        ),
        AnswerKind.SPANS: Measure(name="characters marked alike", distance=distances.spans),
        AnswerKind.MASK: Measure(
            name="overlap of each label's area", distance=_masks, kept=KEPT_MASKS
        ),
    }
)


@dataclass(slots=True, kw_only=True)
class Sums:
    """What is known so far; of objects, those people agree on least."""

    agreement: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    right: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    seconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    answers: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    subs: dict[str, str] = field(default_factory=dict)
    least: list[tuple[float, int, int]] = field(default_factory=list)
    objects: int = 0
    set_aside: int = 0


def measure_drawn(
    store: Store, campaign: str, job: RecordedJob, gold: Gold, picture: Read
) -> JobReport:
    """Look at all answers to one job of shapes or masks, an object at a time.

    Somebody's agreement is the mean of 1 - distance to each of the others' answers, and how right
    they are the mean of 1 - distance to gold. `picture` reads a mask that gold names.
    """
    definition = job.definition
    kind = rules_for(definition.task).answers
    measure = MEASURES[kind]
    running: Running[Any] = Running(measure.distance, kept=measure.kept)
    looking: Looking[Any] = Looking(
        measure.distance, kept=min(_KEPT_OBJECTS, measure.kept // definition.workers_per_object)
    )
    reading, sums = Reading(store=store), Sums()
    truths = _truths(store, campaign, job, gold, picture)
    for line, answers in _objects(reading.responses(campaign, job.name), definition, sums):
        running.add([*answers.values()])
        looking.add(answers)
        _compare(line, answers, measure.distance, sums)
        if line in truths:
            _check_size(line, truths[line], answers)
            for worker, drawn in answers.items():
                sums.right[worker].append(1.0 - measure.distance(drawn, truths[line]))
    suspected = looking.result()
    every = [each for seconds in sums.seconds.values() for each in seconds]
    return JobReport(
        job=job.name,
        kind=kind,
        objects=sums.objects,
        answers=sum(sums.answers.values()),
        set_aside=sums.set_aside + reading.unread,
        median_seconds=median(every) if every else None,
        measure=measure.name,
        alpha=running.result().alpha,
        gold_objects=len(truths),
        gold=_rate([each for right in sums.right.values() for each in right]),
        workers=[_worker(name, sums, suspected.get(name)) for name in sorted(sums.answers)],
        mixups=(),
        doubts=_doubts(store, campaign, job, sums),
    )


def _objects(
    responses: Iterator[Response], definition: CampaignDefinition, sums: Sums
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield line and answers by worker; a worker's latest counts.

    Ground Truth writes an object's answers below one prefix, so they come one after another.
    """
    read = _reader(definition)
    for line, group in itertools.groupby(responses, key=lambda response: response.line):
        found: dict[str, Any] = {}
        for response in sorted(group, key=lambda each: each.submitted or 0.0):
            try:
                found[response.worker] = read(response)
            except (AnswerError, PictureError):
                sums.set_aside += 1
                continue
            if response.seconds is not None:
                sums.seconds[response.worker].append(response.seconds)
            if response.sub is not None:
                sums.subs[response.worker] = response.sub
        for worker in found:
            sums.answers[worker] += 1
        if found:
            sums.objects += 1
            yield line, found


def _reader(definition: CampaignDefinition) -> Callable[[Response], Any]:
    rules = rules_for(definition.task)
    if rules.answers is AnswerKind.MASK:
        masks = Masks(labels=definition.labels, element=rules.template_element)
        return lambda response: _areas(masks.answer(response.worker, response.content))
    form = shapes.answer_format(rules.answers, definition.labels, rules.template_element)
    return lambda response: form.answer(response.worker, response.content).marks


def _areas(drawn: DrawnMask) -> _Areas:
    classes = read_classes(drawn.png, drawn.colors)
    bits = {
        str(label): int.from_bytes(np.packbits(classes == label + 1).tobytes(), "big")
        for _, label in drawn.colors
    }
    return _Areas(size=drawn.size, by_label=bits)


def _compare(line: int, answers: Mapping[str, Any], distance: Distance, sums: Sums) -> None:
    """Hold everybody against every other one."""
    if len(answers) < 2:
        return
    alike: defaultdict[str, list[float]] = defaultdict(list)
    for (one, mine), (other, theirs) in itertools.combinations(answers.items(), 2):
        likeness = 1.0 - distance(mine, theirs)
        alike[one].append(likeness)
        alike[other].append(likeness)
    means = {worker: sum(each) / len(each) for worker, each in alike.items()}
    for worker, mean in means.items():
        sums.agreement[worker].append(mean)
    # a heap of the highest has the least one on top: so the sign
    entry = (-sum(means.values()) / len(means), -line, len(answers))
    if len(sums.least) < SHOWN:
        heapq.heappush(sums.least, entry)
    else:
        heapq.heappushpop(sums.least, entry)


def _worker(name: str, sums: Sums, suspicion: Suspicion | None) -> WorkerReport:
    shares, seconds = sums.agreement.get(name, []), sums.seconds.get(name, [])
    return WorkerReport(
        worker=name,
        sub=sums.subs.get(name),
        answers=sums.answers[name],
        median_seconds=median(seconds) if seconds else None,
        agreement=_rate(shares),
        gold=_rate(sums.right.get(name, [])),
        suspicion=suspicion.z if suspicion else None,
        spammer=suspicion is not None and suspicion.spammer,
        copies=None,
    )


def _rate(shares: Sequence[float]) -> Rate | None:
    return rate(sum(shares), len(shares)) if shares else None


def _truths(
    store: Store, campaign: str, job: RecordedJob, gold: Gold, picture: Read
) -> Mapping[int, Any]:
    """Return what is true of each gold object a job was given, as an answer, by its line."""
    if not len(gold):
        return {}
    definition = job.definition
    kind = rules_for(definition.task).answers
    return {
        line: _mask(line, rows, definition.labels, picture)
        if kind is AnswerKind.MASK
        else marks_of(rows, definition.labels, kind)
        for line, entry in enumerate(lines_of(store, input_manifest_key(campaign, job.name)))
        if (rows := gold.rows_of(entry))
    }


def _mask(line: int, rows: GoldRows, labels: Sequence[str], picture: Read) -> _Areas:
    try:
        found = gold_mask(rows, labels, picture)
        return _areas(found) if found else _Areas(size=None, by_label={})
    except (OSError, AnswerError, PictureError) as error:
        raise GoldPictureError(f"gold of line {line} of the manifest: {error}") from error


def _check_size(line: int, truth: object, answers: Mapping[str, Any]) -> None:
    if not isinstance(truth, _Areas) or truth.size is None:
        return
    sizes = {drawn.size for drawn in answers.values()}
    if truth.size not in sizes:
        width, height = truth.size
        shown = " and ".join(f"{each[0]} x {each[1]}" for each in sorted(sizes))
        raise GoldPictureError(
            f"gold of line {line} of the manifest: the mask is {width} x {height} pixels, and "
            f"people's are {shown}; make it as large as the image"
        )


def _doubts(store: Store, campaign: str, job: RecordedJob, sums: Sums) -> Sequence[Doubt]:
    wanted = {-line: (-negative, count) for negative, line, count in sums.least}
    found = [
        Doubt(
            line=place,
            object=shown(line),
            label="agreement",
            confidence=wanted[place][0],
            answers=wanted[place][1],
        )
        for place, line in enumerate(lines_of(store, input_manifest_key(campaign, job.name)))
        if place in wanted
    ]
    return tuple(sorted(found, key=lambda doubt: (doubt.confidence, doubt.line)))
