"""`gt deployer-policy`: writing the policy down; and putting it into an account."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.session import Session

from ground_truth_ops.cdk import Cdk
from ground_truth_ops.deployer.bootstrap import Bootstrap, bootstrap_commands
from ground_truth_ops.deployer.policy import (
    POLICY_PREFIX,
    Document,
    Place,
    deployer_policies,
)
from ground_truth_ops.project import load_project, patterns_of, project_root

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from rich.console import Console

    from stacks.config import Project

FOLDER = Path("deployer-policy")

_VERSIONS = 5  # that IAM keeps of a policy


def place_of(project: Project, *, account: str | None = None, boundary: str | None = None) -> Place:
    """Where a project's environment is deployed; without an account, the policy's own."""
    environment = project.environment
    settings = environment.settings
    partition = Session().get_partition_for_region(settings.region)
    account = account or settings.account or "*"
    if boundary is None and settings.permissions_boundary is not None:
        boundary = f"arn:{partition}:iam::{account}:policy/{settings.permissions_boundary}"
    return Place(
        environment=environment.name,
        partition=partition,
        region=settings.region,
        account=account,
        workforce=settings.workforce.name,
        workteam=environment.workteam_name,
        boundary=boundary,
    )


def place_of_pattern(place: Place, pattern: str) -> Place:
    """The same for every environment of a pattern, from the place of one of them."""
    any_name = f"{pattern}-*"
    team = place.workteam.removeprefix(place.environment)
    return replace(place, environment=any_name, workteam=f"{any_name}{team}")


def policies_of(assembly: Path, place: Place) -> list[Document]:
    """The policies for what an assembly's templates hold."""
    return deployer_policies(templates_of(assembly), place)


def templates_of(assembly: Path) -> Iterator[Document]:
    """Every template of an assembly."""
    for path in sorted(assembly.rglob("*.template.json")):
        yield json.loads(path.read_text(encoding="utf-8"))


def policy_prefix(environment: str) -> str:
    """IAM takes no `*` in a name, so a pattern's are called after the pattern."""
    return f"{POLICY_PREFIX}{environment.removesuffix('-*')}-"


def policy_name(environment: str, number: int) -> str:
    return f"{policy_prefix(environment)}{number}"


def write(documents: Sequence[Document], folder: Path, prefix: str) -> list[Path]:
    """One file for each policy; their names begin with `prefix` and end in a number."""
    folder.mkdir(parents=True, exist_ok=True)
    return list(_written(documents, folder, prefix))


def _written(documents: Sequence[Document], folder: Path, prefix: str) -> Iterator[Path]:
    for number, document in enumerate(documents, start=1):
        path = folder / f"{prefix}{number}.json"
        path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        yield path


def publish(iam: IAMClient, documents: Sequence[Document], place: Place) -> list[str]:
    """Create the policies in the account, or make these documents their newest version; ARNs."""
    return [
        _publish(iam, document, place, policy_name(place.environment, number))
        for number, document in enumerate(documents, start=1)
    ]


def _publish(iam: IAMClient, document: Document, place: Place, name: str) -> str:
    text = json.dumps(document, separators=(",", ":"))
    try:
        return iam.create_policy(PolicyName=name, PolicyDocument=text)["Policy"]["Arn"]
    except iam.exceptions.EntityAlreadyExistsException:
        arn = f"arn:{place.partition}:iam::{place.account}:policy/{name}"
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    if len(versions) >= _VERSIONS:
        oldest = min(
            (version for version in versions if not version["IsDefaultVersion"]),
            key=lambda version: int(version["VersionId"].removeprefix("v")),
        )
        iam.delete_policy_version(PolicyArn=arn, VersionId=oldest["VersionId"])
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=text, SetAsDefault=True)
    return arn


# -- the commands


def add_options(parser: argparse.ArgumentParser) -> None:
    """What both commands take besides the environment."""
    parser.add_argument("--account", help="twelve digits (default: the environment file's, or *)")
    parser.add_argument("--boundary", help="ARN of a boundary other than the environment file's")
    parser.add_argument("--to", type=Path, default=FOLDER, help=f"folder (default: {FOLDER})")
    parser.add_argument("--app", type=Path, help="a synthesized assembly (default: synthesize)")


def command(options: argparse.Namespace, console: Console) -> int:
    """Write the policies of an environment and say what to do with them; calls no AWS."""
    files, place, bootstrap = _prepare(options)
    console.print(f"What deploying {place.environment} takes is in {len(files)} policies:")
    console.print("")
    for line in bootstrap_commands(files, place, bootstrap):
        console.print(line, soft_wrap=True, markup=False)
    return 0


def bootstrap_command(options: argparse.Namespace, _console: Console) -> int:
    """Write the policies, and only the commands to standard output, for a shell to run."""
    sys.stdout.writelines(f"{line}\n" for line in bootstrap_commands(*_prepare(options)))
    return 0


def _prepare(options: argparse.Namespace) -> tuple[list[Path], Place, Bootstrap]:
    root = project_root()
    is_pattern = options.env in patterns_of(root)
    name = f"{options.env}-1" if is_pattern else options.env
    project = load_project(root, name)
    place = place_of(project, account=options.account, boundary=options.boundary)
    if is_pattern:
        place = place_of_pattern(place, options.env)
    with tempfile.TemporaryDirectory(prefix="ground-truth-") as scratch:
        assembly = options.app or Path(scratch)
        if options.app is None:
            log = root / "cdk.out" / "deployer-policy.log"
            cdk = Cdk(root=root, variables=os.environ, log=log)
            cdk.synth(environment=name, output=assembly, checks=False)
        files = write(policies_of(assembly, place), options.to, policy_prefix(place.environment))
    return files, place, Bootstrap.of(project.environment.settings)
