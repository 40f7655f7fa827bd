"""`gt reviewer-policy`: what a pipeline's role must be allowed that looks and changes nothing.

For the live review, drift and the sweep of what is deployed. CloudFormation reads resources with
the caller's rights when it detects drift, so what its handlers read is part of it: also the secret
of the workers' app client, which opens nothing without a worker's sign-in. Labels are not.

Sources: user guide of CloudFormation, "Detecting unmanaged configuration changes" (considerations);
service authorization reference.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ground_truth_ops.cdk import Cdk
from ground_truth_ops.deployer.granted import Granted, arn, of
from ground_truth_ops.deployer.policy import Document, Place, Template, documents_of, granted
from ground_truth_ops.deployer.run import place_of, templates_of, write
from ground_truth_ops.project import load_project, project_root

if TYPE_CHECKING:
    from rich.console import Console

POLICY_PREFIX = "GroundTruthReviewer-"
FOLDER = Path("reviewer-policy")
LOOKING = ("Get", "List", "Describe")
# they give what people or programs wrote, not how a resource is set up
CONTENTS = frozenset({"s3:GetObject", "secretsmanager:GetSecretValue", "ssm:GetParameters"})

STACKS = (
    Granted(
        actions=of(
            "cloudformation",
            *("BatchDescribeTypeConfigurations", "DescribeStackDriftDetectionStatus"),
            "DescribeStacks",
        )
    ),
    Granted(
        actions=of(
            "cloudformation",
            *("DescribeStackResourceDrifts", "DetectStackDrift", "DetectStackResourceDrift"),
            *("GetTemplate", "ListStackResources"),
        ),
        resources=(arn("cloudformation", "stack/{stacks}*"),),
    ),
    # what the bootstrap has is nobody's orphan
    Granted(
        actions=("cloudformation:ListStackResources",),
        resources=(arn("cloudformation", "stack/CDKToolkit/*"),),
    ),
)
JOBS = (
    Granted(actions=of("sagemaker", "ListLabelingJobs", "ListWorkforces", "ListWorkteams")),
    Granted(
        actions=of("sagemaker", "DescribeLabelingJob"),
        resources=(arn("sagemaker", "labeling-job/{jobs}-*"),),
    ),
    Granted(
        actions=of("sagemaker", "ListTags"),
        resources=tuple(
            arn("sagemaker", f"{kind}/*") for kind in ("labeling-job", "workforce", "workteam")
        ),
    ),
    # how many objects a job was given; the labels are under other keys
    Granted(actions=("s3:GetObject",), resources=("arn:{partition}:s3:::{lower}*/*/lineage.json",)),
    Granted(
        actions=("kms:Decrypt",),
        resources=(arn("kms", "key/*"),),
        conditions={
            "StringEquals": {
                "aws:ResourceTag/{environment_tag}": "{environment}",
                "kms:ViaService": "s3.{region}.amazonaws.com",
            }
        },
    ),
)
# Lists have no narrower resource; whose a thing is, only its tags or its name tell.
ORPHANS = (
    Granted(actions=of("cloudwatch", "DescribeAlarms", "ListDashboards")),
    Granted(actions=of("cognito-idp", "ListUserPools")),
    Granted(
        actions=of("cognito-idp", "DescribeUserPool", "ListGroups", "ListUsers"),
        resources=(arn("cognito-idp", "userpool/*"),),
    ),
    Granted(actions=of("events", "ListRules")),
    Granted(actions=of("iam", "ListPolicies", "ListRoles")),
    Granted(actions=of("kms", "ListKeys")),
    Granted(actions=of("kms", "DescribeKey", "ListResourceTags"), resources=(arn("kms", "key/*"),)),
    Granted(actions=of("lambda", "ListFunctions")),
    Granted(actions=of("logs", "DescribeLogGroups")),
    Granted(actions=of("s3", "ListAllMyBuckets")),
    Granted(
        actions=of("s3", "GetBucketLogging", "GetBucketTagging", "GetEncryptionConfiguration"),
        resources=("arn:{partition}:s3:::*",),
    ),
    Granted(actions=of("sns", "ListTagsForResource", "ListTopics")),
    Granted(actions=of("sqs", "GetQueueAttributes", "ListQueueTags", "ListQueues")),
    Granted(actions=("tag:GetResources",)),
)


def reviewer_policies(templates: Iterable[Template], place: Place) -> list[Document]:
    """Policy documents of a role that only looks; raises as `deployer_policies` does."""
    return documents_of(seen_by(templates), place)


def seen_by(templates: Iterable[Template]) -> list[Granted]:
    """What it takes to look at what these templates make."""
    return [*STACKS, *JOBS, *ORPHANS, *_looking(templates)]


def _looking(templates: Iterable[Template]) -> Iterator[Granted]:
    """What CloudFormation's handlers read, of all they need."""
    for each in granted(templates):
        actions = tuple(action for action in each.actions if _looks(action))
        if actions:
            yield replace(each, actions=actions)


def _looks(action: str) -> bool:
    return action.partition(":")[2].startswith(LOOKING) and action not in CONTENTS


# -- the command


def add_options(parser: argparse.ArgumentParser) -> None:
    """What `gt reviewer-policy` takes besides the environment."""
    parser.add_argument("--account", help="twelve digits (default: the environment file's, or *)")
    parser.add_argument("--to", type=Path, default=FOLDER, help=f"folder (default: {FOLDER})")
    parser.add_argument("--app", type=Path, help="a synthesized assembly (default: synthesize)")


def command(options: argparse.Namespace, console: Console) -> int:
    """Write the policies of an environment and say how they are made; calls no AWS."""
    root = project_root()
    place = place_of(load_project(root, options.env), account=options.account)
    with tempfile.TemporaryDirectory(prefix="ground-truth-") as scratch:
        assembly = options.app or Path(scratch)
        if options.app is None:
            log = root / "cdk.out" / "reviewer-policy.log"
            cdk = Cdk(root=root, variables=os.environ, log=log)
            cdk.synth(environment=place.environment, output=assembly, checks=False)
        documents = reviewer_policies(templates_of(assembly), place)
    files = write(documents, options.to, f"{POLICY_PREFIX}{place.environment}-")
    console.print(
        f"What looking at {place.environment} takes is in {len(files)} policies; attach them to the"
        " role of REVIEW_ROLE_ARN (docs/pipelines.md):",
        soft_wrap=True,
    )
    for path in files:
        console.print(
            f"aws iam create-policy --policy-name {path.stem} --policy-document file://{path}",
            soft_wrap=True,
        )
    return 0
