"""From a consolidation payload with shapes to Ground Truth's answer.

What is likelier there than not is in the label, the rest isn't: whoever reads a manifest takes
every annotation in it for one. All answers stay with the job, so a pass over the whole job may
judge them again with what it knows of its workers.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

from ground_truth import answer_shapes
from ground_truth.answer_shapes import Marked, Shapes, Size
from ground_truth.answers import AnsweredObject, read_answers
from ground_truth.consolidation import areas, boxes, lines, spans
from ground_truth.consolidation.batch import Batch, Consolidation
from ground_truth.consolidation.box_fusion import Edges
from ground_truth.consolidation.lines import Keypoint
from ground_truth.consolidation.marks import Answers, FusedMark
from ground_truth.consolidation.planes import Points
from ground_truth.contracts import ConsolidatedObject
from ground_truth.output_shapes import entities_output, image_shapes_output, pixel
from ground_truth.tasks import AnswerKind

_LEAST_CONFIDENCE: Final = 0.5

Shape = TypeVar("Shape")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind(Generic[Shape]):
    """How shapes of a kind are read, consolidated and written."""

    key: str  # of the workers' answers
    written: str  # of the label
    read: answer_shapes.ReadShape[Shape]
    algorithm: Callable[[Sequence[Answers[Shape]], int], list[list[FusedMark[Shape]]]]
    entry: Callable[[Shape], Mapping[str, object]]


def consolidate_boxes(batch: Batch) -> Consolidation:
    """Consolidate a batch of boxes; the outputs are in the payload's order."""
    return _images(batch, _BOXES)


def consolidate_polygons(batch: Batch) -> Consolidation:
    """Consolidate a batch of polygons; the outputs are in the payload's order."""
    return _images(batch, _POLYGONS)


def consolidate_polylines(batch: Batch) -> Consolidation:
    """Consolidate a batch of polylines; the outputs are in the payload's order."""
    return _images(batch, _POLYLINES)


def consolidate_keypoints(batch: Batch) -> Consolidation:
    """Consolidate a batch of keypoints; the outputs are in the payload's order."""
    return _images(batch, _KEYPOINTS)


def consolidate_spans(batch: Batch) -> Consolidation:
    """Consolidate a batch of entities; the outputs are in the payload's order.

    Of entities that overlap the likelier one is in the label, as nobody can mark both.
    """

    def output(
        answered: AnsweredObject[Marked[spans.Span]], found: Sequence[FusedMark[spans.Span]]
    ) -> ConsolidatedObject:
        kept: list[FusedMark[spans.Span]] = []
        for mark in found:
            if not any(spans.overlap(mark.shape, other.shape) for other in kept):
                kept.append(mark)
        kept.sort(key=lambda mark: mark.shape)
        return entities_output(
            object_id=answered.object_id,
            attribute=batch.label_attribute,
            entities=[(mark.label, mark.shape, mark.confidence) for mark in kept],
            labels=batch.labels,
            metadata=batch.metadata(answered.answers),
        )

    return _consolidated(batch, "entities", answer_shapes.span, spans.consolidate, output)


def _images(batch: Batch, kind: _Kind[Shape]) -> Consolidation:
    def output(
        answered: AnsweredObject[Marked[Shape]], found: Sequence[FusedMark[Shape]]
    ) -> ConsolidatedObject:
        return image_shapes_output(
            object_id=answered.object_id,
            attribute=batch.label_attribute,
            key=kind.written,
            entries=[(mark.label, kind.entry(mark.shape), mark.confidence) for mark in found],
            labels=batch.labels,
            image_size=_image_size(answered.answers),
            metadata=batch.metadata(answered.answers),
        )

    return _consolidated(batch, kind.key, kind.read, kind.algorithm, output)


