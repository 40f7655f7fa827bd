"""Sequence files of video frames and point clouds: what Ground Truth would refuse in them."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from ground_truth.frame_sequences import frames_out_of_order, sequence_problems
from ground_truth.limits import Range
from tests.unit.domain.test_frame_manifests import CLOUD, changed

# as in the developer guide's examples
VIDEO = {
    "seq-no": 1,
    "prefix": "s3://raw/videos/1/",
    "number-of-frames": 3,
    "frames": [
        {"frame-no": n, "unix-timestamp": 1566861644, "frame": f"frame000{n}.jpg"}
        for n in range(1, 4)
    ],
}
_SAID: Any = CLOUD["source-ref-metadata"]
CLOUDS = {
    "seq-no": 1,
    "prefix": "s3://raw/clouds/1/",
    "number-of-frames": 2,
    "frames": [
        {**copy.deepcopy(_SAID), "frame-no": n, "frame": f"frames/{n}.bin"} for n in (300, 303)
    ],
}
MOST = Range(1, 4)


def problems(sequence: object, *, clouds: bool = False) -> list[str]:
    return list(sequence_problems(json.dumps(sequence).encode(), clouds=clouds, frames=MOST))


def test_sequences_as_documented_are_taken() -> None:
    assert problems(VIDEO) == []
    assert problems(CLOUDS, clouds=True) == []
    least = [{"frame-no": "a", "frame": "a.PNG"}]
    assert problems({**VIDEO, "number-of-frames": 1, "frames": least}) == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 5000])
def test_file_that_is_no_object_is_told_as_one_problem(content: bytes) -> None:
    (problem,) = sequence_problems(content, clouds=False, frames=MOST)

    assert "is no JSON object with seq-no" in problem
    assert frames_out_of_order(content) == ""


F = "frames"


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (("seq-no",), "1", "seq-no is no whole number: got '1'"),
        (("seq-no",), True, "seq-no is no whole number: got True"),
        (("prefix",), "s3://raw/videos/1", "prefix is no s3:// address that ends in a slash"),
        (("prefix",), None, "prefix is no s3:// address that ends in a slash: got None"),
        (("number-of-frames",), 4, "number-of-frames is 4, and frames has 3"),
        (("number-of-frames",), None, "number-of-frames is None, and frames has 3"),
        (("number-of-frames",), 3.0, "number-of-frames is 3.0, and frames has 3"),
        ((F,), "frame0001.jpg", "frames is no list: got str"),
        ((F, 0), "frame0001.jpg", "frames[0] is no object"),
        ((F, 1, "frame"), None, "frames[1] lacks frame, the file's place below prefix"),
        ((F, 1, "frame"), "frame0002.gif", "frames[1].frame: got 'frame0002.gif', allowed .jpg"),
        ((F, 1, "frame"), "frame0001.jpg", "frame frame0001.jpg is there 2 times"),
        ((F, 1, "frame-no"), None, "frames[1] lacks frame-no"),
        ((F, 1, "frame-no"), 3, "frame-no 3 is there 2 times"),
        ((F, 1, "unix-timestamp"), "now", "frames[1].unix-timestamp is no number: got 'now'"),
    ],
)
def test_what_ground_truth_has_to_know_of_video_frames_is_asked_for(
    path: tuple[str | int, ...], value: object, problem: str
) -> None:
    (found,) = problems(changed(VIDEO, path, value))

    assert problem in found


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ((F, 0, "unix-timestamp"), None, "frames[0] lacks unix-timestamp, a number"),
        ((F, 0, "format"), "binary/pcd", "frames[0].format is unknown: got 'binary/pcd'"),
        ((F, 0, "images", 0, "fx"), None, "frames[0].images[0] lacks fx, a number"),
        ((F, 0, "frame"), "frames/303.bin", "frame frames/303.bin is there 2 times"),
    ],
)
def test_point_clouds_of_a_sequence_say_what_a_single_one_says(
    path: tuple[str | int, ...], value: object, problem: str
) -> None:
    (found,) = problems(changed(CLOUDS, path, value), clouds=True)

    assert problem in found


@pytest.mark.parametrize("count", [0, 5])
def test_number_of_frames_has_limits(count: int) -> None:
    frames = [{"frame-no": n, "frame": f"{n}.jpg"} for n in range(count)]

    (found,) = problems({**VIDEO, "number-of-frames": count, "frames": frames})

    assert found.startswith(f"number of frames out of range: got {count}, allowed 1-4")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["f1.jpg", "f10.jpg"], ""),
        (["f2.jpg", "f10.jpg"], "frame 'f10.jpg' is listed after 'f2.jpg'"),
        (["\U0001f408.jpg", "\uff5a.jpg"], "frame '\uff5a.jpg' is listed after"),
        ([], ""),
    ],
)
def test_frames_are_shown_in_the_order_of_their_names_bytes(names: list[str], said: str) -> None:
    frames = [{"frame-no": number, "frame": name} for number, name in enumerate(names)]

    found = frames_out_of_order(json.dumps({"frames": frames}).encode())

    assert found.startswith(said)
    assert bool(found) == bool(said)
