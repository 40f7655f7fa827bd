"""Topics, keys, models and networks of jobs."""

from __future__ import annotations

import pytest

from ground_truth import checks
from ground_truth.automation import ALGORITHMS
from ground_truth.tasks import TASK_RULES

ACCOUNT = "111122223333"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:labels"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
MODEL = f"arn:aws-cn:sagemaker:cn-north-1:{ACCOUNT}:model/letters"


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (checks.check_topic_arn, TOPIC, [f"{TOPIC}.fifo", "labels", "", KEY, f"{TOPIC}:x"]),
        (checks.check_key_arn, KEY, [KEY.replace("key/", "alias/"), KEY.split("/")[1], "", TOPIC]),
        (checks.check_model_arn, MODEL, [MODEL.replace("model/", "endpoint/"), "", f"{MODEL}/x"]),
    ],
)
def test_arns_are_of_the_right_kind(check: object, good: str, bad: list[str]) -> None:
    assert callable(check)
    assert check(good) == []
    for value in bad:
        (problem,) = check(value)
        assert repr(value)[:20] in str(problem)
        assert "allowed the ARN of" in str(problem)


def test_classifiers_are_the_two_there_are_each_once() -> None:
    adult, personal = "FreeOfAdultContent", "FreeOfPersonallyIdentifiableInformation"

    assert checks.check_content_classifiers([adult, personal]) == []
    assert checks.check_content_classifiers([]) == []
    assert len(checks.check_content_classifiers([adult, adult, "FreeOfSpelling"])) == 2


@pytest.mark.parametrize(
    ("groups", "subnets", "problems"),
    [
        (0, 0, 0),
        (1, 1, 0),
        (5, 16, 0),
        (6, 16, 1),
        (5, 17, 1),
        (1, 0, 1),
        (0, 1, 1),
        (6, 0, 2),
    ],
)
def test_network_is_whole(groups: int, subnets: int, problems: int) -> None:
    found = checks.check_network(
        [f"sg-{number}" for number in range(groups)],
        [f"subnet-{number}" for number in range(subnets)],
    )

    assert len(found) == problems


@pytest.mark.parametrize("value", ["", "sg_1", "x" * 33])
def test_network_has_ids(value: str) -> None:
    assert len(checks.check_network([value], ["subnet-1"])) == 1


def test_automated_labeling_is_of_the_tasks_whose_rules_say_so() -> None:
    for task, rules in TASK_RULES.items():
        automated = bool(rules.built_in and rules.built_in.algorithm)
        assert (checks.check_automated_labeling(task, 2) == []) == automated
        assert automated == (task.value in ALGORITHMS)


@pytest.mark.parametrize(
    ("task", "labels", "problems"),
    [
        ("semantic-segmentation", 20, 0),
        ("semantic-segmentation", 21, 1),
        ("bounding-box", 21, 0),
        ("keypoint", 2, 1),
    ],
)
def test_segmentation_learns_twenty_labels(task: str, labels: int, problems: int) -> None:
    assert len(checks.check_automated_labeling(task, labels)) == problems
