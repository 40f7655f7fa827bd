"""Every member of CreateLabelingJob is asked for by some campaign file, or listed with a reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import botocore.session
import pytest
from botocore.validate import validate_parameters

from stacks.config import load
from tests.infra.asked import asked
from tests.infra.synth import HOST, Synthesis, synthesize_project
from tests.stacks.projects import ProjectFiles, minimal_project

SHAPE = (
    botocore.session.get_session()
    .get_service_model("sagemaker")
    .operation_model("CreateLabelingJob")
    .input_shape
)
# What no campaign file can ask for, and why.
LEFT_OUT = {
    "HumanTaskConfig.PublicWorkforceTaskPrice": "of the public crowd: Mechanical Turk closed on"
    " 30 September 2026, so its work team is refused",
    "HumanTaskConfig.UiConfig.HumanTaskUiArn": "of tasks whose page is Amazon's, which have no"
    " template: tests/stacks/test_functions.py",
}
KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
EVERYTHING = {
    "keywords": ["letters"],
    "tags": {"team": "reading"},
    "content_classifiers": [
        "FreeOfPersonallyIdentifiableInformation",
        "FreeOfAdultContent",
    ],
    "workteam_arn": "arn:aws:sagemaker:us-east-1:111122223333:workteam/vendor-crowd/theirs",
    "stopping": {"max_labeled_objects": 10, "max_labeled_percent": 50},
    "output": {
        "topic": "arn:aws:sns:us-east-1:111122223333:labels",
        "topic_key": KEY,
    },
    "automated_labeling": {
        "initial_model": "arn:aws:sagemaker:us-east-1:111122223333:model/letters",
        "volume_key": KEY,
        "security_groups": ["sg-0123456789abcdef0"],
        "subnets": ["subnet-0123456789abcdef0", "subnet-1123456789abcdef0"],
    },
}


STREAMING = {"streaming": {"topic": "arn:aws:sns:us-east-1:111122223333:objects"}}


@pytest.fixture(scope="module")
def streaming() -> Iterator[Synthesis]:
    """What a job with models of Ground Truth's own can't have."""
    with TemporaryDirectory() as folder:
        yield synthesized(Path(folder), STREAMING)


@pytest.fixture(scope="module")
def everything() -> Iterator[Synthesis]:
    with TemporaryDirectory() as folder:
        yield synthesized(Path(folder), EVERYTHING)


def synthesized(folder: Path, campaign: Mapping[str, object]) -> Synthesis:
    return synthesize_project(load(project(folder, campaign).root, env="dev", host=HOST))


def project(folder: Path, campaign: Mapping[str, object]) -> ProjectFiles:
    """The smallest project, with a key and what the campaign asks for."""
    files = minimal_project(folder)
    files.set_environment("storage.encryption", "kms")
    for key, value in campaign.items():
        files.set_campaign(key, value)
    return files


def members(shape: Any, prefix: str = "") -> Iterator[str]:
    """Paths of everything a request can say; the items of a list are one."""
    for name, member in shape.members.items():
        path = f"{prefix}{name}"
        if member.type_name == "structure":
            yield from members(member, f"{path}.")
        else:
            yield path


def said(value: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for name, item in value.items():
        path = f"{prefix}{name}"
        if isinstance(item, dict):
            yield from said(item, f"{path}.")
        else:
            yield path


def test_every_member_is_reached_or_left_out_for_a_reason(
    everything: Synthesis, streaming: Synthesis
) -> None:
    reached = {*said(asked(everything)), *said(asked(streaming))}

    missing = {
        path
        for path in members(SHAPE)
        if path not in reached
        and not any(path == left or path.startswith(f"{left}.") for left in LEFT_OUT)
    }
    stale = {left for left in LEFT_OUT for path in reached if path.startswith(left)}

    assert missing == set()
    assert stale == set()


def test_request_has_the_types_the_service_asks_for(everything: Synthesis) -> None:
    assert SHAPE is not None
    validate_parameters(asked(everything), SHAPE)


def test_request_says_what_the_campaign_file_says(everything: Synthesis) -> None:
    request = asked(everything)

    assert request["InputConfig"]["DataAttributes"] == {
        "ContentClassifiers": EVERYTHING["content_classifiers"]
    }
    assert request["OutputConfig"]["SnsTopicArn"] == "arn:aws:sns:us-east-1:111122223333:labels"
    assert request["HumanTaskConfig"]["WorkteamArn"] == EVERYTHING["workteam_arn"]
    automated = request["LabelingJobAlgorithmsConfig"]
    assert automated["LabelingJobAlgorithmSpecificationArn"].endswith(
        ":027400017018:labeling-job-algorithm-specification/image-classification"
    )
    assert automated["InitialActiveLearningModelArn"].endswith(":model/letters")
    assert automated["LabelingJobResourceConfig"] == {
        "VolumeKmsKeyId": KEY,
        "VpcConfig": {
            "SecurityGroupIds": ["sg-0123456789abcdef0"],
            "Subnets": ["subnet-0123456789abcdef0", "subnet-1123456789abcdef0"],
        },
    }
    assert {"Key": "team", "Value": "reading"} in request["Tags"]


def test_streaming_job_has_its_topic_beside_its_manifest(streaming: Synthesis) -> None:
    source = asked(streaming)["InputConfig"]["DataSource"]
    assert source["SnsDataSource"] == {"SnsTopicArn": STREAMING["streaming"]["topic"]}
    assert set(source) == {"S3DataSource", "SnsDataSource"}


def test_campaign_that_asks_for_nothing_more_says_nothing_more(tmp_path: Path) -> None:
    request = asked(synthesized(tmp_path, {}))

    assert set(request["InputConfig"]) == {"DataSource"}
    assert set(request["OutputConfig"]) == {"S3OutputPath", "KmsKeyId"}
    assert "LabelingJobAlgorithmsConfig" not in request
    assert "StoppingConditions" not in request


def test_automated_labeling_needs_no_more_than_a_table(tmp_path: Path) -> None:
    request = asked(synthesized(tmp_path, {"automated_labeling": {}}))

    assert set(request["LabelingJobAlgorithmsConfig"]) == {"LabelingJobAlgorithmSpecificationArn"}


def test_no_rule_is_violated(everything: Synthesis) -> None:
    assert [each for each in everything.violations if "Annotation::ground-truth" not in each] == []


def test_execution_role_may_what_the_options_need_and_no_more(everything: Synthesis) -> None:
    """The topic, its key, itself to SageMaker, the volumes' key, interfaces in the network."""
    policy = next(
        resource
        for resource in everything.resources("AWS::IAM::ManagedPolicy", "Labeling-letters")
        if "ExecutionRole" in resource.path
    )
    statements = policy.properties["PolicyDocument"]["Statement"]
    by_action = {
        action: statement
        for statement in statements
        for action in (
            statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        )
    }

    assert by_action["sns:Publish"]["Resource"] == "arn:aws:sns:us-east-1:111122223333:labels"
    assert by_action["kms:CreateGrant"]["Resource"] == KEY
    passing = by_action["iam:PassRole"]
    assert passing["Resource"]["Fn::GetAtt"][1] == "Arn"
    assert passing["Condition"] == {
        "StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}
    }
    places = by_action["ec2:CreateNetworkInterface"]["Resource"]
    assert len(places) == 4
    assert by_action["ec2:DescribeSubnets"]["Resource"] == "*"


def test_files_without_options_give_a_role_without_them(tmp_path: Path) -> None:
    text = str(synthesized(tmp_path, {}).templates["Labeling-letters"])

    assert "labeling-job-algorithm-specification" not in text
    assert "ec2:" not in text
    assert "kms:CreateGrant" not in text
