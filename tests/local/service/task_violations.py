"""What the task forbids, and what isn't offered locally, as changes of a valid request."""

from __future__ import annotations

from collections.abc import Callable

from tests.local.service.violations import (
    ACS,
    HUMAN,
    PRE,
    TEMPLATE,
    Request,
    Violation,
    both,
    drop,
    part,
    put,
)

# ground-truth.md 2.1
AWS_FUNCTIONS = {"eu-west-1": "568282634449", "us-east-1": "432418664414"}
AWS_UIS, AWS_ALGORITHMS = "394669845002", "027400017018"
CLOUD = "3DPointCloudObjectDetection"


def region(request: Request) -> str:
    found: str = request[HUMAN]["WorkteamArn"].split(":")[3]
    return found


def aws_function(prefix: str, task: str) -> Callable[[Request], object]:
    """Put AWS's own function of the request's Region in its place."""
    path = {"PRE": PRE, "ACS": ACS}[prefix]

    def change(request: Request) -> None:
        account = AWS_FUNCTIONS[region(request)]
        team = request[HUMAN]["WorkteamArn"]
        arn = part(2, "lambda")(part(4, account)(part(5, f"function:{prefix}-{task}")(team)))
        put(path, arn)(request)

    return change


def task(name: str, attribute: str = "label") -> Callable[[Request], object]:
    """A job of one of AWS's tasks."""
    return both(
        put("LabelAttributeName", attribute), aws_function("PRE", name), aws_function("ACS", name)
    )


def aws_arn(account: str, resource: str) -> Callable[[Request], str]:
    return lambda request: part(4, account)(part(5, resource)(request[HUMAN]["WorkteamArn"]))


def worker_ui(name: str, account: str = AWS_UIS) -> Callable[[Request], object]:
    """AWS's worker UI in the place of the template."""

    def change(request: Request) -> None:
        drop(TEMPLATE)(request)
        arn = aws_arn(account, f"human-task-ui/{name}")(request)
        put(f"{HUMAN}.UiConfig.HumanTaskUiArn", arn)(request)

    return change


def algorithm(name: str, account: str = AWS_ALGORITHMS) -> Callable[[Request], object]:
    def change(request: Request) -> None:
        arn = aws_arn(account, f"labeling-job-algorithm-specification/{name}")(request)
        put("LabelingJobAlgorithmsConfig", {"LabelingJobAlgorithmSpecificationArn": arn})(request)

    return change


def topic(path: str, where: str | None = None) -> Callable[[Request], object]:
    def change(request: Request) -> None:
        arn = part(2, "sns")(part(5, "objects")(request[HUMAN]["WorkteamArn"]))
        put(path, part(3, where)(arn) if where else arn)(request)

    return change


INPUT_TOPIC = "InputConfig.DataSource.SnsDataSource.SnsTopicArn"
workers = put(f"{HUMAN}.NumberOfHumanWorkersPerDataObject", 1)

