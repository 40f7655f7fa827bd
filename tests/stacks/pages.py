"""The default pages: what their elements are called, and labels nobody should use."""

from __future__ import annotations

from pathlib import Path

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
_VERIFIED = ("bounding-box", "image-classification", "semantic-segmentation")
_ADJUSTED = {
    "bounding-box",
    "keypoint",
    "named-entity-recognition",
    "polygon",
    "polyline",
    "semantic-segmentation",
}
PAGES |= {f"{name}-verification": PAGES["image-classification"] for name in _VERIFIED}
PAGES["text-classification-verification"] = PAGES["text-classification"]
PAGES |= {f"{name}-adjustment": PAGES[name] for name in _ADJUSTED}
TEXTS = {
    "named-entity-recognition",
    "named-entity-recognition-adjustment",
    "text-classification",
    "text-classification-multi-label",
    "text-classification-verification",
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


# What pages of audits begin with: an earlier label with the first of LABELS.
MASK = "s3://earlier-labels/mask.png"
_OUTLINE = [{"x": 16, "y": 20}, {"x": 52, "y": 16}, {"x": 56, "y": 52}]
_BEGUN: dict[str, object] = {
    "bounding-box": [{"label": LABELS[0], "left": 16, "top": 20, "width": 40, "height": 28}],
    "image-classification": LABELS[0],
    "keypoint": [{"label": LABELS[0], "x": 36, "y": 28}],
    "named-entity-recognition": [{"label": LABELS[0], "startOffset": 2, "endOffset": 6}],
    "polygon": [{"label": LABELS[0], "vertices": _OUTLINE}],
    "polyline": {"polylines": [{"label": LABELS[0], "vertices": _OUTLINE}]},
    "text-classification": LABELS[0],
    "semantic-segmentation": {"src": MASK, "labelMappings": {LABELS[0]: {"color": "#d62728"}}},
}


def inputs(name: str, task_object: str) -> dict[str, object]:
    """What the pre-annotation function gives a page for an object."""
    given: dict[str, object] = {"taskObject": task_object, "labels": LABELS}
    earlier, _, audit = name.rpartition("-")
    if audit in {"verification", "adjustment"}:
        given |= {"initialValue": _BEGUN[earlier], "earlierLabels": LABELS}
    return given


def page(name: str, short: str = "<p>Look.</p>", full: str = "<p>All.</p>") -> str:
    """A page with its instructions."""
    text = (FOLDER / f"{name}.liquid.html").read_text(encoding="utf-8")
    return text.replace("<!-- short-instructions -->", short).replace(
        "<!-- full-instructions -->", full
    )
