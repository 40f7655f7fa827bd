"""The private workforce: one per account and Region (ground-truth.md 4.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from threading import RLock
from typing import TYPE_CHECKING, Any

from ground_truth_local.service.cognito import register_portal, require_pool
from ground_truth_local.service.errors import in_use, not_offered, validation
from ground_truth_local.service.paging import ordered, page
from ground_truth_local.service.tags import Tags, check_tags

if TYPE_CHECKING:
    from ground_truth_local.service.context import Context

_MAX_CIDRS = 10  # 4.1
_KIND = "workforce"


@dataclass(slots=True, kw_only=True)
class Workforce:
    """The workforce and the pool and client it is tied to for life."""

    name: str
    arn: str
    user_pool: str
    client_id: str
    created: datetime
    updated: datetime
    options: dict[str, object] = field(default_factory=dict)


class Workforces:
    """Create, Describe, Update, Delete, List."""

    def __init__(self, context: Context, tags: Tags, teams: Callable[[], list[str]]) -> None:
        # held over the calls to Cognito, which the lock over the state never is: those who only
        # look mustn't wait for them
        self.changing = RLock()
        self._context = context
        self._tags = tags
        self._teams = teams
        self.existing: Workforce | None = next(
            (_restored(row) for _, row in context.kept.rows(_KIND)), None
        )

    def create(self, params: Mapping[str, Any]) -> dict[str, object]:
        """CreateWorkforce: writes the portal's address into the app client (4.3)."""
        cognito = _cognito_config(params)
        options = _options(params)
        tags = check_tags(params.get("Tags", []))
        with self.changing:
            workforce = self.add(params["WorkforceName"], cognito, options=options, tags=tags)
        return {"WorkforceArn": workforce.arn}

    def add(
        self,
        name: str,
        cognito: Mapping[str, str],
        *,
        options: dict[str, object],
        tags: Mapping[str, str],
    ) -> Workforce:
        """Also behind the first CreateWorkteam without a workforce (4.1); `changing` is held."""
        context = self._context
        if self.existing is not None:
            raise validation(
                "Cannot create more than one workforce for account "
                f"{context.platform.account_id}. If you are trying to update existing workforce, "
                "please use UpdateWorkforce API"
            )
        pool, client = cognito["UserPool"], cognito["ClientId"]
        require_pool(context, pool, client)
        register_portal(context, pool, client)
        now = context.clock.now()
        workforce = Workforce(
            name=name,
            arn=context.arn(f"workforce/{name}"),
            user_pool=pool,
            client_id=client,
            created=now,
            updated=now,
            options=options,
        )
        with context.lock:
            self.existing = workforce
            self._keep(workforce)
            self._tags.create(workforce.arn, tags)
        return workforce

    def find(self, name: str) -> Workforce:
        """4.1: not found is a ValidationException whose message holds `No workforce`."""
        if self.existing is None or self.existing.name != name:
            account = self._context.platform.account_id
            raise validation(f"No workforce found with name {name} for account {account}")
        return self.existing

    def describe(self, params: Mapping[str, Any]) -> dict[str, object]:
        """DescribeWorkforce."""
        with self._context.lock:
            return {"Workforce": self._view(self.find(params["WorkforceName"]))}

    def update(self, params: Mapping[str, Any]) -> dict[str, object]:
        """UpdateWorkforce: never the Cognito configuration (4.1)."""
        options = _options(params)
        if "OidcConfig" in params:
            raise not_offered("An OpenID Connect workforce", "use a Cognito user pool")
        with self._context.lock:
            workforce = self.find(params["WorkforceName"])
            workforce.options.update(options)
            workforce.updated = self._context.clock.now()
            self._keep(workforce)
            return {"Workforce": self._view(workforce)}

    def delete(self, params: Mapping[str, Any]) -> dict[str, object]:
        """DeleteWorkforce: ResourceInUse while it has teams (4.1)."""
        with self.changing, self._context.lock:
            workforce = self.find(params["WorkforceName"])
            if teams := self._teams():
                raise in_use(
                    f"The workforce {workforce.name} cannot be deleted while it has work teams: "
                    f"{', '.join(teams)}. Delete the work teams first"
                )
            self._tags.forget(workforce.arn)
            self.existing = None
            self._context.kept.drop(_KIND, workforce.name)
        return {}

    def _keep(self, workforce: Workforce) -> None:
        self._context.kept.put(_KIND, workforce.name, dated_row(workforce))

    def list(self, params: Mapping[str, Any]) -> dict[str, object]:
        """ListWorkforces."""
        part = params.get("NameContains", "").lower()
        with self._context.lock:
            all_ = [self.existing] if self.existing and part in self.existing.name.lower() else []
            found = ordered(all_, params, {"Name": _name, "CreateDate": _created})
            shown, more = page(found, params)
            return {"Workforces": [self._view(workforce) for workforce in shown], **more}

    def _view(self, workforce: Workforce) -> dict[str, object]:
        return {
            "WorkforceName": workforce.name,
            "WorkforceArn": workforce.arn,
            "SubDomain": self._context.portal_domain,
            "CognitoConfig": {"UserPool": workforce.user_pool, "ClientId": workforce.client_id},
            "SourceIpConfig": {"Cidrs": []},
            "CreateDate": workforce.created,
            "LastUpdatedDate": workforce.updated,
            "Status": "Active",
            **workforce.options,
        }


def dated_row(thing: Any) -> dict[str, object]:
    """A workforce or a team as JSON."""
    dates = {"created": thing.created.isoformat(), "updated": thing.updated.isoformat()}
    return {**asdict(thing), **dates}


def dates(row: Mapping[str, Any]) -> dict[str, Any]:
    """The dates of such a row."""
    return {name: datetime.fromisoformat(row[name]) for name in ("created", "updated")}


def _restored(row: Mapping[str, Any]) -> Workforce:
    return Workforce(**{**row, **dates(row)})


def _name(workforce: Workforce) -> str:
    return workforce.name


def _created(workforce: Workforce) -> datetime:
    return workforce.created


def _cognito_config(params: Mapping[str, Any]) -> Mapping[str, str]:
    cognito, oidc = params.get("CognitoConfig"), params.get("OidcConfig")
    if cognito and oidc:
        raise validation("CognitoConfig and OidcConfig cannot both be given; choose one")
    if oidc:
        raise not_offered("An OpenID Connect workforce", "use a Cognito user pool")
    if not cognito:
        raise validation("One of CognitoConfig and OidcConfig is required")
    config: Mapping[str, str] = cognito
    return config


def _options(params: Mapping[str, Any]) -> dict[str, object]:
    """4.1: at most ten CIDRs; portals in a VPC are not offered."""
    if "WorkforceVpcConfig" in params:
        raise not_offered("A worker portal in a VPC", "leave out WorkforceVpcConfig")
    cidrs = params.get("SourceIpConfig", {}).get("Cidrs", [])
    if len(cidrs) > _MAX_CIDRS:
        raise validation(f"Too many CIDRs: got {len(cidrs)}, allowed at most {_MAX_CIDRS}")
    if "SourceIpConfig" in params and not cidrs:  # "a list of one to ten" (SourceIpConfig)
        raise validation("SourceIpConfig has no CIDRs, allowed are one to ten")
    return {name: params[name] for name in ("SourceIpConfig", "IpAddressType") if name in params}
