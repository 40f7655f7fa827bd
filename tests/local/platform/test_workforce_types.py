"""`AWS::SageMaker::Workforce` and `Workteam` in templates, with the pool they need."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.platform.server import Server, StackFailedError, delete, deploy

CODE = "def handler(event, context):\n    return event\n"
POOL: dict[str, Any] = {
    "Pool": {
        "Type": "AWS::Cognito::UserPool",
        "Properties": {"UserPoolName": "people", "UsernameAttributes": ["email"]},
    },
    "Domain": {
        "Type": "AWS::Cognito::UserPoolDomain",
        "Properties": {"UserPoolId": {"Ref": "Pool"}, "Domain": "people-of-the-tests"},
    },
    "Client": {
        "Type": "AWS::Cognito::UserPoolClient",
        "Properties": {"UserPoolId": {"Ref": "Pool"}, "GenerateSecret": True},
    },
    "Group": {
        "Type": "AWS::Cognito::UserPoolGroup",
        "Properties": {"UserPoolId": {"Ref": "Pool"}, "GroupName": "ours"},
    },
    "Workforce": {
        "Type": "AWS::SageMaker::Workforce",
        "DependsOn": "Domain",
        "Properties": {
            "WorkforceName": "ours",
            "CognitoConfig": {"UserPool": {"Ref": "Pool"}, "ClientId": {"Ref": "Client"}},
            "Tags": [{"Key": "colour", "Value": "red"}],
        },
    },
    "Team": {
        "Type": "AWS::SageMaker::Workteam",
        "DependsOn": ["Workforce", "Group"],
        "Properties": {
            "WorkteamName": "ours",
            "WorkforceName": "ours",
            "Description": "first",
            "MemberDefinitions": [
                {
                    "CognitoMemberDefinition": {
                        "CognitoUserPool": {"Ref": "Pool"},
                        "CognitoUserGroup": {"Ref": "Group"},
                        "CognitoClientId": {"Ref": "Client"},
                    }
                }
            ],
        },
    },
}
OUTPUTS = {
    "Workforce": {"Ref": "Workforce"},
    "WorkforceArn": {"Fn::GetAtt": ["Workforce", "WorkforceArn"]},
    "SubDomain": {"Fn::GetAtt": ["Workforce", "SubDomain"]},
    "Team": {"Ref": "Team"},
    "TeamArn": {"Fn::GetAtt": ["Team", "WorkteamArn"]},
    "TeamName": {"Fn::GetAtt": ["Team", "WorkteamName"]},
    "Pool": {"Ref": "Pool"},
    "Client": {"Ref": "Client"},
}
PREFIX = "arn:aws:sagemaker:us-east-1:000000000000"


@pytest.fixture(scope="module")
def people(server: Server) -> Iterator[dict[str, str]]:
    """The stack's outputs."""
    yield deploy(server, "People", POOL, **OUTPUTS)
    delete(server, "People")
    sagemaker = server.client("sagemaker")
    assert sagemaker.list_workforces()["Workforces"] == []
    assert sagemaker.list_workteams()["Workteams"] == []


def changed(resource: str, **properties: object) -> dict[str, Any]:
    resources = copy.deepcopy(POOL)
    resources[resource]["Properties"] |= properties
    return resources


def test_attributes_and_references(server: Server, people: dict[str, str]) -> None:
    assert people["Workforce"] == people["WorkforceArn"] == f"{PREFIX}:workforce/ours"
    assert people["Team"] == people["TeamArn"] == f"{PREFIX}:workteam/private-crowd/ours"
    assert people["TeamName"] == "ours"
    assert f"http://{people['SubDomain']}" == server.state["portal_url"]


def test_team_has_the_group_as_member(server: Server, people: dict[str, str]) -> None:
    team = server.client("sagemaker").describe_workteam(WorkteamName="ours")["Workteam"]
    member = {"UserPool": people["Pool"], "UserGroup": "ours", "ClientId": people["Client"]}
    assert team["MemberDefinitions"] == [{"CognitoMemberDefinition": member}]


def test_tags_are_the_templates_and_the_stacks_but_none_of_cloudformations(
    server: Server, people: dict[str, str]
) -> None:
    def tags(arn: str) -> dict[str, str]:
        found = server.client("sagemaker").list_tags(ResourceArn=arn)["Tags"]
        return {tag["Key"]: tag["Value"] for tag in found}

    assert tags(people["Workforce"]) == {"colour": "red", "team": "tests"}
    assert tags(people["Team"]) == {"team": "tests"}


