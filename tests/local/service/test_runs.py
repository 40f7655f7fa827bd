"""A labeling job from its manifest to its output manifest."""

from __future__ import annotations

from tests.local.service.world import ADA, BOB, CYD, World


def test_completes_when_three_people_labeled_every_object(world: World) -> None:
    world.create()
    world.label_everything(ADA, BOB, CYD)
    described = world.describe()
    assert described["LabelingJobStatus"] == "Completed", described.get("FailureReason")
    assert described["LabelCounters"] == {
        "TotalLabeled": 2,
        "HumanLabeled": 2,
        "MachineLabeled": 0,
        "FailedNonRetryableError": 0,
        "Unlabeled": 0,
    }
    assert world.output_lines() == [
        {
            "source-ref": f"s3://in/images/{number}.png",
            "digit": {"label": "1", "answers": 3},
            "digit-metadata": {
                "type": "groundtruth/custom",
                "job-name": "digits-1",
                "human-annotated": "yes",
                "creation-date": "2026-11-21T12:00:00.000000",
            },
        }
        for number in range(2)
    ]
