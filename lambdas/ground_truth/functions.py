"""Whose functions prepare a campaign's tasks and make labels of the answers, and what follows.

Source: the service model (both functions are optional in CreateLabelingJob) and the developer
guide, "Custom labeling workflows": without them a template is given the manifest line, and the
output manifest holds an empty label with a reference to the workers' responses.
"""

from dataclasses import dataclass
from enum import StrEnum

from ground_truth.built_in import (
    BUILT_IN,
    CUSTOM,
    DIRECT,
    BuiltIn,
    CategoryFormat,
    RefSuffix,
    UiKind,
)
from ground_truth.tasks import AnswerKind, TaskType, rules_for


class Functions(StrEnum):
    """Who brings the two functions of a job: this project, AWS, or nobody."""

    OWN = "own"
    AWS = "aws"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRules:
    """What a task asks of a job, given whose functions it has.

    ``built_in`` is the pair of AWS's functions, None for others. A ``direct`` job gives its page
    the object's manifest line, and makes no label of the answers: they stay with the workers'
    responses.
    """

    built_in: BuiltIn | None
    direct: bool
    ui: UiKind
    ref_suffix: RefSuffix
    categories: CategoryFormat


def functions_for(task: TaskType | str) -> tuple[Functions, ...]:
    """Return what a campaign of a task may choose from, its default first."""
    rules = rules_for(task)
    if rules.answers is AnswerKind.UNREAD:
        return (Functions.AWS,)
    if rules.audit is not None:
        # without a function, nothing makes the labels fit the page
        return (Functions.OWN, Functions.AWS) if rules.built_in else (Functions.OWN,)
    return (Functions.OWN, Functions.AWS, Functions.NONE)


def job_rules(task: TaskType | str, functions: Functions) -> JobRules:
    """Return the rules of a task's jobs; AWS's pair for custom templates is PassThrough."""
    rules = rules_for(task)
    if functions is Functions.OWN:
        return JobRules(
            built_in=None,
            direct=False,
            ui=UiKind.TEMPLATE,
            ref_suffix=rules.ref_suffix,
            categories=CategoryFormat.LABELS,
        )
    built_in = rules.built_in or BUILT_IN[DIRECT]
    if functions is Functions.NONE:
        built_in = CUSTOM
    direct = built_in.name in {CUSTOM.name, DIRECT}
    return JobRules(
        built_in=built_in if functions is Functions.AWS else None,
        direct=direct,
        ui=built_in.ui,
        # their label is an object, never a reference
        ref_suffix=RefSuffix.FORBIDDEN if direct else built_in.ref_suffix,
        categories=built_in.categories,
    )
