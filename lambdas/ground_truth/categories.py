"""The label category configuration file of classification tasks."""

from collections.abc import Sequence
from typing import Final

from ground_truth.canonical import canonical_json
from ground_truth.contracts import LabelCategoryDocument

DOCUMENT_VERSION: Final = "2018-11-28"


def label_category_document(labels: Sequence[str]) -> LabelCategoryDocument:
    """Return the document that ``LabelCategoryConfigS3Uri`` points at, labels in their order.

    The order is the class index of the output, so it is part of a campaign's identity.
    """
    return {"document-version": DOCUMENT_VERSION, "labels": [{"label": name} for name in labels]}


def label_category_json(labels: Sequence[str]) -> bytes:
    """Return the document as stable bytes: equal labels give an equal content-addressed key."""
    return canonical_json(label_category_document(labels))
