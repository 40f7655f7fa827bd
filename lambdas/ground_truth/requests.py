"""Reading what Ground Truth sends to the two annotation functions, and their settings.

Source: developer guide "Lambda function requirements" of custom labeling workflows.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ground_truth.json_lines import JsonError, read_json
from ground_truth.tasks import TaskType


class RequestError(ValueError):
    """A request that lacks what the documented contract says it has; names the field."""


class SettingsError(ValueError):
    """An environment variable of the function that is missing or cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreAnnotationJob:
    """A request before annotation: the object's manifest line."""

    job_name: str
    data_object: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsolidationJob:
    """A request for consolidation; ``label_categories`` is None when Ground Truth sent none."""

    job_name: str
    label_attribute: str
    payload_uri: str
    label_categories: tuple[str, ...] | None


def parse_pre_annotation(event: Mapping[str, object]) -> PreAnnotationJob:
    """Read a pre-annotation request; raises ``RequestError``."""
    return PreAnnotationJob(job_name=_job_name(event), data_object=_mapping(event, "dataObject"))


def parse_consolidation(event: Mapping[str, object]) -> ConsolidationJob:
    """Read a consolidation request; raises ``RequestError``."""
    return ConsolidationJob(
        job_name=_job_name(event),
        label_attribute=_text(event, "labelAttributeName"),
        payload_uri=_text(_mapping(event, "payload"), "s3Uri"),
        label_categories=_label_categories(event.get("labelCategories")),
    )


def task_setting(environment: Mapping[str, str]) -> TaskType:
    """Return the function's task from ``TASK``; raises ``SettingsError``."""
    value = environment.get("TASK", "")
    try:
        return TaskType(value)
    except ValueError:
        raise SettingsError(
            f"environment variable TASK is not a task: got {value!r}, "
            f"allowed {', '.join(TaskType)}; deploy the campaign again"
        ) from None


def labels_setting(
    environment: Mapping[str, str], fallback: tuple[str, ...] | None = None, *, least: int = 2
) -> tuple[str, ...]:
    """Return the labels in class index order from ``LABELS``, a JSON list of ``least`` or more.

    ``fallback`` counts where the variable is not set; raises ``SettingsError`` when neither is.
    """
    value = environment.get("LABELS")
    if value is None and fallback and len(fallback) >= least:
        return fallback
    try:
        labels = read_json(value or "")
    except JsonError:
        labels = None
    names = labels if isinstance(labels, list) else []
    if len(names) < least or not all(isinstance(name, str) for name in names):
        raise SettingsError(
            f"environment variable LABELS is not a list of labels: got {value!r}, "
            f"allowed a JSON list of {least} or more texts; deploy the campaign again"
        )
    return tuple(names)


def _label_categories(value: object) -> tuple[str, ...] | None:
    """Return names from texts or from entries of the category file; null means none were sent."""
    if not isinstance(value, list):
        return None
    names = [entry.get("label") if isinstance(entry, Mapping) else entry for entry in value]
    kept = tuple(name for name in names if isinstance(name, str))
    return kept or None


def _job_name(event: Mapping[str, object]) -> str:
    return _text(event, "labelingJobArn").rpartition("/")[2]


def _text(values: Mapping[str, object], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not value:
        raise RequestError(f"the request has no {name}: got {value!r}, allowed text")
    return value


def _mapping(event: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = event.get(name)
    if not isinstance(value, Mapping):
        raise RequestError(f"the request has no {name}: got {value!r}, allowed an object")
    return value
