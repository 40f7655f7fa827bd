"""The only place that makes AWS clients; everything else asks here, at the moment of use."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, overload

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient
    from mypy_boto3_cloudwatch.client import CloudWatchClient
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sagemaker.client import SageMakerClient
    from mypy_boto3_sns.client import SNSClient
    from mypy_boto3_sqs.client import SQSClient


@overload
def client(name: Literal["cloudformation"]) -> CloudFormationClient: ...
@overload
def client(name: Literal["cloudwatch"]) -> CloudWatchClient: ...
@overload
def client(name: Literal["cognito-idp"]) -> CognitoIdentityProviderClient: ...
@overload
def client(name: Literal["s3"]) -> S3Client: ...
@overload
def client(name: Literal["sagemaker"]) -> SageMakerClient: ...
@overload
def client(name: Literal["sns"]) -> SNSClient: ...
@overload
def client(name: Literal["sqs"]) -> SQSClient: ...
def client(name: str) -> Any:
    """Return the process's client for a service, made on first use.

    Throttling and transient errors are retried with exponential backoff inside the client
    (botocore "standard" mode, 8 attempts: about half a minute at worst).
    """
    return _cached_client(name)


def forget_clients() -> None:
    """Drop the clients, for a process whose endpoint or credentials have changed."""
    _cached_client.cache_clear()


@cache
def _cached_client(name: str) -> Any:
    config = Config(
        retries={"mode": "standard", "total_max_attempts": 8},
        connect_timeout=5,
        read_timeout=60,
    )
    # Lambda sets AWS_REGION; boto3 by itself reads only AWS_DEFAULT_REGION
    make: Any = boto3.client
    return make(name, region_name=os.environ.get("AWS_REGION"), config=config)
