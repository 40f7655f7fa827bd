"""Whose account this is, whether its clock agrees, and whether the CDK may deploy into it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ground_truth.limits import GROUND_TRUTH_REGIONS
from ground_truth_ops.deployer.bootstrap import DEFAULT_QUALIFIER
from ground_truth_ops.doctor.finding import Finding, ok, problem

if TYPE_CHECKING:
    from ground_truth_ops.doctor.scene import Scene

# AWS General Reference, "Signing AWS API requests": a request is refused 5 minutes after its time
LONGEST_SKEW = timedelta(minutes=4)
# aws-cdk-lib, DefaultStackSynthesizer: the bootstrap version its templates require
BOOTSTRAP_VERSION = 6
QUALIFIER_KEY = "@aws-cdk/core:bootstrapQualifier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who signs the calls; `skew` is how far this machine's clock is ahead of AWS's."""

    account: str
    arn: str
    skew: timedelta


def read_identity(scene: Scene) -> Identity:
    """Raises what the call raises: without it nothing else can be asked."""
    answer = scene.clients.sts.get_caller_identity()
    date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    there = parsedate_to_datetime(date) if date else scene.now
    return Identity(account=answer["Account"], arn=answer["Arn"], skew=scene.now - there)


def check_identity(scene: Scene, identity: Identity) -> Finding:
    declared = scene.target.project.environment.settings.account
    if declared and declared != identity.account:
        return problem(
            "credentials",
            f"account {identity.account} ({identity.arn}), but {scene.file} says {declared}",
            f'use credentials of {declared}, or edit account = "{declared}" in {scene.file}',
        )
    return ok("credentials", f"account {identity.account}, {identity.arn}")


def check_clock(identity: Identity) -> Finding:
    seconds = abs(identity.skew.total_seconds())
    if abs(identity.skew) > LONGEST_SKEW:
        way = "ahead of" if identity.skew > timedelta() else "behind"
        return problem(
            "clock",
            f"this machine is {seconds:.0f} seconds {way} AWS, which refuses requests that are 5 "
            "minutes off",
            "set the clock (timedatectl set-ntp true, or the system's settings)",
        )
    return ok("clock", f"{seconds:.0f} seconds from AWS's")


def check_region(scene: Scene) -> Finding:
    region = scene.clients.region
    if region not in GROUND_TRUTH_REGIONS:
        return problem(
            "region",
            f"{region} has no Ground Truth",
            f"edit region in {scene.file}: one of {', '.join(GROUND_TRUTH_REGIONS)}",
        )
    endpoint = scene.clients.sagemaker.meta.endpoint_url
    return ok("region", f"{region}, one of Ground Truth's twelve, at {endpoint}")


def check_bootstrap(scene: Scene) -> Iterator[Finding]:
    """The version is what deployed templates read themselves: an SSM parameter."""
    qualifier = _qualifier(scene)
    command = f"cdk bootstrap -c env={scene.environment}"
    if qualifier != DEFAULT_QUALIFIER:
        command += f" --qualifier {qualifier}"
    if scene.bootstrap.qualifier is not None:
        command = f"gt bootstrap-command --env {scene.environment}"
    name = f"/cdk-bootstrap/{qualifier}/version"
    try:
        value = scene.clients.named("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ParameterNotFound":
            raise
        yield problem(
            "bootstrap", f"the CDK is not bootstrapped here (no parameter {name})", run=command
        )
        return
    if int(value) < BOOTSTRAP_VERSION:
        text = f"version {value} with qualifier {qualifier}, {BOOTSTRAP_VERSION} is needed"
        yield problem("bootstrap", text, run=command)
        return
    yield ok("bootstrap", f"version {value}, qualifier {qualifier}")
    yield from _bootstrap_stack(scene, command)


def _bootstrap_stack(scene: Scene, command: str) -> Iterator[Finding]:
    """A bootstrap stack of another name is fine; one of the usual name should have settled."""
    found = (
        stack["StackStatus"]
        for page in scene.clients.cloudformation.get_paginator("describe_stacks").paginate()
        for stack in page["Stacks"]
        if stack["StackName"] == scene.bootstrap.stack
    )
    status = next(found, "")
    if "FAILED" in status or status == "ROLLBACK_COMPLETE":
        yield problem("bootstrap", f"stack {scene.bootstrap.stack} is {status}", run=command)


def _qualifier(scene: Scene) -> str:
    if scene.bootstrap.qualifier is not None:
        return scene.bootstrap.qualifier
    path = scene.target.project.root / "cdk.json"
    context = json.loads(path.read_text(encoding="utf-8")).get("context", {})
    return str(context.get(QUALIFIER_KEY, DEFAULT_QUALIFIER))
