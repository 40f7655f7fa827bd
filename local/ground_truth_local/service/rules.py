"""What CreateLabelingJob refuses at once, beyond the API model's constraints.

One function per rule; each names the section of ground-truth.md it comes from. Where the document
knows AWS's words they are used; elsewhere the message says what is wrong and what is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ground_truth_local.service.arns import parse_arn
from ground_truth_local.service.errors import limit_exceeded, not_offered, validation
from ground_truth_local.service.locations import parse_s3_uri
from ground_truth_local.service.regions import BUILT_IN_ACCOUNTS, NEEDS_REF, built_in_task

Request = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The account and Region the request was sent to."""

    partition: str
    region: str
    account: str


def check_rules(request: Request, home: Home) -> None:
    """Raise the first ServiceError."""
    for rule in RULES:
        rule(request, home)


def region_has_ground_truth(_request: Request, home: Home) -> None:
    """2.1: twelve Regions."""
    if home.region not in BUILT_IN_ACCOUNTS:
        regions = ", ".join(sorted(BUILT_IN_ACCOUNTS))
        raise validation(
            f"Ground Truth is not available in region {home.region}; it is in {regions}"
        )


def label_attribute_is_allowed(request: Request, _home: Home) -> None:
    """2.3: not ending in -metadata, not a reserved name."""
    name = request["LabelAttributeName"]
    if name.endswith("-metadata"):
        raise validation(f"LabelAttributeName '{name}' must not end with '-metadata'")
    if name in ("source", "source-ref"):
        raise validation(f"LabelAttributeName '{name}' is reserved")


def label_attribute_has_ref(request: Request, _home: Home) -> None:
    """2.2, 2.3: -ref for some built-in tasks, and never for VerificationSemanticSegmentation."""
    name = request["LabelAttributeName"]
    for task in _built_in_tasks(request):
        if task in NEEDS_REF and not name.endswith("-ref"):
            raise validation(f"LabelAttributeName '{name}' must end with '-ref' for task {task}")
        if task == "VerificationSemanticSegmentation" and name.endswith("-ref"):
            raise validation(f"LabelAttributeName '{name}' must not end with '-ref' for {task}")


def input_is_a_manifest(request: Request, _home: Home) -> None:
    """3.1: at least one data source; 3.5: streaming needs SNS, which isn't offered."""
    source = request["InputConfig"]["DataSource"]
    if not source.get("S3DataSource") and not source.get("SnsDataSource"):
        raise validation(
            "InputConfig.DataSource requires at least one of S3DataSource and SnsDataSource"
        )
    if source.get("SnsDataSource"):
        raise not_offered("A streaming labeling job (SnsDataSource)", "give a ManifestS3Uri")


def s3_uris_name_objects(request: Request, _home: Home) -> None:
    """3.1: S3Uri; the https form isn't offered."""
    for path, uri, needs_key in _uris(request):
        location = parse_s3_uri(uri)
        if location is None:
            raise not_offered(f"The https form of an S3 URI ({path})", "write s3://bucket/key")
        if needs_key and not location.key:
            raise validation(f"{path} '{uri}' names no object, expected s3://bucket/key")


def role_is_ours(request: Request, home: Home) -> None:
    """3.1: the role is passed to the service, which only works within the account."""
    role = parse_arn(request["RoleArn"])
    if (role.partition, role.account) != (home.partition, home.account):
        raise validation(
            f"Cross-account pass role is not allowed: {request['RoleArn']} is not of account "
            f"{home.account}"
        )


def workteam_is_private(request: Request, home: Home) -> None:
    """1.2: Mechanical Turk is closed; 2.1: the path tells the kind of team; 4.2: same Region."""
    text = request["HumanTaskConfig"]["WorkteamArn"]
    team = parse_arn(text)
    kind = team.resource.split("/")[1]
    if kind == "public-crowd":
        raise validation(
            f"The work team {text} is not available: Amazon Mechanical Turk closed on "
            "2026-09-30. Use a private work team"
        )
    if kind == "vendor-crowd":
        raise not_offered(f"The vendor work team {text}", "use a private work team")
    if (team.partition, team.region, team.account) != (home.partition, home.region, home.account):
        raise validation(
            f"The work team {text} does not exist in account {home.account} and region "
            f"{home.region}"
        )


def no_price_for_private_team(request: Request, _home: Home) -> None:
    """3.1: the price is what Mechanical Turk workers are paid."""
    if request["HumanTaskConfig"].get("PublicWorkforceTaskPrice"):
        raise validation(
            "PublicWorkforceTaskPrice is only for the Amazon Mechanical Turk workforce; leave it "
            "out for a private work team"
        )


