"""Sample data of a campaign: from its folder to the raw bucket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from constructs import Construct

from ground_truth_cdk.arns import bucket_arn
from ground_truth_cdk.assets import content_hash, file_asset, zipped
from ground_truth_cdk.function import (
    ANSWERS_CLOUDFORMATION,
    LONGEST_TIMEOUT_SECONDS,
    FunctionSettings,
    SecureFunction,
    custom_resource,
)
from ground_truth_cdk.grants import Grant

if TYPE_CHECKING:
    from aws_cdk import CustomResource

    from ground_truth_cdk.storage_reference import StorageReference


class SampleData(Construct):
    """Uploads files to a prefix of the raw bucket; removing it leaves them there.

    `files` maps keys below the prefix to contents. `digest` changes with any of them.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        functions: FunctionSettings,
        storage: StorageReference,
        prefix: str,
        files: Mapping[str, bytes],
    ) -> None:
        super().__init__(scope, construct_id)
        self.digest = content_hash(files)
        asset = file_asset(self, "Files", name="sample-data.zip", content=zipped(files))
        source = f"{bucket_arn(asset.s3_bucket_name)}/{asset.s3_object_key}"
        function = SecureFunction(
            self,
            "Function",
            module="ground_truth_functions.sample_data",
            description="Puts the campaign's sample data into the raw bucket",
            settings=functions,
            dead_letters=ANSWERS_CLOUDFORMATION,
            timeout_seconds=LONGEST_TIMEOUT_SECONDS,
            memory_mb=512,
            grants=[
                Grant(actions=["s3:GetObject"], resources=[source]),
                storage.list_raw(prefix),
                Grant(
                    actions=["s3:PutObject"],
                    resources=[storage.raw_objects(prefix)],
                    wildcard="every file of the sample data becomes an object below this prefix",
                ),
                *storage.encrypt_and_decrypt(),
            ],
        )
        self.resource: CustomResource = custom_resource(
            self,
            "Upload",
            resource_type="Custom::GroundTruthSampleData",
            function=function,
            properties={
                "Source": {"Bucket": asset.s3_bucket_name, "Key": asset.s3_object_key},
                "TargetBucket": storage.raw_bucket,
                "Prefix": prefix,
                "Digest": self.digest,
            },
        )
