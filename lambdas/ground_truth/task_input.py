"""What a worker's page is given for an object."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ground_truth.built_in import Audit
from ground_truth.contracts import PreAnnotationResponse, TaskInput
from ground_truth.earlier_labels import EarlierLabelError, initial_value, labels_shown
from ground_truth.tasks import TaskRules, TaskType, rules_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """The labels a verification or an adjustment begins with.

    ``attribute`` is the earlier job's label attribute, ``labels`` are its classes in index order.
    """

    attribute: str
    labels: tuple[str, ...]


class ObjectLeftOutError(ValueError):
    """An object that nobody can be asked about, and why."""


def task_input(
    data_object: Mapping[str, object],
    *,
    task: TaskType,
    labels: Sequence[str],
    audited: Audited | None = None,
) -> PreAnnotationResponse:
    """Return the pre-annotation answer for one manifest line.

    ``taskObject`` is the text or the S3 URI, ``labels`` the label categories in class index order.
    For a verification or an adjustment, ``initialValue`` is the earlier label as its element is
    documented to begin with it, and ``earlierLabels`` are the classes it was chosen from.

    Raises:
        ObjectLeftOutError: there is no object in the line, or no label to be audited.
    """
    rules = rules_for(task)
    other = "source" if rules.manifest_key == "source-ref" else "source-ref"
    found = data_object.get(rules.manifest_key) or data_object.get(other)
    if not isinstance(found, str) or not found.strip():
        raise ObjectLeftOutError("its manifest line has neither source nor source-ref")
    shown: TaskInput = {"taskObject": found, "labels": list(labels)}
    if audited is not None:
        shown["initialValue"] = _earlier(data_object, rules, labels, audited)
        shown["earlierLabels"] = list(audited.labels)
    return {"taskInput": shown, "isHumanAnnotationRequired": True}


def left_out(labels: Sequence[str]) -> PreAnnotationResponse:
    """Return the answer for an object nobody is asked about.

    ``isHumanAnnotationRequired`` is a JSON boolean under exactly this name: the published samples
    misspell it or send text, which Ground Truth ignores.
    """
    return {
        "taskInput": {"taskObject": "", "labels": list(labels)},
        "isHumanAnnotationRequired": False,
    }


def _earlier(
    line: Mapping[str, object], rules: TaskRules, labels: Sequence[str], audited: Audited
) -> object:
    if rules.audited is None:
        raise ObjectLeftOutError(f"{rules.task} is about no labels")
    try:
        value = initial_value(line, audited.attribute, rules_for(rules.audited).answers)
    except EarlierLabelError as error:
        raise ObjectLeftOutError(str(error)) from error
    # An element doesn't draw what has none of its labels, and would send the rest as the whole.
    lost = labels_shown(value) - set(labels) if rules.audit is Audit.ADJUSTMENT else None
    if lost:
        raise ObjectLeftOutError(
            f"{audited.attribute} has labels that this campaign hasn't: {', '.join(sorted(lost))}"
        )
    return value