def test_description_and_tags_change_in_place(server: Server, people: dict[str, str]) -> None:
    resources = changed("Team", Description="second")
    resources["Workforce"]["Properties"]["Tags"] = [{"Key": "size", "Value": "big"}]
    outputs = deploy(server, "People", resources, **OUTPUTS)
    assert outputs["Team"] == people["Team"]
    sagemaker = server.client("sagemaker")
    team = sagemaker.describe_workteam(WorkteamName="ours")["Workteam"]
    assert team["Description"] == "second"
    found = sagemaker.list_tags(ResourceArn=people["Workforce"])["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in found} == {"size": "big", "team": "tests"}
    deploy(server, "People", POOL, **OUTPUTS)


def test_renamed_team_replaces_the_old_one(server: Server, people: dict[str, str]) -> None:
    outputs = deploy(server, "People", changed("Team", WorkteamName="theirs"), **OUTPUTS)
    assert outputs["Team"] == f"{PREFIX}:workteam/private-crowd/theirs"
    teams = server.client("sagemaker").list_workteams()["Workteams"]
    assert [team["WorkteamName"] for team in teams] == ["theirs"]
    deploy(server, "People", POOL, **OUTPUTS)


def test_workforce_with_a_team_cannot_be_replaced(server: Server, people: dict[str, str]) -> None:
    with pytest.raises(StackFailedError, match="Error Code: ResourceInUse"):
        deploy(server, "People", changed("Workforce", WorkforceName="another"), **OUTPUTS)
    forces = server.client("sagemaker").list_workforces()["Workforces"]
    assert [force["WorkforceName"] for force in forces] == ["ours"]


def test_second_workforce_is_refused_in_awss_words(server: Server, people: dict[str, str]) -> None:
    cognito = {"UserPool": people["Pool"], "ClientId": people["Client"]}
    properties = {"WorkforceName": "second", "CognitoConfig": cognito}
    second = {"W": {"Type": "AWS::SageMaker::Workforce", "Properties": properties}}
    with pytest.raises(StackFailedError, match="Cannot create more than one workforce"):
        deploy(server, "Second", second)
    delete(server, "Second")


def test_client_without_a_name_gets_one_and_can_be_written_back(
    server: Server, people: dict[str, str]
) -> None:
    cognito = server.client("cognito-idp")
    ids = {"UserPoolId": people["Pool"], "ClientId": people["Client"]}
    client = cognito.describe_user_pool_client(**ids)["UserPoolClient"]
    assert client["ClientName"].startswith("Client-")
    assert "DefaultRedirectURI" not in client
    assert client["CallbackURLs"] == [f"{server.state['portal_url']}/oauth2/idpresponse"]


def test_protected_pool_stays(server: Server) -> None:
    def pool(protection: str) -> dict[str, Any]:
        properties = {"UserPoolName": "safe", "DeletionProtection": protection}
        return {"Pool": {"Type": "AWS::Cognito::UserPool", "Properties": properties}}

    deploy(server, "Safe", pool("ACTIVE"))
    with pytest.raises(StackFailedError, match="deletion protection is activated"):
        delete(server, "Safe")
    server.client("cloudformation").delete_stack(StackName="Safe")
    pools = server.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]
    found = next(pool for pool in pools if pool["Name"] == "safe")
    server.client("cognito-idp").update_user_pool(
        UserPoolId=found["Id"], DeletionProtection="INACTIVE"
    )
    delete(server, "Safe")


def test_edited_client_loses_what_its_template_does_not_say(server: Server) -> None:
    """UpdateUserPoolClient: what isn't given falls to its default (ground-truth.md 4.4)."""

    def stack(**client: object) -> dict[str, Any]:
        properties = {"UserPoolId": {"Ref": "Pool"}, "GenerateSecret": True, **client}
        return {
            "Pool": {"Type": "AWS::Cognito::UserPool", "Properties": {"UserPoolName": "clobbered"}},
            "Client": {"Type": "AWS::Cognito::UserPoolClient", "Properties": properties},
        }

    names = {"Pool": {"Ref": "Pool"}, "Client": {"Ref": "Client"}}
    given = {"CallbackURLs": ["https://a.example"], "SupportedIdentityProviders": ["COGNITO"]}
    made = deploy(server, "Clobbered", stack(**given), **names)
    cognito = server.client("cognito-idp")
    ids = {"UserPoolId": made["Pool"], "ClientId": made["Client"]}
    by_hand = {"CallbackURLs": ["https://b.example"], "LogoutURLs": ["https://b.example/out"]}
    cognito.update_user_pool_client(**ids, **by_hand)
    client = cognito.describe_user_pool_client(**ids)["UserPoolClient"]
    assert {key: client[key] for key in by_hand} == by_hand
    assert client["SupportedIdentityProviders"] == []
    assert client["ClientName"].startswith("Client-")
    assert client["ClientSecret"]

    deploy(server, "Clobbered", stack(**given, IdTokenValidity=2), **names)
    client = cognito.describe_user_pool_client(**ids)["UserPoolClient"]
    assert (client["CallbackURLs"], client["LogoutURLs"]) == (["https://a.example"], [])
    delete(server, "Clobbered")


def test_person_has_no_attribute_the_pool_does_not_know(server: Server) -> None:
    cognito = server.client("cognito-idp")
    mark = {"Name": "mark", "AttributeDataType": "String", "Mutable": True}
    pool = cognito.create_user_pool(PoolName="strict", Schema=[mark])["UserPool"]["Id"]

    def attributes(name: str) -> list[dict[str, str]]:
        return [{"Name": name, "Value": "x"}]

    unknown = "custom:other: Attribute does not exist in the schema"
    with pytest.raises(ClientError, match=unknown):
        cognito.admin_create_user(
            UserPoolId=pool, Username="ada", UserAttributes=attributes("custom:other")
        )
    cognito.admin_create_user(
        UserPoolId=pool, Username="ada", UserAttributes=attributes("custom:mark")
    )
    with pytest.raises(ClientError, match=unknown):
        cognito.admin_update_user_attributes(
            UserPoolId=pool, Username="ada", UserAttributes=attributes("custom:other")
        )
    cognito.delete_user_pool(UserPoolId=pool)


def test_provider_in_a_template_is_refused_with_what_is_offered(server: Server) -> None:
    endpoints = ("Authorization", "Token", "UserInfo", "Logout")
    oidc = {
        "ClientId": "a",
        "ClientSecret": "b",
        "Issuer": "https://id.example",
        "JwksUri": "https://id.example/keys",
        **{f"{name}Endpoint": "https://id.example/x" for name in endpoints},
    }
    properties = {"WorkforceName": "oidc", "OidcConfig": oidc}
    workforce = {"W": {"Type": "AWS::SageMaker::Workforce", "Properties": properties}}
    with pytest.raises(StackFailedError, match="OpenID Connect workforce is not offered locally"):
        deploy(server, "Oidc", workforce)
    delete(server, "Oidc")
