"""Custom resource: the people of a work team, as members of a Cognito group.

Unlike AWS::Cognito::UserPoolUser it works with people who exist already, and it deletes nobody: a
new account would have a new `sub`, and old answers could no longer be traced to their author.

Rules, for a person of the list
- unknown to the pool: created with an invitation, marked with this stack's id, put into the group;
- known: put into the group, and otherwise left alone;
- known, disabled, marked by a stack like this one and in no group: enabled again, for that is the
  state in which a removal leaves people. Somebody disabled by hand stays in a group, and disabled.
For a person no longer of the list: taken out of the group, and disabled if this stack made the
account and no other group holds it.

A pool that others made may lack the attribute for the mark, and it isn't ours to add (that can't be
undone). People made there carry no mark, so nobody in it is ever disabled or enabled.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ground_truth import names
from ground_truth_functions.aws import client
from ground_truth_functions.custom_resource import Outcome, Request, answer, stable_physical_id

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient


OWNER_ATTRIBUTE = f"custom:{names.OWNER_ATTRIBUTE}"


class WorkersError(ValueError):
    """The workers can't be made what the properties ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A group of a user pool and the e-mail addresses of its members, lower case, each once.

    `adopted`: others made the pool.
    """

    pool_id: str
    group: str
    emails: tuple[str, ...]
    adopted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An account of the pool; `owner` is the id of the stack that made it, if one did."""

    username: str
    enabled: bool
    owner: str | None


def handler(event: Mapping[str, object], context: object) -> None:
    """Lambda entry point for Custom::GroundTruthWorkers."""
    answer(event, context, reconcile, physical_id=stable_physical_id)


def reconcile(request: Request) -> Outcome:
    """Bring the wanted people in first, then let those go who are no longer wanted."""
    wanted = None if request.kind == "Delete" else parse_team(request.properties)
    former = request.properties if request.kind == "Delete" else request.old_properties
    cognito = client("cognito-idp")
    if wanted is not None:
        marks = not wanted.adopted or _takes_marks(cognito, wanted.pool_id)
        pool = Pool(cognito, wanted.pool_id, owner=request.stack_id, marks=marks)
        for email in wanted.emails:
            bring_in(pool, wanted.group, email)
    before = former_team(former)
    if before is not None:
        pool = Pool(cognito, before.pool_id, owner=request.stack_id)
        for email in _leaving(before, wanted):
            let_go(pool, before.group, email)
    return Outcome(physical_id=stable_physical_id(request))


def parse_team(properties: Mapping[str, object]) -> Team:
    """Parse the resource's properties; raises WorkersError naming what is wrong."""
    pool_id, group, workers = (properties.get(k) for k in ("UserPoolId", "GroupName", "Workers"))
    if not isinstance(pool_id, str) or not pool_id or not isinstance(group, str) or not group:
        raise WorkersError("UserPoolId and GroupName must be given, as non-empty strings")
    if not isinstance(workers, Sequence) or isinstance(workers, str):
        raise WorkersError('Workers must be a list of {"Email": "…"}')
    emails: dict[str, None] = {}
    for position, worker in enumerate(workers):
        email = worker.get("Email") if isinstance(worker, Mapping) else None
        if not isinstance(email, str) or "@" not in email:
            raise WorkersError(f"Workers[{position}] has no Email with an e-mail address in it")
        emails[email.strip().lower()] = None
    adopted = properties.get("Adopted") == "true"
    return Team(pool_id=pool_id, group=group, emails=tuple(emails), adopted=adopted)


def former_team(properties: Mapping[str, object]) -> Team | None:
    """Parse properties of the past: such as can't be read never led to a membership."""
    try:
        return parse_team(properties)
    except WorkersError:
        return None


def bring_in(pool: Pool, group: str, email: str) -> None:
    """Make the person a member of the group; doing it again changes nothing."""
    person = pool.find(email) or pool.create(email)
    # Enabled before the membership exists, so that a repeated event still sees what is to be done
    if not person.enabled and person.owner is not None and not pool.groups_of(person.username):
        pool.enable(person)
    pool.add(person.username, group)


def let_go(pool: Pool, group: str, email: str) -> None:
    """Take the membership away; whatever is gone already is fine."""
    try:
        person = pool.find(email)
        if person is None:
            return
        pool.remove(person.username, group)
        others = pool.groups_of(person.username) - {group}
        if person.enabled and person.owner == pool.owner and not others:
            pool.disable(person.username)
    except ClientError as error:
        # the pool itself, or the person, went meanwhile
        if _code(error) not in {"ResourceNotFoundException", "UserNotFoundException"}:
            raise


