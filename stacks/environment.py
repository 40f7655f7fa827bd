"""The environment file: where campaigns run, who labels, what is kept."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    model_validator,
)

Item = TypeVar("Item")
Items = Annotated[tuple[Item, ...], Strict(strict=False)]  # TOML arrays arrive as lists

# The retention periods CloudWatch Logs knows, in days.
LOG_RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
NAME_ALLOWED = "1-63 letters, digits and hyphens, a letter or digit first"
TEAM_ALLOWED = "1-41 letters, digits and inner hyphens; the environment's name is put before it"
MAX_TAGS = 40  # AWS allows 50; the project's own and CloudFormation's need room


class Table(BaseModel):
    """A TOML table: frozen, no unknown keys, no silent conversion."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def checked_tags(tags: dict[str, str]) -> dict[str, str]:
    """Refuse tags that AWS or the project's own bookkeeping would refuse later."""
    for key, value in tags.items():
        if not re.fullmatch(r"[\w .:/=+@-]{1,128}", key) or key.lower().startswith("aws:"):
            raise ValueError(
                f"tag key {key!r}; 1-128 letters, digits or _.:/=+-@ not starting 'aws:'"
            )
        if key.startswith("ground-truth:"):
            raise ValueError(f"tag key {key!r} is the project's own; choose another prefix")
        if len(value) > 256:
            raise ValueError(f"tag {key!r} has {len(value)} characters; at most 256")
    if len(tags) > MAX_TAGS:
        raise ValueError(f"{len(tags)} tags; at most {MAX_TAGS}")
    return tags


def matching(pattern: str, allowed: str) -> AfterValidator:
    """Require the whole value to match; the message says in words what is allowed."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(f"got {value!r}; {allowed}")
        return value

    return AfterValidator(check)


def _email(value: str) -> str:
    if len(value) > 128 or not re.fullmatch(r"[^@\s,;:<>\"]+@[^@\s,;:<>\"]+\.[^@\s.]+", value):
        raise ValueError(f"got {value!r}; an e-mail address of at most 128 characters")
    return value


def _retention(value: int) -> int:
    if value not in LOG_RETENTION_DAYS:
        known = ", ".join(map(str, LOG_RETENTION_DAYS))
        raise ValueError(f"got {value}; CloudWatch Logs keeps for {known} days")
    return value


def _domain_prefix(value: str) -> str:
    reserved = [word for word in ("aws", "amazon", "cognito") if word in value]
    if reserved or not re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", value):
        raise ValueError(
            f"got {value!r}; 1-63 lower-case letters, digits and inner hyphens,"
            " without the words aws, amazon or cognito"
        )
    return value


def _worker(value: Any) -> Any:
    return {"email": value} if isinstance(value, str) else value


Email = Annotated[str, AfterValidator(_email)]
Tags = Annotated[dict[str, str], AfterValidator(checked_tags)]


class Functions(Table):
    """How every Lambda function of the environment runs."""

    runtime: Annotated[str, matching(r"python3\.\d+|host", "e.g. 'python3.14', or 'host'")] = (
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

    @model_validator(mode="after")
    def _one_policy(self) -> Self:
        if self.removal == "destroy" and self.encryption == "kms":
            raise ValueError(
                "removal = 'destroy' with encryption = 'kms'; a deleted key lingers for days,"
                " so use encryption = 's3' or removal = 'retain'"
            )
        return self


class Workforce(Table):
    """The account's one private workforce and the Cognito pool behind it."""

    mode: Literal["create"] = "create"
    name: Annotated[str, matching(r"[a-zA-Z0-9][a-zA-Z0-9-]{0,62}", NAME_ALLOWED)] = "ground-truth"
    domain_prefix: Annotated[str, AfterValidator(_domain_prefix)] | None = None
    portal_scheme: Literal["https", "http"] = "https"
    mfa: Literal["off", "optional", "required"] = "optional"
    deletion_protection: bool = False
    invitation_valid_days: Annotated[int, Field(ge=1, le=365)] = 7


class Worker(Table):
    """A person of the work team."""

    email: Email


class Team(Table):
    """The environment's work team: people to invite, or an existing team to use."""

    name: Annotated[str, matching(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,40}", TEAM_ALLOWED)] = "labelers"
    description: Annotated[str, Field(min_length=1, max_length=200)] = (
        "Labels Ground Truth campaigns"
    )
    workteam_arn: str | None = None
    workers: Items[Annotated[Worker, BeforeValidator(_worker)]] = ()

    @model_validator(mode="after")
    def _people(self) -> Self:
        emails = [worker.email.lower() for worker in self.workers]
        twice = sorted({email for email in emails if emails.count(email) > 1})
        if twice:
            raise ValueError(f"workers listed twice: {', '.join(twice)}; list everyone once")
        if self.workteam_arn is not None and emails:
            raise ValueError("workers and workteam_arn; an existing team keeps its own members")
        return self


class Notifications(Table):
    """Who hears of a job's end and of alarms; each address confirms a subscription."""

    emails: Items[Email] = ()


class Monitoring(Table):
    """When the alarms speak, and how often counters are read."""

    max_failed_percent: Annotated[float, Field(ge=0, le=100)] = 5.0
    progress_minutes: Annotated[int, Field(ge=1, le=1440)] = 15


class EnvironmentFile(Table):
    """`environments/<name>.toml`."""

    region: str
    account: Annotated[str, matching(r"\d{12}", "twelve digits")] | None = None
    functions: Functions = Functions()
    storage: Storage = Storage()
    workforce: Workforce = Workforce()
    team: Team = Team()
    notifications: Notifications = Notifications()
    monitoring: Monitoring = Monitoring()
    tags: Tags = Field(default_factory=dict)
