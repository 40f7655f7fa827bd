"""The label category file of video frames and point clouds, and what Ground Truth takes of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ground_truth import checks
from ground_truth.built_in import BUILT_IN, Audit
from ground_truth.categories import Instructions
from ground_truth.frame_categories import Attribute, FrameCategories, FrameLabel

VIDEO = BUILT_IN["VideoObjectTracking"]
SEEN = Attribute(name="seen", type="string", enum=("yes", "no"), is_required=True)
COUNT = Attribute(name="count", type="number", description="How many?", minimum=0, maximum=9)
NOTE = Attribute(name="note", type="string")
CATEGORIES = FrameCategories(
    labels=(
        FrameLabel(name="car", attributes=(SEEN,), edits_allowed="none"),
        FrameLabel(name="person"),
    ),
    global_attributes=(NOTE,),
    frame_attributes=(COUNT,),
    annotation_type="Keypoint",
    audited_attribute="tracks-ref",
)


def test_file_is_as_the_guide_documents_it() -> None:
    written = CATEGORIES.to_json(Instructions(short="<p>Draw</p>", full="<p>All</p>"))

    assert json.loads(written) == {
        "documentVersion": "2020-03-01",
        "frameAttributes": [
            {
                "name": "count",
                "type": "number",
                "description": "How many?",
                "minimum": 0,
                "maximum": 9,
            }
        ],
        "categoryGlobalAttributes": [{"name": "note", "type": "string"}],
        "labels": [
            {
                "label": "car",
                "editsAllowed": "none",
                "categoryAttributes": [
                    {"name": "seen", "type": "string", "enum": ["yes", "no"], "isRequired": True}
                ],
            },
            {"label": "person"},
        ],
        "annotationType": "Keypoint",
        "instructions": {"shortInstruction": "<p>Draw</p>", "fullInstruction": "<p>All</p>"},
        "auditLabelAttributeName": "tracks-ref",
    }


def test_what_is_not_said_is_left_out() -> None:
    written = FrameCategories(labels=(FrameLabel(name="car"),)).to_json(
        Instructions(short="", full="")
    )

    assert set(json.loads(written)) == {"documentVersion", "labels", "instructions"}


@pytest.mark.parametrize("attribute", [SEEN, COUNT, NOTE, replace(COUNT, minimum=9)])
def test_attributes_as_documented_are_taken(attribute: Attribute) -> None:
    assert checks.check_attribute(attribute) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": "x" * 17}, "characters in the attribute name"),
        ({"name": " "}, "attribute name is empty"),
        ({"description": "x" * 129}, "characters in the description of attribute 'seen'"),
        ({"enum": tuple("abcdefghijk")}, "choices of attribute 'seen' out of range: got 11"),
        ({"enum": ("x" * 17,)}, "characters in the choice"),
        ({"enum": ("a", "a")}, "choice of attribute 'seen' is there twice: got 'a'"),
        ({"minimum": 1}, "attribute 'seen' is a string and has bounds"),
        ({"type": "number"}, "attribute 'seen' is a number and has choices"),
        ({"type": "number", "enum": (), "minimum": 1}, "without bounds it can lie in"),
        (
            {"type": "number", "enum": (), "minimum": 2, "maximum": 1},
            "without bounds it can lie in: got [2, 1]",
        ),
    ],
)
def test_attributes_ground_truth_would_refuse_are_refused(
    changes: dict[str, Any], problem: str
) -> None:
    found = [str(each) for each in checks.check_attribute(replace(SEEN, **changes))]

    assert [text for text in found if problem in text], found
    assert all("got " in text and "allowed " in text for text in found)


def many(count: int, **more: Any) -> tuple[Attribute, ...]:
    return tuple(replace(SEEN, name=f"a{number}", **more) for number in range(count))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"labels": (FrameLabel(name="x" * 17),)}, "characters in the label"),
        ({"annotation_type": "Cuboid"}, "annotation_type isn't one of the task's: got 'Cuboid'"),
        ({"frame_attributes": (SEEN,)}, "frame attribute 'seen' has no description"),
        ({"frame_attributes": many(11, description="x")}, "number of frame attributes"),
        (
            {"frame_attributes": many(6, description="x", enum=())},
            "number of free texts among the frame attributes out of range: got 6, allowed 0-5",
        ),
        ({"global_attributes": many(11), "labels": ()}, "number of attributes of every label"),
        (
            {
                "global_attributes": many(6),
                "labels": (FrameLabel(name="car", attributes=(SEEN, *many(14)[10:])),),
            },
            "number of attributes of label 'car', with those of every label out of range: got 11",
        ),
        (
            {"global_attributes": (SEEN,)},
            "attribute of labels is there 2 times: got 'seen'",
        ),
        (
            {"frame_attributes": (COUNT, COUNT)},
            "frame attribute is there 2 times: got 'count'",
        ),
    ],
)
def test_quotas_of_the_whole_file_are_kept(changes: dict[str, Any], problem: str) -> None:
    assert checks.check_frame_categories(CATEGORIES, VIDEO, Audit.ADJUSTMENT) == []

    changed = replace(CATEGORIES, **changes)
    found = checks.check_frame_categories(changed, VIDEO, Audit.ADJUSTMENT)

    assert [str(each) for each in found if problem in str(each)], found


def test_point_clouds_have_no_annotation_type_and_their_masks_no_attributes() -> None:
    cloud = BUILT_IN["3DPointCloudSemanticSegmentation"]

    found = [
        str(each) for each in checks.check_frame_categories(CATEGORIES, cloud, Audit.ADJUSTMENT)
    ]

    assert len(found) == 2
    assert "got 'Keypoint', allowed none: it is of video frames" in found[0]
    assert "labels have attributes, which Ground Truth ignores for this task" in found[1]


def test_nothing_is_edited_where_nothing_was_labeled() -> None:
    editable = replace(CATEGORIES, frame_attributes=(replace(COUNT, edits_allowed="any"),))

    (problem,) = checks.check_frame_categories(editable, VIDEO)

    assert problem.value == ["car", "count"]


def test_no_label_is_edited_in_a_verification() -> None:
    labels = (FrameLabel(name="car", edits_allowed="any"), FrameLabel(name="person"))
    editable = replace(CATEGORIES, labels=labels)

    (problem,) = checks.check_frame_categories(editable, VIDEO, Audit.VERIFICATION)

    assert problem.value == ["car"]
    assert checks.check_frame_categories(editable, VIDEO, Audit.ADJUSTMENT) == []


def test_instructions_are_shorter_than_the_page_takes() -> None:
    assert checks.check_frame_instructions(Instructions(short="x" * 254, full="x" * 2047)) == []

    found = checks.check_frame_instructions(Instructions(short="x" * 255, full="x" * 2048))

    assert [problem.value for problem in found] == [255, 2048]
