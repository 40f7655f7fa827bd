"""ARNs of what is named but not made here, in whatever partition a stack is deployed to."""

from __future__ import annotations

from functools import cache

from aws_cdk import Aws


def arn(service: str, resource: str) -> str:
    """ARN in the deployment's own partition, region and account.

    >>> arn("sagemaker", "workteam/*")  # doctest: +SKIP
    'arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}:workteam/*'
    """
    partition, region, account = _here()
    return f"arn:{partition}:{service}:{region}:{account}:{resource}"


def bucket_arn(name: str) -> str:
    """ARN of a bucket."""
    return f"arn:{_here()[0]}:s3:::{name}"


@cache
def _here() -> tuple[str, str, str]:
    # one trip to the CDK's process instead of one per ARN
    return Aws.PARTITION, Aws.REGION, Aws.ACCOUNT_ID
