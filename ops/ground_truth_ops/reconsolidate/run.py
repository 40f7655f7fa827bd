"""From a campaign's answers to a new output manifest beside the old one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ground_truth.json_lines import json_line
from ground_truth.names import input_manifest_key, labels_prefix, output_manifest_key
from ground_truth.tasks import rules_for
from ground_truth_ops.answers.chain import chain_of, read_jobs
from ground_truth_ops.answers.manifests import lines_of
from ground_truth_ops.answers.pool import pool_answers, same_question
from ground_truth_ops.answers.training import TRAINING_MANIFEST, training_lines
from ground_truth_ops.errors import OpsError
from ground_truth_ops.reconsolidate.drawn import DRAWN, relabel_drawn
from ground_truth_ops.reconsolidate.outcomes import CHOSEN, method_of
from ground_truth_ops.reconsolidate.relabeled import Comparison, Relabeling, relabeling
from ground_truth_ops.reconsolidate.spool import Spool

if TYPE_CHECKING:
    from ground_truth.gold import Gold
    from ground_truth_ops.answers.chain import Chain, RecordedJob
    from ground_truth_ops.answers.store import Store

DIGEST_CHARACTERS = 16
OUTPUT_MANIFEST, RECORD = "output.manifest", "reconsolidated.json"


class ReconsolidateError(OpsError):
    """There is nothing to make labels of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconsolidated:
    """What was made: `folder` is the key prefix of its files, `new` whether they were not there.

    `base` is the manifest whose lines were taken; `jobs` gave answers, `left_out` had another
    question.
    """

    job: str
    folder: str
    new: bool
    base: str
    jobs: tuple[str, ...]
    left_out: tuple[str, ...]
    answers: int
    workers: int
    set_aside: int
    training: int
    comparison: Comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Whose labels, and where everything lies; without `job` the campaign's newest."""

    store: Store
    environment: str
    campaign: str
    gold: Gold
    scratch: Path
    job: str | None = None


def reconsolidate(request: Request) -> Reconsolidated:
    """Make labels of all answers, and write them where no file is yet.

    The folder is named after the content, so the same answers never make a second one. Raises
    ReconsolidateError, ChainError and ManifestLineError, before anything is written.
    """
    store, campaign = request.store, request.campaign
    jobs = read_jobs(store, environment=request.environment, campaign=campaign)
    chain = chain_of(jobs, request.job)
    spool = Spool()
    try:
        return _reconsolidate(request, chain, spool)
    finally:
        spool.close()


def _reconsolidate(request: Request, chain: Chain, spool: Spool) -> Reconsolidated:
    store, campaign, job = request.store, request.campaign, chain.job
    asked = same_question(chain)
    made, given = _labels(request, asked, spool)
    if not given.answers:
        raise ReconsolidateError(
            f"no answer to {job.name} or to the jobs before it can be read below "
            f"{store.where(labels_prefix(campaign))}; {given.set_aside} were set aside"
        )
    base = base_manifest(store, campaign, chain)
    files, digest, training = _write(request, made, base)
    found = Reconsolidated(
        job=job.name,
        folder=f"{labels_prefix(campaign)}{job.name}/manifests/reconsolidated/{digest}/",
        new=False,
        base=base,
        jobs=tuple(each.name for each in asked),
        left_out=tuple(other.name for other in chain.jobs if other not in asked),
        answers=given.answers,
        workers=given.workers,
        set_aside=given.set_aside,
        training=training,
        comparison=made.comparison,
    )
    return _store(request, found, files, _record(found, made, digest))


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """How many answers count, of how many people, and how many don't."""

    answers: int
    workers: int
    set_aside: int


def _labels(
    request: Request, jobs: Sequence[RecordedJob], spool: Spool
) -> tuple[Relabeling, Given]:
    definition = jobs[-1].definition
    kind = rules_for(definition.task).answers
    if kind not in DRAWN | CHOSEN:
        allowed = ", ".join(sorted(DRAWN | CHOSEN))
        raise ReconsolidateError(
            f"answers of task {definition.task} can't be consolidated anew: got {kind}, "
            f"allowed {allowed}; Ground Truth's own labels stay what there is"
        )
    if kind in DRAWN:
        made, aside = relabel_drawn(request.store, request.campaign, jobs, spool)
        answers, workers = spool.counts()
        return made, Given(answers=answers, workers=workers, set_aside=aside)
    pool = pool_answers(request.store, request.campaign, jobs)
    given = Given(
        answers=len(pool.columns),
        workers=len(pool.columns.workers),
        set_aside=pool.set_aside,
    )
    return relabeling(pool, definition, jobs[-1].name), given


def base_manifest(store: Store, campaign: str, chain: Chain) -> str:
    """The key of the manifest with a job's lines: its output, or its input where it has none."""
    output = output_manifest_key(campaign, chain.job.name)
    there = store.lines(output) is not None
    return output if there else input_manifest_key(campaign, chain.job.name)


def _write(request: Request, made: Relabeling, base: str) -> tuple[tuple[Path, ...], str, int]:
    """Write both manifests to disk; returns them, the digest and the lines of the second."""
    attribute = made.definition.label_attribute
    manifest, training = (request.scratch / name for name in (OUTPUT_MANIFEST, TRAINING_MANIFEST))
    digest = hashlib.sha256()
    count = 0
    with manifest.open("wb") as whole, training.open("wb") as learned:
        for line in made.lines(lines_of(request.store, base)):
            row = json_line(line).encode() + b"\n"
            digest.update(row)
            whole.write(row)
            for _ in training_lines([line], attribute, request.gold):
                learned.write(row)
                count += 1
    return (manifest, training), digest.hexdigest()[:DIGEST_CHARACTERS], count


def _record(found: Reconsolidated, made: Relabeling, digest: str) -> dict[str, object]:
    """How the manifest was made, for whoever finds it."""
    comparison = found.comparison
    return {
        "method": method_of(made.definition),
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "job": found.job,
        "base": found.base,
        "digest": digest,
        "jobs-with-answers": list(found.jobs),
        "jobs-with-other-labels": list(found.left_out),
        "answers": found.answers,
        "answers-set-aside": found.set_aside,
        "workers": found.workers,
        "objects": comparison.objects,
        "labeled": comparison.labeled,
        "changed": comparison.changed,
        "added": comparison.added,
        "kept-without-answers": comparison.kept,
        "training-objects": found.training,
        "mean-confidence": {"before": comparison.mean_before, "after": comparison.mean_after},
    }


def _store(
    request: Request, found: Reconsolidated, files: Iterable[Path], record: dict[str, object]
) -> Reconsolidated:
    described = request.scratch / RECORD
    described.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    stored = [
        request.store.write_new(f"{found.folder}{path.name}", path) for path in (*files, described)
    ]
    return replace(found, new=any(stored))
