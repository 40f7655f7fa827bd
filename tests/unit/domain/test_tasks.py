"""The tasks there are, against what the service documents."""

from __future__ import annotations

from ground_truth.built_in import RefSuffix
from ground_truth.limits import Range
from ground_truth.tasks import TASK_RULES, AnswerKind, TaskType, rules_for


def test_every_task_has_its_rules() -> None:
    assert set(TASK_RULES) == set(TaskType)
    assert all(rules.task is task for task, rules in TASK_RULES.items())


FRAMES = {
    TaskType.VIDEO_FRAME_OBJECT_DETECTION: "VideoObjectDetection",
    TaskType.VIDEO_FRAME_OBJECT_TRACKING: "VideoObjectTracking",
    TaskType.POINT_CLOUD_OBJECT_DETECTION: "3DPointCloudObjectDetection",
    TaskType.POINT_CLOUD_OBJECT_TRACKING: "3DPointCloudObjectTracking",
    TaskType.POINT_CLOUD_SEMANTIC_SEGMENTATION: "3DPointCloudSemanticSegmentation",
}


def test_answers_of_each_task() -> None:
    """Developer guide, the page of each task: what its element sends."""
    assert {task.value: rules.answers for task, rules in TASK_RULES.items()} == {
        "image-classification": AnswerKind.SINGLE_LABEL,
        "image-classification-multi-label": AnswerKind.MULTI_LABEL,
        "bounding-box": AnswerKind.BOXES,
        "semantic-segmentation": AnswerKind.MASK,
        "polygon": AnswerKind.POLYGONS,
        "polyline": AnswerKind.POLYLINES,
        "keypoint": AnswerKind.KEYPOINTS,
        "text-classification": AnswerKind.SINGLE_LABEL,
        "text-classification-multi-label": AnswerKind.MULTI_LABEL,
        "named-entity-recognition": AnswerKind.SPANS,
        "video-classification": AnswerKind.SINGLE_LABEL,
        **{
            f"{task}{audit}": AnswerKind.UNREAD
            for task in FRAMES
            for audit in ("", "-verification", "-adjustment")
        },
        "image-classification-verification": AnswerKind.SINGLE_LABEL,
        "text-classification-verification": AnswerKind.SINGLE_LABEL,
        "bounding-box-verification": AnswerKind.SINGLE_LABEL,
        "semantic-segmentation-verification": AnswerKind.SINGLE_LABEL,
        "bounding-box-adjustment": AnswerKind.BOXES,
        "semantic-segmentation-adjustment": AnswerKind.MASK,
        "polygon-adjustment": AnswerKind.POLYGONS,
        "polyline-adjustment": AnswerKind.POLYLINES,
        "keypoint-adjustment": AnswerKind.KEYPOINTS,
        "named-entity-recognition-adjustment": AnswerKind.SPANS,
    }


def test_segmentation_and_most_of_frames_refer_to_their_labels() -> None:
    """The service model's rule of LabelAttributeName."""
    required = {
        task for task, rules in TASK_RULES.items() if rules.ref_suffix is RefSuffix.REQUIRED
    }
    frames = set(FRAMES) - {TaskType.POINT_CLOUD_OBJECT_DETECTION}
    assert required == {
        TaskType.SEMANTIC_SEGMENTATION,
        TaskType.SEMANTIC_SEGMENTATION_ADJUSTMENT,
        *frames,
        *(task for task, rules in TASK_RULES.items() if rules.audited in frames),
    }


def test_quotas_of_labels_and_objects() -> None:
    """Input data quotas, the column of the API."""
    labels = {task.value: rules.labels for task, rules in TASK_RULES.items()}
    several = {"image-classification-multi-label", "text-classification-multi-label"}
    assert {task for task, allowed in labels.items() if allowed == Range(2, 50)} == several
    assert labels["bounding-box"] == Range(1, 50)
    assert labels["video-classification"] == Range(2, 30)
    assert rules_for("semantic-segmentation").dataset_objects == Range(1, 20_000)
    assert rules_for("semantic-segmentation-verification").dataset_objects == Range(1, 20_000)
    assert rules_for("bounding-box").dataset_objects == Range(1, 100_000)
    assert labels["bounding-box-verification"] == Range(2, None)
    assert labels["bounding-box-adjustment"] == Range(1, 50)


def test_audits_have_ground_truths_own_where_it_has_them() -> None:
    """Developer guide, "Verify and Adjust Labels"."""
    audits = {task.value: rules.built_in for task, rules in TASK_RULES.items() if rules.audit}
    assert {task: row.name for task, row in audits.items() if row} == {
        "bounding-box-verification": "VerificationBoundingBox",
        "semantic-segmentation-verification": "VerificationSemanticSegmentation",
        "bounding-box-adjustment": "AdjustmentBoundingBox",
        "semantic-segmentation-adjustment": "AdjustmentSemanticSegmentation",
        # one pair of functions does both
        **{
            f"{task}-{audit}": f"Adjustment{name}"
            for task, name in FRAMES.items()
            for audit in ("verification", "adjustment")
        },
    }
    for task, row in audits.items():
        rules = rules_for(task)
        if row is not None:
            assert rules.audit in row.audit_kinds
            assert (rules.ref_suffix, rules.template_element) == (row.ref_suffix, row.element)
