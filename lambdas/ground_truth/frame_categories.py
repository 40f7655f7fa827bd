"""The label category file of video frames and point clouds, of documentVersion 2020-03-01.

Source: developer guide, "Create a Labeling Category Configuration File with Label Category and
Frame Attributes". Its first key is in camel case, unlike that of other tasks' files.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal, Self, cast

from ground_truth.canonical import canonical_json
from ground_truth.categories import Instructions
from ground_truth.contracts import AttributeDocument, FrameCategoryDocument, FrameLabelDocument

DOCUMENT_VERSION: Final = "2020-03-01"

EditsAllowed = Literal["any", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """What workers say about a label's object, or about a whole frame.

    A "string" is one of ``enum``, or free text without it; a "number" is a whole one from
    ``minimum`` to ``maximum``. What is None or empty is left out of the file.
    """

    name: str
    type: Literal["string", "number"]
    description: str = ""
    enum: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    edits_allowed: EditsAllowed | None = None
    is_required: bool | None = None

    @property
    def free_text(self) -> bool:
        """Whether workers write what they like."""
        return self.type == "string" and not self.enum

    def document(self) -> AttributeDocument:
        """Return it as the file has it."""
        given = {
            "name": self.name,
            "type": self.type,
            "description": self.description or None,
            "enum": list(self.enum) or None,
            "minimum": self.minimum,
            "maximum": self.maximum,
            "editsAllowed": self.edits_allowed,
            "isRequired": self.is_required,
        }
        present = {key: value for key, value in given.items() if value is not None}
        return cast("AttributeDocument", present)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameLabel:
    """A class to choose, with what workers say of each of its objects."""

    name: str
    attributes: tuple[Attribute, ...] = ()
    edits_allowed: EditsAllowed | None = None

    def document(self) -> FrameLabelDocument:
        """Return it as the file has it."""
        found: FrameLabelDocument = {"label": self.name}
        if self.attributes:
            found["categoryAttributes"] = _documents(self.attributes)
        if self.edits_allowed is not None:
            found["editsAllowed"] = self.edits_allowed
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameCategories:
    """Everything the file says but the instructions; labels in class index order.

    ``global_attributes`` are of every label. ``annotation_type`` is the tool for video frames, ""
    for Ground Truth's default and for point clouds. ``audited_attribute`` is the label attribute
    whose labels are verified or adjusted, "" where nothing is.
    """

    labels: tuple[FrameLabel, ...]
    global_attributes: tuple[Attribute, ...] = ()
    frame_attributes: tuple[Attribute, ...] = ()
    annotation_type: str = ""
    audited_attribute: str = ""

    def auditing(self, attribute: str, *, verification: bool) -> Self:
        """Return the file of an audit of a label attribute; in a verification nobody edits labels.

        Source: the guide asks for ``editsAllowed`` "none" with every label of a verification.
        """
        labels = self.labels
        if verification:
            labels = tuple(replace(label, edits_allowed="none") for label in labels)
        return replace(self, audited_attribute=attribute, labels=labels)

    def to_json(self, instructions: Instructions) -> bytes:
        """Return the file as stable bytes."""
        document: FrameCategoryDocument = {
            "documentVersion": DOCUMENT_VERSION,
            "labels": [label.document() for label in self.labels],
            "instructions": instructions.document(),
        }
        if self.frame_attributes:
            document["frameAttributes"] = _documents(self.frame_attributes)
        if self.global_attributes:
            document["categoryGlobalAttributes"] = _documents(self.global_attributes)
        if self.annotation_type:
            document["annotationType"] = self.annotation_type
        if self.audited_attribute:
            document["auditLabelAttributeName"] = self.audited_attribute
        return canonical_json(document)


def _documents(attributes: Iterable[Attribute]) -> list[AttributeDocument]:
    return [attribute.document() for attribute in attributes]
