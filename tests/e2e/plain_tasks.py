"""Every task with a template, as a caller without our constructs would set it up.

The consolidation functions are the tests' own and as small as can be: the first worker's answer, in
the shape that Ground Truth documents for the task's output.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ground_truth_local.workers.answers.masks import color
from ground_truth_local.workers.answers.pictures import Canvas, Size, png

SIZE = Size(width=320, height=200)
PICTURE = png(Canvas(SIZE), [])
LABELS = ("cat", "dog", "owl")
PROPERTIES = {"inputImageProperties": {"height": 200, "width": 320}}
IMAGE_SIZE = [{"width": 320, "height": 200, "depth": 3}]
TEXTS = ("Ada lives in K\u00f6ln \U0001f980 near Bonn", "nobody lives here")
BOX = {"label": "dog", "left": 40, "top": 30, "width": 100, "height": 80}
CORNERS = [{"x": 40, "y": 30}, {"x": 140, "y": 30}, {"x": 140, "y": 110}, {"x": 40, "y": 110}]
NUMBERED = {"class_id": 1, "left": 40, "top": 30, "width": 100, "height": 80}
SPANS = [
    {"label": "cat", "startOffset": 0, "endOffset": 3},
    {"label": "dog", "startOffset": 13, "endOffset": 17},
]

FUNCTION = """
import base64, json, urllib.parse
import boto3

def read(uri):
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()

def write(uri, body):
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
    return uri

def answer(annotation):
    data = annotation["annotationData"]
    content = data.get("content") or read(data["s3Uri"])
    (value,) = json.loads(content).values()
    return value

def handler(event, context):
    attribute, labels = event["labelAttributeName"], event["labelCategories"]
    found = []
    for entry in json.loads(read(event["payload"]["s3Uri"])):
        value = answer(entry["annotations"][0])
        where = event["outputConfig"] + "/mine/" + entry["datasetObjectId"]
        label, metadata = made(value, labels, where)
        content = {attribute: label, attribute + "-metadata": metadata}
        found.append({"datasetObjectId": entry["datasetObjectId"],
                      "consolidatedAnnotation": {"content": content}})
    return found
"""
ONE_LABEL = """
def made(value, labels, where):
    return labels.index(value["label"]), {"class-name": value["label"], "confidence": 0.5}
"""
LABEL_SET = """
def made(value, labels, where):
    numbers = [labels.index(label) for label in value["labels"]]
    return numbers, {"class-map": {str(n): labels[n] for n in numbers},
                     "confidence-map": {str(n): 0.5 for n in numbers}}
"""
BOXES = """
def made(value, labels, where):
    boxes = [{"class_id": labels.index(b["label"]), "left": b["left"], "top": b["top"],
              "width": b["width"], "height": b["height"]} for b in value["boundingBoxes"]]
    size = dict(value["inputImageProperties"], depth=3)
    used = sorted({box["class_id"] for box in boxes})
    return ({"image_size": [size], "annotations": boxes},
            {"objects": [{"confidence": 0.5} for _ in boxes],
             "class-map": {str(n): labels[n] for n in used}})
"""
AS_DRAWN = """
def made(value, labels, where):
    (key,) = set(value) - {"inputImageProperties", "initialValueModified"}
    return {key: value[key]}, {"type": "mine/" + key}
"""
ENTITIES = """
def made(value, labels, where):
    return ({"annotations": {"labels": [{"label": label} for label in labels],
                             "entities": value["entities"]}},
            {"entities": [{"confidence": 0.5} for _ in value["entities"]]})
"""
MASK = """
def made(value, labels, where):
    uri = write(where + ".png", base64.b64decode(value["labeledImage"]["pngImageData"]))
    colors = {str(1 + labels.index(label)): {"class-name": label, "hex-color": each["color"]}
              for label, each in value["labelMappings"].items()}
    return uri, {"internal-color-map": {"0": {"class-name": "BACKGROUND"}, **colors}}
"""
INSTANCES = """
def made(value, labels, where):
    uri = write(where + ".png", base64.b64decode(value["labeledImage"]["pngImageData"]))
    return uri, {"instances": value["instances"]}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """`truths` and `answers` are per object; so are the labels and metadata expected."""

    name: str
    element: str
    function: str
    truths: tuple[Any, ...]
    answers: tuple[Any, ...]
    labels_out: tuple[Any, ...]
    metadata: tuple[dict[str, Any], ...]
    attribute: str = "label"
    extra: str = ""
    text: bool = False
    named: str = ""
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The element's name, under which its value lies in an answer."""
        return self.named or self.element

    @property
    def template(self) -> str:
        labels = "categories" if "classifier" in self.element else "labels"
        head = f'<{self.element} name="{self.key}" header="Look" {self.extra} {labels}='
        given = '"{{ task.input.labels | to_json | escape }}"'
        if self.element == "crowd-entity-annotation":
            target, inner = ' text="{{ task.input.taskObject }}"', ""
        elif self.text:
            target = ""
            inner = "<classification-target>{{ task.input.taskObject }}</classification-target>"
        else:
            target, inner = ' src="{{ task.input.taskObject | grant_read_access }}"', ""
        return (
            '<script src="https://assets.crowd.aws/crowd-html-elements.js"></script><crowd-form>'
            f"{head}{given}{target}>{inner}"
            "<full-instructions header='How'>Look</full-instructions>"
            f"<short-instructions>Look</short-instructions></{self.element}></crowd-form>"
        )


