"""Which kind of answer is consolidated how; another kind is another line.

None may import numpy here: it isn't in the functions' zips.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from ground_truth.consolidation import classification, multilabel, shapes
from ground_truth.consolidation.batch import Batch, Consolidation
from ground_truth.tasks import AnswerKind


class AnswerKindError(ValueError):
    """No consolidation for this kind of answer."""


_KINDS: Final[Mapping[AnswerKind, Callable[[Batch], Consolidation]]] = MappingProxyType(
    {
        AnswerKind.SINGLE_LABEL: classification.consolidate,
        AnswerKind.MULTI_LABEL: multilabel.consolidate,
        AnswerKind.BOXES: shapes.consolidate_boxes,
        AnswerKind.POLYGONS: shapes.consolidate_polygons,
        AnswerKind.POLYLINES: shapes.consolidate_polylines,
        AnswerKind.KEYPOINTS: shapes.consolidate_keypoints,
        AnswerKind.SPANS: shapes.consolidate_spans,
    }
)


def consolidate_batch(batch: Batch) -> Consolidation:
    """Consolidate a batch by the kind of its task's answers; outputs in the payload's order.

    Raises:
        AnswerKindError: there is no consolidation for such answers.
        AnnotationPayloadError: the payload can't be read.
    """
    kind = batch.rules.answers
    if kind not in _KINDS:
        raise AnswerKindError(
            f"answers of task {batch.rules.task} can't be consolidated: got {kind}, "
            f"allowed {', '.join(_KINDS)}"
        )
    return _KINDS[kind](batch)
