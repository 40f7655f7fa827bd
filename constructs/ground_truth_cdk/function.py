"""The one way a Lambda function and a custom resource are made here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from aws_cdk import CustomResource, Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from ground_truth_cdk.assets import function_code
from ground_truth_cdk.checks import acknowledge
from ground_truth_cdk.grants import Grant, permissions_of
from ground_truth_cdk.libraries import HOST, Platform

NEWEST_RUNTIME = "python3.14"  # of the pinned CDK library, which is what rule L1 compares with
LONGEST_TIMEOUT_SECONDS = 900
# CloudFormation gives up a little after the function must have, not after its default hour.
SERVICE_TIMEOUT_SECONDS = 960
# Why a function has no dead-letter queue.
ANSWERS_CLOUDFORMATION = (
    "CloudFormation hears of every failure, from the function or by its own timeout; a queue would"
    " keep events, and an event's URL lets whoever reads it answer for the stack"
)
CALLED_SYNCHRONOUSLY = (
    "the service that calls it waits for the answer and gets the error; Lambda puts only"
    " asynchronous events into a queue"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSettings:
    """How an environment runs its functions.

    `runtime` is a Lambda runtime name such as "python3.14", `architecture` is "arm64" or "x86_64",
    `log_retention_days` one of the periods CloudWatch Logs knows. Without `log_key_arn` the logs
    are encrypted by CloudWatch Logs' own key. `on_host` functions run on the machine that
    synthesizes, on the interpreter that does it, and carry libraries for that.
    """

    runtime: str
    architecture: str
    log_retention_days: int
    log_key_arn: str | None = None
    on_host: bool = False


class SecureFunction(Construct):
    """A function with a log group, role and policy of its own; nothing is attached besides.

    The role may write to its log group and do what `grants` say, nothing else. It can't create
    log groups, so none comes back after a destroy. `dead_letters` is where events go that it could
    not handle, or the reason why there is no such place.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        module: str,
        description: str,
        settings: FunctionSettings,
        dead_letters: sqs.IQueue | str,
        grants: Sequence[Grant] = (),
        environment: Mapping[str, str] | None = None,
        timeout_seconds: int = 60,
        memory_mb: int = 256,
        version_removal: RemovalPolicy = RemovalPolicy.DESTROY,
    ) -> None:
        super().__init__(scope, construct_id)
        log_group = _log_group(self, settings)
        queue = None if isinstance(dead_letters, str) else dead_letters
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        logging = Grant(
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[log_group.log_group_arn],
        )
        sending = [Grant(actions=["sqs:SendMessage"], resources=[queue.queue_arn])] if queue else []
        self.policy = permissions_of(
            self, "Permissions", role=self.role, grants=[logging, *sending, *grants]
        )
        with function_code(module, platform=platform_of(settings)) as code:
            self.function = lambda_.Function(
                self,
                "Function",
                code=code,
                handler=f"{module}.handler",
                description=description,
                runtime=_runtime(settings.runtime),
                architecture=_architecture(settings.architecture),
                role=self.role.without_policy_updates(),
                log_group=log_group,
                environment=dict(environment or {}),
                timeout=Duration.seconds(timeout_seconds),
                memory_size=memory_mb,
                dead_letter_queue=queue,
                current_version_options=lambda_.VersionOptions(removal_policy=version_removal),
            )
        # whoever can call the function may rely on its permissions
        self.function.node.add_dependency(self.policy)
        _acknowledge(self.function, settings, dead_letters)


def platform_of(settings: FunctionSettings) -> Platform:
    """Return what a function's libraries have to run on."""
    return HOST if settings.on_host else Platform(settings.runtime, settings.architecture)


def custom_resource(
    scope: Construct,
    construct_id: str,
    *,
    resource_type: str,
    function: SecureFunction,
    properties: Mapping[str, Any],
) -> CustomResource:
    """Make a resource whose function answers CloudFormation itself, within a bounded time."""
    resource = CustomResource(
        scope,
        construct_id,
        resource_type=resource_type,
        service_token=function.function.function_arn,
        service_timeout=Duration.seconds(SERVICE_TIMEOUT_SECONDS),
        properties=dict(properties),
    )
    resource.node.add_dependency(function)
    return resource


def _log_group(scope: Construct, settings: FunctionSettings) -> logs.LogGroup:
    group = logs.LogGroup(scope, "Logs", removal_policy=RemovalPolicy.DESTROY)
    resource = cast("logs.CfnLogGroup", group.node.default_child)
    # the L2's enumeration can't be looked up by a number of days
    resource.retention_in_days = settings.log_retention_days
    resource.kms_key_id = settings.log_key_arn
    if settings.log_key_arn is None:
        acknowledge(
            group,
            "CloudWatchLogGroupEncrypted",
            reason="the environment has no keys of its own; CloudWatch Logs encrypts with its own"
            " key what holds neither answers nor personal data",
        )
    return group


def _acknowledge(
    function: lambda_.Function, settings: FunctionSettings, dead_letters: sqs.IQueue | str
) -> None:
    acknowledge(
        function,
        "LambdaInsideVPC",
        reason="it reaches nothing inside a network: it calls AWS over TLS with a role of its own;"
        " a VPC would need a paid endpoint for every service it calls",
    )
    acknowledge(
        function,
        "LambdaConcurrency",
        reason="only the service it was made for may call it; a reservation comes out of the"
        " account's pool (of 10 in new accounts), so deployments would fail, and a throttled call"
        " fails a deployment or an object that people were paid for",
    )
    acknowledge(
        function,
        "LambdaTracing",
        reason="tracing needs rights on every resource of X-Ray, which rule IAM5 refuses; each"
        " function does one step, and its log says how that went",
    )
    if isinstance(dead_letters, str):
        acknowledge(function, "LambdaDLQ", reason=dead_letters)
    if settings.runtime != NEWEST_RUNTIME:
        acknowledge(
            function,
            *("L1", "LambdaLatestVersion"),
            reason=f"the environment asks for {settings.runtime}, the interpreter its"
            " functions are tested and run on",
        )


def _runtime(name: str) -> lambda_.Runtime:
    return lambda_.Runtime(name, lambda_.RuntimeFamily.PYTHON)


def _architecture(name: str) -> lambda_.Architecture:
    return lambda_.Architecture.ARM_64 if name == "arm64" else lambda_.Architecture.X86_64
