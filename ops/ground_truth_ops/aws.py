"""The AWS clients of one region, made when first asked for.

AWS and local AWS differ in nothing but environment variables: plain boto3 reads them. A caller
that must not depend on its own environment (the demo) gives the variables instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sts import STSClient

POOL_CONNECTIONS = 16


class Clients:
    """Clients of one region.

    `variables` (AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID …) replace the process's own.
    """

    def __init__(self, region: str, *, variables: Mapping[str, str] | None = None) -> None:
        self.region = region
        self._options: dict[str, Any] = {
            "config": Config(
                retries={"mode": "adaptive", "max_attempts": 8},
                max_pool_connections=POOL_CONNECTIONS,
            )
        }
        given = variables or {}
        if variables is not None:
            self._options["endpoint_url"] = given.get("AWS_ENDPOINT_URL")
            self._options["verify"] = given.get("AWS_CA_BUNDLE")
        self._session = boto3.Session(
            region_name=region,
            aws_access_key_id=given.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=given.get("AWS_SECRET_ACCESS_KEY"),
            aws_session_token=given.get("AWS_SESSION_TOKEN"),
        )

    def named(self, service: str) -> Any:
        """A client of a service that has no type stubs installed."""
        return self._session.client(service, **self._options)  # type: ignore[call-overload]

    @cached_property
    def cloudformation(self) -> CloudFormationClient:
        return self._session.client("cloudformation", **self._options)

    @cached_property
    def cloudwatch(self) -> CloudWatchClient:
        return self._session.client("cloudwatch", **self._options)

    @cached_property
    def cognito(self) -> CognitoIdentityProviderClient:
        return self._session.client("cognito-idp", **self._options)

    @cached_property
    def events(self) -> EventBridgeClient:
        return self._session.client("events", **self._options)

    @cached_property
    def iam(self) -> IAMClient:
        return self._session.client("iam", **self._options)

    @cached_property
    def functions(self) -> LambdaClient:
        return self._session.client("lambda", **self._options)

    @cached_property
    def kms(self) -> Any:
        return self.named("kms")

    @cached_property
    def logs(self) -> CloudWatchLogsClient:
        return self._session.client("logs", **self._options)

    @cached_property
    def s3(self) -> S3Client:
        return self._session.client("s3", **self._options)

    @cached_property
    def sagemaker(self) -> SageMakerClient:
        return self._session.client("sagemaker", **self._options)

    @cached_property
    def sns(self) -> SNSClient:
        return self._session.client("sns", **self._options)

    @cached_property
    def sqs(self) -> SQSClient:
        return self._session.client("sqs", **self._options)

    @cached_property
    def sts(self) -> STSClient:
        return self._session.client("sts", **self._options)


def tag_map(tags: object) -> dict[str, str]:
    """`[{"Key": …, "Value": …}]` as a dictionary."""
    pairs: Any = tags or []
    return {str(tag["Key"]): str(tag["Value"]) for tag in pairs}
