"""Checks of what a campaign file says."""

from collections import Counter
from collections.abc import Sequence

from ground_truth import limits
from ground_truth.built_in import RefSuffix
from ground_truth.checks.problem import Problem, check_line, check_pattern, check_range, shown
from ground_truth.functions import Functions, functions_for, job_rules
from ground_truth.tasks import TaskType, rules_for


def check_functions(functions: Functions, task: TaskType) -> list[Problem]:
    """Check that a task can have such functions."""
    allowed = functions_for(task)
    if functions in allowed:
        return []
    audit = rules_for(task).audit
    whose = f"{task} takes what others have labeled" if audit else ""
    return [
        Problem(
            what=whose or f"the functions of {task} are AWS's alone, as its page is",
            value=functions.value,
            allowed=", ".join(allowed),
            fix="correct it, or leave it out",
        )
    ]


def check_label_attribute(
    attribute: str, task: TaskType, functions: Functions = Functions.OWN
) -> list[Problem]:
    """Check ``LabelAttributeName``: its pattern, reserved names, ``-metadata`` and ``-ref``."""
    problems = check_pattern(
        attribute,
        limits.LABEL_ATTRIBUTE,
        limits.LABEL_ATTRIBUTE_LENGTH,
        what="label attribute has characters it must not have",
        allowed="1-127 letters, digits and inner hyphens (no underscore, no hyphen at an end)",
        fix="rename it",
    )
    if attribute in limits.RESERVED_ATTRIBUTES:
        problems.append(
            Problem(
                what="label attribute is reserved for the input data",
                value=attribute,
                allowed="any name but source and source-ref",
                fix="rename it",
            )
        )
    if attribute.endswith("-metadata"):
        problems.append(
            Problem(
                what="label attribute ends -metadata, which Ground Truth keeps for itself",
                value=attribute,
                allowed="names that do not end -metadata",
                fix="drop the ending",
            )
        )
    return problems + _check_ref_suffix(attribute, task, functions)


def _check_ref_suffix(attribute: str, task: TaskType, functions: Functions) -> list[Problem]:
    rule = job_rules(task, functions).ref_suffix
    has_suffix = attribute.endswith("-ref")
    if has_suffix == (rule is RefSuffix.REQUIRED) or attribute in limits.RESERVED_ATTRIBUTES:
        return []
    if rule is RefSuffix.REQUIRED:
        what, allowed, fix = "lacks -ref", "names that end -ref", "add the ending"
    else:
        what, allowed, fix = "ends -ref", "names that do not end -ref", "drop the ending"
    whose = "" if functions is Functions.OWN else f" with functions = {functions.value!r}"
    what = f"label attribute of {task}{whose} {what}"
    return [Problem(what=what, value=attribute, allowed=allowed, fix=fix)]


def check_labels(labels: Sequence[str], task: TaskType) -> list[Problem]:
    """Check the label categories: how many, each name, no name twice."""
    problems = check_range(
        len(labels),
        rules_for(task).labels,
        what=f"number of labels of {task}",
        fix="add or remove labels",
    )
    for name, count in Counter(labels).items():
        if count > 1:
            problems.append(
                Problem(
                    what="duplicate label",
                    value=name,
                    allowed="every label once",
                    fix=f"remove {count - 1} of them",
                )
            )
        problems += _check_label_name(name)
    return problems


def _check_label_name(name: str) -> list[Problem]:
    if not name.strip() or name != name.strip() or not name.isprintable():
        return [
            Problem(
                what="label is empty, has blanks at an end or control characters",
                value=name,
                allowed="printable text without blanks at its ends",
                fix="correct the label",
            )
        ]
    return check_range(
        len(name),
        limits.LABEL_NAME_LENGTH,
        what=f"characters in the label {shown(name)}",
        fix="shorten it",
    )


def check_short_name(name: str) -> list[Problem]:
    """Check ``shortDisplayName``; it has no limit of its own, a label's is kept."""
    return _check_label_name(name) if name else []


def check_workers_per_object(workers: int, task: TaskType) -> list[Problem]:
    """Check ``NumberOfHumanWorkersPerDataObject``."""
    return check_range(
        workers,
        rules_for(task).workers,
        what=f"workers per object of {task}",
        fix="change the number",
    )


def check_task_time_limit(seconds: int, task: TaskType) -> list[Problem]:
    """Check ``TaskTimeLimitInSeconds``: how long one worker may take for one task."""
    return check_range(
        seconds,
        rules_for(task).task_time_limit_seconds,
        what=f"task time limit of {task} in seconds",
        fix="change the number",
    )


def check_task_availability(seconds: int, task_time_limit_seconds: int = 0) -> list[Problem]:
    """Check ``TaskAvailabilityLifetimeInSeconds``: how long a task stays with the team."""
    problems = check_range(
        seconds,
        limits.TASK_AVAILABILITY_SECONDS,
        what="task availability in seconds",
        fix="change the number",
    )
    if not problems and seconds < task_time_limit_seconds:
        problems.append(
            Problem(
                what="tasks are gone before a worker's time is up",
                value=seconds,
                allowed=f"at least the task time limit of {task_time_limit_seconds} seconds",
                fix="raise the availability or lower the time limit",
            )
        )
    return problems


def check_max_concurrent_tasks(count: int) -> list[Problem]:
    """Check ``MaxConcurrentTaskCount``, the flow control window (not a cap on the dataset)."""
    return check_range(
        count, limits.MAX_CONCURRENT_TASKS, what="concurrent tasks", fix="change the number"
    )


def check_expected_objects(objects: int, task: TaskType) -> list[Problem]:
    """Check how large a dataset is said to become against what one job may have."""
    return check_range(
        objects,
        rules_for(task).dataset_objects,
        what=f"expected objects of {task}",
        fix="split the dataset over several campaigns",
    )


def check_stopping(objects: int | None, percent: int | None) -> list[Problem]:
    """Check ``StoppingConditions``; the job stops when any of them is met."""
    problems: list[Problem] = []
    if objects is not None:
        problems += check_range(
            objects,
            limits.MAX_LABELED_OBJECTS,
            what="most labeled objects",
            fix="change the number",
        )
    if percent is not None:
        problems += check_range(
            percent,
            limits.MAX_LABELED_PERCENT,
            what="most labeled percent",
            fix="change the number",
        )
    return problems


def check_title(title: str) -> list[Problem]:
    """Check ``TaskTitle``: 1-128 characters on one line."""
    return check_line(title, limits.TITLE_LENGTH, what="task title")


def check_description(description: str) -> list[Problem]:
    """Check ``TaskDescription``: 1-255 characters on one line."""
    return check_line(description, limits.DESCRIPTION_LENGTH, what="task description")


def check_header(header: str) -> list[Problem]:
    """Check the line over a worker's page; it has no limit of its own, a task title's is kept."""
    return check_line(header, limits.TITLE_LENGTH, what="header of the instructions")


def check_keywords(keywords: Sequence[str]) -> list[Problem]:
    """Check ``TaskKeywords``: words of letters and digits with single blanks, no hyphens."""
    problems = check_range(
        len(keywords), limits.KEYWORDS, what="number of keywords", fix="remove some"
    )
    for keyword in keywords:
        if len(keyword) not in limits.KEYWORD_LENGTH or not limits.KEYWORD.fullmatch(keyword):
            problems.append(
                Problem(
                    what="keyword is not allowed",
                    value=keyword,
                    allowed="1-30 letters and digits with single blanks between words, no hyphens",
                    fix="rewrite it",
                )
            )
    return problems
