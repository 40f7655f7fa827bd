"""Everything Ground Truth would refuse is found, with the value, what is allowed and the fix."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground_truth import checks, limits
from ground_truth.built_in import UiKind
from ground_truth.checks import Problem
from ground_truth.functions import Functions
from ground_truth.tasks import TASK_RULES, AnswerKind, TaskType, rules_for

IMAGE = TaskType.IMAGE_CLASSIFICATION


def texts(problems: list[Problem]) -> list[str]:
    return [str(problem) for problem in problems]


@pytest.mark.parametrize("attribute", ["digit", "A-1", "x" * 127, "a--b", "reference"])
def test_label_attribute_of_documented_form_is_accepted(attribute: str) -> None:
    assert checks.check_label_attribute(attribute, IMAGE) == []


@pytest.mark.parametrize(
    "attribute", ["", "my_label", "-digit", "digit-", "a b", "digit\n", "$x", "ä", "x" * 128]
)
def test_label_attribute_of_another_form_is_refused(attribute: str) -> None:
    assert [problem.value for problem in checks.check_label_attribute(attribute, IMAGE)] == [
        attribute
    ]


def test_label_attribute_with_too_many_hyphens_is_refused() -> None:
    # the documented pattern alone would take it
    assert checks.check_label_attribute("a" + "-" * 126 + "b", IMAGE) != []


def test_label_attribute_ending_metadata_is_refused_with_the_fix() -> None:
    assert texts(checks.check_label_attribute("digit-metadata", IMAGE)) == [
        "label attribute ends -metadata, which Ground Truth keeps for itself: "
        "got 'digit-metadata', allowed names that do not end -metadata; drop the ending"
    ]


def test_label_attribute_of_a_classification_must_not_end_ref() -> None:
    assert texts(checks.check_label_attribute("digit-ref", IMAGE)) == [
        "label attribute of image-classification ends -ref: got 'digit-ref', "
        "allowed names that do not end -ref; drop the ending"
    ]


MASKS = TaskType.SEMANTIC_SEGMENTATION


@pytest.mark.parametrize("functions", [Functions.OWN, Functions.AWS])
def test_label_attribute_of_a_task_with_references_must_end_ref(functions: Functions) -> None:
    assert checks.check_label_attribute("mask-ref", MASKS, functions) == []
    (problem,) = texts(checks.check_label_attribute("mask", MASKS, functions))
    assert problem.startswith("label attribute of semantic-segmentation")
    assert problem.endswith("lacks -ref: got 'mask', allowed names that end -ref; add the ending")


@pytest.mark.parametrize(
    ("task", "functions"),
    [
        (MASKS, Functions.NONE),
        (TaskType.POLYGON, Functions.AWS),
        (TaskType.POLYGON, Functions.NONE),
    ],
)
def test_empty_labels_are_no_references(task: TaskType, functions: Functions) -> None:
    """Without consolidation the label is an object (developer guide, custom output data)."""
    assert checks.check_label_attribute("mask", task, functions) == []
    assert texts(checks.check_label_attribute("mask-ref", task, functions)) == [
        f"label attribute of {task} with functions = '{functions}' ends -ref: got 'mask-ref', "
        "allowed names that do not end -ref; drop the ending"
    ]


@pytest.mark.parametrize("attribute", ["source", "source-ref"])
def test_label_attribute_of_the_input_is_refused(attribute: str) -> None:
    assert [p.what for p in checks.check_label_attribute(attribute, IMAGE)] == [
        "label attribute is reserved for the input data"
    ]


def test_labels_are_accepted_from_two_up_to_any_number() -> None:
    assert checks.check_labels(["a", "b"], IMAGE) == []
    assert checks.check_labels([str(n) for n in range(500)], IMAGE) == []
    assert checks.check_labels(["x" * 256, "ünïcode"], IMAGE) == []


@pytest.mark.parametrize("labels", [[], ["only"]])
def test_too_few_labels_are_refused(labels: list[str]) -> None:
    assert texts(checks.check_labels(labels, IMAGE)) == [
        f"number of labels of image-classification out of range: got {len(labels)}, "
        "allowed 2 or more; add or remove labels"
    ]


def test_every_problem_of_the_labels_is_listed() -> None:
    problems = checks.check_labels(["cat", "cat", "cat", " dog", "", "a\tb", "x" * 257], IMAGE)
    assert [(problem.what, problem.value) for problem in problems] == [
        ("duplicate label", "cat"),
        ("label is empty, has blanks at an end or control characters", " dog"),
        ("label is empty, has blanks at an end or control characters", ""),
        ("label is empty, has blanks at an end or control characters", "a\tb"),
        (f"characters in the label '{'x' * 75}... (259 characters) out of range", 257),
    ]


@pytest.mark.parametrize(
    ("check", "allowed"),
    [
        (lambda value: checks.check_workers_per_object(value, IMAGE), (1, 9)),
        (lambda value: checks.check_task_time_limit(value, IMAGE), (30, 28_800)),
        (checks.check_task_availability, (60, 2_592_000)),
        (checks.check_max_concurrent_tasks, (1, 5000)),
        (lambda value: checks.check_stopping(value, None), (1, None)),
        (lambda value: checks.check_stopping(None, value), (1, 100)),
    ],
)
def test_numbers_are_accepted_within_their_documented_range_only(
    check: Callable[[int], list[Problem]], allowed: tuple[int, int | None]
) -> None:
    lowest, highest = allowed
    assert check(lowest) == []
    assert [problem.value for problem in check(lowest - 1)] == [lowest - 1]
    if highest is None:
        assert check(10**9) == []
    else:
        assert check(highest) == []
        assert [(p.value, p.allowed) for p in check(highest + 1)] == [
            (highest + 1, f"{lowest}-{highest}")
        ]


def test_availability_shorter_than_a_workers_time_is_refused() -> None:
    assert checks.check_task_availability(300, 300) == []
    assert [p.what for p in checks.check_task_availability(299, 300)] == [
        "tasks are gone before a worker's time is up"
    ]


@pytest.mark.parametrize(
    ("check", "longest"),
    [
        (checks.check_title, 128),
        (checks.check_description, 255),
        (checks.check_workteam_description, 200),
    ],
)
def test_texts_are_one_line_of_limited_length(
    check: Callable[[str], list[Problem]], longest: int
) -> None:
    assert check("Which digit is this? — “7”") == []
    assert check("x" * longest) == []
    for text in ("", " ", "two\nlines", "x" * (longest + 1)):
        assert [problem.value for problem in check(text)] == [text]


def test_keywords_are_words_without_hyphens() -> None:
    assert checks.check_keywords([]) == []
    assert checks.check_keywords(["digits", "hand writing", "a1"]) == []
    bad = ["hand-writing", "", " a", "a  b", "x" * 31]
    assert [problem.value for problem in checks.check_keywords(bad)] == bad
    assert [problem.value for problem in checks.check_keywords(["a"] * 6)] == [6]


def test_ground_truth_is_in_twelve_regions() -> None:
    assert len(limits.GROUND_TRUTH_REGIONS) == 12
    assert [checks.check_region(region) for region in limits.GROUND_TRUTH_REGIONS] == [[]] * 12
    assert [checks.check_region(r) != [] for r in ("us-west-1", "eu-north-1", "")] == [True] * 3


@pytest.mark.parametrize("name", ["a", "dev", "handwritten-digits", "a1-b2"])
def test_project_names_are_lower_case_words(name: str) -> None:
    assert checks.check_environment_name(name) == []
    assert checks.check_campaign_name(name) == []


@pytest.mark.parametrize("name", ["", "Dev", "1dev", "a--b", "-a", "a-", "a_b", "a/b", "x" * 41])
def test_other_project_names_are_refused(name: str) -> None:
    assert [problem.value for problem in checks.check_environment_name(name)] == [name]
    assert [problem.value for problem in checks.check_campaign_name(name)] == [name]


def test_names_of_workforce_and_team_follow_the_service_model() -> None:
    assert checks.check_workforce_name("ground-truth") == checks.check_workteam_name("team") == []
    for name in ("", "-x", "a_b", "x" * 64):
        assert [problem.value for problem in checks.check_workforce_name(name)] == [name]
        assert [problem.value for problem in checks.check_workteam_name(name)] == [name]
    assert checks.check_workteam_name("x-") != []


@pytest.mark.parametrize("kind", ["private-crowd", "vendor-crowd"])
@pytest.mark.parametrize("partition", ["aws", "aws-iso"])
def test_private_and_vendor_teams_are_accepted(kind: str, partition: str) -> None:
    arn = f"arn:{partition}:sagemaker:us-east-1:111122223333:workteam/{kind}/labelers"
    assert checks.check_workteam_arn(arn) == []


def test_the_public_team_is_refused() -> None:
    arn = "arn:aws:sagemaker:us-east-1:394669845002:workteam/public-crowd/default"
    assert [p.what for p in checks.check_workteam_arn(arn)] == ["the public work team is closed"]
    assert [p.what for p in checks.check_workteam_arn("labelers")] == ["not the ARN of a work team"]


def test_sign_in_domain_avoids_the_words_cognito_reserves() -> None:
    assert checks.check_domain_prefix("our-labels-1") == []
    for prefix in ("", "Labels", "-x", "x-", "my-cognito", "aws-labels", "x" * 64):
        assert checks.check_domain_prefix(prefix) != []


def test_tags_have_lengths_and_reserved_prefixes() -> None:
    assert checks.check_tags({"team": "research", "x" * 128: ""}) == []
    assert [p.value for p in checks.check_tags({"": "a", "aws:x": "b", "ground-truth:x": "c"})] == [
        "a",
        "aws:x",
        "ground-truth:x",
    ]
    assert [p.value for p in checks.check_tags({"k": "x" * 257})] == ["x" * 257]
    assert [p.value for p in checks.check_tags({str(n): "" for n in range(51)})] == [51]


@given(st.text(), st.sampled_from(TaskType), st.lists(st.text(), max_size=5))
def test_checks_report_and_never_raise(text: str, task: TaskType, many: list[str]) -> None:
    found = [
        *checks.check_label_attribute(text, task),
        *checks.check_labels(many, task),
        *checks.check_keywords(many),
        *checks.check_title(text),
        *checks.check_tags(dict.fromkeys(many, text)),
        *checks.check_workteam_arn(text),
        *checks.check_domain_prefix(text),
    ]
    assert all("got " in str(problem) and "allowed " in str(problem) for problem in found)


def test_every_task_has_rules() -> None:
    assert set(TASK_RULES) == set(TaskType)
    assert [rules_for(task).task for task in TaskType] == list(TaskType)
    assert {task for task, rules in TASK_RULES.items() if rules.ui is UiKind.HUMAN_TASK_UI} == {
        task for task, rules in TASK_RULES.items() if rules.answers is AnswerKind.UNREAD
    }


def test_unknown_task_is_refused_with_those_there_are() -> None:
    with pytest.raises(
        ValueError, match=r"unknown task: got 'boxes', allowed image-classification, .*polyg"
    ):
        rules_for("boxes")
