"""What CreateLabelingJob refuses because of the task: functions, worker UI, workers, times.

One function per rule, as in `rules`. They hold for AWS's own functions, whose jobs don't run here
(`offered`): so that a request is told what AWS would refuse before it is told what is missing here.
"""

from __future__ import annotations

from ground_truth_local.service.arns import parse_arn
from ground_truth_local.service.errors import validation
from ground_truth_local.service.regions import (
    ALGORITHM_ACCOUNT,
    BUILT_IN_ACCOUNTS,
    UI_ACCOUNT,
    built_in_task,
)
from ground_truth_local.service.request import (
    Home,
    Request,
    functions,
    named_tasks,
    pre_annotation_arn,
    task_of,
)
from ground_truth_local.service.tasks import DIRECT, TASKS, THIRTY_DAYS

_UIS = sorted({task.ui for task in TASKS.values() if task.ui})
_ALGORITHMS = sorted({task.algorithm for task in TASKS.values() if task.algorithm})


def functions_exist(request: Request, home: Home) -> None:
    """2.1: AWS's functions by Region, account and name; 5.5: others within the account."""
    for prefix, text in functions(request):
        if built_in_task(text) is not None:
            _is_aws_function(prefix, text, home)
            continue
        function = parse_arn(text)
        if (function.region, function.account) != (home.region, home.account):
            raise validation(
                f"The Lambda function {text} must be in account {home.account} and region "
                f"{home.region}"
            )


def _is_aws_function(prefix: str, text: str, home: Home) -> None:
    function = parse_arn(text)
    if (function.region, function.account) != (home.region, BUILT_IN_ACCOUNTS[home.region]):
        raise validation(
            f"The Lambda function {text} must be in region {home.region}, where AWS's own are in "
            f"account {BUILT_IN_ACCOUNTS[home.region]}"
        )
    if function.name.partition("-")[0] != prefix or built_in_task(text) not in TASKS:
        known = ", ".join(f"{prefix}-{name}" for name in TASKS)
        raise validation(f"The Lambda function {text} does not exist here; these do: {known}")


def functions_are_of_one_task(request: Request, _home: Home) -> None:
    """2.2 gives each task its pair; a mixed one is refused (stricter reading)."""
    names = [name for name, _ in named_tasks(request) if name != DIRECT]
    if len(names) > 1:
        raise validation(
            f"The Lambda functions are of different tasks, {' and '.join(names)}; give the PRE- "
            "and the ACS- function of one task"
        )


def label_attribute_has_ref(request: Request, _home: Home) -> None:
    """2.2, 2.3: -ref for some built-in tasks, and never for VerificationSemanticSegmentation."""
    name = request["LabelAttributeName"]
    for task_name, task in named_tasks(request):
        if task.ref is True and not name.endswith("-ref"):
            raise validation(
                f"LabelAttributeName '{name}' must end with '-ref' for task {task_name}"
            )
        if task.ref is False and name.endswith("-ref"):
            raise validation(
                f"LabelAttributeName '{name}' must not end with '-ref' for {task_name}"
            )


def ui_is_the_tasks(request: Request, home: Home) -> None:
    """2.2, 3.1: a template or AWS's own worker UI, exactly one, and the one of the task."""
    ui = request["HumanTaskConfig"]["UiConfig"]
    given = ui.get("HumanTaskUiArn")
    if bool(ui.get("UiTemplateS3Uri")) == bool(given):
        raise validation("UiConfig requires exactly one of UiTemplateS3Uri and HumanTaskUiArn")
    if given:
        _is_aws_ui(given, home)
    for name, task in named_tasks(request):
        if task.ui and (not given or parse_arn(given).name != task.ui):
            raise validation(f"UiConfig.HumanTaskUiArn must name {task.ui} for task {name}")
        if not task.ui and given:
            raise validation(f"UiConfig requires UiTemplateS3Uri for task {name}")


def _is_aws_ui(text: str, home: Home) -> None:
    """2.1: one account everywhere; the names have no 3D before them (10.11)."""
    arn = parse_arn(text)
    if (arn.region, arn.account) != (home.region, UI_ACCOUNT) or arn.name not in _UIS:
        raise validation(
            f"UiConfig.HumanTaskUiArn {text} does not exist; worker UIs are in region "
            f"{home.region} and account {UI_ACCOUNT}, named {', '.join(_UIS)}"
        )


def workers_fit_the_task(request: Request, _home: Home) -> None:
    """2.2: one worker for video frames and 3D."""
    workers = request["HumanTaskConfig"]["NumberOfHumanWorkersPerDataObject"]
    for name, task in named_tasks(request):
        if workers > task.workers:
            raise validation(
                f"NumberOfHumanWorkersPerDataObject is {workers}, allowed for task {name} is at "
                f"most {task.workers}"
            )


def times_are_in_range(request: Request, _home: Home) -> None:
    """3.1: maximums that the model lacks, by task, and for private teams."""
    human = request["HumanTaskConfig"]
    most = {
        "TaskTimeLimitInSeconds": task_of(request).seconds,
        "TaskAvailabilityLifetimeInSeconds": THIRTY_DAYS,
    }
    for name, limit in most.items():
        seconds = human.get(name, 0)
        if seconds > limit:
            raise validation(f"{name} is {seconds}, allowed are at most {limit} seconds")


def categories_are_given(request: Request, _home: Home) -> None:
    """3.1: every built-in task needs its label categories."""
    for name, task in named_tasks(request):
        if task.categories_needed and not request.get("LabelCategoryConfigS3Uri"):
            raise validation(f"LabelCategoryConfigS3Uri is required for task {name}")


def algorithm_fits_the_task(request: Request, home: Home) -> None:
    """2.1, 2.2, 3.4: four algorithms of AWS's account, each for its task."""
    config = request.get("LabelingJobAlgorithmsConfig")
    if not config:
        return
    text = config["LabelingJobAlgorithmSpecificationArn"]
    arn = parse_arn(text)
    if (arn.region, arn.account) != (home.region, ALGORITHM_ACCOUNT) or arn.name not in _ALGORITHMS:
        raise validation(
            f"LabelingJobAlgorithmSpecificationArn {text} does not exist; the algorithms are in "
            f"region {home.region} and account {ALGORITHM_ACCOUNT}, named {', '.join(_ALGORITHMS)}"
        )
    if task_of(request).algorithm != arn.name:
        raise validation(
            f"LabelingJobAlgorithmSpecificationArn {text} is not for the task of "
            f"{pre_annotation_arn(request) or 'a job without a pre-annotation function'}"
        )


TASK_RULES = (
    functions_exist,
    functions_are_of_one_task,
    label_attribute_has_ref,
    ui_is_the_tasks,
    workers_fit_the_task,
    times_are_in_range,
    categories_are_given,
    algorithm_fits_the_task,
)
