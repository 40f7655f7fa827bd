"""Which lines of an output manifest a model may learn from, and which gold speaks about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ground_truth.gold import Gold, by_key, by_manifest_line, read_rows
from ground_truth.json_lines import json_line
from ground_truth.lifecycle.merge import has_label
from ground_truth.names import lineage_key, output_manifest_key
from ground_truth.tasks import rules_for
from ground_truth_ops.answers.chain import read_jobs
from ground_truth_ops.answers.manifests import lines_of
from ground_truth_ops.answers.store import FolderStore

if TYPE_CHECKING:
    from ground_truth.gold_masks import Read
    from ground_truth_ops.answers.manifests import Line
    from stacks.config import Campaign

TRAINING_MANIFEST = "training.manifest"


def gold_of(campaign: Campaign) -> Gold:
    """The gold objects of a campaign's file, which synth has checked; none without one."""
    settings = campaign.settings
    if settings.gold is None:
        return Gold()
    kind = rules_for(settings.task).answers
    rows = read_rows((campaign.folder / settings.gold).read_bytes(), kind, _ignored)
    if campaign.content.manifest is not None:
        return by_manifest_line(rows, campaign.content.manifest, settings.label_attribute, _ignored)
    return by_key(rows, settings.dataset.prefix or "")


def gold_picture(campaign: Campaign) -> Read:
    """What reads the masks that a campaign's gold file names: they lie beside it."""
    place = (campaign.folder / (campaign.settings.gold or "")).parent
    return lambda path: (place / path).read_bytes()


def training_lines(lines: Iterable[Line], attribute: str, gold: Gold) -> Iterator[Line]:
    """The lines with a label, as they are, without gold objects.

    Failed objects and those nobody has answered carry no label; that of a job without
    consolidation is empty. Gold would let a model be measured by what it was taught.
    """
    for line in lines:
        if has_label(line, attribute) and line[attribute] != {} and not gold.rows_of(line):
            yield line


def write_training(folder: Path, environment: str, campaign: Campaign) -> int | None:
    """Write what a model may learn from beside the output manifest of a campaign's newest job.

    `folder` is an export. Returns the number of lines; None where there is no output manifest.
    """
    store = FolderStore(folder)
    if store.read(lineage_key(campaign.name)) is None:
        return None
    jobs = read_jobs(store, environment=environment, campaign=campaign.name)
    with_output = [
        (job, key)
        for job in jobs
        if store.lines(key := output_manifest_key(campaign.name, job.name)) is not None
    ]
    if not with_output:
        return None
    job, key = with_output[-1]
    count = 0
    lines = training_lines(lines_of(store, key), job.definition.label_attribute, gold_of(campaign))
    with (folder / key).with_name(TRAINING_MANIFEST).open("wb") as file:
        for line in lines:
            file.write(json_line(line).encode() + b"\n")
            count += 1
    return count


def _ignored(_problem: str) -> None:
    """Say nothing: whatever is wrong was refused when the campaign was read."""
