"""CloudFormation's changes, authorized for the role it acts as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from ground_truth_local.platform import roles
from ground_truth_local.platform.deployer.needs import Change, Handlers
from ground_truth_local.platform.deployer.types import NOTHING_NEEDED, handlers_of
from ground_truth_local.platform.hooks import denials, deployments, identity
from ground_truth_local.platform.port import RoleNotAssumableError

PRINCIPAL = "cloudformation.amazonaws.com"
_SESSION = "AWSCloudFormation"


class NotAuthorizedError(ValueError):
    """The role that CloudFormation acts as lacks a permission.

    A ValueError, because ministack answers a call with those as a ValidationError.
    """


class UnknownTypeError(Exception):
    """A resource type of which it isn't known here what its handlers need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """Of one account and region."""

    partition: str
    region: str
    account: str

    def install(self) -> None:
        """Act as the roles that are given, and ask IAM before every change."""
        deployments.act_as_given_roles(self._session_of, _refusal)
        deployments.ask_before_changes(self._authorize)
        deployments.ask_before_reading(
            output=self._read_stack, parameter=self._read_parameter, secret=self._read_secret
        )

    def _session_of(self, role_arn: str) -> str:
        try:
            roles.assume(
                role_arn, PRINCIPAL, account=self.account, region=self.region, source_arn=None
            )
        except RoleNotAssumableError as error:
            raise NotAuthorizedError(
                f"Role {role_arn} is invalid or cannot be assumed: {error.cause}"
            ) from error
        name = role_arn.rpartition("/")[2]
        return f"arn:{self.partition}:sts::{self.account}:assumed-role/{name}/{_SESSION}"

    def _authorize(self, type_: str, *what: Any) -> None:
        operation, stack, logical_id, physical_id, old, new = what
        if type_ in NOTHING_NEEDED:
            return
        handlers = handlers_of(type_)
        if handlers is None:
            raise UnknownTypeError(
                f"local AWS does not know what CloudFormation needs for {type_}; deploy without a "
                "role, or add the type to local/ground_truth_local/platform/deployer/types.py "
                "with what its handlers call"
            )
        change = Change(
            type=type_,
            operation=operation,
            stack=stack,
            logical_id=logical_id,
            physical_id=physical_id or "",
            old=old or {},
            new=new or {},
            partition=self.partition,
            region=self.region,
            account=self.account,
        )
        self._check(change, handlers)

    def _check(self, change: Change, handlers: Handlers) -> None:
        fields = {**handlers.fields(change), **_places(change)}
        tags = _tag_keys(change)
        for need in handlers.needs(change.operation):
            for resource, keys in need.of(change, fields):
                self._require(need.action, resource, {**tags, **keys})

    def _read_stack(self, name: str) -> None:
        resource = f"stack/{name}/*"
        self._require("cloudformation:DescribeStacks", self._arn("cloudformation", resource), {})

    def _read_parameter(self, name: str) -> None:
        self._require("ssm:GetParameters", self._arn("ssm", f"parameter/{name.lstrip('/')}"), {})

    def _read_secret(self, name: str) -> None:
        # a secret's ARN ends in a hyphen and six characters of its own
        arn = (
            name
            if name.startswith("arn:")
            else self._arn("secretsmanager", f"secret:{name}-1a2B3c")
        )
        self._require("secretsmanager:GetSecretValue", arn, {})

    def _require(self, action: str, resource: str, keys: Mapping[str, str]) -> None:
        session = deployments.acting_session()
        if not identity.role_allows(
            session, action=action, resource=resource, region=self.region, keys=keys
        ):
            raise NotAuthorizedError(
                f"{denials.message(action, session, resource)} "
                f"(Service: {action.partition(':')[0]}, Status Code: 403, "
                "Error Code: AccessDenied)"
            )

    def _arn(self, service: str, resource: str) -> str:
        return ":".join(("arn", self.partition, service, self.region, self.account, resource))


def _places(change: Change) -> dict[str, str]:
    """What lies inside a property: where a function's code is, whose policy it is."""
    code = change.properties.get("Code") or {}
    topics, queues = (change.properties.get(name) or [""] for name in ("Topics", "Queues"))
    return {
        "code": f"{code.get('S3Bucket', '*')}/{code.get('S3Key', '*')}",
        "topic": str(topics[0]),
        "queue": str(queues[0]).rpartition("/")[2],
        "pool": str(_pool(change.properties)),
    }


def _pool(properties: Mapping[str, Any]) -> object:
    """The user pool of a workforce, or of a work team's first group."""
    members = properties.get("MemberDefinitions") or [{}]
    member = members[0].get("CognitoMemberDefinition") or {}
    config = properties.get("CognitoConfig") or {}
    return config.get("UserPool") or member.get("CognitoUserPool") or "*"


def _tag_keys(change: Change) -> dict[str, str]:
    """`aws:ResourceTag` and `aws:RequestTag` as the resource's own tags have them."""
    made = change.new if change.operation == "create" else change.old
    return {
        **{f"aws:ResourceTag/{key}": value for key, value in _tags(made).items()},
        **{f"aws:RequestTag/{key}": value for key, value in _tags(change.new).items()},
    }


def _tags(properties: Mapping[str, Any]) -> dict[str, str]:
    tags = properties.get("Tags") or []
    pairs = [tag for tag in tags if isinstance(tag, Mapping)] if isinstance(tags, list) else []
    return {str(tag["Key"]): str(tag.get("Value", "")) for tag in pairs}


def _refusal(message: str) -> tuple[int, dict[str, str], bytes]:
    """CloudFormation's error document; boto3 reads it as ValidationError."""
    body = (
        '<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error>'
        f"<Type>Sender</Type><Code>ValidationError</Code><Message>{escape(message)}</Message>"
        "</Error><RequestId>local</RequestId></ErrorResponse>"
    )
    return 400, {"Content-Type": "text/xml"}, body.encode()
