"""`AWS::SageMaker::Workforce` and `AWS::SageMaker::Workteam`: properties to API calls.

Attributes, create-only properties and identifiers follow the registry (ground-truth.md 4.7).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ground_truth_local.platform.hooks import cloudformation
from ground_truth_local.platform.port import ServiceError

if TYPE_CHECKING:
    from ground_truth_local.platform.port import GroundTruthService

Properties = Mapping[str, Any]
Created = tuple[str, dict[str, str]]

_STABLE_SECONDS = 60.0
_WORKFORCE_CREATE_ONLY = ("WorkforceName", "CognitoConfig")
_WORKFORCE_MUTABLE = ("OidcConfig", "SourceIpConfig", "WorkforceVpcConfig", "IpAddressType")
_MEMBER_PROPERTIES: Mapping[str, Mapping[str, str]] = {
    "CognitoMemberDefinition": {
        "CognitoUserPool": "UserPool",
        "CognitoUserGroup": "UserGroup",
        "CognitoClientId": "ClientId",
    },
    "OidcMemberDefinition": {"OidcGroups": "Groups"},
}


def install(service: Callable[[], GroundTruthService], *, caller: Callable[[], str]) -> None:
    """Register both types; `caller` is who CloudFormation acts as."""
    api = _Api(service=service, caller=caller)
    workforce, workteam = _Workforce(api), _Workteam(api)
    cloudformation.add_resource_type(
        "AWS::SageMaker::Workforce",
        create=workforce.create,
        update=workforce.update,
        delete=workforce.delete,
        # the update handler replaces by itself: this type is deleted first, then created
        create_only=(),
        physical_name="WorkforceName",
    )
    cloudformation.add_resource_type(
        "AWS::SageMaker::Workteam",
        create=workteam.create,
        update=workteam.update,
        delete=workteam.delete,
        create_only=("WorkteamName", "WorkforceName"),
        physical_name="WorkteamName",
    )


@dataclass(frozen=True, slots=True)
class _Api:
    service: Callable[[], GroundTruthService]
    caller: Callable[[], str]

    def __call__(self, operation: str, **params: object) -> Any:
        given = {name: value for name, value in params.items() if value is not None}
        try:
            return self.service().call(operation, given, self.caller())
        except ServiceError as refusal:
            raise ResourceFailedError(refusal) from refusal

    def reconcile_tags(self, arn: str, old: Properties, new: Properties) -> None:
        had, has = _tags(old), _tags(new)
        gone = sorted(had.keys() - has.keys())
        if gone:
            self("DeleteTags", ResourceArn=arn, TagKeys=gone)
        if has != had:
            self("AddTags", ResourceArn=arn, Tags=_tag_list(has))


class ResourceFailedError(Exception):
    """A refusal in the words CloudFormation's events use."""

    def __init__(self, refusal: ServiceError) -> None:
        super().__init__(
            f"{refusal.message} (Service: SageMaker, Status Code: {refusal.status}, "
            f"Error Code: {refusal.code})"
        )
        self.code = refusal.code
        self.message = refusal.message


