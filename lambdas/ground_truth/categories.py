"""The label category configuration file of document-version 2018-11-28."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ground_truth.canonical import canonical_json
from ground_truth.contracts import (
    EntityCategoryDocument,
    InstructionsDocument,
    LabelCategoryDocument,
)

DOCUMENT_VERSION: Final = "2018-11-28"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instructions:
    """HTML for workers whose page is Amazon's: no template holds it, so the file does."""

    short: str
    full: str

    def document(self) -> InstructionsDocument:
        """Return both as the file has them."""
        return {"shortInstruction": self.short, "fullInstruction": self.full}


def label_category_document(labels: Sequence[str]) -> LabelCategoryDocument:
    """Return the document that ``LabelCategoryConfigS3Uri`` points at, labels in their order.

    The order is the class index of the output, so it is part of a campaign's identity.
    """
    return {"document-version": DOCUMENT_VERSION, "labels": [{"label": name} for name in labels]}


def label_category_json(labels: Sequence[str]) -> bytes:
    """Return the document as stable bytes: equal labels give an equal content-addressed key."""
    return canonical_json(label_category_document(labels))


def entity_category_json(
    labels: Sequence[str], instructions: Instructions, *, short_names: Mapping[str, str]
) -> bytes:
    """Return the file of named entities on Amazon's page: with instructions and short names."""
    document: EntityCategoryDocument = {
        "document-version": DOCUMENT_VERSION,
        "labels": [
            {"label": name, "shortDisplayName": short_names[name]}
            if name in short_names
            else {"label": name}
            for name in labels
        ],
        "instructions": instructions.document(),
    }
    return canonical_json(document)
