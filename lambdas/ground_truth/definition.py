"""What a campaign asks people to do: the fields that decide whether a job is the same job.

Title, description, keywords, availability, concurrency and tags are not among them: they change
nothing about the labels.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Final, cast

from ground_truth.canonical import canonical_json, sha256_hex
from ground_truth.contracts import DefinitionDocument
from ground_truth.functions import Functions, job_rules
from ground_truth.tasks import TaskType

# Raise one when its function would give other results for the same input; a golden test of each
# function's output fails as a reminder. Refactoring alone must not ask people for labels again.
PRE_ANNOTATION_BEHAVIOUR: Final = 1
CONSOLIDATION_BEHAVIOUR: Final = 3


# Texts that came later: a definition without them keeps the hash it always had.
_OPTIONAL: Final = (
    "automated_labeling",
    "initial_model",
    "functions",
    "audited_attribute",
    "streaming",
)


class DefinitionError(ValueError):
    """A serialized definition that cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopping:
    """``StoppingConditions``: the job stops when any of them is met."""

    max_labeled_objects: int | None = None
    max_labeled_percent: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignDefinition:
    """The identity of a labeling campaign; labels in class index order.

    ``automated_labeling`` is the algorithm that labels beside people, and ``initial_model`` the
    model it begins with; both are empty where people label alone. ``functions`` is empty for the
    project's own, whose behaviour is 0 where they aren't called. ``audited_attribute`` is the
    label attribute of what is verified or adjusted, empty for other tasks. ``streaming`` is the
    topic that a job takes objects from, "own" for the campaign's, empty where a job ends with its
    dataset.
    """

    task: TaskType
    label_attribute: str
    labels: tuple[str, ...]
    template_sha256: str
    categories_sha256: str
    workers_per_object: int
    dataset_revision: int
    task_time_limit_seconds: int
    pre_annotation_behaviour: int = PRE_ANNOTATION_BEHAVIOUR
    consolidation_behaviour: int = CONSOLIDATION_BEHAVIOUR
    stopping: Stopping = field(default_factory=Stopping)
    automated_labeling: str = ""
    initial_model: str = ""
    functions: str = ""
    audited_attribute: str = ""
    streaming: str = ""

    @property
    def direct(self) -> bool:
        """Whether answers stay as they are: a job has no label of its own then."""
        return job_rules(self.task, Functions(self.functions or Functions.OWN)).direct

    def to_dict(self) -> DefinitionDocument:
        """Return JSON-ready values; what is optional and not set is left out."""
        stopping: dict[str, int] = {}
        for name in ("max_labeled_objects", "max_labeled_percent"):
            value = getattr(self.stopping, name)
            if value is not None:
                stopping[name] = value
        document: dict[str, object] = {
            entry.name: getattr(self, entry.name) for entry in fields(self)
        }
        document |= {"task": self.task.value, "labels": list(self.labels)}
        del document["stopping"]
        for name in _OPTIONAL:
            if not document[name]:
                del document[name]
        if stopping:
            document["stopping"] = stopping
        return cast("DefinitionDocument", document)

    @classmethod
    def from_dict(cls, document: Mapping[str, object]) -> "CampaignDefinition":
        """Read ``to_dict``'s values; numbers may be strings, as CloudFormation passes them.

        Raises:
            DefinitionError: naming the first field that is missing, unknown or of another kind.
        """
        unknown = sorted(set(document) - {entry.name for entry in fields(cls)})
        if unknown:
            raise DefinitionError(
                f"definition has fields this version does not know: got {', '.join(unknown)}; "
                "deploy with the version that wrote it"
            )
        return cls(
            task=_task(document),
            label_attribute=_text(document, "label_attribute"),
            labels=_labels(document),
            template_sha256=_text(document, "template_sha256"),
            categories_sha256=_text(document, "categories_sha256"),
            workers_per_object=_number(document, "workers_per_object"),
            dataset_revision=_number(document, "dataset_revision"),
            task_time_limit_seconds=_number(document, "task_time_limit_seconds"),
            pre_annotation_behaviour=_number(document, "pre_annotation_behaviour"),
            consolidation_behaviour=_number(document, "consolidation_behaviour"),
            stopping=_stopping(document),
            **_optional(document),
        )


