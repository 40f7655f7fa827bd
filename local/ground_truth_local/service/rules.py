"""What CreateLabelingJob refuses at once, beyond the API model's constraints.

One function per rule; each names the section of ground-truth.md it comes from. Where the document
knows AWS's words they are used; elsewhere the message says what is wrong and what is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ground_truth_local.service.arns import parse_arn
from ground_truth_local.service.errors import limit_exceeded, not_offered, validation
from ground_truth_local.service.locations import parse_s3_uri
from ground_truth_local.service.regions import BUILT_IN_ACCOUNTS
from ground_truth_local.service.request import Home, Request, topics
from ground_truth_local.service.task_rules import TASK_RULES


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


def input_has_a_source(request: Request, _home: Home) -> None:
    """3.1: at least one data source."""
    source = request["InputConfig"]["DataSource"]
    if not source.get("S3DataSource") and not source.get("SnsDataSource"):
        raise validation(
            "InputConfig.DataSource requires at least one of S3DataSource and SnsDataSource"
        )


def streaming_is_possible(request: Request, home: Home) -> None:
    """3.5: topics of the job's Region; 3.4: no automated labeling with them."""
    for path, text in topics(request):
        if parse_arn(text).region != home.region:
            raise validation(f"{path} {text} must be in region {home.region}")
        if path.startswith("Input") and request.get("LabelingJobAlgorithmsConfig"):
            raise validation("Automated data labeling is not possible in a streaming labeling job")


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


def window_is_in_quota(request: Request, _home: Home) -> None:
    """3.1: more than 1000 needs AWS Support."""
    window = request["HumanTaskConfig"].get("MaxConcurrentTaskCount", 0)
    if window > 1000:
        raise limit_exceeded(
            "The account-level service limit 'MaxConcurrentTaskCount' is 1000, with a request of "
            f"{window}. Please contact AWS support to request an increase for this limit."
        )


def key_is_in_region(request: Request, home: Home) -> None:
    """3.1: S3 encrypts with keys of the bucket's Region, which is the job's (6.1)."""
    key = request["OutputConfig"].get("KmsKeyId", "")
    if key.startswith("arn:") and key.split(":")[3:4] != [home.region]:
        raise validation(f"OutputConfig.KmsKeyId {key} must be in region {home.region}")


RULES: tuple[Callable[[Request, Home], None], ...] = (
    region_has_ground_truth,
    label_attribute_is_allowed,
    input_has_a_source,
    streaming_is_possible,
    s3_uris_name_objects,
    role_is_ours,
    workteam_is_private,
    no_price_for_private_team,
    window_is_in_quota,
    key_is_in_region,
    *TASK_RULES,
)


def _uris(request: Request) -> Iterator[tuple[str, str, bool]]:
    """Every S3 URI: where it stands, what it is, whether it names an object."""
    source = request["InputConfig"]["DataSource"].get("S3DataSource") or {}
    ui = request["HumanTaskConfig"]["UiConfig"]
    found = (
        ("InputConfig.DataSource.S3DataSource.ManifestS3Uri", source.get("ManifestS3Uri"), True),
        ("OutputConfig.S3OutputPath", request["OutputConfig"]["S3OutputPath"], False),
        ("LabelCategoryConfigS3Uri", request.get("LabelCategoryConfigS3Uri"), True),
        ("HumanTaskConfig.UiConfig.UiTemplateS3Uri", ui.get("UiTemplateS3Uri"), True),
    )
    yield from ((path, uri, needs_key) for path, uri, needs_key in found if uri is not None)
