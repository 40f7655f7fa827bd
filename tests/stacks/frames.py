"""Campaigns of video frames and point clouds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ground_truth.built_in import ObjectKind, RefSuffix
from ground_truth.tasks import TASK_RULES, AnswerKind, TaskType

if TYPE_CHECKING:
    from tests.stacks.projects import ProjectFiles

_UNREAD = [task for task, rules in TASK_RULES.items() if rules.answers is AnswerKind.UNREAD]
FRAMES = [task for task in _UNREAD if TASK_RULES[task].audit is None]
AUDITS = [task for task in _UNREAD if TASK_RULES[task].audit is not None]


def ask_about_frames(files: ProjectFiles, task: TaskType) -> None:
    """Make the campaign one of a task, with a manifest; it has no template then."""
    rules = TASK_RULES[task]
    (files.root / "campaigns/letters/template.liquid.html").unlink(missing_ok=True)
    files.set_environment("storage.frames", True)
    files.set_campaign("task", task.value)
    reference = rules.ref_suffix is RefSuffix.REQUIRED
    files.set_campaign("label_attribute", "tracks-ref" if reference else "tracks")
    files.set_campaign("dataset", {"manifest": "manifest.jsonl"})
    line: dict[str, object] = {"source-ref": "s3://raw/seq1.json"}
    if rules.objects is ObjectKind.POINT_CLOUD:
        line = {"source-ref": "s3://raw/1.bin", "source-ref-metadata": {"unix-timestamp": 1}}
    files.write("campaigns/letters/manifest.jsonl", json.dumps(line) + "\n")
