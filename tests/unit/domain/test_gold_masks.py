"""Gold of masks: what rows and pictures must be, and what they say."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from ground_truth.answers import AnswerError
from ground_truth.consolidation.pictures import PictureError, colors_of, read_classes
from ground_truth.gold import read_rows
from ground_truth.gold_masks import check_picture, check_rows, gold_mask
from ground_truth.tasks import AnswerKind

if TYPE_CHECKING:
    from ground_truth.gold_answers import GoldRow

RED, BLUE, CLEAR = (255, 0, 0, 255), (0, 0, 255, 255), (0, 0, 255, 0)


def png(*pixels: tuple[int, int, int, int]) -> bytes:
    image = Image.new("RGBA", (len(pixels), 1))
    image.putdata(pixels)
    file = io.BytesIO()
    image.save(file, format="PNG")
    return file.getvalue()


def rows(*lines: str) -> tuple[GoldRow, ...]:
    text = "\n".join(["object,mask,color,label", *lines])
    return read_rows(text.encode(), AnswerKind.MASK, pytest.fail)


BOTH = ("1.png,masks/1.png,#ff0000,cat", "1.png,masks/1.png,#0000FF,dog")


def test_mask_is_the_picture_with_the_labels_colors() -> None:
    picture = png(RED, BLUE, CLEAR)
    found = gold_mask(rows(*BOTH), ("dog", "cat"), {"masks/1.png": picture}.__getitem__)
    assert found is not None
    assert (found.size, found.colors) == ((3, 1), ((0x0000FF, 0), (0xFF0000, 1)))
    assert read_classes(found.png, found.colors).tolist() == [[2, 1, 0]]


def test_labels_a_job_did_not_have_are_left_out() -> None:
    found = gold_mask(rows(*BOTH), ("cat",), lambda _: png(RED))
    assert found is not None
    assert found.colors == ((0xFF0000, 0),)


def test_nothing_there_needs_no_picture() -> None:
    assert gold_mask(rows("1.png,,,"), ("cat",), pytest.fail) is None


def test_file_that_is_no_picture_is_an_error() -> None:
    with pytest.raises(AnswerError, match="not a PNG file"):
        gold_mask(rows(*BOTH), ("cat",), lambda _: b"GIF89a")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("1.png,masks/2.png,#00ff00,dog", "line 3: object '1.png' has another mask 'masks/2.png'"),
        ("1.png,masks/1.png,#FF0000,dog", "line 3: #FF0000 stands for 'dog' and for 'cat' of obje"),
    ],
)
def test_rows_that_contradict_each_other_are_refused(line: str, problem: str) -> None:
    said: list[str] = []
    check_rows(rows(BOTH[0], line, "2.png,,,", "3.png,masks/2.png,#FF0000,dog"), said.append)
    (found,) = said
    assert found.startswith(problem)


def checked(picture: bytes, size: tuple[int, int] | None = None) -> list[str]:
    said: list[str] = []
    check_picture(rows(*BOTH), picture, colors_of, size, said.append)
    return said


def test_picture_that_fits_its_rows_is_taken() -> None:
    assert checked(png(RED, BLUE)) == checked(png(RED, BLUE), (2, 1)) == []


def test_color_that_no_pixel_has_is_refused() -> None:
    assert checked(png(RED, CLEAR)) == [
        "line 3: no pixel of masks/1.png is #0000FF; correct the color, or remove the row"
    ]


def test_picture_of_another_size_than_its_image_is_refused() -> None:
    assert checked(png(RED, BLUE), (20, 10)) == [
        "line 2: masks/1.png is 2 x 1 pixels, and its image 20 x 10; make them alike"
    ]


@pytest.mark.parametrize("content", [b"", b"GIF89a", png(RED, BLUE)[:40]])
def test_picture_that_is_none_is_refused(content: bytes) -> None:
    (problem,) = checked(content)
    assert problem.startswith("line 2: masks/1.png: ")
    assert problem.endswith("; save the mask as a PNG file")


def test_colors_of_a_palette_are_those_that_are_seen() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([1, 2, 3, 4, 5, 6, 7, 8, 9])
    image.putdata([0, 2])
    file = io.BytesIO()
    image.save(file, format="PNG")
    assert colors_of(file.getvalue()) == {0x010203, 0x070809}
    with pytest.raises(PictureError):
        colors_of(b"")
