"""`gt sweep`: proves that an environment has left nothing behind, or names what it has left."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from ground_truth.names import TAG_ENVIRONMENT, job_name_prefix, monitor_name
from ground_truth_ops.consumers import BOOTSTRAP_STACK
from ground_truth_ops.deployer.policy import POLICY_PREFIX
from ground_truth_ops.deployment import find_deployment, resources_of
from ground_truth_ops.errors import OpsError
from ground_truth_ops.inventory import LISTERS, Lister, Resource
from ground_truth_ops.retained import find_retained

if TYPE_CHECKING:
    from ground_truth_ops.aws import Clients
    from ground_truth_ops.project import Target

# Ground Truth's own, one per account and region, whoever's job writes to them (developer guide,
# monitoring)
SERVICE_LOG_GROUPS = (
    "/aws/sagemaker/LabelingJobs",
    "/aws/sagemaker/groundtruth/WorkerActivity",
)
# what the tagging API names after its deletion for a while, or what a lister above has seen itself
LISTED_SERVICES = frozenset(
    {"cloudformation", "s3", "sns", "sqs", "cognito-idp", "sagemaker", "kms", "iam"}
)


class SweepError(OpsError):
    """A kind of resource could not be listed, so nothing is proven."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """`checked`: how many resources of each kind were looked at.

    `left`: those that shouldn't be there. `kept`: those that stay on purpose. `going`: those that
    are deleted already and will be gone by themselves.
    """

    checked: tuple[tuple[str, int], ...]
    left: tuple[Resource, ...]
    kept: tuple[Resource, ...] = ()
    going: tuple[Resource, ...] = ()


def sweep(
    clients: Clients,
    environment: str,
    *,
    everything: bool = False,
    names: Collection[str] = (),
    kept: Collection[str] = (),
) -> Swept:
    """Look at every kind of resource of the region.

    `names` are those the environment's file gives to things, `kept` the names or ARNs of what
    stays on purpose.

    By default what carries the environment's tag or name counts. With `everything`, for an
    account that holds nothing else (local AWS), all counts that isn't the CDK's bootstrap
    stack's or AWS's own.
    """
    bootstrap = _bootstrap_ids(clients)
    owned: Callable[[Resource], bool] = _owned_by(environment, names)
    checked: list[tuple[str, int]] = []
    left: list[Resource] = []
    for kind, lister in LISTERS:
        found = _listed(clients, kind, lister)
        checked.append((kind, len(found)))
        left += [
            resource
            for resource in found
            if not _excepted(resource, bootstrap) and (everything or owned(resource))
        ]
    tagged = _listed(clients, "tagged resources", lambda c: _tagged(c, environment))
    known = {resource.arn for resource in left}
    checked.append(("tagged resources", len(tagged)))
    left += [resource for resource in tagged if resource.arn not in known]
    on_purpose = [resource for resource in left if {resource.name, resource.arn} & {*kept}]
    going = [resource for resource in left if resource.going]
    return Swept(
        checked=tuple(checked),
        left=tuple(r for r in left if r not in on_purpose and r not in going),
        kept=tuple(on_purpose),
        going=tuple(going),
    )


def sweep_target(target: Target, *, everything: bool = False) -> Swept:
    """The same for a project's environment, with what its file says of names and of keeping."""
    clients, settings = target.clients, target.project.environment.settings
    names = {target.project.environment.workteam_name}
    if settings.workforce.mode == "create":
        names.add(settings.workforce.name)
    deployment = find_deployment(clients.cloudformation, target.environment)
    retained = () if target.removes_buckets else find_retained(clients, deployment)
    return sweep(
        clients,
        target.environment,
        everything=everything,
        names=names,
        kept={name for storage in retained for _, name in storage.parts()},
    )


def _listed(clients: Clients, kind: str, lister: Lister) -> list[Resource]:
    try:
        return list(lister(clients))
    except (ClientError, BotoCoreError) as error:
        raise SweepError(
            f"{kind} could not be listed, so nothing is proven: {error}; give the caller the "
            "right to list them"
        ) from error


def _bootstrap_ids(clients: Clients) -> frozenset[str]:
    try:
        found = resources_of(clients.cloudformation, BOOTSTRAP_STACK)
        return frozenset({BOOTSTRAP_STACK, *(resource.physical_id for resource in found)})
    except ClientError as error:
        if "does not exist" in str(error):
            return frozenset()
        raise


def _excepted(resource: Resource, bootstrap: frozenset[str]) -> bool:
    if resource.kind == "log group" and resource.name in SERVICE_LOG_GROUPS:
        return True
    if resource.kind == "policy" and resource.name.startswith(POLICY_PREFIX):
        return True  # the bootstrap was given it, and it goes with the bootstrap
    return bool({resource.name, resource.arn} & bootstrap)


def _owned_by(environment: str, names: Collection[str]) -> Callable[[Resource], bool]:
    """By tag, else by name: generated names begin with the stack's, in lower case for buckets.

    CloudFormation cuts long stack names short, so four letters of the stack's kind must do.
    """
    stem = rf"GroundTruth-{re.escape(environment)}-(acco|stor|team|labe)"
    # the prefix of any campaign of this environment, without its campaign and hash
    job = job_name_prefix(environment, "x").rsplit("-x-", 1)[0]
    monitor = re.escape(monitor_name(environment, ""))
    pattern = re.compile(rf"(^|[/ ]){stem}|^{re.escape(job)}-|^{monitor}", re.IGNORECASE)

    def owned(resource: Resource) -> bool:
        if resource.tags:
            tag = resource.tags.get(TAG_ENVIRONMENT)
            if tag is not None:
                return tag == environment
        return resource.name.partition(" in ")[0] in names or bool(pattern.search(resource.name))

    return owned


def _tagged(clients: Clients, environment: str) -> Iterator[Resource]:
    """Kinds without a lister of their own: whatever else still carries the tag."""
    tagging = clients.named("resourcegroupstaggingapi")
    pages = tagging.get_paginator("get_resources").paginate(
        TagFilters=[{"Key": TAG_ENVIRONMENT, "Values": [environment]}]
    )
    for page in pages:
        for item in page["ResourceTagMappingList"]:
            arn = item["ResourceARN"]
            if arn.split(":")[2] not in LISTED_SERVICES:
                yield Resource(kind=f"tagged {arn.split(':')[2]}", name=arn, arn=arn)
