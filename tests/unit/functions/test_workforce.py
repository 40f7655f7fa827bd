"""The gate in front of a workforce, and its departure: refused while others need it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ground_truth_functions import portal_client, workforce, workforce_departure
from ground_truth_functions.custom_resource import Outcome, RequestError, stable_physical_id
from ground_truth_functions.workforce_departure import WorkforceInUseError
from ground_truth_functions.workforce_gate import WorkforceRefusedError
from tests.unit.functions.conftest import STACK_ID, make_request

DOMAIN = "abc.labeling.us-east-1.sagemaker.aws"
OWNER = "custom:ground_truth_owner"
CREATE = {
    "Part": "gate",
    "Mode": "create",
    "SignIn": "cognito",
    "WorkforceName": "ours",
    "DomainPrefix": "ground-truth-dev",
    "PortalScheme": "https",
    "Placeholder": "https://127.0.0.1",
    "SourceIps": "",
}
ADOPT = {
    "Part": "gate",
    "Mode": "adopt",
    "WorkforceName": "theirs",
    "UserPoolId": "us-east-1_Theirs",
    "ClientId": "client1",
    "PortalScheme": "https",
}
DEPLOYED = {
    "WorkforceName": "ours",
    "UserPoolId": "us-east-1_Ours",
    "UserPoolClientId": "client0",
    "SignInDomain": "ground-truth-dev",
}


class Cloud:
    """An account as it can be looked at: workforce, teams, pool, and the stack that asks."""

    def __init__(self) -> None:
        # a vendor's, which takes no room
        self.workforces: list[dict[str, Any]] = [{"WorkforceName": "vendor", "WorkforceArn": "x"}]
        self.teams: list[dict[str, Any]] = []
        self.groups: list[str] = []
        self.people: list[tuple[bool, str | None]] = []
        self.status = "CREATE_IN_PROGRESS"
        self.outputs: dict[str, str] = {}
        self.pool_is_there = True

    def has(self, name: str, pool: str | None, client: str = "client1", **more: object) -> None:
        arn = f"arn:aws:sagemaker:us-east-1:123456789012:workforce/{name}"
        sign_in: dict[str, object] = {"OidcConfig": {"ClientId": "x"}}
        if pool is not None:
            sign_in = {"CognitoConfig": {"UserPool": pool, "ClientId": client}}
        known = {"WorkforceName": name, "WorkforceArn": arn, "SubDomain": DOMAIN}
        self.workforces.append({**known, "Status": "Active", **sign_in, **more})

    def has_team(self, name: str, workforce: str, pool: str) -> None:
        member = {"CognitoMemberDefinition": {"UserPool": pool, "UserGroup": name, "ClientId": "c"}}
        self.teams.append(
            {
                "WorkteamName": name,
                "WorkforceArn": f"arn:aws:sagemaker:us-east-1:123456789012:workforce/{workforce}",
                "MemberDefinitions": [member],
            }
        )

    def get_paginator(self, operation: str) -> Pages:
        return Pages(self, operation)

    def describe_stacks(self, **asked: str) -> dict[str, Any]:
        assert asked == {"StackName": STACK_ID}
        outputs = [{"OutputKey": k, "OutputValue": v} for k, v in self.outputs.items()]
        return {"Stacks": [{"StackStatus": self.status, "Outputs": outputs}]}


class Pages:
    """One page of what was asked for."""

    def __init__(self, cloud: Cloud, operation: str) -> None:
        self.cloud, self.operation = cloud, operation

    def paginate(self, **asked: str) -> Iterator[dict[str, Any]]:
        cloud = self.cloud
        if self.operation in {"list_groups", "list_users"} and not cloud.pool_is_there:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, self.operation)
        users = [
            {"Enabled": enabled, "Attributes": [{"Name": OWNER, "Value": owner}] if owner else []}
            for enabled, owner in cloud.people
        ]
        yield {
            "list_workforces": {"Workforces": cloud.workforces},
            "list_workteams": {"Workteams": cloud.teams},
            "list_groups": {"Groups": [{"GroupName": name} for name in cloud.groups]},
            "list_users": {"Users": users},
        }[self.operation]


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    found = Cloud()
    for module in (workforce, workforce_departure, portal_client):
        monkeypatch.setattr(module, "client", lambda _name: found)
    return found


def gate(properties: dict[str, str], kind: str = "Create", **changes: Any) -> Outcome:
    return workforce.reconcile(make_request(kind, properties=properties, **changes))


def refusal(properties: dict[str, str], kind: str = "Create", **changes: Any) -> str:
    with pytest.raises(WorkforceRefusedError) as caught:
        gate(properties, kind, **changes)
    text = str(caught.value)
    assert "Nothing was made or changed." in text
    # with its class's name and a log stream before CloudFormation cuts it
    assert len(f"WorkforceRefusedError: {text}") <= 700
    return text


def test_first_workforce_may_be_made(cloud: Cloud) -> None:
    outcome = gate(CREATE)
    assert outcome.physical_id == stable_physical_id(make_request())
    assert outcome.data == {
        "CallbackUrl": "https://127.0.0.1",
        "LogoutUrl": "https://127.0.0.1",
        "PortalDomain": "",
        "PortalUrl": "",
    }


def test_second_workforce_is_refused_with_whose_it_is_and_how_to_adopt(cloud: Cloud) -> None:
    cloud.has("theirs", "us-east-1_Theirs")
    text = refusal(CREATE)
    assert "theirs, which signs in with user pool us-east-1_Theirs and app client client1" in text
    assert (
        '[workforce] mode = "adopt", name = "theirs", user_pool_id = "us-east-1_Theirs", '
        'client_id = "client1"'
    ) in text


def test_second_workforce_beside_one_of_a_provider_names_the_way_that_is_left(
    cloud: Cloud,
) -> None:
    cloud.has("theirs", None)
    text = refusal(CREATE)
    assert "theirs, which signs in with an OpenID Connect provider" in text
    assert "name it as team.workteam_arn" in text


def test_own_workforce_may_be_deployed_again_and_gives_its_addresses(cloud: Cloud) -> None:
    cloud.has("ours", "us-east-1_Ours")
    cloud.outputs, cloud.status = DEPLOYED, "UPDATE_IN_PROGRESS"
    # an older deployment had no gate: its first event there is a Create
    for kind in ("Create", "Update"):
        assert gate(CREATE, kind).data == {
            "CallbackUrl": f"https://{DOMAIN}/oauth2/idpresponse",
            "LogoutUrl": f"https://{DOMAIN}/logout",
            "PortalDomain": DOMAIN,
            "PortalUrl": f"https://{DOMAIN}",
        }


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"WorkforceName": "renamed"}, "workforce.name can't change"),
        ({"DomainPrefix": "another"}, "workforce.domain_prefix can't change"),
        ({"SignIn": "oidc"}, "its sign-in (workforce.oidc) can't change"),
    ],
)
def test_what_would_replace_the_workforce_is_refused(
    cloud: Cloud, change: dict[str, str], named: str
) -> None:
    cloud.has("ours", "us-east-1_Ours")
    cloud.outputs, cloud.status = DEPLOYED, "UPDATE_IN_PROGRESS"
    text = refusal(CREATE | change, "Update", old_properties=CREATE)
    assert named in text
    assert repr(*change.values()) in text
    assert "Set it back" in text


@pytest.mark.parametrize("there", [None, "another pool", "another name"])
def test_workforce_that_was_removed_by_hand_is_told(cloud: Cloud, there: str | None) -> None:
    if there:
        cloud.has("ours" if there == "another pool" else "new", "us-east-1_New")
    cloud.outputs, cloud.status = DEPLOYED, "UPDATE_IN_PROGRESS"
    text = refusal(CREATE, "Update")
    assert "the workforce this stack made (ours) isn't there any more" in text
    assert ("us-east-1_New" in text) is (there is not None)


def test_source_ips_are_lifted_by_a_list_and_not_by_silence(cloud: Cloud) -> None:
    cloud.has("ours", "us-east-1_Ours")
    cloud.outputs, cloud.status = DEPLOYED, "UPDATE_IN_PROGRESS"
    old = CREATE | {"SourceIps": "203.0.113.0/24"}
    assert 'source_ips = ["0.0.0.0/0"]' in refusal(CREATE, "Update", old_properties=old)
    gate(CREATE | {"SourceIps": "0.0.0.0/0"}, "Update", old_properties=old)


@pytest.mark.parametrize("properties", [CREATE | {"WorkforceName": "renamed"}, ADOPT])
def test_nothing_is_refused_while_a_refusal_is_rolled_back(
    cloud: Cloud, properties: dict[str, str]
) -> None:
    cloud.outputs, cloud.status = DEPLOYED, "UPDATE_ROLLBACK_IN_PROGRESS"
    assert gate(properties, "Update").data["PortalUrl"] == ""


@pytest.mark.parametrize("properties", [CREATE, ADOPT])
def test_gate_goes_without_a_look(
    monkeypatch: pytest.MonkeyPatch, properties: dict[str, str]
) -> None:
    monkeypatch.setattr(workforce, "client", lambda _name: pytest.fail("nothing to ask"))
    assert gate(properties, "Delete").data == {}


def test_named_workforce_is_adopted(cloud: Cloud) -> None:
    cloud.has("theirs", "us-east-1_Theirs")
    assert gate(ADOPT).data["PortalUrl"] == f"https://{DOMAIN}"


@pytest.mark.parametrize(
    ("there", "named"),
    [
        (None, "have no workforce. Nothing was made or changed. Check account and region, or make"),
        (("other", "us-east-1_Theirs", "client1"), "the one there is is other, which"),
        (("theirs", "us-east-1_Other", "client1"), 'user_pool_id = "us-east-1_Other"'),
        (("theirs", "us-east-1_Theirs", "client2"), 'client_id = "client2"'),
        (("theirs", None, ""), "which signs in with an OpenID Connect provider"),
    ],
)
def test_adopting_what_is_not_there_says_what_is(
    cloud: Cloud, there: tuple[str, str | None, str] | None, named: str
) -> None:
    if there:
        cloud.has(*there)
    text = refusal(ADOPT)
    assert "adopts workforce theirs with user pool us-east-1_Theirs and app client client1" in text
    assert named in text


def test_workforce_that_is_not_active_can_not_be_adopted(cloud: Cloud) -> None:
    cloud.has("theirs", "us-east-1_Theirs", Status="Failed")
    assert "its status is Failed" in refusal(ADOPT)


PORTAL = {**CREATE, "Part": "portal", "UserPoolId": "us-east-1_Ours", "ClientId": "client0"}


def departure(cloud: Cloud, status: str = "DELETE_IN_PROGRESS") -> None:
    cloud.status = status
    workforce.reconcile(make_request("Delete", properties=PORTAL))


def test_workforce_of_nobody_else_may_go(cloud: Cloud) -> None:
    cloud.people = [(True, STACK_ID), (False, None), (False, STACK_ID)]
    cloud.has_team("elsewhere", "another", "us-east-1_Other")
    departure(cloud)


def test_workforce_stays_while_others_use_it(cloud: Cloud) -> None:
    cloud.has_team("prod-labelers", "ours", "us-east-1_Ours")
    cloud.has_team("by-hand", "default", "us-east-1_Ours")
    cloud.groups = [f"group-{number}" for number in range(7)]
    cloud.people = [(True, None), (True, STACK_ID), (True, None)]
    with pytest.raises(WorkforceInUseError) as caught:
        departure(cloud)
    text = str(caught.value)
    assert "workforce ours is still used by others: work team prod-labelers, by-hand; " in text
    assert (
        "group of user pool us-east-1_Ours group-0, group-1, group-2, group-3, group-4 and 2 more; "
    ) in text
    assert "2 enabled people whom no environment has made. Nothing was deleted." in text
    assert len(text) < 660


@pytest.mark.parametrize("status", ["UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"])
def test_only_a_stack_that_is_deleted_is_held_back(cloud: Cloud, status: str) -> None:
    cloud.has_team("prod-labelers", "ours", "us-east-1_Ours")
    departure(cloud, status)


def test_pool_that_is_gone_holds_nothing_back(cloud: Cloud) -> None:
    cloud.pool_is_there = False
    departure(cloud)


def test_adopted_workforce_is_never_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workforce_departure, "client", lambda _name: pytest.fail("not ours"))
    workforce.reconcile(make_request("Delete", properties={**ADOPT, "Part": "portal"}))


def test_unknown_part_is_named() -> None:
    with pytest.raises(RequestError, match="Part must be one of gate, portal"):
        workforce.reconcile(make_request(properties={"Part": "roof"}))
