"""Workforces that are adopted, and workforces of an OpenID Connect provider."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from botocore import xform_name
from botocore.loaders import Loader

from stacks.config import load
from stacks.workforce import Oidc
from tests.infra.cfn_lint import findings
from tests.infra.synth import HOST, Synthesis, synthesize_project
from tests.stacks.projects import ADOPTED, OIDC

if TYPE_CHECKING:
    from tests.stacks.projects import ProjectFiles


def synth(files: ProjectFiles) -> Synthesis:
    return synthesize_project(load(files.root, env="dev", host=HOST))


def test_adopted_workforce_is_checked_before_anything_is_made(files: ProjectFiles) -> None:
    files.set_environment("workforce", ADOPTED)
    synthesis = synth(files)
    gate = synthesis.one("Custom::GroundTruthWorkforceGate", "Team")
    portal = synthesis.one("Custom::GroundTruthPortal", "Team")
    known = {"UserPoolId": "us-east-1_a1B2c3", "ClientId": "1example23456789"}

    assert synthesis.violations == []
    assert gate.properties["Mode"] == portal.properties["Mode"] == "adopt"
    assert gate.properties.items() >= {"WorkforceName": "theirs", **known}.items()
    assert (
        portal.properties.items() >= {"WorkforceName": "theirs", "Write": "false", **known}.items()
    )
    for type_ in ("AWS::Cognito::UserPoolGroup", "AWS::SageMaker::Workteam"):
        assert gate.logical_id in synthesis.one(type_, "Team").depends_on
    # SageMaker completes the client for the first team; people are invited when sign-in works
    assert synthesis.one("AWS::SageMaker::Workteam").logical_id in portal.depends_on
    workers = synthesis.one("Custom::GroundTruthWorkers")
    assert portal.logical_id in workers.depends_on
    assert workers.properties["Adopted"] == "true"
    owned = {r.type for r in synthesis.resources(stack="Team") if r.type.startswith("AWS::Cog")}
    assert owned == {"AWS::Cognito::UserPoolGroup"}


@pytest.mark.parametrize("repairs", [False, True])
def test_client_of_others_is_written_only_where_the_file_says_so(
    files: ProjectFiles, repairs: bool
) -> None:
    files.set_environment("workforce", {**ADOPTED, "repair_client": repairs})
    synthesis = synth(files)

    text = json.dumps(synthesis.templates["Team"])

    assert ("cognito-idp:UpdateUserPoolClient" in text) is repairs
    assert synthesis.one("Custom::GroundTruthPortal").properties["Write"] == str(repairs).lower()
    # nothing else of the pool can be changed by us, people and our own group apart
    assert 'cognito-idp:UpdateUserPool"' not in text
    assert "cognito-idp:Delete" not in text
    assert "AdminDeleteUser" not in text


def test_provider_takes_the_place_of_the_pool(files: ProjectFiles) -> None:
    files.set_environment("workforce", {"oidc": OIDC, "source_ips": ["203.0.113.0/24"]})
    files.set_environment("team", {"oidc_groups": ["labelers", "reviewers"]})
    synthesis = synth(files)
    workforce = synthesis.one("AWS::SageMaker::Workforce").properties
    team = synthesis.one("AWS::SageMaker::Workteam").properties

    assert synthesis.violations == []
    assert [r for r in synthesis.resources() if r.type.startswith("AWS::Cognito")] == []
    assert workforce["SourceIpConfig"] == {"Cidrs": ["203.0.113.0/24"]}
    assert workforce["OidcConfig"] == {
        "ClientId": "labeling_portal",
        "ClientSecret": "{{resolve:secretsmanager:ground-truth/oidc:SecretString:secret::}}",
        "Issuer": "https://id.example.com",
        "AuthorizationEndpoint": "https://id.example.com/authorize",
        "TokenEndpoint": "https://id.example.com/token",
        "UserInfoEndpoint": "https://id.example.com/userinfo",
        "LogoutEndpoint": "https://id.example.com/logout",
        "JwksUri": "https://id.example.com/keys",
        "Scope": "openid profile",
        "AuthenticationRequestExtraParams": {"resource": "labeling"},
    }
    assert team["MemberDefinitions"] == [
        {"OidcMemberDefinition": {"OidcGroups": ["labelers", "reviewers"]}}
    ]
    assert "Custom::GroundTruthWorkers" not in {r.type for r in synthesis.resources()}
    assert findings(synthesis.templates["Account"]) == []


def test_every_field_of_oidc_config_can_be_set() -> None:
    shapes = Loader().load_service_model("sagemaker", "service-2")["shapes"]
    fields = {
        "client_secret": "client_secret_name",
        "authentication_request_extra_params": "extra_params",
    }

    wanted = {xform_name(name) for name in shapes["OidcConfig"]["members"]}

    assert {fields.get(name, name) for name in wanted} | {"client_secret_key"} == set(
        Oidc.model_fields
    )
