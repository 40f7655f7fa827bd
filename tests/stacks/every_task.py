"""A project with a campaign for every task AWS has functions of its own for."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from ground_truth.built_in import RefSuffix
from ground_truth.functions import Functions, functions_for, job_rules
from ground_truth.tasks import TASK_RULES, TaskType
from tests.stacks.frames import FRAMES, ask_about_frames
from tests.stacks.projects import ProjectFiles, minimal_project

if TYPE_CHECKING:
    from pathlib import Path

AWS_TASKS = [task for task in TaskType if Functions.AWS in functions_for(task)]


def every_task(root: Path) -> ProjectFiles:
    """Write a campaign for each task, by AWS's functions; audits go on from their task's."""
    files = minimal_project(root)
    files.set_environment("storage.frames", True)
    letters = root / "campaigns/letters"
    for task in AWS_TASKS:
        _ask(files, task)
        (letters / "template.liquid.html").unlink(missing_ok=True)
        shutil.copytree(letters, root / "campaigns" / name_of(task))
    shutil.rmtree(letters)
    return files


def name_of(task: TaskType) -> str:
    """The campaign's name: it begins with a letter, and isn't long."""
    return f"t{AWS_TASKS.index(task):02}-{task.value}"[:40].rstrip("-")


def _ask(files: ProjectFiles, task: TaskType) -> None:
    if task in FRAMES:
        ask_about_frames(files, task)
    else:
        files.set_campaign("task", task.value)
        files.set_campaign("dataset", {"prefix": "letters/"})
    files.set_campaign("functions", "aws")
    reference = job_rules(task, Functions.AWS).ref_suffix is RefSuffix.REQUIRED
    files.set_campaign("label_attribute", f"label-of-{task.value}{'-ref' if reference else ''}")
    audited = TASK_RULES[task].audited
    if audited is not None:
        files.set_campaign("dataset", {"based_on": name_of(audited)})