def _consolidated(
    batch: Batch,
    key: str,
    read: answer_shapes.ReadShape[Shape],
    algorithm: Callable[[Sequence[Answers[Shape]], int], list[list[FusedMark[Shape]]]],
    output: Callable[
        [AnsweredObject[Marked[Shape]], Sequence[FusedMark[Shape]]], ConsolidatedObject
    ],
) -> Consolidation:
    answers = read_answers(
        batch.payload,
        answer_format=Shapes(
            labels=batch.labels, element=batch.rules.template_element, key=key, read=read
        ),
        fetch=batch.fetch,
    )
    results = algorithm(
        [{each.worker: each.marks for each in answered.answers} for answered in answers.objects],
        len(batch.labels),
    )
    return Consolidation(
        outputs=tuple(
            output(answered, [mark for mark in found if mark.confidence >= _LEAST_CONFIDENCE])
            for answered, found in zip(answers.objects, results, strict=True)
        ),
        failed=answers.failed,
        incomplete=tuple(_incomplete(answers.objects)),
    )


def _incomplete(objects: Sequence[AnsweredObject[Marked[Any]]]) -> list[AnsweredObject[Any]]:
    """Return the objects of which an answer, or a part of one, did not count."""
    told = [
        replace(
            answered,
            set_aside=tuple(
                sorted(
                    [
                        *answered.set_aside,
                        *(flaw for each in answered.answers for flaw in each.flaws),
                    ]
                )
            ),
        )
        for answered in objects
    ]
    return [answered for answered in told if answered.set_aside]


def _image_size(answers: Sequence[Marked[Any]]) -> Size | None:
    """Return the size most workers' pages told; of equals the larger."""
    sizes = Counter(each.image_size for each in answers if each.image_size)
    return max(sizes, key=lambda size: (sizes[size], size)) if sizes else None


def _box(entry: Mapping[str, object], size: Size | None) -> Edges:
    left, top, width, height = (
        answer_shapes.number(entry, key) for key in ("left", "top", "width", "height")
    )
    return boxes.within((left, top, left + width, top + height), size)


def _box_entry(edges: Edges) -> Mapping[str, object]:
    """Return a box in whole pixels, as Ground Truth's are; it has at least one."""
    left, top, right, bottom = map(round, edges)
    return {
        "left": left,
        "top": top,
        "width": max(1, right - left),
        "height": max(1, bottom - top),
    }


def _polygon(entry: Mapping[str, object], size: Size | None) -> Points:
    return areas.outline(answer_shapes.vertices(entry, size))


def _polyline(entry: Mapping[str, object], size: Size | None) -> Points:
    return lines.line(answer_shapes.vertices(entry, size))


def _keypoint(entry: Mapping[str, object], size: Size | None) -> Keypoint:
    return lines.keypoint(answer_shapes.point(entry, size), size)


def _vertices_entry(points: Points) -> Mapping[str, object]:
    return {"vertices": [{"x": pixel(x), "y": pixel(y)} for x, y in points]}


def _keypoint_entry(point: Keypoint) -> Mapping[str, object]:
    return {"x": pixel(point.x), "y": pixel(point.y)}


_BOXES: Final = _Kind(
    key="boundingBoxes",
    written="annotations",
    read=_box,
    algorithm=boxes.consolidate,
    entry=_box_entry,
)
_POLYGONS: Final = _Kind(
    key="polygons",
    written="polygons",
    read=_polygon,
    algorithm=lines.polygons,
    entry=_vertices_entry,
)
_POLYLINES: Final = _Kind(
    key="polylines",
    written="polylines",
    read=_polyline,
    algorithm=lines.polylines,
    entry=_vertices_entry,
)
_KEYPOINTS: Final = _Kind(
    key="keypoints",
    written="keypoints",
    read=_keypoint,
    algorithm=lines.keypoints,
    entry=_keypoint_entry,
)
_FORMATS: Final[Mapping[AnswerKind, tuple[str, answer_shapes.ReadShape[Any]]]] = MappingProxyType(
    {
        AnswerKind.BOXES: (_BOXES.key, _BOXES.read),
        AnswerKind.POLYGONS: (_POLYGONS.key, _POLYGONS.read),
        AnswerKind.POLYLINES: (_POLYLINES.key, _POLYLINES.read),
        AnswerKind.KEYPOINTS: (_KEYPOINTS.key, _KEYPOINTS.read),
        AnswerKind.SPANS: ("entities", answer_shapes.span),
    }
)


def answer_format(kind: AnswerKind, labels: Sequence[str], element: str) -> Shapes[Any]:
    """Return how answers of a kind are read; raises ``KeyError`` for kinds that aren't shapes."""
    key, read = _FORMATS[kind]
    return Shapes(labels=labels, element=element, key=key, read=read)
