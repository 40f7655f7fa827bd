"""Workers' pictures become one picture; spoilt ones cost no other its place."""

import base64
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ground_truth.consolidation.batch import Batch, Consolidation
from ground_truth.consolidation.mask_batch import TooManyLabelsError, consolidate
from ground_truth.consolidation.pictures import palette_of, read_classes, write_classes
from ground_truth.tasks import AnswerKind, TaskType, rules_for
from tests.unit.domain.events import answered

LABELS = ("road", "sky")
ROAD, SKY = "#2acf59", "#F28333"
Picture = Any


def picture(road: int, *, size: int = 40, other: tuple[int, int, int] | None = None) -> Picture:
    """A road of so many rows below, five rows of sky above, nothing between."""
    pixels = np.zeros((size, size, 4), np.uint8)
    pixels[size - road :] = (0x2A, 0xCF, 0x59, 255)
    pixels[:5] = (0xF2, 0x83, 0x33, 255)
    if other:
        pixels[10] = (*other, 255)
    return pixels


def png(pixels: Picture) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG")
    return file.getvalue()


def answer(worker: str, image: bytes | str, mappings: Any = None, **more: Any) -> dict[str, Any]:
    text = base64.b64encode(image).decode() if isinstance(image, bytes) else image
    used = {"road": {"color": ROAD}, "sky": {"color": SKY}} if mappings is None else mappings
    content = {"labelMappings": used, "labeledImage": {"pngImageData": text}} | more
    return {
        "workerId": worker,
        "annotationData": {"content": json.dumps({"crowd-semantic-segmentation": content})},
    }


def consolidated(
    *objects: Any, labels: tuple[str, ...] = LABELS
) -> tuple[Consolidation, dict[Any, bytes]]:
    stored: dict[Any, bytes] = {}

    def store(object_id: str | int, image: bytes) -> str:
        stored[object_id] = image
        return f"s3://bucket/{object_id}.png"

    rules = replace(
        rules_for(TaskType.IMAGE_CLASSIFICATION),
        answers=AnswerKind.MASK,
        template_element="crowd-semantic-segmentation",
        metadata_type="groundtruth/semantic-segmentation",
    )
    batch = Batch(
        payload=json.dumps(objects).encode(),
        rules=rules,
        labels=labels,
        label_attribute="streets-ref",
        job_name="streets-1",
        created=datetime(2026, 11, 25, 8, 0, tzinfo=UTC),
        fetch=lambda uri: uri,
    )
    return consolidate(batch, store), stored


def test_masks_have_the_documented_form() -> None:
    found, stored = consolidated(
        answered(
            "7",
            *(answer(w, png(picture(rows))) for w, rows in zip("abc", (9, 10, 10), strict=True)),
        )
    )

    (output,) = found.outputs
    sure = pytest.approx(1.0, abs=0.05)
    assert output == {
        "datasetObjectId": "7",
        "consolidatedAnnotation": {
            "content": {
                "streets-ref": "s3://bucket/7.png",
                "streets-ref-metadata": {
                    "internal-color-map": {
                        "0": {
                            "class-name": "BACKGROUND",
                            "hex-color": "#ffffff",
                            "confidence": sure,
                        },
                        "1": {"class-name": "road", "hex-color": "#2acf59", "confidence": sure},
                        "2": {"class-name": "sky", "hex-color": "#f28333", "confidence": sure},
                    },
                    "type": "groundtruth/semantic-segmentation",
                    "human-annotated": "yes",
                    "job-name": "labeling-job/streets-1",
                    "creation-date": "2026-11-25T08:00:00",
                },
            }
        },
    }
    image = Image.open(io.BytesIO(stored["7"]))
    assert (image.mode, image.size) == ("P", (40, 40))
    classes = np.asarray(image)
    assert (classes[:5] == 2).all()
    assert (classes[5:30] == 0).all()
    assert (classes[30:] == 1).all()
    assert image.convert("RGB").getpixel((0, 39)) == (0x2A, 0xCF, 0x59)


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (answer("x", "not base64!"), "pngImageData is not base64"),
        (answer("x", b"GIF89a" + bytes(40)), "pngImageData is not a PNG file"),
        (answer("x", png(picture(9))[:60]), "the PNG file can't be read"),
        (answer("x", png(picture(9, size=41))), "a mask is not 40 x 40 pixels as most are"),
        (answer("x", png(picture(9)), {"river": {"color": "#000000"}}), "none of 1 labels"),
        (answer("x", png(picture(9)), []), "labelMappings is not an object: got list"),
        (answer("x", png(picture(9)), labeledImage=3), "pngImageData is not text: got null"),
        (
            answer(
                "x", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff\xff\xff\xff\xff" + bytes(30)
            ),
            "the mask is too large: got 4294967295 x 4294967295 pixels",
        ),
    ],
)
def test_spoilt_mask_is_set_aside_with_the_reason(broken: Any, reason: str) -> None:
    good = [answer(worker, png(picture(10))) for worker in "abc"]
    found, stored = consolidated(answered("7", broken, *good), answered("8", broken))

    assert "7" in stored
    assert reason in found.incomplete[0].set_aside[0]
    if "40 x 40" not in reason:  # alone, it is as large as most
        assert [failed.object_id for failed in found.failed] == ["8"]
        assert reason in found.failed[0].reason


def test_label_that_cannot_be_read_costs_no_other_its_pixels() -> None:
    mappings = {"road": {"color": ROAD}, "river": {"color": "#000001"}, "sky": {"color": "blue"}}
    found, stored = consolidated(answered("7", answer("a", png(picture(10)), mappings)))

    assert found.incomplete[0].set_aside == (
        "a label is not one of the categories: got text of 5 characters",
        "a label's color is not written #rrggbb",
    )
    assert set(np.unique(np.asarray(Image.open(io.BytesIO(stored["7"]))))) == {0, 1}


def test_masks_of_nothing_are_masks() -> None:
    empty = png(np.zeros((8, 8, 4), np.uint8))
    found, stored = consolidated(answered("7", answer("a", empty, {}), answer("b", empty, {})))

    assert len(found.outputs) == 1
    assert not np.asarray(Image.open(io.BytesIO(stored["7"]))).any()


def test_more_labels_than_a_palette_has_are_refused() -> None:
    with pytest.raises(TooManyLabelsError, match="got 256, allowed 255"):
        consolidated(labels=tuple(map(str, range(256))))


def test_colors_are_looked_up_and_others_are_nothing() -> None:
    found = read_classes(png(picture(10, other=(1, 2, 3))), [(0x2ACF59, 0), (0xF28333, 6)])

    assert set(np.unique(found)) == {0, 1, 7}
    assert (found[10] == 0).all()


def test_palette_has_a_color_of_its_own_for_every_class() -> None:
    colors = palette_of(255, {3: 0x2ACF59})

    assert (colors[0], colors[4]) == (0xFFFFFF, 0x2ACF59)
    assert len(set(colors)) == 256


def test_picture_is_read_as_it_was_written() -> None:
    mask = np.arange(256, dtype=np.uint8).reshape(16, 16)
    palette = palette_of(255, {})
    written = write_classes(mask, palette)

    assert (
        read_classes(written, [(color, n) for n, color in enumerate(palette[1:])]) == mask
    ).all()
