"""Every task AWS has functions for, in every region that has them: from the file to the request."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from ground_truth.built_in import BUILT_IN
from ground_truth.built_in_arns import FUNCTION_ACCOUNTS
from ground_truth.functions import Functions, job_rules
from ground_truth.limits import GROUND_TRUTH_REGIONS
from stacks.config import load
from tests.infra.asked import asked
from tests.infra.cfn_lint import findings
from tests.infra.synth import HOST, Synthesis, synthesize_project
from tests.stacks.every_task import AWS_TASKS, every_task, name_of
from tests.stacks.test_functions import as_the_service_takes_it

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ground_truth.tasks import TaskType
    from tests.stacks.projects import ProjectFiles


@pytest.fixture(scope="module")
def project() -> Iterator[ProjectFiles]:
    with TemporaryDirectory() as folder:
        yield every_task(Path(folder))


def synthesized(project: ProjectFiles, region: str, *, rules: bool = False) -> Synthesis:
    project.set_environment("region", region)
    return synthesize_project(load(project.root, env="dev", host=HOST), rules=rules)


def functions_named(synthesis: Synthesis, task: TaskType) -> list[tuple[str, str, str]]:
    """Region, account and name of both functions of a task's job, and of its page if it has one."""
    human = asked(synthesis, f"Labeling-{name_of(task)}")["HumanTaskConfig"]
    arns = [
        human["PreHumanTaskLambdaArn"],
        human["AnnotationConsolidationConfig"]["AnnotationConsolidationLambdaArn"],
        *([human["UiConfig"]["HumanTaskUiArn"]] if "HumanTaskUiArn" in human["UiConfig"] else []),
    ]
    return [(*arn.split(":")[3:5], arn.rpartition(":")[2]) for arn in arns]


def expected(task: TaskType, region: str) -> list[tuple[str, str, str]]:
    built_in = job_rules(task, Functions.AWS).built_in
    assert built_in is not None
    account = FUNCTION_ACCOUNTS[region]
    page = (region, "394669845002", f"human-task-ui/{built_in.human_task_ui}")
    return [
        (region, account, f"PRE-{built_in.name}"),
        (region, account, f"ACS-{built_in.name}"),
        *([page] if built_in.human_task_ui else []),
    ]


def test_campaigns_can_ask_for_every_built_in_task() -> None:
    tasks = [job_rules(task, Functions.AWS).built_in for task in AWS_TASKS]

    assert {task.name for task in tasks if task} == set(BUILT_IN)


def test_requests_of_all_tasks_are_complete_and_break_no_rule(project: ProjectFiles) -> None:
    synthesis = synthesized(project, "us-east-1", rules=True)

    for task in AWS_TASKS:
        as_the_service_takes_it(asked(synthesis, f"Labeling-{name_of(task)}"))
        assert functions_named(synthesis, task) == expected(task, "us-east-1")
    assert [each for each in synthesis.violations if "ground-truth:" not in each] == []


@pytest.mark.slow
@pytest.mark.parametrize("region", GROUND_TRUTH_REGIONS)
def test_all_tasks_synthesize_in_every_region(project: ProjectFiles, region: str) -> None:
    synthesis = synthesized(project, region)

    assert {task: functions_named(synthesis, task) for task in AWS_TASKS} == {
        task: expected(task, region) for task in AWS_TASKS
    }


@pytest.mark.slow
def test_cfn_lint_finds_nothing_in_any_tasks_template(project: ProjectFiles) -> None:
    """For all regions at once: templates differ between them by the accounts in ARNs alone."""
    templates = synthesized(project, "us-east-1").templates

    found = {
        name: findings(template, regions=GROUND_TRUTH_REGIONS)
        for name, template in templates.items()
        if name.startswith("Labeling-")
    }

    assert len(found) == len(AWS_TASKS)
    assert {name: said for name, said in found.items() if said} == {}