def ui_is_a_template(request: Request, _home: Home) -> None:
    """2.2, 3.1: exactly one of the two; HumanTaskUiArn is for NER, video frames and 3D."""
    ui = request["HumanTaskConfig"]["UiConfig"]
    template, human_task_ui = ui.get("UiTemplateS3Uri"), ui.get("HumanTaskUiArn")
    if bool(template) == bool(human_task_ui):
        raise validation("UiConfig requires exactly one of UiTemplateS3Uri and HumanTaskUiArn")
    if human_task_ui:
        raise not_offered(
            f"The built-in worker UI {human_task_ui} (named entities, video frames, 3D)",
            "give a UiTemplateS3Uri",
        )


def functions_are_ours(request: Request, home: Home) -> None:
    """2.1, 5.5: built-in functions are AWS's own; others are invoked within account and Region."""
    for text in _functions(request):
        function = parse_arn(text)
        if built_in_task(text):
            raise not_offered(
                f"The built-in Lambda function {text}",
                "give functions of your own account, or none",
            )
        if (function.region, function.account) != (home.region, home.account):
            raise validation(
                f"The Lambda function {text} must be in account {home.account} and region "
                f"{home.region}"
            )


def times_are_in_range(request: Request, _home: Home) -> None:
    """3.1: maximums that the model lacks, for image, text and custom tasks and private teams."""
    human = request["HumanTaskConfig"]
    for name, most in _MOST_SECONDS.items():
        seconds = human.get(name, 0)
        if seconds > most:
            raise validation(f"{name} is {seconds}, allowed are at most {most} seconds")


_MOST_SECONDS = {
    "TaskTimeLimitInSeconds": 28_800,
    "TaskAvailabilityLifetimeInSeconds": 2_592_000,
}


def window_is_in_quota(request: Request, _home: Home) -> None:
    """3.1: more than 1000 needs AWS Support."""
    window = request["HumanTaskConfig"].get("MaxConcurrentTaskCount", 0)
    if window > 1000:
        raise limit_exceeded(
            "The account-level service limit 'MaxConcurrentTaskCount' is 1000, with a request of "
            f"{window}. Please contact AWS support to request an increase for this limit."
        )


def no_automated_labeling(request: Request, _home: Home) -> None:
    """3.4: it trains models on the service's instances."""
    if request.get("LabelingJobAlgorithmsConfig"):
        raise not_offered("Automated data labeling", "leave out LabelingJobAlgorithmsConfig")


def key_is_in_region(request: Request, home: Home) -> None:
    """3.1: S3 encrypts with keys of the bucket's Region, which is the job's (6.1)."""
    key = request["OutputConfig"].get("KmsKeyId", "")
    if key.startswith("arn:") and key.split(":")[3:4] != [home.region]:
        raise validation(f"OutputConfig.KmsKeyId {key} must be in region {home.region}")


def no_output_topic(request: Request, _home: Home) -> None:
    """3.1, 3.5: notifications per object."""
    if request["OutputConfig"].get("SnsTopicArn"):
        raise not_offered("OutputConfig.SnsTopicArn", "read the output manifest")


RULES: tuple[Callable[[Request, Home], None], ...] = (
    region_has_ground_truth,
    label_attribute_is_allowed,
    label_attribute_has_ref,
    input_is_a_manifest,
    s3_uris_name_objects,
    role_is_ours,
    workteam_is_private,
    no_price_for_private_team,
    ui_is_a_template,
    functions_are_ours,
    times_are_in_range,
    window_is_in_quota,
    no_automated_labeling,
    key_is_in_region,
    no_output_topic,
)


def pre_annotation_arn(request: Request) -> str | None:
    """The pre-annotation function, which is optional (5.1)."""
    arn: str | None = request["HumanTaskConfig"].get("PreHumanTaskLambdaArn")
    return arn


def consolidation_arn(request: Request) -> str | None:
    """The consolidation function, which is optional (5.1)."""
    config = request["HumanTaskConfig"].get("AnnotationConsolidationConfig", {})
    arn: str | None = config.get("AnnotationConsolidationLambdaArn")
    return arn


def _functions(request: Request) -> Iterator[str]:
    yield from filter(None, (pre_annotation_arn(request), consolidation_arn(request)))


def _built_in_tasks(request: Request) -> Iterator[str]:
    yield from filter(None, map(built_in_task, _functions(request)))


def _uris(request: Request) -> Iterator[tuple[str, str, bool]]:
    """Every S3 URI: where it stands, what it is, whether it names an object."""
    source = request["InputConfig"]["DataSource"].get("S3DataSource", {})
    ui = request["HumanTaskConfig"]["UiConfig"]
    found = (
        ("InputConfig.DataSource.S3DataSource.ManifestS3Uri", source.get("ManifestS3Uri"), True),
        ("OutputConfig.S3OutputPath", request["OutputConfig"]["S3OutputPath"], False),
        ("LabelCategoryConfigS3Uri", request.get("LabelCategoryConfigS3Uri"), True),
        ("HumanTaskConfig.UiConfig.UiTemplateS3Uri", ui.get("UiTemplateS3Uri"), True),
    )
    yield from ((path, uri, needs_key) for path, uri, needs_key in found if uri is not None)
