"""Workforce and work teams, and what they demand of Cognito."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ground_truth_local.service import ServiceError
from tests.local.service.fakes import ACCOUNT, CLIENT, GROUP, POOL, START, arn
from tests.local.service.world import (
    ADA,
    PORTAL,
    TEAM,
    World,
    change,
    member,
    workforce,
    workteam,
)

FORCE = arn("sagemaker", "workforce/force")


def refused(world: World, operation: str, params: dict[str, Any]) -> ServiceError:
    with pytest.raises(ServiceError) as error:
        world.call(operation, **params)
    return error.value


def test_creates_the_workforce(world: World) -> None:
    wanted = workforce(Tags=[{"Key": "a", "Value": "1"}], IpAddressType="ipv4")
    assert world.call("CreateWorkforce", **wanted) == {"WorkforceArn": FORCE}
    assert world.call("DescribeWorkforce", WorkforceName="force") == {
        "Workforce": {
            "WorkforceName": "force",
            "WorkforceArn": FORCE,
            "SubDomain": PORTAL,
            "CognitoConfig": {"UserPool": POOL, "ClientId": CLIENT},
            "SourceIpConfig": {"Cidrs": []},
            "CreateDate": START,
            "LastUpdatedDate": START,
            "Status": "Active",
            "IpAddressType": "ipv4",
        }
    }
    assert world.call("ListTags", ResourceArn=FORCE) == {"Tags": [{"Key": "a", "Value": "1"}]}


def test_writes_the_portals_address_into_the_app_client_and_nothing_else(world: World) -> None:
    client = world.platform.clients[POOL, CLIENT]
    client["CallbackURLs"] = ["https://127.0.0.1"]
    world.call("CreateWorkforce", **workforce())
    assert world.platform.clients[POOL, CLIENT] == {
        "UserPoolId": POOL,
        "ClientId": CLIENT,
        "ClientName": "portal",
        "ClientSecret": "secret",
        "CreationDate": START,
        "RefreshTokenValidity": 7,
        "CallbackURLs": [f"http://{PORTAL}/oauth2/idpresponse"],
        "LogoutURLs": [f"http://{PORTAL}/logout"],
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["email", "openid", "profile"],
        "SupportedIdentityProviders": ["COGNITO"],
    }


@pytest.mark.parametrize("operation", ["CreateWorkteam", "UpdateWorkteam"])
def test_repairs_the_app_client_with_every_team(world: World, operation: str) -> None:
    world.call("CreateWorkforce", **workforce())
    if operation == "UpdateWorkteam":
        world.call("CreateWorkteam", **workteam())
    world.platform.clients[POOL, CLIENT]["CallbackURLs"] = ["https://placeholder"]
    params = workteam() if operation == "CreateWorkteam" else {"WorkteamName": "team"}
    world.call(operation, **params)
    client = world.platform.clients[POOL, CLIENT]
    assert client["CallbackURLs"] == [f"http://{PORTAL}/oauth2/idpresponse"]


def test_keeps_the_oauth_settings_a_client_has(world: World) -> None:
    world.platform.clients[POOL, CLIENT]["AllowedOAuthScopes"] = ["openid"]
    world.call("CreateWorkforce", **workforce())
    assert world.platform.clients[POOL, CLIENT]["AllowedOAuthScopes"] == ["openid"]


def test_refuses_a_second_workforce_in_awss_words(world: World) -> None:
    world.call("CreateWorkforce", **workforce())
    error = refused(world, "CreateWorkforce", workforce(WorkforceName="second"))
    assert (error.code, error.message) == (
        "ValidationException",
        f"Cannot create more than one workforce for account {ACCOUNT}. If you are trying to update "
        "existing workforce, please use UpdateWorkforce API",
    )


WORKFORCE_VIOLATIONS = [
    ({"CognitoConfig": None}, "One of CognitoConfig and OidcConfig is required"),
    ({"CognitoConfig__UserPool": "eu-west-1_none"}, "The user pool eu-west-1_none does not exist"),
    ({"CognitoConfig__ClientId": "none"}, "The app client none does not exist in user pool"),
    ({"SourceIpConfig": {"Cidrs": ["10.0.0.0/8"] * 11}}, "Too many CIDRs: got 11, allowed at most"),
    ({"SourceIpConfig": {"Cidrs": []}}, "SourceIpConfig has no CIDRs, allowed are one to ten"),
    (
        {"SourceIpConfig": {"Cidrs": ["10.0.0.0/99"]}},
        "Value '10.0.0.0/99' at 'sourceIpConfig.cidrs.1.member'",
    ),
    ({"WorkforceVpcConfig": {"VpcId": "vpc-1"}}, "portal in a VPC is not offered locally"),
    ({"WorkforceName": "a_b"}, "'workforceName' failed to satisfy constraint"),
    ({"WorkforceName": None}, "Value null at 'workforceName' failed to satisfy constraint"),
]


@pytest.mark.parametrize(("changes", "message"), WORKFORCE_VIOLATIONS)
def test_refuses_a_workforce(world: World, changes: dict[str, Any], message: str) -> None:
    error = refused(world, "CreateWorkforce", workforce(**changes))
    assert error.code == "ValidationException"
    assert re.search(message, error.message), error.message


def test_refuses_openid_connect(world: World) -> None:
    names = ("Issuer", "AuthorizationEndpoint", "TokenEndpoint", "UserInfoEndpoint")
    urls = dict.fromkeys((*names, "LogoutEndpoint", "JwksUri"), "https://idp")
    oidc = {"ClientId": "a", "ClientSecret": "b", **urls}
    alone = workforce(CognitoConfig=None, OidcConfig=oidc)
    assert "is not offered locally" in refused(world, "CreateWorkforce", alone).message
    both = workforce(OidcConfig=oidc)
    assert "cannot both be given" in refused(world, "CreateWorkforce", both).message


def test_demands_a_domain(world: World) -> None:
    del world.platform.pools[POOL]["Domain"]
    error = refused(world, "CreateWorkforce", workforce())
    assert "has no domain. User pools require a domain" in error.message


def test_demands_a_client_secret(world: World) -> None:
    del world.platform.clients[POOL, CLIENT]["ClientSecret"]
    error = refused(world, "CreateWorkforce", workforce())
    assert "has no client secret" in error.message


@pytest.mark.parametrize("operation", ["DescribeWorkforce", "UpdateWorkforce", "DeleteWorkforce"])
def test_answers_no_workforce_as_validation_exception(world: World, operation: str) -> None:
    error = refused(world, operation, {"WorkforceName": "force"})
    assert error.code == "ValidationException"
    assert "No workforce" in error.message


def test_updates_the_workforces_addresses_only(world: World) -> None:
    world.call("CreateWorkforce", **workforce())
    world.clock.advance(hours=1)
    cidrs = {"Cidrs": ["10.0.0.0/8", "2001:db8::/32"]}
    answer = world.call("UpdateWorkforce", WorkforceName="force", SourceIpConfig=cidrs)
    assert answer["Workforce"]["SourceIpConfig"] == cidrs
    assert answer["Workforce"]["LastUpdatedDate"] > START
    error = refused(world, "UpdateWorkforce", {**workforce()})
    assert 'Unknown parameter in input: "CognitoConfig"' in error.message


def test_does_not_delete_a_workforce_that_has_teams(world: World) -> None:
    world.team()
    error = refused(world, "DeleteWorkforce", {"WorkforceName": "force"})
    assert (error.code, "work teams: team" in error.message) == ("ResourceInUse", True)
    assert world.call("DeleteWorkteam", WorkteamName="team") == {"Success": True}
    assert world.call("DeleteWorkforce", WorkforceName="force") == {}
    assert world.call("ListWorkforces") == {"Workforces": []}
    world.call("CreateWorkforce", **workforce(WorkforceName="another"))


def test_creates_a_team(world: World) -> None:
    world.call("CreateWorkforce", **workforce())
    topic = {"NotificationTopicArn": arn("sns", "topic")}
    wanted = workteam(NotificationConfiguration=topic, MemberDefinitions=[member(), member()])
    assert world.call("CreateWorkteam", **wanted) == {"WorkteamArn": TEAM}
    assert world.call("DescribeWorkteam", WorkteamName="team") == {
        "Workteam": {
            "WorkteamName": "team",
            "WorkteamArn": TEAM,
            "WorkforceArn": FORCE,
            "Description": "Those who label",
            "MemberDefinitions": [member()],
            "SubDomain": PORTAL,
            "CreateDate": START,
            "LastUpdatedDate": START,
            "NotificationConfiguration": topic,
        }
    }


def test_makes_the_workforce_with_the_first_team(world: World) -> None:
    world.call("CreateWorkteam", **workteam(WorkforceName=None))
    forces = world.call("ListWorkforces")["Workforces"]
    assert [force["WorkforceName"] for force in forces] == ["default"]


def test_uses_the_workforce_there_is_when_none_is_named(world: World) -> None:
    world.call("CreateWorkforce", **workforce())
    world.call("CreateWorkteam", **workteam(WorkforceName=None))
    team = world.call("DescribeWorkteam", WorkteamName="team")["Workteam"]
    assert team["WorkforceArn"] == FORCE


TEAM_VIOLATIONS = [
    ({"WorkforceName": "other"}, "No workforce found with name other"),
    ({"MemberDefinitions": [member(UserGroup="none")]}, "The user group none does not exist"),
    (
        {"MemberDefinitions": [member(ClientId="other")]},
        "client other of the member definitions differ from those of workforce force",
    ),
    (
        {"MemberDefinitions": [member(), member(ClientId="other")]},
        "must have the same ClientId and UserPool values",
    ),
    ({"MemberDefinitions": [{}]}, "needs a CognitoMemberDefinition"),
    ({"MemberDefinitions": []}, "'memberDefinitions' failed .* greater than or equal to 1"),
    ({"MemberDefinitions": [member()] * 11}, "'memberDefinitions' failed .* less than or equal to"),
    (
        {"MemberDefinitions": [{"OidcMemberDefinition": {"Groups": ["a"]}}]},
        "OpenID Connect work team is not offered locally",
    ),
    ({"Description": None}, "Value null at 'description'"),
    ({"Description": "a\nb"}, "'description' failed to satisfy constraint"),
    ({"WorkteamName": "a_b"}, "'workteamName' failed to satisfy constraint"),
]


@pytest.mark.parametrize(("changes", "message"), TEAM_VIOLATIONS)
def test_refuses_a_team(world: World, changes: dict[str, Any], message: str) -> None:
    world.call("CreateWorkforce", **workforce())
    error = refused(world, "CreateWorkteam", workteam(**changes))
    assert error.code == "ValidationException"
    assert re.search(message, error.message), error.message


def test_refuses_a_name_that_is_taken(world: World) -> None:
    world.team()
    error = refused(world, "CreateWorkteam", workteam(WorkteamName="Team"))
    assert (error.code, TEAM in error.message) == ("ResourceInUse", True)


def test_has_room_for_25_teams(world: World) -> None:
    world.call("CreateWorkforce", **workforce())
    for number in range(25):
        world.call("CreateWorkteam", **workteam(WorkteamName=f"team{number}"))
    error = refused(world, "CreateWorkteam", workteam(WorkteamName="team25"))
    assert (error.code, "is 25 Teams" in error.message) == ("ResourceLimitExceeded", True)


@pytest.mark.parametrize("operation", ["DescribeWorkteam", "UpdateWorkteam", "DeleteWorkteam"])
def test_answers_no_team_as_validation_exception(world: World, operation: str) -> None:
    error = refused(world, operation, {"WorkteamName": "team"})
    assert (error.code, error.message) == (
        "ValidationException",
        f"The work team {TEAM} does not exist.",
    )


def test_updates_what_is_given(world: World) -> None:
    world.team()
    world.platform.groups.add("second")
    members = [member(), member(UserGroup="second")]
    answer = world.call(
        "UpdateWorkteam", WorkteamName="team", MemberDefinitions=members, Description="New"
    )
    assert answer["Workteam"]["MemberDefinitions"] == members
    assert answer["Workteam"]["Description"] == "New"
    wrong = {"WorkteamName": "team", "MemberDefinitions": [member(UserGroup="none")]}
    assert "user group none" in refused(world, "UpdateWorkteam", wrong).message


def test_lets_people_of_a_new_group_in(world: World) -> None:
    world.create()
    world.platform.groups.add("second")
    world.call(
        "UpdateWorkteam", WorkteamName="team", MemberDefinitions=[member(UserGroup="second")]
    )
    assert world.service.queue.jobs(ADA) == []


def test_keeps_a_team_while_it_works(world: World) -> None:
    world.create()
    assert world.call("DeleteWorkteam", WorkteamName="team") == {"Success": False}
    world.call("StopLabelingJob", LabelingJobName="digits-1")
    world.settle()
    assert world.call("DeleteWorkteam", WorkteamName="team") == {"Success": True}


def test_lists_teams(world: World) -> None:
    world.call("CreateWorkforce", **workforce())
    for name in ("beta", "alpha", "gamma"):
        world.call("CreateWorkteam", **workteam(WorkteamName=name))
        world.clock.advance(seconds=1)
    by_name = world.call("ListWorkteams", SortBy="Name", SortOrder="Descending", MaxResults=2)
    assert _names(by_name) == ["gamma", "beta"]
    rest = world.call(
        "ListWorkteams",
        SortBy="Name",
        SortOrder="Descending",
        MaxResults=2,
        NextToken=by_name["NextToken"],
    )
    assert (_names(rest), "NextToken" in rest) == (["alpha"], False)
    assert _names(world.call("ListWorkteams", NameContains="ALPH")) == ["alpha"]
    assert _names(world.call("ListWorkteams", SortBy="CreateDate")) == ["beta", "alpha", "gamma"]


def test_tags_teams(world: World) -> None:
    world.call("CreateWorkforce", **workforce())
    world.call("CreateWorkteam", **workteam(Tags=[{"Key": "a", "Value": "1"}]))
    added = [{"Key": "b", "Value": "2"}]
    assert world.call("AddTags", ResourceArn=TEAM, Tags=added)["Tags"] == [
        {"Key": "a", "Value": "1"},
        {"Key": "b", "Value": "2"},
    ]
    world.call("DeleteTags", ResourceArn=TEAM, TagKeys=["a", "nothing"])
    assert world.call("ListTags", ResourceArn=TEAM) == {"Tags": added}
    world.call("DeleteWorkteam", WorkteamName="team")
    gone = refused(world, "ListTags", {"ResourceArn": TEAM})
    assert (gone.code, gone.message) == (
        "ValidationException",
        f"The resource {TEAM} does not exist",
    )


def test_has_room_for_50_tags(world: World) -> None:
    world.team()
    tags = [{"Key": f"key{number}", "Value": ""} for number in range(50)]
    world.call("AddTags", ResourceArn=TEAM, Tags=tags)
    one_more = {"ResourceArn": TEAM, "Tags": [{"Key": "one-more", "Value": ""}]}
    assert "Too many tags: got 51" in refused(world, "AddTags", one_more).message


def _names(answer: Any) -> list[str]:
    return [team["WorkteamName"] for team in answer["Workteams"]]


def test_group_names_may_be_in_any_script(world: World) -> None:
    world.platform.groups.add("Großgruppe-日本")
    world.call("CreateWorkforce", **workforce())
    members = [member(UserGroup="Großgruppe-日本")]
    world.call("CreateWorkteam", **workteam(MemberDefinitions=members))
    spaced = change(workteam(WorkteamName="b"), {"MemberDefinitions": [member(UserGroup="a b")]})
    assert "userGroup' failed" in refused(world, "CreateWorkteam", spaced).message
    assert GROUP in world.platform.groups
