"""What an account asks of every stack: a bootstrap of its own, a boundary on every role."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from stacks.config import load
from tests.infra.synth import HOST, Synthesis, synthesize_project
from tests.stacks.projects import ADOPTED, OIDC

if TYPE_CHECKING:
    from tests.stacks.projects import ProjectFiles

BOUNDARY = {"Fn::Join": ["", ["arn:aws:iam::", {"Ref": "AWS::AccountId"}, ":policy/teams/Limit"]]}


def synth(files: ProjectFiles) -> Synthesis:
    return synthesize_project(load(files.root, env="dev", host=HOST))


@pytest.mark.parametrize(
    ("settings", "sample_data"),
    [
        ({"storage.encryption": "kms"}, False),
        ({"storage.removal": "destroy", "storage.upload_sample_data": True}, True),
        ({"workforce": ADOPTED}, False),
        ({"workforce": {"oidc": OIDC}, "team": {"oidc_groups": ["labelers"]}}, False),
    ],
)
def test_boundary_reaches_every_role(
    files: ProjectFiles, settings: dict[str, object], sample_data: bool
) -> None:
    files.set_environment("permissions_boundary", "teams/Limit")
    for key, value in settings.items():
        files.set_environment(key, value)
    if sample_data:
        files.set_campaign("dataset.sample_data", "data")
        files.write("campaigns/letters/data/a.png", b"\x89PNG\r\n\x1a\n")

    roles = synth(files).resources("AWS::IAM::Role")

    assert {role.stack for role in roles} >= {"Labeling-letters"}
    assert [role.path for role in roles if role.properties["PermissionsBoundary"] != BOUNDARY] == []


def test_qualifier_reaches_every_asset_and_role_of_the_bootstrap(files: ProjectFiles) -> None:
    files.set_environment("bootstrap_qualifier", "labeling")
    synthesis = synth(files)
    written = json.dumps([synthesis.manifest, *synthesis.templates.values()])
    written += "".join(path.read_text() for path in synthesis.directory.glob("*.assets.json"))

    assert "hnb659fds" not in written
    for name in ("cdk-labeling-deploy-role", "cdk-labeling-assets", "/cdk-bootstrap/labeling/"):
        assert name in written


def test_nothing_of_it_is_there_when_nothing_is_configured(every_environment: Synthesis) -> None:
    roles = every_environment.resources("AWS::IAM::Role")

    assert not any("PermissionsBoundary" in role.properties for role in roles)
    assert "cdk-hnb659fds-deploy-role" in json.dumps(every_environment.manifest)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("bootstrap_qualifier", "Labeling"),
        ("bootstrap_qualifier", "elevenchars"),
        ("permissions_boundary", "arn:aws:iam::1:policy/Limit"),
        ("permissions_boundary", "/Limit"),
    ],
)
def test_illegal_names_are_refused(files: ProjectFiles, key: str, value: str) -> None:
    files.set_environment(key, value)

    with pytest.raises(Exception, match=f"dev.toml: {key}: got '{value}', allowed"):
        load(files.root, env="dev")
