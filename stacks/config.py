"""Read environments and campaigns from their files into frozen, checked values.

Imports no aws_cdk, so operations read the same configuration as synth. Every problem of every
file asked for is reported in one `ConfigError`.
"""

from __future__ import annotations

import platform
import re
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from stacks.campaign import CampaignFile
from stacks.environment import EnvironmentFile, Table
from stacks.problems import ConfigError, Problem, problems_of

__all__ = ["Campaign", "ConfigError", "Environment", "Host", "Problem", "Project", "load"]

MAX_ENVIRONMENT_NAME = 16  # both are parts of stack, team, alarm and dashboard names
MAX_CAMPAIGN_NAME = 40
File = TypeVar("File", bound=Table)


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What `host` means in an environment file: the machine that synthesizes."""

    runtime: str = field(default_factory=lambda: f"python3.{sys.version_info.minor}")
    architecture: str = field(
        default_factory=lambda: "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """An environment's name and settings; `host` values are already filled in."""

    name: str
    settings: EnvironmentFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A campaign's name, settings and folder."""

    name: str
    folder: Path
    settings: CampaignFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Everything one synth needs: an environment and the campaigns that run in it, by name."""

    root: Path
    environment: Environment
    campaigns: tuple[Campaign, ...]


def environment_names(root: Path) -> list[str]:
    """The environments there are, sorted."""
    return sorted(path.stem for path in (root / "environments").glob("*.toml"))


def campaign_names(root: Path) -> list[str]:
    """The campaigns there are, sorted: folders with a `campaign.toml`."""
    return sorted(path.parent.name for path in (root / "campaigns").glob("*/campaign.toml"))


def load(
    root: Path, *, env: str | None, campaign: str | None = None, host: Host | None = None
) -> Project:
    """Read one environment and its campaigns (or the one named).

    Raises ConfigError with all problems; without `env` it lists the environments there are.
    """
    problems: list[Problem] = []
    environment = _environment(root, env, host or Host(), problems)
    campaigns = [
        found
        for name in _chosen(root, campaign, problems)
        if (found := _campaign(root, name, problems)) is not None
    ]
    if environment is not None:
        campaigns = _running_in(environment.name, campaigns, campaign, problems)
    if problems or environment is None:
        raise ConfigError(problems)
    return Project(root=root, environment=environment, campaigns=tuple(campaigns))


def _environment(
    root: Path, name: str | None, host: Host, problems: list[Problem]
) -> Environment | None:
    known = environment_names(root)
    there = f"there are: {', '.join(known) or 'none'}; choose with -c env=<name>"
    if name is None:
        problems.append(Problem(file="environments", wrong="no environment given", allowed=there))
        return None
    if name not in known:
        wrong = f"unknown environment {name!r}"
        problems.append(Problem(file="environments", wrong=wrong, allowed=there))
        return None
    path = f"environments/{name}.toml"
    problems += _name_problems(path, "environment name", name, MAX_ENVIRONMENT_NAME)
    settings = _read(root, path, EnvironmentFile, problems)
    return None if settings is None else Environment(name=name, settings=_resolved(settings, host))


def _resolved(settings: EnvironmentFile, host: Host) -> EnvironmentFile:
    functions = settings.functions
    update = {
        key: getattr(host, key)
        for key in ("runtime", "architecture")
        if getattr(functions, key) == "host"
    }
    return settings.model_copy(update={"functions": functions.model_copy(update=update)})


def _chosen(root: Path, campaign: str | None, problems: list[Problem]) -> Sequence[str]:
    known = campaign_names(root)
    if campaign is None:
        return known
    if campaign in known:
        return [campaign]
    allowed = f"there are: {', '.join(known) or 'none'}"
    problems.append(
        Problem(file="campaigns", wrong=f"unknown campaign {campaign!r}", allowed=allowed)
    )
    return []


def _campaign(root: Path, name: str, problems: list[Problem]) -> Campaign | None:
    path = f"campaigns/{name}/campaign.toml"
    problems += _name_problems(path, "campaign name", name, MAX_CAMPAIGN_NAME)
    settings = _read(root, path, CampaignFile, problems)
    if settings is None:
        return None
    known = environment_names(root)
    problems += [
        Problem(file=path, key="environments", wrong=f"unknown environment {wanted!r}",
                allowed=f"there are: {', '.join(known)}")
        for wanted in settings.environments or ()
        if wanted not in known
    ]  # fmt: skip
    return Campaign(name=name, folder=root / "campaigns" / name, settings=settings)


def _running_in(
    environment: str, campaigns: list[Campaign], asked: str | None, problems: list[Problem]
) -> list[Campaign]:
    running = []
    for campaign in campaigns:
        wanted = campaign.settings.environments
        if wanted is None or environment in wanted:
            running.append(campaign)
        elif asked is not None:
            problems.append(
                Problem(
                    file=f"campaigns/{campaign.name}/campaign.toml",
                    key="environments",
                    wrong=f"campaign {campaign.name!r} doesn't run in {environment!r}",
                    allowed=f"runs in: {', '.join(wanted)}",
                )
            )
    return running


def _name_problems(file: str, what: str, name: str, limit: int) -> list[Problem]:
    if len(name) <= limit and re.fullmatch(r"[a-z](-?[a-z0-9])*", name):
        return []
    wrong = (
        f"{what} {name!r} has {len(name)} characters" if len(name) > limit else f"{what} {name!r}"
    )
    allowed = f"1-{limit} lower-case letters, digits and single inner hyphens, a letter first"
    return [Problem(file=file, wrong=wrong, allowed=allowed)]


def _read(root: Path, path: str, model: type[File], problems: list[Problem]) -> File | None:
    try:
        return model.model_validate(tomllib.loads((root / path).read_text(encoding="utf-8")))
    except ValidationError as error:
        problems += problems_of(error, file=path, model=model)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(Problem(file=path, wrong=f"isn't TOML in UTF-8: {error}"))
    except OSError as error:
        problems.append(Problem(file=path, wrong=f"can't be read: {error.strerror}"))
    return None
