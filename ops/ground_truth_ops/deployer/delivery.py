"""What a pipeline's roles must be allowed themselves, besides taking the bootstrap's roles.

Derived from what the commands call (`.ci/live-review`, `.ci/deploy`, `.ci/destroy`, `.ci/nightly`,
`gt sweep --expired`). What CloudFormation may do is the deployer's policy, and the bootstrap's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ground_truth_ops.deployer.bootstrap import DEFAULT_QUALIFIER
from ground_truth_ops.deployer.granted import Granted, arn, of
from ground_truth_ops.deployer.policy import Document, Place, Template, documents_of
from ground_truth_ops.deployer.reviewer import JOBS, ORPHANS, reviewer_policies, seen_by

if TYPE_CHECKING:
    from collections.abc import Iterator

# Without the rights to read objects: the doctor then says `unknown` of what it would read.
DOCTOR = (
    Granted(actions=of("iam", "GetAccountSummary", "SimulateCustomPolicy")),
    Granted(
        actions=of("iam", "SimulatePrincipalPolicy"),
        resources=("arn:{partition}:iam::{account}:role/{stacks}*",),
    ),
    Granted(actions=of("lambda", "GetAccountSettings")),
    Granted(
        actions=of("cognito-idp", "DescribeUserPoolClient", "ListUsersInGroup"),
        resources=(arn("cognito-idp", "userpool/*"),),
    ),
    Granted(
        actions=of("sagemaker", "DescribeWorkteam"),
        resources=(arn("sagemaker", "workteam/private-crowd/{workteam}"),),
    ),
    Granted(actions=of("sns", "ListSubscriptionsByTopic"), resources=(arn("sns", "{stacks}*"),)),
    Granted(
        actions=of("s3", "GetBucketCORS", "GetBucketPolicy", "ListBucket"),
        resources=("arn:{partition}:s3:::{lower}*",),
    ),
)
DESTROY = (
    Granted(actions=of("cloudformation", "DescribeStacks")),
    # what the bootstrap has is nobody's orphan
    Granted(
        actions=of("cloudformation", "ListStackResources"),
        resources=(arn("cloudformation", "stack/CDKToolkit/*"),),
    ),
    # whoever reads what would go says so in a template; export names belong to no resource
    Granted(
        actions=of("cloudformation", "GetTemplate"), resources=(arn("cloudformation", "stack/*"),)
    ),
    Granted(actions=of("cloudformation", "ListImports")),
    Granted(
        actions=of(
            "cloudformation",
            *("DeleteStack", "DescribeStackEvents", "ListStackResources", "UpdateStack"),
            "UpdateTerminationProtection",
        ),
        resources=(arn("cloudformation", "stack/{stacks}*"),),
    ),
    # labels are exported, and the bucket marked up to when
    Granted(
        actions=of("s3", "ListBucket", "PutBucketTagging"),
        resources=("arn:{partition}:s3:::{lower}*",),
    ),
    Granted(actions=of("s3", "GetObject"), resources=("arn:{partition}:s3:::{lower}*/*",)),
)


def delivery_policies(
    templates: Iterable[Template],
    place: Place,
    *,
    qualifier: str | None = None,
    archive: str | None = None,
) -> Mapping[str, Sequence[Document]]:
    """Documents for each role: Review, Deploy, Destroy; raises as `deployer_policies` does."""
    bootstrap = qualifier or DEFAULT_QUALIFIER
    listed = list(templates)
    return {
        "Review": reviewer_policies(listed, place),
        "Deploy": documents_of(
            [
                *seen_by(listed),
                *DOCTOR,
                _bootstrap_version(bootstrap),
                _bootstrap_roles(bootstrap, "deploy", "file-publishing"),
            ],
            place,
        ),
        "Destroy": documents_of(
            [
                *(*JOBS, *ORPHANS, *DESTROY),
                *_archive(archive),
                _bootstrap_roles(bootstrap, "deploy"),
            ],
            place,
        ),
    }


def _bootstrap_roles(qualifier: str, *kinds: str) -> Granted:
    begins = f"arn:{{partition}}:iam::{{account}}:role/cdk-{qualifier}-"
    return Granted(
        actions=("sts:AssumeRole",),
        resources=tuple(f"{begins}{kind}-role-{{account}}-{{region}}" for kind in kinds),
    )


def _bootstrap_version(qualifier: str) -> Granted:
    return Granted(
        actions=("ssm:GetParameter",),
        resources=(arn("ssm", f"parameter/cdk-bootstrap/{qualifier}/version"),),
    )


def _archive(place: str | None) -> Iterator[Granted]:
    if place is not None:
        path = place.removeprefix("s3://").rstrip("/")
        yield Granted(actions=("s3:PutObject",), resources=(f"arn:{{partition}}:s3:::{path}/*",))
