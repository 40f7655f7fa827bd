"""Manifests of video frames and point clouds: what a line must say."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from ground_truth.manifest import ManifestError, parse_manifest
from ground_truth.tasks import TaskType

POSE = {"position": {"x": 1.5, "y": 0, "z": -2}, "heading": {"qx": 0, "qy": 0, "qz": 0, "qw": 1}}
CAMERA = {
    "image-path": "front/1.jpg",
    "unix-timestamp": 1566861644.75,
    **{"fx": 847.8, "fy": 850.0, "cx": 576.2, "cy": 317.2},
    **copy.deepcopy(POSE),
    "camera-model": "fisheye",
}
CLOUD = {
    "source-ref": "s3://raw/clouds/1.bin",
    "source-ref-metadata": {
        "format": "binary/xyzi",
        "unix-timestamp": 1566861644.75,
        "ego-vehicle-pose": POSE,
        "prefix": "s3://raw/cameras/",
        "images": [CAMERA],
    },
}
SEQUENCES = (
    TaskType.VIDEO_FRAME_OBJECT_DETECTION,
    TaskType.VIDEO_FRAME_OBJECT_TRACKING,
    TaskType.POINT_CLOUD_OBJECT_TRACKING,
)
CLOUDS = (TaskType.POINT_CLOUD_OBJECT_DETECTION, TaskType.POINT_CLOUD_SEMANTIC_SEGMENTATION)


def refusals(line: object, task: TaskType) -> list[str]:
    try:
        parse_manifest(json.dumps(line), task)
    except ManifestError as error:
        return [str(problem) for problem in error.problems]
    return []


@pytest.mark.parametrize("task", SEQUENCES)
def test_sequence_is_a_file_of_its_own(task: TaskType) -> None:
    assert refusals({"source-ref": "s3://raw/seq1.json"}, task) == []
    (refusal,) = refusals({"source-ref": "s3://raw/frame1.jpg"}, task)
    assert "unsupported file type: got 'frame1.jpg', allowed .json" in refusal


def test_ten_sequences_of_video_frames_are_the_most() -> None:
    lines = "\n".join(json.dumps({"source-ref": f"s3://raw/{each}.json"}) for each in range(11))

    with pytest.raises(ManifestError, match="too many objects: got 11, allowed 1-10"):
        parse_manifest(lines, TaskType.VIDEO_FRAME_OBJECT_DETECTION)


@pytest.mark.parametrize("task", CLOUDS)
def test_point_cloud_as_documented_is_taken(task: TaskType) -> None:
    assert refusals(CLOUD, task) == []
    least = {"source-ref": "s3://raw/1.txt", "source-ref-metadata": {"unix-timestamp": 1}}
    assert refusals(least, task) == []


def changed(document: dict[str, Any], path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    found = copy.deepcopy(document)
    part: Any = found
    for step in path[:-1]:
        part = part[step]
    if value is None:
        del part[path[-1]]
    else:
        part[path[-1]] = value
    return found


M = "source-ref-metadata"


@pytest.mark.parametrize(
    ("path", "value", "refusal"),
    [
        ((M,), None, f"lacks {M}"),
        ((M, "unix-timestamp"), "now", f"{M} lacks unix-timestamp, a number"),
        ((M, "unix-timestamp"), True, f"{M} lacks unix-timestamp, a number"),
        ((M, "format"), "binary/pcd", f"{M}.format is unknown: got 'binary/pcd'"),
        ((M, "prefix"), "s3://raw/cameras", f"{M}.prefix is no s3:// address"),
        ((M, "ego-vehicle-pose"), [], f"{M}.ego-vehicle-pose is no object"),
        ((M, "ego-vehicle-pose", "heading"), None, f"{M}.ego-vehicle-pose lacks heading"),
        ((M, "ego-vehicle-pose", "position", "z"), None, "position lacks z, a number"),
        ((M, "images"), [CAMERA] * 9, f"{M}.images is no list of up to 8 cameras"),
        ((M, "images"), "front.jpg", f"{M}.images is no list of up to 8 cameras"),
        ((M, "images", 0), "front.jpg", f"{M}.images[0] is no object"),
        ((M, "images", 0, "image-path"), None, f"{M}.images[0] lacks image-path"),
        ((M, "images", 0, "fx"), None, f"{M}.images[0] lacks fx, a number"),
        ((M, "images", 0, "position"), None, f"{M}.images[0] lacks position"),
        ((M, "images", 0, "camera-model"), "phone", "got 'phone', allowed pinhole, fisheye"),
    ],
)
def test_what_ground_truth_has_to_know_of_a_point_cloud_is_asked_for(
    path: tuple[str | int, ...], value: object, refusal: str
) -> None:
    found = refusals(changed(CLOUD, path, value), TaskType.POINT_CLOUD_OBJECT_DETECTION)

    assert len(found) == 1
    assert refusal in found[0]


def test_format_goes_without_saying_for_two_kinds_of_files_alone() -> None:
    line = changed(CLOUD, (M, "format"), None) | {"source-ref": "s3://raw/1.pack"}

    (refusal,) = refusals(line, TaskType.POINT_CLOUD_OBJECT_DETECTION)

    assert f"{M} lacks format, which goes without saying for .bin and .txt alone" in refusal
