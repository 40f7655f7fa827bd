"""From a consolidation payload with masks to the answer and the pictures it refers to."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ground_truth.answer_masks import DrawnMask, Masks
from ground_truth.answers import AnsweredObject, FailedObject, read_answers
from ground_truth.consolidation import masks
from ground_truth.consolidation.batch import Batch, Consolidation
from ground_truth.consolidation.pictures import (
    MOST_CLASSES,
    PictureError,
    palette_of,
    read_classes,
    write_classes,
)
from ground_truth.output_shapes import segmentation_output

if TYPE_CHECKING:
    from ground_truth.contracts import ConsolidatedObject

Store = Callable[[str | int, bytes], str]
"""stores the picture of an object and returns its S3 URI"""

_Drawn = AnsweredObject[DrawnMask]


class TooManyLabelsError(ValueError):
    """More labels than a picture with a palette can have."""


def consolidate(batch: Batch, store: Store) -> Consolidation:
    """Consolidate a batch of masks one object at a time; the outputs are in the payload's order.

    Masks of another size than most have, and files that can't be unpacked, don't count.

    Raises:
        TooManyLabelsError: there are more than 255 labels.
        AnnotationPayloadError: the payload can't be read.
    """
    if len(batch.labels) > MOST_CLASSES:
        raise TooManyLabelsError(
            f"too many labels for masks: got {len(batch.labels)}, allowed {MOST_CLASSES}"
        )
    read = read_answers(
        batch.payload,
        answer_format=Masks(labels=batch.labels, element=batch.rules.template_element),
        fetch=batch.fetch,
    )
    # Workers' pages use the same colors; where they don't, the most frequent one of each label.
    palette = palette_of(len(batch.labels), _colors(read.objects))
    outputs: list[ConsolidatedObject] = []
    failed = list(read.failed)
    incomplete = []
    for each in read.objects:
        answered, drawn = _decoded(each)
        if not drawn:
            reason = f"no answer counts: {'; '.join(answered.set_aside)}"
            failed.append(FailedObject(object_id=answered.object_id, reason=reason))
            continue
        fused = masks.consolidate(drawn)
        uri = store(answered.object_id, write_classes(fused.mask, palette))
        outputs.append(
            segmentation_output(
                object_id=answered.object_id,
                attribute=batch.label_attribute,
                uri=uri,
                confidence=fused.confidence,
                labels=batch.labels,
                palette=palette,
                metadata=batch.metadata(answered.answers),
            )
        )
        if answered.set_aside:
            incomplete.append(answered)
    return Consolidation(outputs=tuple(outputs), failed=tuple(failed), incomplete=tuple(incomplete))


def _colors(objects: Sequence[_Drawn]) -> Mapping[int, int]:
    """Return the color of each label somebody used, no color for two."""
    used = Counter(
        (label, color)
        for answered in objects
        for drawn in answered.answers
        for color, label in drawn.colors
        if color != 0xFFFFFF
    )
    found: dict[int, int] = {}
    for (label, color), _ in sorted(used.items(), key=lambda item: (-item[1], item[0])):
        if label not in found and color not in found.values():
            found[label] = color
    return found


def _decoded(answered: _Drawn) -> tuple[_Drawn, list[masks.Mask]]:
    """Return the masks of one object that count, and the object with why others don't."""
    sizes = Counter(drawn.size for drawn in answered.answers)
    size = max(sizes, key=lambda each: (sizes[each], each))
    set_aside = [*answered.set_aside]
    found: list[masks.Mask] = []
    for drawn in answered.answers:
        set_aside += drawn.flaws
        if drawn.size != size:
            set_aside.append(f"a mask is not {size[0]} x {size[1]} pixels as most are")
            continue
        try:
            found.append(read_classes(drawn.png, drawn.colors))
        except PictureError as error:
            set_aside.append(str(error))
    return replace(answered, set_aside=tuple(sorted(set_aside))), found
