"""Work teams: Cognito groups that label together (ground-truth.md 4.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ground_truth_local.service.cognito import register_portal, require_group, require_pool
from ground_truth_local.service.errors import in_use, limit_exceeded, not_offered, validation
from ground_truth_local.service.paging import ordered, page
from ground_truth_local.service.tags import Tags, check_tags
from ground_truth_local.service.workforces import Workforce, Workforces, dated_row, dates

if TYPE_CHECKING:
    from ground_truth_local.service.context import Context

_MAX_TEAMS = 25  # ground-truth.md 3.4
_MEMBERS = "MemberDefinitions"
_IMPLICIT_WORKFORCE = "default"  # 4.1, recalled there
_KIND = "workteam"
_OPTIONS = ("NotificationConfiguration", "WorkerAccessConfiguration")


@dataclass(slots=True, kw_only=True)
class Workteam:
    """A team; `groups` are the user pool's groups whose members belong to it."""

    name: str
    arn: str
    workforce_arn: str
    description: str
    user_pool: str
    client_id: str
    groups: tuple[str, ...]
    created: datetime
    updated: datetime
    options: dict[str, object] = field(default_factory=dict)


class Workteams:
    """Create, Describe, Update, Delete, List; `busy` tells whether a team has running jobs."""

    def __init__(self, context: Context, tags: Tags, busy: Callable[[str], bool]) -> None:
        self._context = context
        self._tags = tags
        self._busy = busy
        kept = sorted((_restored(row) for _, row in context.kept.rows(_KIND)), key=_created)
        self._teams = {team.name.lower(): team for team in kept}
        self.workforces = Workforces(context, tags, lambda: [t.name for t in self.all()])

    def all(self) -> list[Workteam]:
        """Every team, in the order they were made."""
        return list(self._teams.values())

    def by_arn(self, arn: str) -> Workteam | None:
        """The team of this ARN, if it exists."""
        return next((team for team in self._teams.values() if team.arn == arn), None)

    def create(self, params: Mapping[str, Any]) -> dict[str, object]:
        """CreateWorkteam: makes the workforce too when there is none (4.1)."""
        members = _members(params["MemberDefinitions"])
        tags = check_tags(params.get("Tags", []))
        name = params["WorkteamName"]
        with self.workforces.changing:
            self._check_free(name)
            for group in members.groups:
                require_group(self._context, members.user_pool, group)
            workforce = self._workforce(params.get("WorkforceName"), members)
            register_portal(self._context, members.user_pool, members.client_id)
            now = self._context.clock.now()
            team = Workteam(
                name=name,
                arn=self._context.arn(f"workteam/private-crowd/{name}"),
                workforce_arn=workforce.arn,
                description=params["Description"],
                user_pool=members.user_pool,
                client_id=members.client_id,
                groups=members.groups,
                created=now,
                updated=now,
                options={key: params[key] for key in _OPTIONS if key in params},
            )
            with self._context.lock:
                self._teams[name.lower()] = team
                self._keep(team)
                self._tags.create(team.arn, tags)
        return {"WorkteamArn": team.arn}

    def _check_free(self, name: str) -> None:
        if name.lower() in self._teams:
            raise in_use(
                "Work team names must be unique within an AWS account and region, and a work team "
                f"with this name already exists ({self._teams[name.lower()].arn})"
            )
        if len(self._teams) >= _MAX_TEAMS:
            raise limit_exceeded(
                f"The account-level service limit 'Number of work teams' is {_MAX_TEAMS} Teams, "
                f"with current utilization of {len(self._teams)} Teams"
            )

    def _workforce(self, name: str | None, members: _Members) -> Workforce:
        if name is None and self.workforces.existing is None:
            cognito = {"UserPool": members.user_pool, "ClientId": members.client_id}
            return self.workforces.add(_IMPLICIT_WORKFORCE, cognito, options={}, tags={})
        existing = self.workforces.existing
        workforce = self.workforces.find(name) if name is not None else existing
        if workforce is None:  # pragma: no cover - the first branch made one
            raise validation("No workforce found")
        # 4.1: the workforce is tied to one pool and one client, and all teams share them
        if (workforce.user_pool, workforce.client_id) != (members.user_pool, members.client_id):
            raise validation(
                f"The user pool {members.user_pool} and client {members.client_id} of the member "
                f"definitions differ from those of workforce {workforce.name}: "
                f"{workforce.user_pool} and {workforce.client_id}"
            )
        require_pool(self._context, members.user_pool, members.client_id)
        return workforce

    def find(self, name: str) -> Workteam:
        """4.1: not found is a ValidationException that starts with `The work team`."""
        team = self._teams.get(name.lower())
        if team is None:
            arn = self._context.arn(f"workteam/private-crowd/{name}")
            raise validation(f"The work team {arn} does not exist.")
        return team

    def describe(self, params: Mapping[str, Any]) -> dict[str, object]:
        """DescribeWorkteam."""
        with self._context.lock:
            return {"Workteam": self._view(self.find(params["WorkteamName"]))}

    def update(self, params: Mapping[str, Any]) -> dict[str, object]:
        """UpdateWorkteam: what is given is replaced, the name and workforce stay."""
        with self.workforces.changing:
            team = self.find(params["WorkteamName"])
            groups = self._new_groups(params["MemberDefinitions"]) if _MEMBERS in params else None
            register_portal(self._context, team.user_pool, team.client_id)
            with self._context.lock:
                team.groups = groups or team.groups
                team.description = params.get("Description", team.description)
                team.options.update({key: params[key] for key in _OPTIONS if key in params})
                team.updated = self._context.clock.now()
                self._keep(team)
                return {"Workteam": self._view(team)}

    def _new_groups(self, definitions: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
        members = _members(definitions)
        for group in members.groups:
            require_group(self._context, members.user_pool, group)
        self._workforce(self._workforce_name(), members)
        return members.groups

    def _workforce_name(self) -> str | None:
        return self.workforces.existing.name if self.workforces.existing else None

    def delete(self, params: Mapping[str, Any]) -> dict[str, object]:
        """DeleteWorkteam: its answer says whether it worked (4.1).

        What AWS does while a job runs isn't known (12); here the team stays and the answer is no.
        """
        with self.workforces.changing, self._context.lock:
            team = self.find(params["WorkteamName"])
            if self._busy(team.arn):
                return {"Success": False}
            del self._teams[team.name.lower()]
            self._context.kept.drop(_KIND, team.name.lower())
            self._tags.forget(team.arn)
        return {"Success": True}

    def _keep(self, team: Workteam) -> None:
        self._context.kept.put(_KIND, team.name.lower(), dated_row(team))

    def list(self, params: Mapping[str, Any]) -> dict[str, object]:
        """ListWorkteams."""
        part = params.get("NameContains", "").lower()
        with self._context.lock:
            found = [team for team in self.all() if part in team.name.lower()]
            by = {"Name": _name, "CreateDate": _created}
            shown, more = page(ordered(found, params, by), params)
            return {"Workteams": [self._view(team) for team in shown], **more}

    def _view(self, team: Workteam) -> dict[str, object]:
        members = [
            {
                "CognitoMemberDefinition": {
                    "UserPool": team.user_pool,
                    "UserGroup": group,
                    "ClientId": team.client_id,
                }
            }
            for group in team.groups
        ]
        return {
            "WorkteamName": team.name,
            "WorkteamArn": team.arn,
            "WorkforceArn": team.workforce_arn,
            "Description": team.description,
            "MemberDefinitions": members,
            "SubDomain": self._context.portal_domain,
            "CreateDate": team.created,
            "LastUpdatedDate": team.updated,
            "NotificationConfiguration": {},
            **team.options,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Members:
    user_pool: str
    client_id: str
    groups: tuple[str, ...]


def _members(definitions: Sequence[Mapping[str, Any]]) -> _Members:
    """4.1: Cognito groups that share one pool and one client."""
    for definition in definitions:
        if "OidcMemberDefinition" in definition:
            raise not_offered("An OpenID Connect work team", "use a Cognito group")
        if "CognitoMemberDefinition" not in definition:
            raise validation("Each member definition needs a CognitoMemberDefinition")
    cognito = [definition["CognitoMemberDefinition"] for definition in definitions]
    pools = sorted({(member["UserPool"], member["ClientId"]) for member in cognito})
    if len(pools) != 1:
        raise validation(
            "All of the CognitoMemberDefinitions that make up the work team must have the same "
            f"ClientId and UserPool values; got {pools}"
        )
    groups = tuple(dict.fromkeys(member["UserGroup"] for member in cognito))
    return _Members(user_pool=pools[0][0], client_id=pools[0][1], groups=groups)


def _restored(row: Mapping[str, Any]) -> Workteam:
    return Workteam(**{**row, **dates(row), "groups": tuple(row["groups"])})


def _name(team: Workteam) -> str:
    return team.name


def _created(team: Workteam) -> datetime:
    return team.created
