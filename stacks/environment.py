"""The environment file: where campaigns run, who labels, what is kept."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from ground_truth import checks
from stacks.problems import checked
from stacks.tables import Items, Table, matching
from stacks.workforce import Workforce

OIDC_GROUPS = 10  # of a work team (CreateWorkteam)

# The retention periods CloudWatch Logs knows, in days.
LOG_RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)


def _retention(days: int) -> int:
    if days not in LOG_RETENTION_DAYS:
        known = ", ".join(map(str, LOG_RETENTION_DAYS))
        raise ValueError(f"got {days}, allowed the days CloudWatch Logs knows: {known}")
    return days


def _worker(value: Any) -> Any:
    return {"email": value} if isinstance(value, str) else value


Email = Annotated[
    str, matching(r"(?=.{6,128}$)[^@\s,;:<>\"]+@[^@\s,;:<>\"]+\.[^@\s.]+", "an e-mail address")
]
Tags = Annotated[dict[str, str], checked(checks.check_tags)]


class Functions(Table):
    """How every Lambda function of the environment runs."""

    runtime: Annotated[str, matching(r"python3\.\d+|host", "python3.<minor> or 'host'")] = (
        "python3.14"
    )
    architecture: Literal["arm64", "x86_64", "host"] = "arm64"
    log_retention_days: Annotated[int, AfterValidator(_retention)] = 30


class Storage(Table):
    """What becomes of the buckets, and how they are encrypted."""

    removal: Literal["retain", "destroy"] = "retain"
    encryption: Literal["kms", "s3"] = "s3"
    termination_protection: bool = False
    noncurrent_version_days: Annotated[int, Field(ge=1, le=3650)] = 90
    access_log_days: Annotated[int, Field(ge=1, le=3650)] = 90
    upload_sample_data: bool = False
    frames: bool = False

    @model_validator(mode="after")
    def _one_policy(self) -> Self:
        if self.removal == "destroy" and self.encryption == "kms":
            raise ValueError(
                "removal = 'destroy' with encryption = 'kms': a deleted key lingers for days;"
                " use encryption = 's3' or removal = 'retain'"
            )
        return self


class Worker(Table):
    """A person of the work team."""

    email: Email


class Team(Table):
    """The environment's work team: people to invite, or a team that exists already."""

    name: Annotated[str, checked(checks.check_workteam_name)] = "labelers"
    description: Annotated[str, checked(checks.check_workteam_description)] = (
        "Labels Ground Truth campaigns"
    )
    workteam_arn: Annotated[str, checked(checks.check_workteam_arn)] | None = None
    workers: Items[Annotated[Worker, BeforeValidator(_worker)]] = ()
    oidc_groups: Items[Annotated[str, checked(checks.check_oidc_group)]] = ()

    @model_validator(mode="after")
    def _people(self) -> Self:
        emails = [worker.email.lower() for worker in self.workers]
        twice = sorted({email for email in emails if emails.count(email) > 1})
        if twice:
            raise ValueError(f"workers listed twice: {', '.join(twice)}; list everyone once")
        if self.workteam_arn is not None and (emails or self.oidc_groups):
            raise ValueError("workers beside workteam_arn; an existing team keeps its members")
        if len(self.oidc_groups) > OIDC_GROUPS:
            raise ValueError(f"{len(self.oidc_groups)} oidc_groups, allowed up to {OIDC_GROUPS}")
        return self

    @property
    def size(self) -> int | None:
        """How many people there are; None if only somebody else knows."""
        known = self.workteam_arn is None and not self.oidc_groups
        return len(self.workers) if known else None


class Notifications(Table):
    """Who hears of a job's end and of alarms; each address confirms a subscription."""

    emails: Items[Email] = ()


class Monitoring(Table):
    """When the alarms speak, and how often counters are read."""

    max_failed_percent: Annotated[float, Field(ge=0, le=100)] = 5.0
    progress_minutes: Annotated[int, Field(ge=1, le=1440)] = 15


