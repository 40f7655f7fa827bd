"""Gold of masks: a picture for each object, beside the gold file, and what its colors mean."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet

from ground_truth.answer_masks import DrawnMask, png_size
from ground_truth.answers import AnswerError
from ground_truth.gold_answers import GoldRow, marks_of
from ground_truth.manifest_entries import short
from ground_truth.tasks import AnswerKind

Read = Callable[[str], bytes]
"""Reads a picture by its path beside the gold file; raises ``OSError``."""


def gold_mask(rows: Sequence[GoldRow], labels: Sequence[str], read: Read) -> DrawnMask | None:
    """Return what is true of an object as a worker would have painted it; None for nothing.

    Raises:
        OSError: the picture can't be read.
        AnswerError: it is no PNG file.
        ValueError: a row is none of a mask.
    """
    marks = marks_of(rows, labels, AnswerKind.MASK)
    if not marks:
        return None
    png = read(marks[0].shape.picture)
    colors = {mark.shape.color: mark.label for mark in marks if mark.label >= 0}
    size = png_size(png)
    return DrawnMask(worker="", png=png, size=size, colors=tuple(sorted(colors.items())), flaws=())


def check_rows(rows: Sequence[GoldRow], report: Callable[[str], None]) -> None:
    """Report an object with two pictures, and a color that stands for two labels of one."""
    pictures: dict[str, str] = {}
    colors: dict[tuple[str, str], str] = {}
    for row in rows:
        if row.is_nothing:
            continue
        picture, color = row.shape
        first = pictures.setdefault(row.object, picture)
        if picture != first:
            report(
                f"{row.place}: object {short(row.object)} has another mask {short(picture)} beside "
                f"{short(first)}; put all its labels into one"
            )
        other = colors.setdefault((row.object, color.lower()), row.label)
        if other != row.label:
            report(
                f"{row.place}: {color} stands for {short(row.label)} and for {short(other)} of "
                f"object {short(row.object)}; give each a color of its own"
            )


def check_picture(
    rows: Sequence[GoldRow],
    png: bytes,
    colors_of: Callable[[bytes], AbstractSet[int]],
    size: tuple[int, int] | None,
    report: Callable[[str], None],
) -> None:
    """Report what of one object's picture doesn't fit its rows, or its image's ``size``.

    ``colors_of`` tells the colors of a picture's pixels.
    """
    picture = rows[0].shape[0]
    try:
        found = png_size(png)
        there = colors_of(png)
    except (AnswerError, ValueError) as error:
        report(f"{rows[0].place}: {picture}: {error}; save the mask as a PNG file")
        return
    if size not in (None, found):
        report(
            f"{rows[0].place}: {picture} is {found[0]} x {found[1]} pixels, and its image "
            f"{size[0]} x {size[1]}; make them alike"
        )
    for mark, row in zip(marks_of(rows, (), AnswerKind.MASK), rows, strict=True):
        if mark.shape.color not in there:
            report(
                f"{row.place}: no pixel of {picture} is {row.shape[1]}; correct the color, or "
                "remove the row"
            )
