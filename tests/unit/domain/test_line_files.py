"""Polygons, polylines and keypoints out of files are consolidated as the function does it."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ground_truth.consolidation.__main__ import main
from ground_truth.tasks import AnswerKind
from tests.unit.domain.events import answered
from tests.unit.domain.test_shape_batches import LABELS, answer, consolidated, content, lined

if TYPE_CHECKING:
    from pathlib import Path

IMAGES = "object,width,height\n0,500,400\n1,500,400\n"
Drawn = list[dict[str, list[Any]]]
"""entries by worker, of each object"""

coordinates = st.integers(-50, 550)
points = st.tuples(coordinates, coordinates)
labels = st.sampled_from(LABELS)


def keypoint(place: tuple[float, float], label: str) -> Any:
    return {"label": label, "x": place[0], "y": place[1]}


def square(place: tuple[float, float], size: float, label: str) -> Any:
    x, y = place
    return lined((x, y), (x + size, y), (x + size, y + size), (x, y + size), label=label)


def line(place: tuple[float, float], size: float, label: str) -> Any:
    x, y = place
    return lined((x, y), (x + size, y + size / 2), (x + size, y), label=label)


inside = st.tuples(st.integers(0, 300), st.integers(0, 200))
ENTRIES = {
    AnswerKind.POLYGONS: st.builds(square, inside, st.integers(5, 99), labels),
    AnswerKind.POLYLINES: st.builds(line, inside, st.integers(5, 99), labels),
    AnswerKind.KEYPOINTS: st.builds(keypoint, points, labels),
}
every_kind = pytest.mark.parametrize("kind", list(ENTRIES))


def vertices(entry: Any) -> str:
    return " ".join(f"{point['x']} {point['y']}" for point in entry["vertices"])


def row(kind: AnswerKind, entry: Any) -> str:
    shape = f"{entry['x']},{entry['y']}" if kind is AnswerKind.KEYPOINTS else vertices(entry)
    # in files, labels are in the order of their names
    return f"{shape},{LABELS.index(entry['label'])}{entry['label']}"


def from_files(folder: Path, kind: AnswerKind, objects: Drawn) -> list[list[tuple[Any, ...]]]:
    """Return shape with label, and confidence, of what is likelier there than not."""
    rows = [
        (str(item), worker, entry)
        for item, workers in enumerate(objects)
        for worker, entries in workers.items()
        for entry in entries
    ]
    tasks = [f"{item},{who}" for item, workers in enumerate(objects) for who in workers]
    columns = "x,y" if kind is AnswerKind.KEYPOINTS else "vertices"
    written = [f"{item},{worker},{row(kind, entry)}" for item, worker, entry in rows]
    texts = {
        "images.csv": IMAGES,
        "tasks.csv": "\n".join(["object,worker", *tasks]),
        f"{kind}.csv": "\n".join([f"object,worker,{columns},label", *written]),
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    assert main([str(kind), str(folder), str(folder / "out.csv")]) == 0
    with (folder / "out.csv").open(newline="", encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    return [
        [
            (
                [float(value) for key in columns.split(",") for value in each[key].split()],
                each["label"][1:],
                pytest.approx(float(each["confidence"]), abs=1e-4),
            )
            for each in found
            if each["object"] == str(item) and float(each["confidence"]) >= 0.5
        ]
        for item in range(len(objects))
    ]


def from_function(kind: AnswerKind, objects: Drawn) -> list[list[tuple[Any, ...]]]:
    found = consolidated(
        kind,
        *(
            answered(str(item), *(answer(kind, who, entries) for who, entries in workers.items()))
            for item, workers in enumerate(objects)
        ),
    )
    result = []
    for item in range(len(objects)):
        label, metadata = content(found, item)
        result.append(
            [
                (
                    [entry["x"], entry["y"]]
                    if kind is AnswerKind.KEYPOINTS
                    else [point[axis] for point in entry["vertices"] for axis in "xy"],
                    LABELS[entry["class_id"]],
                    sure["confidence"],
                )
                for entry, sure in zip(label[str(kind)], metadata["objects"], strict=True)
            ]
        )
    return result


@every_kind
@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_files_and_function_make_the_same_of_the_same_answers(
    kind: AnswerKind, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    entries = st.lists(ENTRIES[kind], max_size=3)
    workers = st.fixed_dictionaries({"a": entries, "b": entries, "c": entries})
    objects = data.draw(st.tuples(workers, workers).map(list))
    # the function knows all labels of a campaign, a file those that somebody gave
    everything = [{**objects[0], "d": [data.draw(ENTRIES[kind])]}, objects[1]]
    for label in LABELS:
        everything[0]["d"].append({**data.draw(ENTRIES[kind]), "label": label})

    folder = tmp_path_factory.mktemp("files")
    assert from_function(kind, everything) == from_files(folder, kind, everything)


@every_kind
def test_somebody_who_saw_nothing_counts(kind: AnswerKind, tmp_path: Path) -> None:
    if kind is AnswerKind.KEYPOINTS:
        entry = keypoint((9, 9), "dog")
    else:
        entry = lined((10, 10), (60, 10), (60, 60), (10, 60))

    [[alone]] = from_files(tmp_path, kind, [{"a": [entry]}])
    found = from_files(tmp_path, kind, [{"a": [entry], "b": [], "c": [], "d": []}])

    assert found == [[]]
    assert alone[1] == "dog"


def test_points_of_one_thing_lie_as_near_as_the_image_is_large(tmp_path: Path) -> None:
    apart = [{who: [keypoint((9 + 25 * at, 9), "dog")] for at, who in enumerate("ab")}]

    together = from_files(tmp_path, AnswerKind.KEYPOINTS, apart)
    (tmp_path / "images.csv").write_text("object,width,height\n0,4000,3000\n")
    assert main(["keypoints", str(tmp_path), str(tmp_path / "large.csv")]) == 0

    assert [len(each) for each in together] == [2]
    assert (tmp_path / "large.csv").read_text().count("dog") == 1
