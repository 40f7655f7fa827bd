"""Crowd HTML elements, as data (developer guide, "Crowd HTML Elements Reference")."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

SCRIPT = "https://assets.crowd.aws/crowd-html-elements.js"
SCRIPTS = (SCRIPT, "https://assets.crowd.aws/crowd-html-elements-v2.js")


class Shown(Enum):
    """Where an element can be seen; the value says why it isn't everywhere."""

    EVERYWHERE = ""
    CDN = "its contract isn't published, so only AWS's own script shows it"
    OTHER_SERVICE = "it belongs to Augmented AI's own reviews, which Ground Truth has no jobs for"


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element: whether it gives an answer, what its attributes hold, where it can be seen."""

    answers: bool = False
    json5: frozenset[str] = frozenset()
    labels_in: str | None = None
    image: bool = False
    shown: Shown = Shown.EVERYWHERE


def _layout(*names: str) -> dict[str, Element]:
    return {name: Element() for name in names}


def _inputs(*names: str) -> dict[str, Element]:
    return {name: Element(answers=True) for name in names}


def _choice(name: str, *extra: str, image: bool = False) -> dict[str, Element]:
    json5 = frozenset({"categories", *extra})
    return {name: Element(answers=True, json5=json5, labels_in="categories", image=image)}


def _drawing(name: str, *extra: str, image: bool = True) -> dict[str, Element]:
    json5 = frozenset({"labels", "initial-value", *extra})
    return {name: Element(answers=True, json5=json5, labels_in="labels", image=image)}


ELEMENTS: dict[str, Element] = {
    **_layout(
        "crowd-form",
        "crowd-alert",
        "crowd-badge",
        "crowd-button",
        "crowd-card",
        "crowd-fab",
        "crowd-icon-button",
        "crowd-instructions",
        "crowd-modal",
        "crowd-radio-group",
        "crowd-slider-label",
        "crowd-tab",
        "crowd-tabs",
        "crowd-toast",
    ),
    **_inputs(
        "crowd-checkbox",
        "crowd-input",
        "crowd-radio-button",
        "crowd-slider",
        "crowd-text-area",
        "crowd-toggle-button",
    ),
    **_choice("crowd-classifier"),
    **_choice("crowd-classifier-multi-select", "exclusion-category"),
    **_choice("crowd-image-classifier", "overlay", image=True),
    **_choice("crowd-image-classifier-multi-select", "exclusion-category", image=True),
    **_drawing("crowd-bounding-box"),
    **_drawing("crowd-keypoint"),
    **_drawing("crowd-line", "label-colors"),
    **_drawing("crowd-polygon"),
    **_drawing("crowd-polyline", "label-colors"),
    **_drawing("crowd-semantic-segmentation"),
    **_drawing("crowd-instance-segmentation"),
    **_drawing("crowd-entity-annotation", image=False),
    "crowd-text-ranking": Element(
        answers=True,
        json5=frozenset({"ordinal-ranking-dimensions", "responses"}),
        shown=Shown.CDN,
    ),
    "crowd-question-answer-generation": Element(
        answers=True, json5=frozenset({"question-tags"}), shown=Shown.CDN
    ),
    "crowd-textract-analyze-document": Element(answers=True, shown=Shown.OTHER_SERVICE),
    "crowd-rekognition-detect-moderation-labels": Element(answers=True, shown=Shown.OTHER_SERVICE),
}
