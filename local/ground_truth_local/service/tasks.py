"""The tasks AWS has functions of its own for, and what each allows (ground-truth.md 2.2, 2.5, 3).

Names are those behind `PRE-` and `ACS-` in botocore's model. A job whose functions are the
customer's, or that has none, is a custom one: only `CUSTOM`'s rules hold for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

EIGHT_HOURS = 28_800
THIRTY_DAYS = 2_592_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """`ui` names AWS's own worker UI; None means a template of the customer's.

    `ref` says whether the label attribute must (True), mustn't (False) or may end in `-ref`.
    `fewest` and `most` count label categories, `most` being the quota (None: unlimited).
    `algorithm` is the automated labeling that goes with the task. `audit` says that it is about
    labels there are, which the label categories of video frames and 3D have to name.
    """

    ui: str | None = None
    ref: bool | None = None
    workers: int = 9
    seconds: int = EIGHT_HOURS
    categories_needed: bool = True
    fewest: int = 1
    most: int | None = None
    objects: int = 100_000
    algorithm: str | None = None
    audit: bool = False

    @property
    def of_frames(self) -> bool:
        """Video frames and 3D: 30 days a task (3.1), and label categories of another form (2.5)."""
        return self.seconds > EIGHT_HOURS


CUSTOM = Task(categories_needed=False)
DIRECT = "PassThrough"  # "Generative AI/Custom - Direct passthrough"

_CLASSES = Task(fewest=2)  # single label: unlimited through the API (2.5)
_CLASSES_OF_MANY = Task(fewest=2, most=50)
_BOXES = Task(most=50)
_MASK = Task(ref=True, objects=20_000)  # 3.4; categories unlimited without automated labeling
# 3.4: sequences in a manifest
_FRAMES = Task(
    ui="VideoObjectDetection", ref=True, workers=1, seconds=THIRTY_DAYS, most=30, objects=10
)
_TRACKS = replace(_FRAMES, ui="VideoObjectTracking")
_CLOUD = Task(ui="PointCloudObjectDetection", workers=1, seconds=THIRTY_DAYS, most=30)
_CLOUD_TRACKS = replace(_CLOUD, ui="PointCloudObjectTracking", ref=True)
_CLOUD_MASK = replace(_CLOUD, ui="PointCloudSemanticSegmentation", ref=True)

TASKS: dict[str, Task] = {
    "ImageMultiClass": replace(_CLASSES, algorithm="image-classification"),
    "ImageMultiClassMultiLabel": _CLASSES_OF_MANY,
    "BoundingBox": replace(_BOXES, algorithm="object-detection"),
    "SemanticSegmentation": replace(_MASK, algorithm="semantic-segmentation"),
    "TextMultiClass": replace(_CLASSES, algorithm="text-classification"),
    "TextMultiClassMultiLabel": _CLASSES_OF_MANY,
    "NamedEntityRecognition": Task(ui="NamedEntityRecognition"),
    "VideoMultiClass": Task(most=30),
    "VerificationBoundingBox": Task(),
    "AdjustmentBoundingBox": _BOXES,
    "VerificationSemanticSegmentation": Task(ref=False, objects=20_000),
    "AdjustmentSemanticSegmentation": _MASK,
    DIRECT: CUSTOM,
    "VideoObjectDetection": _FRAMES,
    "VideoObjectTracking": _TRACKS,
    "AdjustmentVideoObjectDetection": replace(_FRAMES, audit=True),
    "AdjustmentVideoObjectTracking": replace(_TRACKS, audit=True),
    "3DPointCloudObjectDetection": _CLOUD,
    "3DPointCloudObjectTracking": _CLOUD_TRACKS,
    "3DPointCloudSemanticSegmentation": _CLOUD_MASK,
    "Adjustment3DPointCloudObjectDetection": replace(_CLOUD, audit=True),
    "Adjustment3DPointCloudObjectTracking": replace(_CLOUD_TRACKS, audit=True),
    "Adjustment3DPointCloudSemanticSegmentation": replace(_CLOUD_MASK, audit=True),
}
