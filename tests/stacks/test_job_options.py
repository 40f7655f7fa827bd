"""What a campaign asks of its jobs beside the task: refused, warned of, part of the definition."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ground_truth.definition import changed_fields, definition_hash
from stacks.config import Campaign, check, load
from stacks.problems import ConfigError

if TYPE_CHECKING:
    from tests.stacks.projects import ProjectFiles

TOPIC = "arn:aws:sns:us-east-1:111122223333:labels"
KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
MODEL = "arn:aws:sagemaker:us-east-1:111122223333:model/letters"
TEAM = "arn:aws:sagemaker:us-east-1:111122223333:workteam/vendor-crowd/theirs"


def campaign(files: ProjectFiles) -> Campaign:
    (found,) = load(files.root, env="dev").campaigns
    return found


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("content_classifiers", ["FreeOfErrors"], "content classifier is unknown"),
        ("output.topic", "labels", "the ARN of a standard Amazon SNS topic"),
        ("output.topic_key", KEY, "topic_key without topic"),
        ("automated_labeling.initial_model", "letters", "the ARN of a SageMaker model"),
        ("automated_labeling.volume_key", "alias/x", r"an AWS KMS key \(no alias\)"),
        ("automated_labeling.subnets", ["subnet-1"], "security groups and subnets, or neither"),
        ("workteam_arn", TEAM.replace("vendor", "public"), "the public work team is closed"),
        ("workteam_arn", "theirs", "not the ARN of a work team"),
    ],
)
def test_option_that_can_not_be_is_refused(
    files: ProjectFiles, key: str, value: object, message: str
) -> None:
    files.set_campaign(key, value)

    with pytest.raises(ConfigError, match=message):
        load(files.root, env="dev")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("workteam_arn", TEAM),
        ("output", {"topic": TOPIC, "topic_key": KEY}),
        ("automated_labeling", {"initial_model": MODEL, "volume_key": KEY}),
    ],
)
def test_what_is_elsewhere_than_the_job_is_refused(
    files: ProjectFiles, key: str, value: object
) -> None:
    elsewhere = json.loads(json.dumps(value).replace("us-east-1", "eu-west-1"))
    files.set_campaign(key, value)
    load(files.root, env="dev")
    files.set_campaign(key, elsewhere)

    with pytest.raises(ConfigError, match=r"allowed what is in us-east-1 like the job") as refusal:
        load(files.root, env="dev")

    assert len(refusal.value.problems) == (len(elsewhere) if isinstance(elsewhere, dict) else 1)


def test_team_of_its_own_is_not_held_to_the_environments_size(files: ProjectFiles) -> None:
    files.set_campaign("workers_per_object", 9)
    with pytest.raises(ConfigError, match="allowed up to the 3 workers"):
        load(files.root, env="dev")

    files.set_campaign("workteam_arn", TEAM)

    assert campaign(files).settings.workers_per_object == 9


def test_automated_labeling_is_part_of_what_is_asked(files: ProjectFiles) -> None:
    """Labels of a model are other labels than people's, and so are those of another model."""
    before = campaign(files).definition
    files.set_campaign("automated_labeling", {})
    with_it = campaign(files).definition
    files.set_campaign("automated_labeling.initial_model", MODEL)
    with_model = campaign(files).definition
    files.set_campaign("automated_labeling.volume_key", KEY)

    assert "automated_labeling" not in before.to_dict()
    assert changed_fields(before, with_it) == ("automated_labeling",)
    assert changed_fields(with_it, with_model) == ("initial_model",)
    assert campaign(files).definition == with_model


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("content_classifiers", ["FreeOfAdultContent"]),
        ("output", {"topic": TOPIC}),
        ("workteam_arn", TEAM),
    ],
)
def test_other_options_ask_for_no_label_again(files: ProjectFiles, key: str, value: object) -> None:
    before = definition_hash(campaign(files).definition)
    files.set_campaign(key, value)

    assert definition_hash(campaign(files).definition) == before


@pytest.mark.parametrize(
    ("objects", "few"), [(None, False), (1249, True), (1250, False), (100_000, False)]
)
def test_too_few_objects_for_a_model_are_a_warning(
    files: ProjectFiles, objects: int | None, few: bool
) -> None:
    files.set_campaign("automated_labeling", {})
    if objects is not None:
        files.set_campaign("dataset.expected_objects", objects)

    warnings = [str(each) for each in check(files.root).warnings]

    assert any("needed 1250 or more" in warning for warning in warnings) == few
    assert all("automated_labeling" in warning for warning in warnings)


def test_objects_of_a_manifest_are_counted(files: ProjectFiles) -> None:
    lines = "".join(f'{{"source-ref": "s3://data/{number}.png"}}\n' for number in range(3))
    files.write("campaigns/letters/manifest.jsonl", lines)
    files.set_campaign("dataset", {"manifest": "manifest.jsonl"})
    files.set_campaign("automated_labeling", {})

    assert any("got 3 objects" in str(warning) for warning in check(files.root).warnings)
