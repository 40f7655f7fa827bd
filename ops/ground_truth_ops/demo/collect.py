"""From the exported files of a job to what they are worth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ground_truth.names import output_manifest_key, worker_responses_prefix
from ground_truth.tasks import rules_for
from ground_truth_ops.quality import Quality, measure
from ground_truth_ops.results import (
    predictions_of,
    read_answers,
    read_output_manifest,
    read_truth,
    truth_by_line,
)

if TYPE_CHECKING:
    from ground_truth_ops.jobs import Job
    from stacks.config import Campaign


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """One campaign's labels, checked against the documented shape and measured against truth."""

    campaign: str
    manifest: str
    objects: int
    answers: int
    quality: Quality

    def first_lines(self, count: int) -> list[str]:
        return self.manifest.split("\n")[:count]


def collect(campaign: Campaign, job: Job, export: Path) -> Collected:
    """Read one completed job's output and worker responses from an export of the output bucket."""
    settings = campaign.settings
    rules = rules_for(settings.task)
    manifest = (export / output_manifest_key(campaign.name, job.name)).read_text(encoding="utf-8")
    lines = read_output_manifest(
        manifest,
        attribute=settings.label_attribute,
        labels=settings.label_names,
        metadata_type=rules.metadata_type,
        expected=job.total,
    )
    folder = export / worker_responses_prefix(campaign.name, job.name)
    documents = [
        (path.as_posix(), path.read_text(encoding="utf-8"))
        for path in sorted(folder.rglob("*.json"))
    ]
    answers = read_answers(documents, element=rules.template_element)
    truth = truth_by_line(
        read_truth(campaign.folder / "truth.csv"), lines, prefix=settings.dataset.prefix
    )
    quality = measure(truth, answers, predictions_of(lines))
    return Collected(
        campaign=campaign.name,
        manifest=manifest,
        objects=len(lines),
        answers=len(answers),
        quality=quality,
    )
