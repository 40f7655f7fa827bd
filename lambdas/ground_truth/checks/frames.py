"""Checks of the label categories of video frames and point clouds.

Source: developer guide, "Create a Labeling Category Configuration File with Label Category and
Frame Attributes", its tables of parameters and quotas.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from ground_truth.built_in import Audit, BuiltIn
from ground_truth.categories import Instructions
from ground_truth.checks.problem import Problem, check_range, shown
from ground_truth.frame_categories import Attribute, FrameCategories, FrameLabel
from ground_truth.limits import Range

LABEL_LENGTH: Final = Range(1, 16)
ATTRIBUTES: Final = Range(0, 10)
FREE_TEXTS: Final = Range(0, 5)
ATTRIBUTE_NAME_LENGTH: Final = Range(1, 16)
ATTRIBUTE_DESCRIPTION_LENGTH: Final = Range(0, 128)
CHOICES: Final = Range(1, 10)
CHOICE_LENGTH: Final = Range(1, 16)
# "must be under 255 characters and long instruction must be under 2,048 characters"
SHORT_INSTRUCTION_LENGTH: Final = Range(0, 254)
FULL_INSTRUCTION_LENGTH: Final = Range(0, 2047)


def check_frame_instructions(instructions: Instructions) -> list[Problem]:
    """Check how long the texts are that workers read beside their task, HTML and all."""
    return [
        *check_range(
            len(instructions.short),
            SHORT_INSTRUCTION_LENGTH,
            what="characters in the short instructions",
            fix="shorten them",
        ),
        *check_range(
            len(instructions.full),
            FULL_INSTRUCTION_LENGTH,
            what="characters in the full instructions, with descriptions of labels and examples",
            fix="shorten them",
        ),
    ]


def check_attribute(attribute: Attribute) -> list[Problem]:
    """Check one attribute by itself: its name, and what its type needs and takes."""
    name = attribute.name
    problems = check_range(
        len(name),
        ATTRIBUTE_NAME_LENGTH,
        what=f"characters in the attribute name {shown(name)}",
        fix="shorten it",
    )
    if not name.strip() or not name.isprintable():
        problems.append(
            Problem(
                what="attribute name is empty or has control characters",
                value=name,
                allowed="printable text",
                fix="correct it",
            )
        )
    problems += check_range(
        len(attribute.description),
        ATTRIBUTE_DESCRIPTION_LENGTH,
        what=f"characters in the description of attribute {shown(name)}",
        fix="shorten it",
    )
    return [*problems, *(_number(attribute) if attribute.type == "number" else _string(attribute))]


def _number(attribute: Attribute) -> Iterator[Problem]:
    name, least, most = shown(attribute.name), attribute.minimum, attribute.maximum
    if attribute.enum:
        yield Problem(
            what=f"attribute {name} is a number and has choices",
            value=list(attribute.enum),
            allowed="enum with type 'string' alone",
            fix="make it a string, or remove enum",
        )
    if least is None or most is None or least > most:
        yield Problem(
            what=f"attribute {name} is a number without bounds it can lie in",
            value=[least, most],
            allowed="minimum and maximum, the first not above the second",
            fix="give both",
        )


def _string(attribute: Attribute) -> Iterator[Problem]:
    name = shown(attribute.name)
    if attribute.minimum is not None or attribute.maximum is not None:
        yield Problem(
            what=f"attribute {name} is a string and has bounds",
            value=[attribute.minimum, attribute.maximum],
            allowed="minimum and maximum with type 'number' alone",
            fix="make it a number, or remove them",
        )
    if not attribute.enum:
        return
    yield from check_range(
        len(attribute.enum), CHOICES, what=f"choices of attribute {name}", fix="remove some"
    )
    for choice, count in Counter(attribute.enum).items():
        yield from check_range(
            len(choice),
            CHOICE_LENGTH,
            what=f"characters in the choice {shown(choice)} of attribute {name}",
            fix="shorten it",
        )
        if count > 1:
            yield Problem(
                what=f"choice of attribute {name} is there twice",
                value=choice,
                allowed="every choice once",
                fix=f"remove {count - 1} of them",
            )


def check_frame_categories(
    categories: FrameCategories, task: BuiltIn, audit: Audit | None = None
) -> list[Problem]:
    """Check everything together: what the task takes, counts, names, descriptions, edits."""
    return [
        *_edits(categories, audit),
        *_names_of_labels(categories.labels),
        *_task(categories, task),
        *_frame_attributes(categories.frame_attributes),
        *_label_attributes(categories),
    ]


def _edits(categories: FrameCategories, audit: Audit | None) -> Iterator[Problem]:
    """Editing is of audits alone; in a verification no label can be edited."""
    labels = [label.name for label in categories.labels if label.edits_allowed is not None]
    named = [each.name for each in _attributes(categories) if each.edits_allowed is not None]
    if audit is None and (labels or named):
        yield Problem(
            what="edits_allowed where no earlier labels are shown",
            value=labels + named,
            allowed="in verifications and adjustments alone",
            fix="remove it",
        )
    editable = [label.name for label in categories.labels if label.edits_allowed == "any"]
    if audit is Audit.VERIFICATION and editable:
        yield Problem(
            what="labels that workers may edit in a verification",
            value=editable,
            allowed="edits_allowed = 'none', which goes without saying",
            fix="remove it, or choose the adjustment",
        )


def _attributes(categories: FrameCategories) -> Iterator[Attribute]:
    yield from categories.frame_attributes
    yield from categories.global_attributes
    for label in categories.labels:
        yield from label.attributes


def _names_of_labels(labels: Sequence[FrameLabel]) -> Iterator[Problem]:
    for label in labels:
        yield from check_range(
            len(label.name),
            LABEL_LENGTH,
            what=f"characters in the label {shown(label.name)}",
            fix="shorten it",
        )


def _task(categories: FrameCategories, task: BuiltIn) -> Iterator[Problem]:
    kind = categories.annotation_type
    if kind and kind not in task.annotation_types:
        yield Problem(
            what="annotation_type isn't one of the task's",
            value=kind,
            allowed=", ".join(task.annotation_types) or "none: it is of video frames",
            fix="correct or remove it",
        )
    own = [label.name for label in categories.labels if label.attributes]
    if not task.category_attributes and (own or categories.global_attributes):
        yield Problem(
            what="labels have attributes, which Ground Truth ignores for this task",
            value=own or [each.name for each in categories.global_attributes],
            allowed="frame_attributes alone",
            fix="remove them",
        )


def _frame_attributes(attributes: Sequence[Attribute]) -> Iterator[Problem]:
    yield from _counts(attributes, "frame attributes")
    yield from _twice(attributes, "frame attribute")
    for attribute in attributes:
        if not attribute.description.strip():
            yield Problem(
                what=f"frame attribute {shown(attribute.name)} has no description",
                value=attribute.description,
                allowed="1-128 characters",
                fix="say what workers are to look for",
            )


def _label_attributes(categories: FrameCategories) -> Iterator[Problem]:
    shared = categories.global_attributes
    if not any(label.attributes for label in categories.labels):
        yield from _counts(shared, "attributes of every label")
    for label in categories.labels:
        if label.attributes:
            whose = f"attributes of label {shown(label.name)}, with those of every label"
            yield from _counts([*shared, *label.attributes], whose)
    own = [attribute for label in categories.labels for attribute in label.attributes]
    # "Each label category attribute name in your label category configuration file must be unique"
    yield from _twice([*shared, *own], "attribute of labels")


def _counts(attributes: Sequence[Attribute], whose: str) -> Iterator[Problem]:
    yield from check_range(
        len(attributes), ATTRIBUTES, what=f"number of {whose}", fix="remove some"
    )
    yield from check_range(
        sum(attribute.free_text for attribute in attributes),
        FREE_TEXTS,
        what=f"number of free texts among the {whose}",
        fix="give some of them choices (enum), or remove them",
    )


def _twice(attributes: Sequence[Attribute], what: str) -> Iterator[Problem]:
    for name, count in Counter(attribute.name for attribute in attributes).items():
        if count > 1:
            yield Problem(
                what=f"{what} is there {count} times",
                value=name,
                allowed="every name once in the file",
                fix="rename or remove it",
            )
