"""The default pages: what their elements are called, and labels nobody should use."""

from __future__ import annotations

from pathlib import Path

from ground_truth.task_input import Audited, task_input
from ground_truth.tasks import rules_for
from stacks.earlier_examples import example_label

FOLDER = Path(__file__).parents[2] / "stacks/templates"
# By page: the element, its name (developer guide, the page of each task) and where labels are.
PAGES = {
    "bounding-box": ("crowd-bounding-box", "boundingBox", "labels"),
    "image-classification": ("crowd-image-classifier", "crowd-image-classifier", "categories"),
    "image-classification-multi-label": (
        "crowd-image-classifier-multi-select",
        "crowd-image-classifier-multi-select",
        "categories",
    ),
    "keypoint": ("crowd-keypoint", "crowd-keypoint", "labels"),
    "named-entity-recognition": (
        "crowd-entity-annotation",
        "crowd-entity-annotation",
        "labels",
    ),
    "polygon": ("crowd-polygon", "crowd-polygon", "labels"),
    "polyline": ("crowd-polyline", "crowd-polyline", "labels"),
    "semantic-segmentation": (
        "crowd-semantic-segmentation",
        "crowd-semantic-segmentation",
        "labels",
    ),
    "text-classification": ("crowd-classifier", "crowd-classifier", "categories"),
    "text-classification-multi-label": (
        "crowd-classifier-multi-select",
        "crowd-classifier-multi-select",
        "categories",
    ),
    "video-classification": ("crowd-classifier", "crowd-classifier", "categories"),
}
_VERIFIED = {"bounding-box", "image-classification", "semantic-segmentation"}
_ADJUSTED = {
    "bounding-box",
    "keypoint",
    "named-entity-recognition",
    "polygon",
    "polyline",
    "semantic-segmentation",
}
PAGES |= {f"{name}-verification": PAGES["image-classification"] for name in _VERIFIED}
PAGES |= {f"{name}-adjustment": PAGES[name] for name in _ADJUSTED}
TEXTS = {
    "named-entity-recognition",
    "named-entity-recognition-adjustment",
    "text-classification",
    "text-classification-multi-label",
}
LABELS = [
    "it's",
    'a "b"',
    "<b>&amp;</b>",
    "{{ x }} {% y %}",
    "שלום",
    "\\",
    "\U0001f600",
    "</script>",
]


def inputs(name: str, task_object: str) -> dict[str, object]:
    """What the pre-annotation function gives a page for an object that has every odd label."""
    rules = rules_for(name)
    if rules.audit is None:
        return {"taskObject": task_object, "labels": LABELS}
    audited = Audited(attribute="earlier", labels=tuple(LABELS))
    line = {rules.manifest_key: task_object, **example_label(rules.task, audited)}
    return dict(task_input(line, task=rules.task, labels=LABELS, audited=audited)["taskInput"])


def page(name: str, short: str = "<p>Look.</p>", full: str = "<p>All.</p>") -> str:
    """A page with its instructions."""
    text = (FOLDER / f"{name}.liquid.html").read_text(encoding="utf-8")
    return text.replace("<!-- short-instructions -->", short).replace(
        "<!-- full-instructions -->", full
    )
