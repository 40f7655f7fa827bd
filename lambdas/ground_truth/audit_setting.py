"""Whose labels a verification or an adjustment begins with, as its function is told."""

from collections.abc import Mapping

from ground_truth.json_lines import JsonError, read_json
from ground_truth.requests import SettingsError
from ground_truth.task_input import Audited
from ground_truth.tasks import TaskType, rules_for


def audited_setting(environment: Mapping[str, str], task: TaskType) -> Audited | None:
    """Return from ``AUDITED`` whose labels a verification or an adjustment begins with.

    It is a JSON object, ``{"attribute": …, "labels": [...]}``. Other tasks begin with nothing.

    Raises:
        SettingsError: it can't be read.
    """
    if rules_for(task).audit is None:
        return None
    value = environment.get("AUDITED")
    try:
        read = read_json(value or "")
    except JsonError:
        read = None
    given = read if isinstance(read, Mapping) else {}
    attribute, labels = given.get("attribute"), given.get("labels")
    names = labels if isinstance(labels, list) else []
    if not isinstance(attribute, str) or not names or not all(isinstance(n, str) for n in names):
        raise SettingsError(
            f"environment variable AUDITED doesn't say whose labels are audited: got {value!r}, "
            'allowed {"attribute": "boxes", "labels": ["car"]}; deploy the campaign again'
        )
    return Audited(attribute=attribute, labels=tuple(names))