class PriceTier(Table):
    """What one object costs, up to so many of a month; the last tier has no end."""

    up_to: Annotated[int, Field(ge=1)] | None = None
    per_object: Annotated[float, Field(ge=0)]


class Price(Table):
    """For estimates in reviews; Ground Truth's price list is not part of any API."""

    as_of: date
    currency: Annotated[str, matching(r"[A-Z]{3}", "three capital letters, USD for instance")] = (
        "USD"
    )
    tiers: Annotated[Items[PriceTier], Field(min_length=1)]
    per_answer: Annotated[float, Field(ge=0)] = 0.0

    @model_validator(mode="after")
    def _rising(self) -> Self:
        ends = [tier.up_to for tier in self.tiers]
        bounds = [end for end in ends[:-1] if end is not None]
        if ends[-1] is not None or len(bounds) < len(ends) - 1 or bounds != sorted(set(bounds)):
            raise ValueError(
                f"tiers end at {ends}; every one but the last needs up_to, each larger than the one"
                " before, and the last has none"
            )
        return self


class Ephemeral(Table):
    """Of an environment that exists for a while, such as a pull request's."""

    days: Annotated[int, Field(ge=1, le=90)]
    stop_running_jobs: bool = False


class EnvironmentFile(Table):
    """`environments/<name>.toml`, or `environments/ephemeral/<name>.toml` for `<name>-<number>`."""

    STAND_INS: ClassVar[Mapping[str, Any]] = {"region": "us-east-1"}
    # the team's size is what campaigns are held to, and the file's place depends on the other
    NEEDED: ClassVar[frozenset[str]] = frozenset({"team", "ephemeral"})

    region: Annotated[str, checked(checks.check_region)]
    account: Annotated[str, matching(r"\d{12}", "twelve digits")] | None = None
    bootstrap_qualifier: (
        Annotated[str, matching(r"[a-z0-9]{1,10}", "1-10 lower-case letters and digits")] | None
    ) = None
    permissions_boundary: (
        Annotated[
            str,
            matching(
                r"(?=.{1,640}$)(?:[\w+=,.@-]+/)*[\w+=,.@-]{1,128}",
                "the name of a managed policy of the account, after its path if it has one",
            ),
        ]
        | None
    ) = None
    ephemeral: Ephemeral | None = None
    functions: Functions = Functions()
    storage: Storage = Storage()
    workforce: Workforce = Workforce()
    team: Team = Team()
    notifications: Notifications = Notifications()
    monitoring: Monitoring = Monitoring()
    price: Price | None = None
    tags: Tags = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_sign_in(self) -> Self:
        team, oidc = self.team, self.workforce.oidc is not None
        if team.workteam_arn is not None:
            return self
        if oidc and (team.workers or not team.oidc_groups):
            raise ValueError(
                "[workforce.oidc] needs team.oidc_groups in place of team.workers: people are the"
                " provider's, and a team is made of its groups"
            )
        if team.oidc_groups and not oidc:
            raise ValueError(
                "team.oidc_groups without [workforce.oidc]: a team of a user pool is made of"
                " team.workers; list people, or add the provider"
            )
        return self

    @model_validator(mode="after")
    def _leaves_nothing(self) -> Self:
        """What goes by itself must be able to, and must not take the account's workforce along."""
        if self.ephemeral is None:
            return self
        wrong = []
        if self.storage.removal != "destroy":
            wrong.append("storage.removal = 'destroy'")
        if self.storage.termination_protection:
            wrong.append("storage.termination_protection = false")
        if self.workforce.mode != "adopt" and self.team.workteam_arn is None:
            wrong.append("workforce.mode = 'adopt' or team.workteam_arn")
        if wrong:
            raise ValueError(
                f"[ephemeral] needs {', '.join(wrong)}: such an environment goes without a trace,"
                " and shares the account's workforce; set it, or remove the table"
            )
        return self
