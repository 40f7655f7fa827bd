"""The app as the CLI runs it, and environments other than the shipped ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ground_truth_cdk.labeling_job import PublicCrowdError
from stacks.config import ConfigError, load
from tests.infra.synth import HOST, ROOT, Synthesis, synthesize_project

if TYPE_CHECKING:
    from tests.stacks.projects import ProjectFiles


def synth(files: ProjectFiles) -> Synthesis:
    return synthesize_project(load(files.root, env="dev", host=HOST))


def app(folder: Path, **context: str) -> subprocess.CompletedProcess[str]:
    """Run `app.py` as `cdk synth` does, with no AWS settings at all in its environment."""
    settings = json.loads((ROOT / "cdk.json").read_text())["context"]
    return subprocess.run(
        [sys.executable, str(ROOT / "app.py")],
        cwd=ROOT,
        env={
            "PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "CDK_OUTDIR": str(folder / "cdk.out"),
            "CDK_CONTEXT_JSON": json.dumps({**settings, **context}),
            "CDK_VALIDATION": "false",
            "AWS_EC2_METADATA_DISABLED": "true",
            "HTTPS_PROXY": "http://127.0.0.1:1",
            "HTTP_PROXY": "http://127.0.0.1:1",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_app_without_environment_ends_with_the_list_and_no_traceback(tmp_path: Path) -> None:
    result = app(tmp_path)

    assert result.returncode == 1
    assert result.stderr.splitlines()[-2:] == [
        "configuration has 1 problem:",
        "  environments: no environment given, there are dev, local, prod, pr-<number>;"
        " choose with -c env=<name>",
    ]
    assert "Traceback" not in result.stderr


def test_app_synthesizes_one_campaign_without_credentials_or_network(tmp_path: Path) -> None:
    result = app(tmp_path, env="prod", campaign="product-reviews")

    assert result.returncode == 0, result.stderr
    manifest = json.loads((tmp_path / "cdk.out/manifest.json").read_text())
    artifacts = manifest["artifacts"].values()
    stacks = {
        artifact["displayName"]: artifact["properties"]["stackName"]
        for artifact in artifacts
        if artifact["type"] == "aws:cloudformation:stack"
    }
    assert stacks == {
        "GroundTruth/Account": "GroundTruth-prod-Account",
        "GroundTruth/Labeling-product-reviews": "GroundTruth-prod-Labeling-product-reviews",
        "GroundTruth/Storage": "GroundTruth-prod-Storage",
        "GroundTruth/Team": "GroundTruth-prod-Team",
    }


def test_cdk_json_runs_the_projects_own_interpreter(tmp_path: Path) -> None:
    command = json.loads((ROOT / "cdk.json").read_text())["app"]
    python = tmp_path / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\necho own $@\n")
    python.chmod(0o755)

    result = subprocess.run(
        ["/bin/sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert result.stdout == "own app.py\n"


def test_all_stacks_are_where_deploy_all_sees_them(local: Synthesis) -> None:
    """`cdk deploy --all` finds no stacks in a nested assembly, which a `cdk.Stage` makes."""
    kinds = {artifact["type"] for artifact in local.manifest["artifacts"].values()}

    assert "cdk:cloud-assembly" not in kinds


def test_minimal_project_passes_every_check(files: ProjectFiles) -> None:
    synthesis = synth(files)

    assert synthesis.violations == []
    assert sorted(synthesis.templates) == ["Account", "Labeling-letters", "Storage", "Team"]


def test_longest_names_fit(files: ProjectFiles) -> None:
    environment, campaign = "x" * 20, "y" * 40
    (files.root / "environments/dev.toml").rename(files.root / f"environments/{environment}.toml")
    (files.root / "campaigns/letters").rename(files.root / f"campaigns/{campaign}")

    synthesis = synthesize_project(load(files.root, env=environment, host=HOST))

    names = [
        artifact["properties"].get("stackName", "")
        for artifact in synthesis.manifest["artifacts"].values()
        if artifact["type"] == "aws:cloudformation:stack"
    ]
    assert max(map(len, names)) <= 128
    gate = synthesis.one("Custom::GroundTruthGate").properties
    assert len(gate["JobNamePrefix"]) + len("-12345678-99999-123456") <= 63


def test_environment_name_cognito_would_refuse_is_refused_at_synth(files: ProjectFiles) -> None:
    (files.root / "environments/dev.toml").rename(files.root / "environments/aws-dev.toml")

    with pytest.raises(ConfigError, match="word Amazon Cognito reserves"):
        load(files.root, env="aws-dev")


def test_given_domain_prefix_and_account_are_used(files: ProjectFiles) -> None:
    files.set_environment("workforce", {"domain_prefix": "our-labelers"})
    files.set_environment("account", "111122223333")

    synthesis = synth(files)

    domain = synthesis.one("AWS::Cognito::UserPoolDomain").properties
    assert domain["Domain"] == "our-labelers"
    places = {
        artifact["environment"]
        for artifact in synthesis.manifest["artifacts"].values()
        if artifact["type"] == "aws:cloudformation:stack"
    }
    assert places == {"aws://111122223333/us-east-1"}


def test_people_who_want_to_know_are_subscribed(files: ProjectFiles) -> None:
    files.set_environment("notifications", {"emails": ["ops@example.com"]})

    subscription = synth(files).one("AWS::SNS::Subscription").properties

    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "ops@example.com")


def test_existing_team_needs_no_workforce_of_ours(files: ProjectFiles) -> None:
    arn = "arn:aws:sagemaker:us-east-1:111122223333:workteam/vendor-crowd/experts"
    files.set_environment("team", {"workteam_arn": arn})

    synthesis = synth(files)

    assert sorted(synthesis.templates) == ["Labeling-letters", "Storage", "Team"]
    outputs = synthesis.templates["Team"]["Outputs"]
    assert outputs["WorkteamArn"]["Value"] == arn
    assert outputs["WorkteamName"]["Value"] == "experts"
    assert synthesis.violations == []


def test_user_tags_reach_resources_and_jobs(files: ProjectFiles) -> None:
    files.set_environment("tags", {"cost-center": "7"})
    files.set_campaign("tags", {"project": "letters"})

    synthesis = synth(files)

    job = synthesis.one("Custom::GroundTruthLabelingJob").properties
    assert job["Tags"] == {"cost-center": "7", "project": "letters"}
    raw = next(r for r in synthesis.resources("AWS::S3::Bucket") if "Raw" in r.logical_id)
    assert {"Key": "cost-center", "Value": "7"} in raw.properties["Tags"]


def test_construct_refuses_the_public_crowd_by_itself() -> None:
    """The construct library is used without our configuration files, too."""
    from aws_cdk import App, Stack  # noqa: PLC0415 - after the PATH is set

    from ground_truth_cdk.labeling_job import refuse_public_crowd  # noqa: PLC0415

    arn = "arn:aws:sagemaker:us-east-1:394669845002:workteam/public-crowd/default"

    with pytest.raises(PublicCrowdError, match="Mechanical Turk closed on 30 September 2026"):
        refuse_public_crowd(arn)
    token = Stack(App(), "Any").stack_name
    refuse_public_crowd(token)
    refuse_public_crowd(arn.replace("public", "private"))


def test_approval_and_generation_reach_gate_and_job(files: ProjectFiles) -> None:
    files.set_campaign("generation", 4)
    files.set_campaign("approve", "0123456789ab:continue")

    synthesis = synth(files)

    for kind in ("Gate", "LabelingJob"):
        properties = synthesis.one(f"Custom::GroundTruth{kind}").properties
        assert (properties["Generation"], properties["Approve"]) == (4, "0123456789ab:continue")