def definition_hash(definition: CampaignDefinition) -> str:
    """Return 12 hex digits that stand for the definition: of sha256 over its canonical JSON."""
    return sha256_hex(canonical_json(definition.to_dict()))[:12]


def changed_fields(old: CampaignDefinition, new: CampaignDefinition) -> tuple[str, ...]:
    """Return the names of the fields that differ, in the order of the definition."""
    return tuple(
        entry.name for entry in fields(old) if getattr(old, entry.name) != getattr(new, entry.name)
    )


def continuation_problems(old: CampaignDefinition, new: CampaignDefinition) -> list[str]:
    """Return why labels made under ``old`` cannot be kept under ``new``; empty when they can.

    Labels are stored as class indexes under the label attribute, so the old labels must stay where
    they are; new ones may only be added after them.
    """
    problems = []
    if old.task != new.task:
        problems.append(f"the task changed: got {new.task.value}, was {old.task.value}")
    if old.direct != new.direct:
        problems.append(
            "labels have another form: without a function that consolidates them they are empty, "
            "and the answers are in the workers' responses"
        )
    if old.label_attribute != new.label_attribute:
        problems.append(
            f"the label attribute changed: got {new.label_attribute!r}, was {old.label_attribute!r}"
        )
    if old.audited_attribute != new.audited_attribute:
        problems.append(
            f"other labels are audited: got those of {new.audited_attribute!r}, were those of "
            f"{old.audited_attribute!r}"
        )
    if new.labels[: len(old.labels)] != old.labels:
        problems.append(
            f"labels were removed, renamed or reordered: got {list(new.labels)}, "
            f"allowed {list(old.labels)} with new labels after them"
        )
    return problems


def _value(document: Mapping[str, object], name: str) -> object:
    try:
        return document[name]
    except KeyError:
        raise DefinitionError(f"definition has no {name}; deploy the campaign again") from None


def _wrong(name: str, value: object, allowed: str) -> DefinitionError:
    return DefinitionError(
        f"definition field {name} cannot be read: got {value!r}, allowed {allowed}"
    )


def _text(document: Mapping[str, object], name: str) -> str:
    value = _value(document, name)
    if not isinstance(value, str):
        raise _wrong(name, value, "text")
    return value


def _number(document: Mapping[str, object], name: str) -> int:
    return _whole(name, _value(document, name))


def _whole(name: str, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    raise _wrong(name, value, "a whole number")


def _optional(document: Mapping[str, object]) -> dict[str, str]:
    found = {name: _text(document, name) for name in _OPTIONAL if name in document}
    functions = found.get("functions", Functions.OWN)
    if functions not in set(Functions):
        raise _wrong("functions", functions, ", ".join(Functions))
    return found


def _task(document: Mapping[str, object]) -> TaskType:
    value = _text(document, "task")
    try:
        return TaskType(value)
    except ValueError:
        raise _wrong("task", value, ", ".join(TaskType)) from None


def _labels(document: Mapping[str, object]) -> tuple[str, ...]:
    value = _value(document, "labels")
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise _wrong("labels", value, "a list of text")
    return tuple(value)


def _stopping(document: Mapping[str, object]) -> Stopping:
    value = document.get("stopping") or {}
    if not isinstance(value, Mapping) or set(value) - {
        "max_labeled_objects",
        "max_labeled_percent",
    }:
        raise _wrong("stopping", value, "max_labeled_objects and max_labeled_percent")
    return Stopping(**{name: _whole(name, item) for name, item in value.items()})
