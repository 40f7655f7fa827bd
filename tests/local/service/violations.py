"""Every documented violation of CreateLabelingJob, as a change of a valid request.

`broken(request)` works for any valid request of the test's own region and account, so that the
same table can be sent through boto3. `message` is a regular expression.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Request = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    name: str
    section: str
    change: Callable[[Request], object]
    message: str
    code: str = "ValidationException"
    # botocore refuses it before it is sent
    client_side: bool = False

    def broken(self, request: Mapping[str, Any]) -> Request:
        changed = copy.deepcopy(dict(request))
        self.change(changed)
        return changed


def put(path: str, value: object) -> Callable[[Request], object]:
    """Set `A.B.C`; a callable gets the old value."""

    def change(request: Request) -> None:
        *parents, name = path.split(".")
        node = request
        for parent in parents:
            node = node.setdefault(parent, {})
        node[name] = value(node[name]) if callable(value) else value

    return change


def drop(path: str) -> Callable[[Request], object]:
    def change(request: Request) -> None:
        *parents, name = path.split(".")
        node = request
        for parent in parents:
            node = node[parent]
        del node[name]

    return change


def part(number: int, text: str) -> Callable[[str], str]:
    """Replace one colon-separated part of an ARN."""

    def change(arn: str) -> str:
        parts = arn.split(":", 5)
        parts[number] = text
        return ":".join(parts)

    return change


def both(*changes: Callable[[Request], object]) -> Callable[[Request], object]:
    return lambda request: [change(request) for change in changes]


_TURK = "workteam/public-crowd/default"
HUMAN = "HumanTaskConfig"
PRE = f"{HUMAN}.PreHumanTaskLambdaArn"
ACS = f"{HUMAN}.AnnotationConsolidationConfig.AnnotationConsolidationLambdaArn"
TEMPLATE = f"{HUMAN}.UiConfig.UiTemplateS3Uri"
MANIFEST = "InputConfig.DataSource.S3DataSource.ManifestS3Uri"
SEVEN = [f"word {number}" for number in range(7)]

VIOLATIONS = (
    Violation(
        name="no-name",
        section="3.1",
        change=drop("LabelingJobName"),
        message="^1 validation error detected: Value null at 'labelingJobName' failed to satisfy "
        "constraint: Member must not be null$",
        client_side=True,
    ),
    Violation(
        name="name-with-underscore",
        section="2.4",
        change=put("LabelingJobName", "a_b"),
        message=r"^1 validation error detected: Value 'a_b' at 'labelingJobName' failed to satisfy "
        r"constraint: Member must satisfy regular expression pattern: \[a-zA-Z0-9\]\(-\*",
    ),
    Violation(
        name="name-too-long",
        section="2.4",
        change=put("LabelingJobName", "a" * 64),
        message="length less than or equal to 63",
    ),
    Violation(
        name="attribute-with-underscore",
        section="2.3",
        change=put("LabelAttributeName", "my_label"),
        message="'labelAttributeName' failed to satisfy constraint: Member must satisfy regular",
    ),
    Violation(
        name="attribute-is-metadata",
        section="2.3",
        change=put("LabelAttributeName", "label-metadata"),
        message="'label-metadata' must not end with '-metadata'",
    ),
    Violation(
        name="attribute-is-reserved",
        section="2.3",
        change=put("LabelAttributeName", "source-ref"),
        message="'source-ref' is reserved",
    ),
    Violation(
        name="no-data-source",
        section="3.1",
        change=put("InputConfig.DataSource", {}),
        message="requires at least one of S3DataSource and SnsDataSource",
    ),
    Violation(
        name="https-uri",
        section="3.1",
        change=put(MANIFEST, "https://bucket.s3.amazonaws.com/m"),
        message=r"https form of an S3 URI \(InputConfig.*ManifestS3Uri\) is not offered locally",
    ),
    Violation(
        name="ftp-uri",
        section="3.1",
        change=put("OutputConfig.S3OutputPath", "ftp://bucket/key"),
        message="'outputConfig.s3OutputPath' failed to satisfy constraint: Member must satisfy reg",
    ),
    Violation(
        name="manifest-without-key",
        section="3.1",
        change=put(MANIFEST, "s3://bucket"),
        message="ManifestS3Uri 's3://bucket' names no object",
    ),
    Violation(
        name="role-is-no-arn",
        section="3.1",
        change=put("RoleArn", "SageMakerExecutionRole"),
        message="'roleArn' failed to satisfy constraint: Member must satisfy regular expression",
    ),
    Violation(
        name="role-of-another-account",
        section="3.1",
        change=put("RoleArn", part(4, "999999999999")),
        message="^Cross-account pass role is not allowed",
    ),
    Violation(
        name="mechanical-turk",
        section="1.2",
        change=put(f"{HUMAN}.WorkteamArn", lambda a: part(5, _TURK)(part(4, "394669845002")(a))),
        message="Amazon Mechanical Turk closed on 2026-09-30",
    ),
    Violation(
        name="vendor-team",
        section="2.1",
        change=put(f"{HUMAN}.WorkteamArn", part(5, "workteam/vendor-crowd/acme")),
        message="vendor work team .* is not offered locally",
    ),
    Violation(
        name="team-of-another-region",
        section="4.2",
        change=put(f"{HUMAN}.WorkteamArn", part(3, "us-west-1")),
        message="^The work team .* does not exist in account",
    ),
    Violation(
        name="team-that-is-not-there",
        section="4.1",
        change=put(f"{HUMAN}.WorkteamArn", part(5, "workteam/private-crowd/nobody")),
        message="^The work team .*private-crowd/nobody does not exist",
    ),
    Violation(
        name="price-for-a-private-team",
        section="3.1",
        change=put(f"{HUMAN}.PublicWorkforceTaskPrice", {"AmountInUsd": {"Cents": 1}}),
        message="PublicWorkforceTaskPrice is only for the Amazon Mechanical Turk workforce",
    ),
    Violation(
        name="price-too-high",
        section="3.1",
        change=put(f"{HUMAN}.PublicWorkforceTaskPrice", {"AmountInUsd": {"Dollars": 3}}),
        message="amountInUsd.dollars' failed to satisfy constraint: Member must have value less",
    ),
    Violation(
        name="consolidation-config-without-function",
        section="3.1",
        change=drop(ACS),
        message="annotationConsolidationLambdaArn' failed to satisfy constraint: Member must not b",
        client_side=True,
    ),
    Violation(
        name="no-title",
        section="3.1",
        change=put(f"{HUMAN}.TaskTitle", ""),
        message="'humanTaskConfig.taskTitle' failed to satisfy constraint: .* equal to 1",
        client_side=True,
    ),
    Violation(
        name="description-with-newline",
        section="3.1",
        change=put(f"{HUMAN}.TaskDescription", "one\ntwo"),
        message=r"'humanTaskConfig.taskDescription' failed to satisfy constraint: .* pattern: \.\+",
    ),
    Violation(
        name="keyword-with-hyphen",
        section="3.1",
        change=put(f"{HUMAN}.TaskKeywords", ["hand-written"]),
        message="'humanTaskConfig.taskKeywords.1.member' failed to satisfy constraint",
    ),
    Violation(
        name="too-many-keywords",
        section="3.1",
        change=put(f"{HUMAN}.TaskKeywords", SEVEN),
        message="'humanTaskConfig.taskKeywords' failed to satisfy constraint: .* equal to 5",
    ),
    Violation(
        name="no-workers",
        section="3.1",
        change=put(f"{HUMAN}.NumberOfHumanWorkersPerDataObject", 0),
        message="Value '0' at .*PerDataObject' .* value greater than or equal to 1",
        client_side=True,
    ),
    Violation(
        name="ten-workers",
        section="3.1",
        change=put(f"{HUMAN}.NumberOfHumanWorkersPerDataObject", 10),
        message="Value '10' at .*PerDataObject' .* value less than or equal to 9",
    ),
    Violation(
        name="time-limit-too-short",
        section="3.1",
        change=put(f"{HUMAN}.TaskTimeLimitInSeconds", 29),
        message="taskTimeLimitInSeconds' .* value greater than or equal to 30",
        client_side=True,
    ),
    Violation(
        name="availability-too-short",
        section="3.1",
        change=put(f"{HUMAN}.TaskAvailabilityLifetimeInSeconds", 59),
        message="taskAvailabilityLifetimeInSeconds' .* value greater than or equal to 60",
        client_side=True,
    ),
    Violation(
        name="window-beyond-the-model",
        section="3.1",
        change=put(f"{HUMAN}.MaxConcurrentTaskCount", 5001),
        message="maxConcurrentTaskCount' .* value less than or equal to 5000",
    ),
    Violation(
        name="window-beyond-the-quota",
        section="3.1",
        change=put(f"{HUMAN}.MaxConcurrentTaskCount", 1001),
        message="'MaxConcurrentTaskCount' is 1000, with a request of 1001",
        code="ResourceLimitExceeded",
    ),
    Violation(
        name="percentage-beyond-100",
        section="3.1",
        change=put("StoppingConditions", {"MaxPercentageOfInputDatasetLabeled": 101}),
        message="maxPercentageOfInputDatasetLabeled' .* value less than or equal to 100",
    ),
    Violation(
        name="unknown-classifier",
        section="3.1",
        change=put("InputConfig.DataAttributes", {"ContentClassifiers": ["FreeOfCharge"]}),
        message="Member must satisfy enum value set: .FreeOfPersonallyIdentifiableInformation",
    ),
    Violation(
        name="key-with-space",
        section="3.1",
        change=put("OutputConfig.KmsKeyId", "my key"),
        message="'outputConfig.kmsKeyId' failed to satisfy constraint: Member must satisfy regular",
    ),
    Violation(
        name="key-of-another-region",
        section="6.1",
        change=lambda request: put(
            "OutputConfig.KmsKeyId",
            part(2, "kms")(part(3, "us-west-1")(part(5, "key/1")(request[HUMAN]["WorkteamArn"]))),
        )(request),
        message="OutputConfig.KmsKeyId .*:key/1 must be in region",
    ),
    Violation(
        name="too-many-tags",
        section="3.1",
        change=put("Tags", [{"Key": f"key{n}", "Value": ""} for n in range(51)]),
        message="'tags' failed to satisfy constraint: Member must have length less than .* 50",
    ),
    Violation(
        name="tag-with-exclamation-mark",
        section="3.1",
        change=put("Tags", [{"Key": "wow!", "Value": ""}]),
        message="'tags.1.member.key' failed to satisfy constraint: Member must satisfy regular",
    ),
    Violation(
        name="tag-given-twice",
        section="3.1",
        change=put("Tags", [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]),
        message="Duplicate tag key: a",
    ),
    Violation(
        name="tag-reserved",
        section="3.1",
        change=put("Tags", [{"Key": "aws:owner", "Value": "1"}]),
        message="the prefix aws: is reserved",
    ),
    Violation(
        name="unknown-parameter",
        section="3.1",
        change=put("LabelingJobKind", "custom"),
        message='Unknown parameter in input: "LabelingJobKind", must be one of',
        client_side=True,
    ),
    Violation(
        name="number-as-text",
        section="3.1",
        change=put(f"{HUMAN}.TaskTimeLimitInSeconds", "300"),
        message="humanTaskConfig.taskTimeLimitInSeconds: str is not an Integer",
        code="SerializationException",
        client_side=True,
    ),
)