class Pool:
    """The few things this resource does in a user pool on behalf of a stack, the owner."""

    def __init__(
        self,
        cognito: CognitoIdentityProviderClient,
        pool_id: str,
        *,
        owner: str,
        marks: bool = True,
    ) -> None:
        self.owner = owner
        self._marks = marks
        self._cognito = cognito
        self._id = pool_id

    def find(self, email: str) -> Person | None:
        """Return the account with this address in its e-mail attribute or as its user name."""
        listed = self._cognito.list_users(UserPoolId=self._id, Filter=f"email = {_quoted(email)}")
        # The filter of a pool with case-sensitive names may let other spellings through or not
        for user in listed["Users"]:
            attributes = {a["Name"]: a.get("Value", "") for a in user.get("Attributes", [])}
            if attributes.get("email", "").lower() == email:
                return _person(user["Username"], user["Enabled"], attributes)
        return self._get(email)

    def create(self, email: str) -> Person:
        """Create the account; Cognito sends the invitation."""
        attributes = {"email": email, "email_verified": "true"}
        if self._marks:
            attributes[OWNER_ATTRIBUTE] = self.owner
        try:
            created = self._cognito.admin_create_user(
                UserPoolId=self._id,
                Username=email,
                UserAttributes=[{"Name": n, "Value": v} for n, v in attributes.items()],
                DesiredDeliveryMediums=["EMAIL"],
            )["User"]
        except self._cognito.exceptions.UsernameExistsException:
            # Listing lags behind creating: the first attempt of a repeated event made it
            existing = self._get(email)
            if existing is None:
                raise
            return existing
        except ClientError as error:
            raise WorkersError(f"{_masked(email)} could not be invited") from error
        return _person(created["Username"], True, attributes)

    def groups_of(self, username: str) -> set[str]:
        pages = self._cognito.get_paginator("admin_list_groups_for_user").paginate(
            UserPoolId=self._id, Username=username
        )
        return {group["GroupName"] for page in pages for group in page["Groups"]}

    def add(self, username: str, group: str) -> None:
        self._cognito.admin_add_user_to_group(
            UserPoolId=self._id, Username=username, GroupName=group
        )

    def remove(self, username: str, group: str) -> None:
        # A group that is gone took its memberships along; a pool that is gone shows next
        with suppress(self._cognito.exceptions.ResourceNotFoundException):
            self._cognito.admin_remove_user_from_group(
                UserPoolId=self._id, Username=username, GroupName=group
            )

    def enable(self, person: Person) -> None:
        """Enable the account; one that an earlier stack made and let go is taken over."""
        if person.owner != self.owner:
            self._cognito.admin_update_user_attributes(
                UserPoolId=self._id,
                Username=person.username,
                UserAttributes=[{"Name": OWNER_ATTRIBUTE, "Value": self.owner}],
            )
        self._cognito.admin_enable_user(UserPoolId=self._id, Username=person.username)

    def disable(self, username: str) -> None:
        self._cognito.admin_disable_user(UserPoolId=self._id, Username=username)

    def _get(self, username: str) -> Person | None:
        try:
            user = self._cognito.admin_get_user(UserPoolId=self._id, Username=username)
        except self._cognito.exceptions.UserNotFoundException:
            return None
        attributes = {a["Name"]: a.get("Value", "") for a in user.get("UserAttributes", [])}
        return _person(user["Username"], user["Enabled"], attributes)


def _takes_marks(cognito: CognitoIdentityProviderClient, pool_id: str) -> bool:
    schema = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"].get("SchemaAttributes", [])
    return any(attribute.get("Name") == OWNER_ATTRIBUTE for attribute in schema)


def _leaving(before: Team, wanted: Team | None) -> list[str]:
    same = wanted is not None and (before.pool_id, before.group) == (wanted.pool_id, wanted.group)
    staying = set(wanted.emails) if wanted is not None and same else set()
    return [email for email in before.emails if email not in staying]


def _person(username: str, enabled: bool, attributes: Mapping[str, str]) -> Person:
    return Person(username=username, enabled=enabled, owner=attributes.get(OWNER_ATTRIBUTE) or None)


def _masked(email: str) -> str:
    """Enough to find the line of the environment file: reasons stay in the stack's events."""
    name, _, domain = email.rpartition("@")
    return f"{name[:1]}…@{domain}"


def _quoted(value: str) -> str:
    """Quote a value for the filter of ListUsers, which escapes quotation marks as JSON does."""
    return json.dumps(value, ensure_ascii=False)


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")
