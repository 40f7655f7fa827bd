"""The account's workforce, the environment's team and their topic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.infra.synth import arn

if TYPE_CHECKING:
    from tests.infra.synth import Synthesis

GATE, PORTAL = "PrivateWorkforceGate1386BB39", "PrivateWorkforceGatePortal8815A6F1"


def test_people_are_invited_not_signed_up(every_environment: Synthesis) -> None:
    pool = every_environment.one("AWS::Cognito::UserPool").properties

    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    assert pool["UsernameAttributes"] == ["email"]
    assert pool["UsernameConfiguration"] == {"CaseSensitive": False}
    assert pool["Policies"]["PasswordPolicy"] == {
        "MinimumLength": 12,
        "RequireLowercase": True,
        "RequireNumbers": True,
        "RequireSymbols": True,
        "RequireUppercase": True,
        "TemporaryPasswordValidityDays": 7,
    }
    assert pool["Schema"] == [
        {
            "AttributeDataType": "String",
            "Mutable": True,
            "Name": "ground_truth_owner",
            "StringAttributeConstraints": {"MaxLength": "512"},
        }
    ]


def test_second_factor_follows_the_environment(local: Synthesis, prod: Synthesis) -> None:
    assert local.one("AWS::Cognito::UserPool").properties["MfaConfiguration"] == "OFF"
    pool = prod.one("AWS::Cognito::UserPool").properties
    assert pool["MfaConfiguration"] == "ON"
    assert pool["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"]
    assert pool["DeletionProtection"] == "ACTIVE"


def test_client_has_a_secret_and_the_code_flow(every_environment: Synthesis) -> None:
    client = every_environment.one("AWS::Cognito::UserPoolClient").properties

    assert client == {
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthScopes": ["email", "openid", "profile"],
        # what the gate found, so that a later change of the client sends them again
        "CallbackURLs": [{"Fn::GetAtt": [GATE, "CallbackUrl"]}],
        "GenerateSecret": True,
        "LogoutURLs": [{"Fn::GetAtt": [GATE, "LogoutUrl"]}],
        "PreventUserExistenceErrors": "ENABLED",
        "SupportedIdentityProviders": ["COGNITO"],
        "UserPoolId": {"Ref": "WorkforcePool"},
    }


def test_domain_is_unique_to_environment_and_account_by_default(local: Synthesis) -> None:
    assert local.one("AWS::Cognito::UserPoolDomain").properties == {
        "Domain": {"Fn::Join": ["", ["ground-truth-local-", {"Ref": "AWS::AccountId"}]]},
        "ManagedLoginVersion": 1,
        "UserPoolId": {"Ref": "WorkforcePool"},
    }


def test_workforce_goes_before_the_domain_client_and_pool(every_environment: Synthesis) -> None:
    workforce = every_environment.one("AWS::SageMaker::Workforce")

    assert workforce.properties["CognitoConfig"] == {
        "ClientId": {"Ref": "WorkforceClient"},
        "UserPool": {"Ref": "WorkforcePool"},
    }
    assert set(workforce.depends_on) == {"WorkforceDomain", GATE}


def test_invitations_carry_the_portal_through_a_trigger(local: Synthesis) -> None:
    """Written into the pool's template it would be a cycle: pool, client, workforce, pool."""
    pool = local.one("AWS::Cognito::UserPool").properties
    (function,) = [
        found
        for found in local.resources("AWS::Lambda::Function", "Account")
        if found.properties["Handler"].endswith("invitation.handler")
    ]
    permission = local.one("AWS::Lambda::Permission", "Account").properties

    assert pool["LambdaConfig"] == {"CustomMessage": {"Fn::GetAtt": [function.logical_id, "Arn"]}}
    assert function.properties["Timeout"] == 5
    assert function.properties["Environment"]["Variables"] == {
        "PORTAL_SCHEME": "http",
        "WORKFORCE_NAME": "ground-truth",
    }
    assert permission["Principal"] == "cognito-idp.amazonaws.com"
    assert permission["SourceArn"] == {"Fn::GetAtt": ["WorkforcePool", "Arn"]}


def test_team_is_made_of_the_group_and_goes_before_it(every_environment: Synthesis) -> None:
    team = every_environment.one("AWS::SageMaker::Workteam")
    group = every_environment.one("AWS::Cognito::UserPoolGroup")
    (member,) = team.properties["MemberDefinitions"]
    topic = every_environment.one("AWS::SNS::Topic")

    assert member["CognitoMemberDefinition"]["CognitoUserGroup"] == {"Ref": group.logical_id}
    assert team.properties["NotificationConfiguration"] == {
        "NotificationTopicArn": {"Ref": topic.logical_id}
    }
    policy = every_environment.one("AWS::SNS::TopicPolicy")
    assert {group.logical_id, topic.logical_id, policy.logical_id} <= set(team.depends_on)


def test_team_and_group_are_named_after_the_environment(prod: Synthesis) -> None:
    """Two environments of one account share its only workforce."""
    assert prod.one("AWS::SageMaker::Workteam").properties["WorkteamName"] == "prod-labelers"
    assert prod.one("AWS::Cognito::UserPoolGroup").properties["GroupName"] == "prod-labelers"


def test_workers_are_added_after_the_team_exists(local: Synthesis) -> None:
    """Ground Truth subscribes the group's members when it makes the team: not to our alarms."""
    workers = local.one("Custom::GroundTruthWorkers")
    team = local.one("AWS::SageMaker::Workteam")

    assert team.logical_id in workers.depends_on
    assert workers.properties["Workers"] == [
        {"Email": f"{name}@example.com"} for name in ("ada", "ben", "cleo", "dan", "eva", "finn")
    ]


def test_topic_takes_messages_of_three_services_over_tls_only(prod: Synthesis) -> None:
    policy = prod.one("AWS::SNS::TopicPolicy").properties["PolicyDocument"]["Statement"]
    account = {"Ref": "AWS::AccountId"}

    denied = [s for s in policy if s["Effect"] == "Deny"]
    assert [s["Condition"] for s in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]
    allowed = {s["Principal"]["Service"]: s for s in policy if s["Effect"] == "Allow"}
    assert set(allowed) == {
        "cloudwatch.amazonaws.com",
        "events.amazonaws.com",
        "sagemaker.amazonaws.com",
    }
    assert {s["Action"] for s in allowed.values()} == {"sns:Publish"}
    assert "Condition" not in allowed["events.amazonaws.com"]
    assert allowed["sagemaker.amazonaws.com"]["Condition"] == {
        "StringEquals": {"aws:SourceAccount": account},
        "ArnLike": {"aws:SourceArn": arn("sagemaker", "workteam/*")},
    }


def test_prod_topic_has_a_key_its_publishers_may_use(prod: Synthesis) -> None:
    key = prod.at("Storage/OperationsKey/Resource")
    publishers = [
        service
        for statement in key.properties["KeyPolicy"]["Statement"]
        if "Service" in statement["Principal"] and "Condition" not in statement
        for service in _list(statement["Principal"]["Service"])
    ]

    assert prod.one("AWS::SNS::Topic").properties["KmsMasterKeyId"] == {
        "Fn::GetStackOutput": {
            "StackName": "GroundTruth-prod-Storage",
            "OutputName": "OperationsKeyArn",
        }
    }
    assert sorted(publishers) == [
        "cloudwatch.amazonaws.com",
        "events.amazonaws.com",
        "sagemaker.amazonaws.com",
    ]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
