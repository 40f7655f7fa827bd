"""What a consolidation function returns for tasks with shapes, in Ground Truth's own form.

Boxes and entities have the form of the developer guide ("Output data"): annotations under the label
attribute, a confidence for each in the metadata. For polygons, polylines and keypoints of single
images the guide has none, since no built-in task makes them; they have the form of boxes, with the
lists and fields the guide names for them in video frames.

An image's ``depth`` isn't known here. It is 3 as in the guide: images are shown to people in color.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from ground_truth.contracts import ConsolidatedObject
from ground_truth.output import creation_date

_CONFIDENCE_DIGITS: Final = 6
_PIXEL_DIGITS: Final = 2
_DEPTH: Final = 3

Entry = Mapping[str, object]
"""an annotation as it is written"""


def image_shapes_output(
    *,
    object_id: str | int,
    attribute: str,
    key: str,
    entries: Sequence[tuple[int, Entry, float]],
    labels: Sequence[str],
    image_size: tuple[int, int] | None,
    metadata: Mapping[str, object],
) -> ConsolidatedObject:
    """Return one element of a consolidation function's answer.

    Args:
        object_id: ``datasetObjectId`` as it came.
        attribute: the label attribute.
        key: what the list is called, ``annotations`` for boxes.
        entries: class index, shape and confidence of each.
        labels: the label categories in class index order.
        image_size: width and height in pixels, where a worker's page has told them.
        metadata: what ``metadata_of`` says.
    """
    sizes = [image_size] if image_size else []
    return _output(
        object_id,
        attribute,
        {
            "image_size": [
                {"width": width, "height": height, "depth": _DEPTH} for width, height in sizes
            ],
            key: [{"class_id": label, **entry} for label, entry, _ in entries],
        },
        {
            "objects": [{"confidence": _rounded(sure)} for *_, sure in entries],
            "class-map": {str(label): labels[label] for label in sorted({e[0] for e in entries})},
            **metadata,
        },
    )


def entities_output(
    *,
    object_id: str | int,
    attribute: str,
    entities: Sequence[tuple[int, tuple[int, int], float]],
    labels: Sequence[str],
    metadata: Mapping[str, object],
) -> ConsolidatedObject:
    """Return one element of a consolidation function's answer for entities in a text.

    Args:
        object_id: ``datasetObjectId`` as it came.
        attribute: the label attribute.
        entities: class index, start and end, confidence of each.
        labels: the label categories in class index order.
        metadata: what ``metadata_of`` says.
    """
    return _output(
        object_id,
        attribute,
        {
            "annotations": {
                "labels": [{"label": label} for label in labels],
                "entities": [
                    {"label": labels[label], "startOffset": start, "endOffset": end}
                    for label, (start, end), _ in entities
                ],
            }
        },
        {"entities": [{"confidence": _rounded(sure)} for *_, sure in entities], **metadata},
    )


def segmentation_output(
    *,
    object_id: str | int,
    attribute: str,
    uri: str,
    confidence: float,
    labels: Sequence[str],
    palette: Sequence[int],
    metadata: Mapping[str, object],
) -> ConsolidatedObject:
    """Return one element of a consolidation function's answer for a mask.

    Args:
        object_id: ``datasetObjectId`` as it came.
        attribute: the label attribute.
        uri: where the picture lies: a class index plus one a pixel, 0 being nothing.
        confidence: of the whole image; the guide has the same for every class.
        labels: the label categories in class index order.
        palette: colors of nothing and of every class, 0xRRGGBB.
        metadata: what ``metadata_of`` says.
    """
    colors = {
        str(number): {
            "class-name": name,
            "hex-color": f"#{color:06x}",
            "confidence": _rounded(confidence),
        }
        for number, (name, color) in enumerate(zip(["BACKGROUND", *labels], palette, strict=True))
    }
    return _output(object_id, attribute, uri, {"internal-color-map": colors, **metadata})


def metadata_of(
    *, metadata_type: str, job_name: str, created: datetime, adjusted: bool | None = None
) -> dict[str, object]:
    """Return what every label's metadata has; ``created`` is an aware time.

    An adjustment's tells whether anybody ``adjusted`` the earlier label; None for other tasks
    (developer guide, "Label verification and adjustment data in the output manifest").
    """
    metadata: dict[str, object] = {
        "type": metadata_type,
        "human-annotated": "yes",
        "job-name": f"labeling-job/{job_name}",
        "creation-date": creation_date(created),
    }
    if adjusted is not None:
        metadata["adjustment-status"] = "adjusted" if adjusted else "unadjusted"
    return metadata


def pixel(value: float) -> float:
    """Return a coordinate as it is written."""
    return round(value, _PIXEL_DIGITS)


def _rounded(confidence: float) -> float:
    return round(confidence, _CONFIDENCE_DIGITS)


def _output(
    object_id: str | int,
    attribute: str,
    label: object,
    metadata: Mapping[str, object],
) -> ConsolidatedObject:
    return {
        "datasetObjectId": object_id,
        "consolidatedAnnotation": {
            "content": {attribute: label, f"{attribute}-metadata": dict(metadata)}
        },
    }
