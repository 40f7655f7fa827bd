"""An environment, and whether a campaign fits into it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ground_truth.built_in import CategoryFormat
from ground_truth.checks import check_tags
from ground_truth.functions import Functions, functions_for
from stacks.places import environment_names, pattern_names

if TYPE_CHECKING:
    from stacks.campaign import CampaignFile
    from stacks.environment import EnvironmentFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """An environment's name and settings; `host` values are already filled in.

    `on_host` says that functions run on the machine that synthesizes. `file` is where they come
    from; `expires` the last day of an ephemeral one, when it was given.
    """

    name: str
    settings: EnvironmentFile
    on_host: bool = False
    file: str
    expires: date | None = None

    @property
    def on_one_machine(self) -> bool:
        """Whether this is local AWS's: only its portal isn't on https."""
        return self.settings.workforce.portal_scheme == "http"

    @property
    def workteam_name(self) -> str:
        """Unique per account and region, also when environments share them."""
        return f"{self.name}-{self.settings.team.name}"

    def domain_prefix(self, account: str) -> str:
        """Prefix of the sign-in domain, unique per region; `account` may be a token."""
        return self.settings.workforce.domain_prefix or f"ground-truth-{self.name}-{account}"


class Report(Protocol):
    """Tells a problem of the campaign's file."""

    def __call__(self, message: str, *, key: str = "") -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What a campaign and the environment it runs in say of each other; without one, of names."""

    root: Path
    environment: Environment | None
    report: Report

    def runs(self, settings: CampaignFile, *, required: bool) -> bool:
        """Return whether the campaign runs in the environment."""
        known = [*environment_names(self.root), *pattern_names(self.root)]
        for wanted in settings.environments or ():
            if wanted not in known:
                there = ", ".join(known)
                message = f"unknown environment {wanted!r}, there are {there}"
                self.report(message, key="environments")
        environment = self.environment
        if environment is None or settings.environments is None:
            return True
        names = {environment.name, Path(environment.file).stem}
        runs = not names.isdisjoint(settings.environments)
        if required and not runs:
            message = f"doesn't run in {environment.name!r}; add it to the list"
            self.report(message, key="environments")
        return runs

    def check(self, settings: CampaignFile) -> None:
        """Report what doesn't fit."""
        shared = self.environment.settings.tags if self.environment else {}
        for problem in check_tags({**shared, **settings.tags}):  # a job carries both files' tags
            self.report(str(problem), key="tags, environment's too")
        if self.environment is not None:
            self._check_team(settings, self.environment)
            self._check_region(settings, self.environment)
            self._check_functions(settings, self.environment)

    def _check_team(self, settings: CampaignFile, environment: Environment) -> None:
        size = environment.settings.team.size if settings.workteam_arn is None else None
        wanted = settings.workers_per_object
        if size is not None and wanted > size:
            message = (
                f"got {wanted}, allowed up to the {size} workers of the team: every object is"
                " shown to different people; invite more or ask fewer"
            )
            self.report(message, key="workers_per_object")

    def _check_functions(self, settings: CampaignFile, environment: Environment) -> None:
        """Local AWS imitates none of AWS's own functions and pages; PassThrough changes nothing."""
        rules = settings.job_rules
        self._check_frames(settings, environment)
        if not environment.on_one_machine or rules.built_in is None or rules.direct:
            return
        here = "" if Functions.OWN not in functions_for(settings.task) else ", or choose 'own'"
        message = (
            f"got {settings.functions.value!r}, not offered locally: AWS's own functions for"
            f" {settings.task} are on AWS alone; name the campaign's environments{here}"
        )
        self.report(message, key="functions")

    def _check_frames(self, settings: CampaignFile, environment: Environment) -> None:
        """The page's tools read and write the buckets from the worker's browser."""
        if settings.job_rules.categories is not CategoryFormat.FRAMES or environment.on_one_machine:
            return
        if not environment.settings.storage.frames:
            message = (
                f"got {settings.task.value!r}, whose page works on the buckets themselves, which"
                f" {environment.file} doesn't allow; set storage.frames = true there"
            )
            self.report(message, key="task")

    def _check_region(self, settings: CampaignFile, environment: Environment) -> None:
        region = environment.settings.region
        for key, arn in settings.arns.items():
            if arn.split(":")[3] != region:
                message = f"got {arn!r}, allowed what is in {region} like the job; name one there"
                self.report(message, key=key)
