from __future__ import annotations

import json
from pathlib import Path

import pytest

from ground_truth_ops.cdk import AssemblyError, Cdk, stack_ids, template_of
from ground_truth_ops.processes import CommandError, finish

# stands for the CLI: says what it was asked, where and with which variables
PROGRAM = """#!/bin/sh
echo "$@"
echo "in $PWD with env=$GIVEN validation=$CDK_VALIDATION"
exit ${CODE:-0}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    program = tmp_path / "node_modules" / ".bin" / "cdk"
    program.parent.mkdir(parents=True)
    program.write_text(PROGRAM)
    program.chmod(0o755)
    return tmp_path


def cdk(root: Path, **variables: str) -> Cdk:
    path = {"PATH": "/usr/bin:/bin"}
    return Cdk(root=root, variables={**path, **variables}, log=root / "logs" / "cdk.log")


def said(root: Path) -> list[str]:
    return (root / "logs" / "cdk.log").read_text().splitlines()


QUIET = "--no-notices --no-color --ci"


def test_synth_checks_every_stack_of_the_stage(root: Path) -> None:
    cdk(root, GIVEN="x").synth(environment="dev", output=root / "out", campaign="digits")
    assert said(root) == [
        f"synth --quiet ** --context env=dev --context campaign=digits --output {root}/out {QUIET}",
        f"in {root} with env=x validation=",
    ]


def test_synth_without_checks_switches_validation_off(root: Path) -> None:
    cdk(root).synth(environment="dev", output=root / "out", checks=False)
    assert said(root) == [
        f"synth --quiet --context env=dev --output {root}/out {QUIET}",
        f"in {root} with env= validation=false",
    ]


def test_bootstrap_runs_where_no_app_is(root: Path) -> None:
    cdk(root).bootstrap(account="000000000000", region="eu-west-1")
    assert said(root) == [
        "bootstrap aws://000000000000/eu-west-1 --cloudformation-execution-policies "
        f"arn:aws:iam::aws:policy/AdministratorAccess {QUIET}",
        f"in {root}/logs with env= validation=",
    ]


def test_deploy_and_destroy_use_the_assembly_and_ask_nothing(root: Path) -> None:
    cdk(root).deploy(root / "out", "GroundTruth/**")
    cdk(root).destroy(root / "out", "GroundTruth/Team", "GroundTruth/Storage")
    assert said(root)[::2] == [
        f"deploy GroundTruth/** --app {root}/out --require-approval never --concurrency 4 "
        f"--asset-build-concurrency 4 --method direct --progress events {QUIET}",
        f"destroy GroundTruth/Team GroundTruth/Storage --app {root}/out --force --exclusively "
        f"--concurrency 4 {QUIET}",
    ]


def test_imports_what_a_file_names(root: Path) -> None:
    cdk(root).import_resources(root / "out", "GroundTruth/Storage", root / "retained.json")
    assert said(root)[0] == (
        f"import GroundTruth/Storage --app {root}/out --resource-mapping {root}/retained.json "
        f"{QUIET}"
    )


def test_names_the_log_of_a_command_that_went_wrong(root: Path) -> None:
    with pytest.raises(CommandError, match=r"deploy .* ended with 7; all of it is in .*cdk\.log"):
        cdk(root, CODE="7").deploy(root / "out", "GroundTruth/**")


def test_synth_in_the_background_writes_to_its_log(root: Path) -> None:
    process = cdk(root).start_synth(environment="dev", output=root / "out")
    finish(process, name="cdk synth", log=root / "logs" / "cdk.log")
    assert said(root)[0].startswith("synth --quiet ** --context env=dev")


def test_says_how_to_get_the_cli(tmp_path: Path) -> None:
    with pytest.raises(AssemblyError, match="run `make setup`"):
        cdk(tmp_path).deploy(tmp_path, "**")


def test_finds_stacks_in_nested_assemblies(tmp_path: Path) -> None:
    nested = tmp_path / "assembly-GroundTruth"
    nested.mkdir()
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": {"Tree": {"type": "x"}}}))
    stack = {
        "type": "aws:cloudformation:stack",
        "displayName": "GroundTruth/Storage (GroundTruth-dev-Storage)",
        "properties": {"stackName": "GroundTruth-dev-Storage", "templateFile": "s.json"},
    }
    (nested / "s.json").write_text('{"Resources": {}}')
    (nested / "manifest.json").write_text(json.dumps({"artifacts": {"GroundTruthStorage": stack}}))
    assert stack_ids(tmp_path) == {"GroundTruth-dev-Storage": "GroundTruth/Storage"}
    assert template_of(tmp_path, "GroundTruth-dev-Storage") == {"Resources": {}}
    with pytest.raises(AssemblyError, match=r"no stack Other .* there is GroundTruth-dev-Storage"):
        template_of(tmp_path, "Other")


def test_refuses_a_folder_that_is_no_assembly(tmp_path: Path) -> None:
    with pytest.raises(AssemblyError, match="no stacks in"):
        stack_ids(tmp_path)
