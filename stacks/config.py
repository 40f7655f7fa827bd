"""Read environments and campaigns from their files into frozen, checked values.

Imports no aws_cdk, so operations read the same configuration as synth. Every problem of every
file asked for is reported in one `ConfigError`.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ground_truth.automation import ALGORITHMS
from ground_truth.canonical import sha256_hex
from ground_truth.checks import (
    check_campaign_name,
    check_domain_prefix,
    check_environment_name,
    check_workteam_name,
)
from ground_truth.definition import CampaignDefinition, Stopping
from ground_truth.functions import Functions
from stacks.agreement import Agreement, Environment
from stacks.campaign import CampaignFile
from stacks.chains import Base, read_base
from stacks.content import Content, Folder
from stacks.environment import EnvironmentFile
from stacks.places import campaign_names, environment_file, environment_names, pattern_names
from stacks.problems import Checked, ConfigError, Problem
from stacks.reading import read_table
from stacks.tables import Table

if TYPE_CHECKING:
    from ground_truth.task_input import Audited

__all__ = [
    "Campaign",
    "Checked",
    "ConfigError",
    "Environment",
    "Host",
    "Problem",
    "Project",
    "check",
    "load",
]

File = TypeVar("File", bound=Table)


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What `host` means in an environment file: the machine that synthesizes."""

    runtime: str = field(default_factory=lambda: f"python3.{sys.version_info.minor}")
    architecture: str = field(
        default_factory=lambda: "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A campaign's name, settings and content."""

    name: str
    folder: Path
    settings: CampaignFile
    content: Content
    base: Base | None = None

    @property
    def audited(self) -> Audited | None:
        """What a verification or an adjustment begins with."""
        return None if self.base is None else self.base.audited

    @property
    def definition(self) -> CampaignDefinition:
        """What decides whether people have to be asked again."""
        settings, automated = self.settings, self.settings.automated_labeling
        return CampaignDefinition(
            task=settings.task,
            label_attribute=settings.label_attribute,
            labels=settings.label_names,
            template_sha256=sha256_hex(self.content.template.encode()),
            categories_sha256=sha256_hex(self.content.categories),
            workers_per_object=settings.workers_per_object,
            dataset_revision=settings.dataset.revision,
            task_time_limit_seconds=settings.task_time_limit_seconds,
            stopping=Stopping(**settings.stopping.model_dump()),
            automated_labeling="" if automated is None else ALGORITHMS[settings.task],
            initial_model="" if automated is None else automated.initial_model or "",
            audited_attribute="" if self.audited is None else self.audited.attribute,
            streaming=self._streaming(),
            **self._functions(),
        )

    def _streaming(self) -> str:
        table = self.settings.streaming
        return "" if table is None else table.topic or "own"

    def _functions(self) -> dict[str, Any]:
        """Whose functions; how ours behave is nothing to a job that doesn't call them."""
        functions = self.settings.functions
        if functions is Functions.OWN:
            return {}
        return {
            "functions": functions.value,
            "pre_annotation_behaviour": 0,
            "consolidation_behaviour": 0,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Everything one synth needs: an environment and the campaigns that run in it, by name."""

    root: Path
    environment: Environment
    campaigns: tuple[Campaign, ...]


def load(
    root: Path,
    *,
    env: str | None,
    campaign: str | None = None,
    expires: str | None = None,
    host: Host | None = None,
) -> Project:
    """Read one environment and its campaigns (or the one named).

    `expires` is the last day of an ephemeral environment, as YYYY-MM-DD.
    Raises ConfigError with all problems; without `env` it lists the environments there are.
    """
    reader = _Reader(root=root)
    environment = reader.environment(env, expires, host or Host())
    campaigns = reader.campaigns(campaign, environment)
    if reader.problems or environment is None:
        raise ConfigError(reader.problems)
    return Project(root=root, environment=environment, campaigns=campaigns)


def check(root: Path, *, campaign: str | None = None) -> Checked:
    """Read every campaign, or the one named, without an environment, and say what is wrong."""
    reader = _Reader(root=root)
    reader.campaigns(campaign, None)
    return Checked(
        campaigns=tuple(campaign_names(root) if campaign is None else [campaign]),
        problems=tuple(sorted(set(reader.problems))),
        warnings=tuple(sorted(set(reader.warnings))),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    root: Path
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def environment(self, name: str | None, expires: str | None, host: Host) -> Environment | None:
        path = None if name is None else environment_file(self.root, name)
        if name is None or path is None:
            wrong = "no environment given" if name is None else f"unknown environment {name!r}"
            there = ", ".join(self._names("<number>")) or "none"
            self._report("environments", f"{wrong}, there are {there}; choose with -c env=<name>")
            return None
        self._check(path, check_environment_name(name))
        settings = self._read(path, EnvironmentFile)
        if settings is None:
            return None
        self._check_place(path, settings)
        environment = Environment(
            name=name,
            settings=_resolved(settings, host),
            on_host="host" in (settings.functions.runtime, settings.functions.architecture),
            file=path,
            expires=self._expires(path, settings, expires),
        )
        self._check(path, check_workteam_name(environment.workteam_name), key="team.name")
        self._check(path, check_domain_prefix(environment.domain_prefix("0" * 12)))
        return environment

    def _names(self, number: str) -> list[str]:
        patterns = (f"{name}-{number}" for name in pattern_names(self.root))
        return [*environment_names(self.root), *patterns]

    def _check_place(self, path: str, settings: EnvironmentFile) -> None:
        """A pattern has an end, and nothing else has one."""
        pattern = path.startswith("environments/ephemeral/")
        if pattern and settings.ephemeral is None:
            message = "missing, and the file stands for environments that go; add it with days"
            self._report(path, message, key="ephemeral")
        if not pattern and settings.ephemeral is not None:
            message = "an environment of its own doesn't expire; move the file to ephemeral/"
            self._report(path, message, key="ephemeral")

    def _expires(self, path: str, settings: EnvironmentFile, given: str | None) -> date | None:
        if given is None:
            return None
        if settings.ephemeral is None:
            self._report(path, f"-c expires={given}, but it has no [ephemeral]; leave it out")
            return None
        try:
            return date.fromisoformat(given)
        except ValueError:
            self._report(path, f"-c expires={given!r}, allowed a day such as 2026-12-31")
            return None

    def campaigns(self, asked: str | None, environment: Environment | None) -> tuple[Campaign, ...]:
        found = []
        for name in self._chosen(asked):
            path = f"campaigns/{name}/campaign.toml"
            self._check(path, check_campaign_name(name))
            settings = self._read(path, CampaignFile)
            if settings is None:
                continue
            agreement = Agreement(
                root=self.root, environment=environment, report=partial(self._report, path)
            )
            if agreement.runs(settings, required=asked is not None):
                agreement.check(settings)
                base = read_base(self.root, name, settings, self.problems)
                found.append((name, settings, base))
        return tuple(
            campaign
            for name, settings, base in found
            if (campaign := self._campaign(name, settings, base, environment)) is not None
        )

    def _chosen(self, asked: str | None) -> Sequence[str]:
        known = campaign_names(self.root)
        if asked is None:
            return known
        if asked not in known:
            there = ", ".join(known) or "none"
            self._report("campaigns", f"unknown campaign {asked!r}, there are {there}")
            return []
        return [asked]

    def _campaign(
        self,
        name: str,
        settings: CampaignFile,
        base: Base | None,
        environment: Environment | None,
    ) -> Campaign | None:
        upload = environment is not None and environment.settings.storage.upload_sample_data
        audited = None if base is None else base.audited
        folder = Folder(root=self.root, name=name, problems=self.problems, audited=audited)
        content = folder.content(settings, with_sample_data=upload)
        self.warnings.extend(folder.warnings)
        if content is None:
            return None
        return Campaign(
            name=name,
            folder=self.root / "campaigns" / name,
            settings=settings,
            content=content,
            base=base,
        )

    def _read(self, path: str, model: type[File]) -> File | None:
        return read_table(self.root, path, model, self.problems)

    def _check(self, path: str, found: Sequence[object], *, key: str = "") -> None:
        for problem in found:
            self._report(path, str(problem), key=key)

    def _report(self, path: str, message: str, *, key: str = "") -> None:
        self.problems.append(Problem(file=path, key=key, message=message))


def _resolved(settings: EnvironmentFile, host: Host) -> EnvironmentFile:
    functions = settings.functions
    update: Mapping[str, str] = {
        key: getattr(host, key)
        for key in ("runtime", "architecture")
        if getattr(functions, key) == "host"
    }
    return settings.model_copy(update={"functions": functions.model_copy(update=update)})
