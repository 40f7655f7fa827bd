"""Finds the project a command runs in, reads an environment, and chooses which AWS is meant."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ground_truth_ops.aws import Clients
from ground_truth_ops.errors import OpsError

if TYPE_CHECKING:
    from stacks.config import Project

LOCAL_STATE = Path(".local")


class ProjectError(OpsError):
    """The command wasn't run inside a project, or its files can't be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An environment, the AWS it lives in, and the variables that lead a child process there."""

    project: Project
    clients: Clients
    variables: Mapping[str, str]

    @property
    def environment(self) -> str:
        return self.project.environment.name

    @property
    def max_failed_percent(self) -> float:
        """Of a job's objects; with more of them without a label it is no success."""
        return self.project.environment.settings.monitoring.max_failed_percent

    @property
    def removes_buckets(self) -> bool:
        return self.project.environment.settings.storage.removal == "destroy"


def project_root(start: Path | None = None) -> Path:
    """The folder with `cdk.json` at or above `start` (default: the current directory)."""
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "cdk.json").is_file() and (folder / "environments").is_dir():
            return folder
    raise ProjectError(
        f"no project at or above {here}: a folder with cdk.json and environments/; run this "
        "inside one"
    )


def environments_of(root: Path) -> list[str]:
    """The names of all environments of a project."""
    return sorted(path.stem for path in (root / "environments").glob("*.toml"))


def patterns_of(root: Path) -> list[str]:
    """The kinds of ephemeral environments of a project: `pr` for every `pr-<number>`."""
    return sorted(path.stem for path in (root / "environments/ephemeral").glob("*.toml"))


def make_importable(root: Path) -> None:
    """Let `stacks` be imported, which lies in the project itself."""
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))


def load_project(root: Path, environment: str, *, campaign: str | None = None) -> Project:
    """One environment with its campaigns; raises ProjectError with every problem of the files."""
    make_importable(root)
    # stacks lies in the project itself, not in an installed distribution
    from stacks.config import ConfigError, load  # noqa: PLC0415

    try:
        return load(root, env=environment, campaign=campaign)
    except ConfigError as error:
        raise ProjectError(str(error)) from error


def target_of(
    root: Path,
    environment: str,
    *,
    campaign: str | None = None,
    variables: Mapping[str, str] | None = None,
) -> Target:
    """The environment, with all its campaigns or one, in the AWS the process's variables lead to.

    An environment with a plain-HTTP portal can only be a local one. Without AWS_ENDPOINT_URL its
    commands use the local AWS of `make local`, and refuse when there is none: they must not end
    up in a real account.
    """
    project = load_project(root, environment, campaign=campaign)
    found = dict(os.environ if variables is None else variables)
    settings = project.environment.settings
    if settings.workforce.portal_scheme == "http" and "AWS_ENDPOINT_URL" not in found:
        found = client_variables(found, root / LOCAL_STATE, environment)
    clients = Clients(settings.region, variables=found if "AWS_ENDPOINT_URL" in found else None)
    return Target(project=project, clients=clients, variables=found)


def client_variables(
    inherited: Mapping[str, str], state_dir: Path, environment: str = "local"
) -> dict[str, str]:
    """A clean environment for clients of the local AWS whose state lies in `state_dir`."""
    path = state_dir / "env"
    if not path.is_file():
        raise ProjectError(
            f"environment {environment} runs in local AWS, and AWS_ENDPOINT_URL is not set and "
            f"{path} is "
            "missing; start local AWS with `make local` and try again"
        )
    # what the user's shell says about AWS or a CDK home would lead elsewhere
    kept = {k: v for k, v in inherited.items() if not k.startswith("AWS_") and k != "CDK_HOME"}
    return {**kept, **parse_exports(path.read_text(encoding="utf-8"))}


def parse_exports(text: str) -> dict[str, str]:
    """`export NAME=value` lines as a dictionary; `unset` lines take names away again."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        words = shlex.split(line, comments=True)
        if words[:1] == ["unset"]:
            found = {name: value for name, value in found.items() if name not in words}
        if words[:1] in ([], ["unset"]):
            continue
        name, equals, value = words[-1].partition("=")
        if len(words) != 2 or words[0] != "export" or not equals:
            raise ProjectError(f"line {number} is {line!r}, expected `export NAME=value`")
        found[name] = value
    return found