TASK_VIOLATIONS = (
    *(
        Violation(
            name=f"{name}-lacks-ref",
            section="2.2",
            change=both(task(name), workers),
            message=f"'label' must end with '-ref' for task {name}",
        )
        for name in (
            "SemanticSegmentation",
            "AdjustmentSemanticSegmentation",
            "VideoObjectDetection",
            "VideoObjectTracking",
            "AdjustmentVideoObjectDetection",
            "AdjustmentVideoObjectTracking",
            "3DPointCloudObjectTracking",
            "3DPointCloudSemanticSegmentation",
            "Adjustment3DPointCloudObjectTracking",
            "Adjustment3DPointCloudSemanticSegmentation",
        )
    ),
    Violation(
        name="attribute-has-ref",
        section="2.2",
        change=task("VerificationSemanticSegmentation", "label-ref"),
        message="'label-ref' must not end with '-ref'",
    ),
    *(
        Violation(
            name=f"built-in-{name}",
            section="2.1",
            change=task(name, attribute),
            message=f"built-in Lambda function .*:function:PRE-{name} is not offered locally",
        )
        for name, attribute in (
            ("ImageMultiClass", "label"),
            ("ImageMultiClassMultiLabel", "label"),
            ("TextMultiClass", "label"),
            ("TextMultiClassMultiLabel", "label"),
            ("BoundingBox", "label"),
            ("SemanticSegmentation", "label-ref"),
            ("VideoMultiClass", "label"),
            ("VerificationBoundingBox", "label"),
            ("AdjustmentBoundingBox", "label"),
            ("VerificationSemanticSegmentation", "label"),
            ("AdjustmentSemanticSegmentation", "label-ref"),
        )
    ),
    Violation(
        name="built-in-function-of-another-region",
        section="2.1",
        change=both(task("BoundingBox"), put(PRE, part(3, "us-west-2"))),
        message="must be in region .*, where AWS's own are in account",
    ),
    Violation(
        name="built-in-function-of-no-task",
        section="2.2",
        change=task("VideoClassification"),
        message="PRE-VideoClassification does not exist here; these do: PRE-ImageMultiClass",
    ),
    Violation(
        name="built-in-function-in-the-wrong-place",
        section="2.2",
        change=both(task("BoundingBox"), put(PRE, lambda arn: arn.replace("PRE-", "ACS-"))),
        message="ACS-BoundingBox does not exist here",
    ),
    Violation(
        name="functions-of-two-tasks",
        section="2.2",
        change=both(task("BoundingBox"), aws_function("ACS", "ImageMultiClass")),
        message="of different tasks, BoundingBox and ImageMultiClass",
    ),
    Violation(
        name="built-in-task-without-categories",
        section="3.1",
        change=both(task("BoundingBox"), drop("LabelCategoryConfigS3Uri")),
        message="LabelCategoryConfigS3Uri is required for task BoundingBox",
    ),
    Violation(
        name="no-ui",
        section="3.1",
        change=put(f"{HUMAN}.UiConfig", {}),
        message="exactly one of UiTemplateS3Uri and HumanTaskUiArn",
    ),
    Violation(
        name="two-uis",
        section="3.1",
        change=lambda request: put(
            f"{HUMAN}.UiConfig.HumanTaskUiArn",
            aws_arn(AWS_UIS, "human-task-ui/NamedEntityRecognition")(request),
        )(request),
        message="exactly one of UiTemplateS3Uri and HumanTaskUiArn",
    ),
    Violation(
        name="ui-of-ones-own",
        section="3.1",
        change=worker_ui("NamedEntityRecognition", "568282634449"),
        message="HumanTaskUiArn .* does not exist; worker UIs are in region",
    ),
    Violation(
        name="ui-with-3d",
        section="2.2",
        change=worker_ui("3DPointCloudObjectDetection"),
        message="HumanTaskUiArn .*3DPointCloudObjectDetection does not exist",
    ),
    Violation(
        name="template-for-named-entities",
        section="2.2",
        change=task("NamedEntityRecognition"),
        message="HumanTaskUiArn must name NamedEntityRecognition for task NamedEntityRecognition",
    ),
    Violation(
        name="ui-of-another-task",
        section="2.2",
        change=both(task(CLOUD), workers, worker_ui("PointCloudObjectTracking")),
        message="HumanTaskUiArn must name PointCloudObjectDetection for task",
    ),
    Violation(
        name="ui-for-a-templates-task",
        section="2.2",
        change=both(task("BoundingBox"), worker_ui("NamedEntityRecognition")),
        message="UiConfig requires UiTemplateS3Uri for task BoundingBox",
    ),
    Violation(
        name="named-entity-ui",
        section="2.2",
        change=worker_ui("NamedEntityRecognition"),
        message="built-in worker UI .*NamedEntityRecognition .* is not offered locally",
    ),
    Violation(
        name="three-workers-for-point-clouds",
        section="2.2",
        change=both(
            task(CLOUD),
            worker_ui("PointCloudObjectDetection"),
            put(f"{HUMAN}.NumberOfHumanWorkersPerDataObject", 3),
        ),
        message=f"PerDataObject is 3, allowed for task {CLOUD} is at most 1",
    ),
    Violation(
        name="function-of-another-region",
        section="2.1",
        change=put(PRE, part(3, "us-west-1")),
        message="^The Lambda function .* must be in account",
    ),
    Violation(
        name="function-of-another-account",
        section="5.5",
        change=put(ACS, part(4, "999999999999")),
        message="^The Lambda function .* must be in account",
    ),
    Violation(
        name="time-limit-too-long",
        section="3.1",
        change=put(f"{HUMAN}.TaskTimeLimitInSeconds", 28_801),
        message="TaskTimeLimitInSeconds is 28801, allowed are at most 28800 seconds",
    ),
    Violation(
        name="time-limit-too-long-for-point-clouds",
        section="3.1",
        change=both(
            task(CLOUD),
            workers,
            worker_ui("PointCloudObjectDetection"),
            put(f"{HUMAN}.TaskTimeLimitInSeconds", 2_592_001),
        ),
        message="TaskTimeLimitInSeconds is 2592001, allowed are at most 2592000 seconds",
    ),
    Violation(
        name="availability-too-long",
        section="3.1",
        change=put(f"{HUMAN}.TaskAvailabilityLifetimeInSeconds", 2_592_001),
        message="TaskAvailabilityLifetimeInSeconds is 2592001, allowed are at most 2592000",
    ),
    Violation(
        name="algorithm-of-ones-own",
        section="2.1",
        change=both(task("ImageMultiClass"), algorithm("image-classification", "568282634449")),
        message="SpecificationArn .* does not exist; the algorithms are in region",
    ),
    Violation(
        name="algorithm-of-another-task",
        section="3.4",
        change=both(task("ImageMultiClass"), algorithm("object-detection")),
        message="SpecificationArn .* is not for the task of .*PRE-ImageMultiClass",
    ),
    Violation(
        name="algorithm-for-a-custom-job",
        section="3.4",
        change=algorithm("image-classification"),
        message="SpecificationArn .* is not for the task of",
    ),
    Violation(
        name="automated-labeling",
        section="3.4",
        change=both(task("ImageMultiClass"), algorithm("image-classification")),
        message="Automated data labeling is not offered locally",
    ),
    Violation(
        name="six-security-groups",
        section="3.1",
        change=both(
            task("ImageMultiClass"),
            algorithm("image-classification"),
            put(
                "LabelingJobAlgorithmsConfig.LabelingJobResourceConfig.VpcConfig",
                {"SecurityGroupIds": [f"sg-{n}" for n in range(6)], "Subnets": ["subnet-1"]},
            ),
        ),
        message="vpcConfig.securityGroupIds' failed to satisfy constraint: .* equal to 5",
    ),
    Violation(
        name="no-labels-at-most",
        section="3.1",
        change=put("StoppingConditions", {"MaxHumanLabeledObjectCount": 0}),
        message="maxHumanLabeledObjectCount' .* value greater than or equal to 1",
        client_side=True,
    ),
    Violation(
        name="automated-streaming",
        section="3.5",
        change=both(task("ImageMultiClass"), algorithm("image-classification"), topic(INPUT_TOPIC)),
        message="Automated data labeling is not possible in a streaming labeling job",
    ),
    Violation(
        name="topic-of-another-region",
        section="3.5",
        change=topic(INPUT_TOPIC, "us-west-1"),
        message="SnsDataSource.SnsTopicArn .* must be in region",
    ),
)
