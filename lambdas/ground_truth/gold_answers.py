"""What a gold file says of an object, by the kind of its task's answers, as an answer would be.

Of shapes that is what the files of a whole job's consolidation have in the same columns. Of a mask
it is a picture beside the gold file, and the color of each label in it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any, Final

from ground_truth.answer_masks import color_of
from ground_truth.consolidation import areas, boxes, lines, planes, shape_texts
from ground_truth.consolidation.marks import Mark
from ground_truth.tasks import AnswerKind


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldRow:
    """One row; ``place`` is where it stands, for messages.

    Of shapes, ``shape`` are their columns; they and the label are empty where nothing is there.
    """

    place: str
    object: str
    label: str
    shape: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether the row says that nothing is there."""
        return not self.label and not any(self.shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldShape:
    """Columns of a kind, and what makes a shape of their values or raises ``ValueError``."""

    columns: tuple[str, ...]
    read: Callable[[Sequence[str]], Any]


def _keypoint(values: Sequence[str]) -> lines.Keypoint:
    x, y = map(shape_texts.number, values)
    # how near is near follows from the answer's image
    return lines.Keypoint(x, y, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Painted:
    """One label of a mask: where the picture lies, beside the gold file, and 0xRRGGBB in it."""

    picture: str
    color: int


def _painted(values: Sequence[str]) -> Painted:
    picture, color = values
    place = PurePosixPath(picture)
    if place.suffix.lower() != ".png" or place.is_absolute() or ".." in place.parts:
        raise ValueError(f"a mask is no PNG file beside the gold file: got {picture!r}")
    found = color_of(color)
    if found is None:
        raise ValueError(f"a color is not written #rrggbb: got {color!r}")
    return Painted(picture=picture, color=found)


SHAPES: Final[Mapping[AnswerKind, GoldShape]] = MappingProxyType(
    {
        AnswerKind.BOXES: GoldShape(
            columns=shape_texts.BOX,
            read=lambda values: boxes.within(shape_texts.edges(values), None),
        ),
        AnswerKind.POLYGONS: GoldShape(
            columns=shape_texts.LINE,
            read=lambda values: areas.outline(planes.steps(shape_texts.points(values))),
        ),
        AnswerKind.POLYLINES: GoldShape(
            columns=shape_texts.LINE,
            read=lambda values: lines.line(planes.steps(shape_texts.points(values))),
        ),
        AnswerKind.KEYPOINTS: GoldShape(columns=shape_texts.POINT, read=_keypoint),
        AnswerKind.MASK: GoldShape(columns=("mask", "color"), read=_painted),
        AnswerKind.SPANS: GoldShape(columns=shape_texts.SPAN, read=shape_texts.span),
    }
)
KINDS: Final = frozenset({AnswerKind.SINGLE_LABEL, AnswerKind.MULTI_LABEL, *SHAPES})


def columns_of(kind: AnswerKind) -> tuple[str, ...]:
    """Return the columns of a gold file, in the order messages name them."""
    return ("object", *(SHAPES[kind].columns if kind in SHAPES else ()), "label")


def labels_of(rows: Sequence[GoldRow], labels: Sequence[str]) -> frozenset[int]:
    """Return the class indexes of an object's rows; -1 is a label a job did not have."""
    return frozenset(_index(labels, row.label) for row in rows if not row.is_nothing)


def marks_of(
    rows: Sequence[GoldRow], labels: Sequence[str], kind: AnswerKind
) -> tuple[Mark[Any], ...]:
    """Return the shapes of an object's rows; -1 is a label a job did not have.

    Raises:
        ValueError: one is no shape.
    """
    return tuple(
        Mark(label=_index(labels, row.label), shape=SHAPES[kind].read(row.shape))
        for row in rows
        if not row.is_nothing
    )


def _index(labels: Sequence[str], label: str) -> int:
    return labels.index(label) if label in labels else -1