class _Workforce:
    def __init__(self, api: _Api) -> None:
        self._api = api

    def create(self, _logical_id: str, props: Properties, _stack: str) -> Created:
        name = str(props.get("WorkforceName"))
        self._api(
            "CreateWorkforce",
            WorkforceName=name,
            CognitoConfig=props.get("CognitoConfig"),
            Tags=_tag_list(_tags(props)) or None,
            **{key: props.get(key) for key in _WORKFORCE_MUTABLE},
        )
        return self._stable(name)

    def update(
        self, physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str
    ) -> Created:
        if any(old.get(key) != new.get(key) for key in _WORKFORCE_CREATE_ONLY):
            # "replacementStrategy": "delete_then_create"; with a team in place the delete fails
            self.delete(physical_id, old)
            return self.create(logical_id, new, stack)
        name = str(new.get("WorkforceName"))
        changed = {k: new.get(k) for k in _WORKFORCE_MUTABLE if old.get(k) != new.get(k)}
        if changed:
            self._api("UpdateWorkforce", WorkforceName=name, **changed)
        self._api.reconcile_tags(physical_id, old, new)
        return self._stable(name)

    def delete(self, physical_id: str, _props: Properties) -> None:
        _delete(self._api, "DeleteWorkforce", "WorkforceName", physical_id, absent="No workforce")

    def _stable(self, name: str) -> Created:
        deadline = time.monotonic() + _STABLE_SECONDS
        while True:
            workforce = self._api("DescribeWorkforce", WorkforceName=name)["Workforce"]
            status = workforce.get("Status", "Active")
            if status in ("Active", "Failed") or time.monotonic() > deadline:
                break
            time.sleep(0.05)
        if status != "Active":
            reason = str(workforce.get("FailureReason", f"the workforce stays {status}"))
            raise ResourceFailedError(ServiceError("NotStabilized", reason))
        arn = str(workforce["WorkforceArn"])
        return arn, {"WorkforceArn": arn, "SubDomain": str(workforce.get("SubDomain", ""))}


class _Workteam:
    def __init__(self, api: _Api) -> None:
        self._api = api

    def create(self, logical_id: str, props: Properties, stack: str) -> Created:
        name = str(props.get("WorkteamName") or f"{stack}-{logical_id}"[:63].rstrip("-"))
        arn = self._api(
            "CreateWorkteam",
            WorkteamName=name,
            WorkforceName=props.get("WorkforceName"),
            Tags=_tag_list(_tags(props)) or None,
            **_team(props),
        )["WorkteamArn"]
        return _workteam(str(arn))

    def update(
        self, physical_id: str, old: Properties, new: Properties, _stack: str, _logical_id: str
    ) -> Created:
        if _team(old) != _team(new):
            self._api("UpdateWorkteam", WorkteamName=_name(physical_id), **_team(new))
        self._api.reconcile_tags(physical_id, old, new)
        return _workteam(physical_id)

    def delete(self, physical_id: str, _props: Properties) -> None:
        _delete(self._api, "DeleteWorkteam", "WorkteamName", physical_id, absent="The work team")


def _delete(api: _Api, operation: str, parameter: str, arn: str, *, absent: str) -> None:
    """Delete by name; what is gone already counts as deleted (the words are AWS's, 4.1)."""
    try:
        answer = api(operation, **{parameter: _name(arn)})
    except ResourceFailedError as refusal:
        if refusal.code == "ValidationException" and absent in refusal.message:
            return
        raise
    if answer.get("Success") is False:
        raise ResourceFailedError(ServiceError("NotDeleted", f"{operation} answered Success=false"))


def _workteam(arn: str) -> Created:
    return arn, {"WorkteamArn": arn, "WorkteamName": _name(arn)}


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]


def _team(props: Properties) -> dict[str, object]:
    return {
        "Description": props.get("Description"),
        "MemberDefinitions": [_member(member) for member in props.get("MemberDefinitions", [])],
        "NotificationConfiguration": props.get("NotificationConfiguration"),
    }


def _member(definition: Properties) -> dict[str, object]:
    """CloudFormation's property names differ from the API's here and only here (4.7)."""
    return {
        kind: {_MEMBER_PROPERTIES[kind].get(name, name): value for name, value in members.items()}
        if kind in _MEMBER_PROPERTIES
        else members
        for kind, members in definition.items()
    }


def _tags(props: Properties) -> dict[str, str]:
    """Without CloudFormation's own tags: the schemas say `cloudFormationSystemTags: false`."""
    given = {str(tag["Key"]): str(tag.get("Value", "")) for tag in props.get("Tags") or []}
    return {key: value for key, value in given.items() if not key.startswith("aws:")}


def _tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