def _labeled(name: str, element: str, *, text: bool = False) -> Task:
    several = element.endswith("multi-select")
    sets = (["cat", "owl"], ["dog"])
    if several:
        return Task(
            name=name,
            element=element,
            function=LABEL_SET,
            text=text,
            truths=sets,
            answers=tuple({"labels": labels} for labels in sets),
            labels_out=([0, 2], [1]),
            metadata=(
                {"class-map": {"0": "cat", "2": "owl"}, "confidence-map": {"0": 0.5, "2": 0.5}},
                {"class-map": {"1": "dog"}, "confidence-map": {"1": 0.5}},
            ),
        )
    return Task(
        name=name,
        element=element,
        function=ONE_LABEL,
        text=text,
        truths=("owl", "dog"),
        answers=({"label": "owl"}, {"label": "dog"}),
        labels_out=(2, 1),
        metadata=(
            {"class-name": "owl", "confidence": 0.5},
            {"class-name": "dog", "confidence": 0.5},
        ),
    )


def _drawn(name: str, key: str, shape: dict[str, Any]) -> Task:
    return Task(
        name=name,
        element=f"crowd-{name}",
        function=AS_DRAWN,
        truths=([shape], []),
        answers=({key: [shape], **PROPERTIES}, {key: [], **PROPERTIES}),
        labels_out=({key: [shape]}, {key: []}),
        metadata=({"type": f"mine/{key}"},) * 2,
    )


def _masked(name: str, function: str, listed: dict[str, Any], metadata: dict[str, Any]) -> Task:
    canvas = Canvas(SIZE)
    canvas.fill([(corner["x"], corner["y"]) for corner in CORNERS], 1)
    first = color(0) if "instances" in listed else color(1)
    return Task(
        name=name,
        element=f"crowd-{name}",
        function=function,
        attribute="label-ref",
        truths=([{"label": "dog", "vertices": CORNERS}], []),
        answers=(
            {**listed, **PROPERTIES},
            {**{key: type(v)() for key, v in listed.items()}, **PROPERTIES},
        ),
        labels_out=(png(canvas, [first]), PICTURE),
        metadata=(metadata, {}),
    )


TASKS = (
    _labeled("image-classification", "crowd-image-classifier"),
    _labeled("image-label-sets", "crowd-image-classifier-multi-select"),
    _labeled("text-classification", "crowd-classifier", text=True),
    _labeled("text-label-sets", "crowd-classifier-multi-select", text=True),
    Task(
        name="bounding-box",
        element="crowd-bounding-box",
        named="boundingBox",
        function=BOXES,
        truths=([BOX], []),
        answers=({"boundingBoxes": [BOX], **PROPERTIES}, {"boundingBoxes": [], **PROPERTIES}),
        labels_out=(
            {"image_size": IMAGE_SIZE, "annotations": [NUMBERED]},
            {"image_size": IMAGE_SIZE, "annotations": []},
        ),
        metadata=(
            {"objects": [{"confidence": 0.5}], "class-map": {"1": "dog"}},
            {"objects": [], "class-map": {}},
        ),
    ),
    _drawn("polygon", "polygons", {"label": "cat", "vertices": CORNERS}),
    _drawn("polyline", "polylines", {"label": "owl", "vertices": CORNERS[:3]}),
    _drawn("line", "lines", {"label": "owl", "vertices": CORNERS[:2]}),
    _drawn("keypoint", "keypoints", {"label": "cat", "x": 17, "y": 19}),
    Task(
        name="named-entities",
        element="crowd-entity-annotation",
        function=ENTITIES,
        text=True,
        truths=(SPANS, []),
        answers=({"entities": SPANS}, {"entities": []}),
        labels_out=tuple(
            {"annotations": {"labels": [{"label": each} for each in LABELS], "entities": spans}}
            for spans in (SPANS, [])
        ),
        metadata=({"entities": [{"confidence": 0.5}] * 2}, {"entities": []}),
    ),
    _masked(
        "semantic-segmentation",
        MASK,
        {"labelMappings": {"dog": {"color": color(1)}}},
        {
            "internal-color-map": {
                "0": {"class-name": "BACKGROUND"},
                "2": {"class-name": "dog", "hex-color": color(1)},
            }
        },
    ),
    _masked(
        "instance-segmentation",
        INSTANCES,
        {"instances": [{"color": color(0), "label": "dog"}]},
        {"instances": [{"color": color(0), "label": "dog"}]},
    ),
)
