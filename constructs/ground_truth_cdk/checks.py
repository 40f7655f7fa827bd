"""Acknowledging findings of the rules an environment is held to, each with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aws_cdk import Acknowledgment, Validations

if TYPE_CHECKING:
    from constructs import IConstruct

AWS_SOLUTIONS: Final = "AwsSolutions"
NIST: Final = "NIST.800.53.R5"
SERVERLESS: Final = "Serverless"
HIPAA: Final = "HIPAA.Security"
PCI: Final = "PCI.DSS.321"

# What several packs ask for under one name; the rules of AwsSolutions have names of their own.
SHARED_RULES: Final = {
    "CloudWatchLogGroupEncrypted": (NIST, HIPAA, PCI),
    "LambdaConcurrency": (NIST, HIPAA),
    "LambdaDLQ": (NIST, SERVERLESS, HIPAA),
    "LambdaInsideVPC": (NIST, HIPAA, PCI),
    "LambdaLatestVersion": (SERVERLESS,),
    "LambdaTracing": (SERVERLESS,),
    "S3BucketReplicationEnabled": (NIST, HIPAA, PCI),
    "S3DefaultEncryptionKMS": (NIST, HIPAA, PCI),
    "SNSEncryptedKMS": (NIST, HIPAA, PCI),
    "SQSRedrivePolicy": (SERVERLESS,),
}


def acknowledge(construct: IConstruct, *rules: str, reason: str) -> None:
    """Accept findings on the smallest construct that has them, in every pack that reports them.

    A rule is written as reported, without its pack: `IAM5[Resource::*]`, `LambdaInsideVPC`. The
    prefixed id keeps the finding, with its reason, in the validation report.
    """
    if len(reason) < 20:
        raise ValueError(f"acknowledgement of {', '.join(rules)} needs a real reason: {reason!r}")
    Validations.of(construct).acknowledge(
        *(
            Acknowledgment(id=f"{pack}::{pack}-{rule}", reason=reason)
            for rule in rules
            for pack in SHARED_RULES.get(rule, (AWS_SOLUTIONS,))
        )
    )
