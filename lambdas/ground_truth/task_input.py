"""What a worker's page is given for an object."""

from collections.abc import Mapping, Sequence

from ground_truth.contracts import PreAnnotationResponse
from ground_truth.tasks import TaskType, rules_for


def task_input(
    data_object: Mapping[str, object], *, task: TaskType, labels: Sequence[str]
) -> PreAnnotationResponse:
    """Return the pre-annotation answer for one manifest line.

    ``taskObject`` is the text or the S3 URI, ``labels`` the label categories in class index order.
    ``isHumanAnnotationRequired`` is a JSON boolean under
    exactly this name: the published samples misspell it or send text, which Ground Truth ignores.
    It is false only for a line without an object, which nobody could label.
    """
    other = "source" if rules_for(task).manifest_key == "source-ref" else "source-ref"
    found = data_object.get(rules_for(task).manifest_key) or data_object.get(other)
    present = isinstance(found, str) and bool(found.strip())
    return {
        "taskInput": {"taskObject": str(found) if present else "", "labels": list(labels)},
        "isHumanAnnotationRequired": present,
    }
