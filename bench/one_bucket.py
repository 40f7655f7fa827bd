"""The yardstick: a Python CDK app with one bucket, under the same checks as ours."""

from aws_cdk import Acknowledgment, App, Stack, Validations
from aws_cdk import aws_s3 as s3
from cdk_nag import (
    AwsSolutionsChecks,
    HIPAASecurityChecks,
    NIST80053R5Checks,
    PCIDSS321Checks,
    ServerlessChecks,
)

PACKS = (
    AwsSolutionsChecks,
    NIST80053R5Checks,
    ServerlessChecks,
    HIPAASecurityChecks,
    PCIDSS321Checks,
)
ACCEPTED = (
    "AwsSolutions::AwsSolutions-S1",
    *(
        f"{pack}::{pack}-S3{rule}"
        for pack in ("NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321")
        for rule in ("BucketLoggingEnabled", "BucketReplicationEnabled", "DefaultEncryptionKMS")
    ),
)


def main() -> None:
    app = App()
    bucket = s3.Bucket(
        Stack(app, "OneBucket"),
        "Bucket",
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        enforce_ssl=True,
        versioned=True,
    )
    Validations.of(bucket).acknowledge(
        *(
            Acknowledgment(id=rule, reason="a yardstick holds no data and is read by nobody")
            for rule in ACCEPTED
        )
    )
    Validations.of(app).add_plugins(*(pack(app) for pack in PACKS))
    app.synth()


if __name__ == "__main__":
    main()
