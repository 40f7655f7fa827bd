"""The pipelines: nothing unpinned, no more rights than needed, and the logic in scripts."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
BUILDSPECS = sorted((ROOT / "pipelines").glob("buildspec-*.yml"))
GITLAB = ROOT / "pipelines/gitlab-ci.yml"
ENVIRONMENTS = sorted(path.stem for path in (ROOT / "environments").glob("*.toml"))
LOOKS, DEPLOYS, DESTROYS = "REVIEW_ROLE_ARN", "DEPLOY_ROLE_ARN", "DESTROY_ROLE_ARN"
SCRIPT = r"\.ci/[a-z-]+"


def read(path: Path) -> Any:
    return YAML(typ="safe").load(path)


def named(name: str) -> Any:
    return read(ROOT / f".github/workflows/{name}.yml")


def jobs(workflow: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from read(workflow)["jobs"].items()


def run(program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name(program), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


each_workflow = pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)


def test_workflows_are_clean_by_the_linter_at_its_strictest() -> None:
    folder = ROOT / ".github"
    found = run("zizmor", "--offline", "--persona", "pedantic", "--no-progress", folder)

    assert found.returncode == 0, found.stdout


def test_workflows_fit_the_published_schema() -> None:
    found = run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS)

    assert found.returncode == 0, found.stdout


def test_gitlab_pipeline_fits_the_published_schema() -> None:
    schema = ("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci")
    found = run("check-jsonschema", *schema, GITLAB)

    assert found.returncode == 0, found.stdout


def test_schema_refuses_a_workflow_that_is_none(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    text = (ROOT / ".github/workflows/deploy.yml").read_text(encoding="utf-8")
    broken.write_text(text.replace("runs-on:", "run-on:"), encoding="utf-8")

    found = run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", broken)

    assert found.returncode == 1


@each_workflow
def test_every_action_is_pinned_by_commit_and_says_its_version(workflow: Path) -> None:
    uses = re.findall(r"uses: (.+)", workflow.read_text(encoding="utf-8"))

    assert uses
    wrong = [u for u in uses if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", u)]
    assert wrong == []


def test_an_action_has_one_version_in_all_workflows() -> None:
    texts = [path.read_text(encoding="utf-8") for path in WORKFLOWS]
    uses = {each for text in texts for each in re.findall(r"uses: (.+)", text)}

    assert len(uses) == len({each.partition("@")[0] for each in uses})


@each_workflow
def test_rights_are_none_unless_a_job_says_which(workflow: Path) -> None:
    assert read(workflow)["permissions"] == {}
    for name, job in jobs(workflow):
        assert job["permissions"].get("contents") == "read", name
        writes = {right for right, value in job["permissions"].items() if value == "write"}
        assert writes <= {"id-token", "pull-requests"}, name


@each_workflow
def test_no_checkout_leaves_its_token_behind(workflow: Path) -> None:
    for _name, job in jobs(workflow):
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


@each_workflow
def test_no_workflow_reads_a_secret_or_names_an_account(workflow: Path) -> None:
    text = workflow.read_text(encoding="utf-8")

    assert "secrets." not in text
    assert not re.search(r"\b\d{12}\b|arn:", text)


@each_workflow
def test_what_somebody_else_wrote_reaches_no_shell_as_code(workflow: Path) -> None:
    for _name, job in jobs(workflow):
        assert [step["run"] for step in job["steps"] if "${{" in step.get("run", "")] == []


@each_workflow
def test_role_is_only_given_behind_an_environment_and_to_no_fork(workflow: Path) -> None:
    for name, job in jobs(workflow):
        roles = [
            step["with"]["role-to-assume"]
            for step in job["steps"]
            if step.get("uses", "").startswith("aws-actions/")
        ]
        assert bool(roles) is ("id-token" in job["permissions"]), name
        if roles:
            assert "environment" in job, name
        if roles and "pull_request" in read(workflow)["on"]:
            same = "github.event.pull_request.head.repo.full_name == github.repository"
            assert same in job["if"]
            assert "||" not in job["if"]
            assert roles == [f"${{{{ vars.{LOOKS} }}}}"]


@pytest.mark.parametrize(
    ("workflow", "job", "environment", "role"),
    [
        ("live-review", "live-review", "-review", LOOKS),
        ("nightly", "nightly", "-review", LOOKS),
        ("deploy", "review", "-review", LOOKS),
        ("deploy", "deploy", "", DEPLOYS),
        ("destroy", "destroy", "-destroy", DESTROYS),
    ],
)
def test_every_job_has_the_role_of_its_own_environment(
    workflow: str, job: str, environment: str, role: str
) -> None:
    found = named(workflow)["jobs"][job]
    text = str(found["environment"])

    assert text.endswith("}}" + environment)
    steps = [step for step in found["steps"] if step.get("uses", "").startswith("aws-actions/")]
    assert [step["with"]["role-to-assume"] for step in steps] == [f"${{{{ vars.{role} }}}}"]


def test_nightly_sweep_has_a_role_for_environments_of_pull_requests_alone() -> None:
    found = named("nightly")["jobs"]["expired"]

    assert found["environment"] == "pr-destroy"
    assert "PULL_REQUEST_ENVIRONMENTS" in found["if"]


@pytest.mark.parametrize("name", ["deploy", "destroy"])
def test_no_deployment_is_cancelled_and_no_two_touch_an_environment(name: str) -> None:
    concurrency = named(name)["concurrency"]

    assert concurrency["cancel-in-progress"] is False
    assert concurrency["group"].startswith("deploy-${{ ")


def test_deployment_waits_for_the_look_that_its_approver_reads() -> None:
    found = named("deploy")
    looked, deployed = found["jobs"]["review"], found["jobs"]["deploy"]
    group = found["concurrency"]["group"].removeprefix("deploy-")

    assert deployed["needs"] == "review"
    assert deployed["environment"] == found["env"]["ENVIRONMENT"] == group
    assert looked["environment"] == f"{group}-review"
    assert found["on"]["push"] == {"branches": ["main"], "tags": ["v*"]}


def test_environments_to_choose_are_those_there_are_files_for() -> None:
    offered = [named(name)["on"]["workflow_dispatch"]["inputs"] for name in ("deploy", "destroy")]
    lists = [each["environment"]["options"] for each in offered]
    lists += [
        named(name)["jobs"][name]["strategy"]["matrix"]["environment"]
        for name in ("live-review", "nightly")
    ]

    # local is for one machine
    assert lists == [[name for name in ENVIRONMENTS if name != "local"]] * 4


def test_destroying_needs_the_name_typed_and_two_switches_that_are_off() -> None:
    inputs = named("destroy")["on"]["workflow_dispatch"]["inputs"]

    assert inputs["typed"]["required"] is True
    assert "default" not in inputs["typed"]
    assert [inputs[name]["default"] for name in ("stop_running_jobs", "lift_protection")] == [
        False,
        False,
    ]


def test_destroying_puts_no_label_where_every_reader_finds_it() -> None:
    text = (ROOT / ".github/workflows/destroy.yml").read_text(encoding="utf-8")

    assert "upload-artifact" not in text
    assert "ARCHIVE: ${{ vars.ARCHIVE }}" in text


@pytest.mark.parametrize("path", [*WORKFLOWS, *BUILDSPECS, GITLAB], ids=lambda path: path.name)
def test_every_script_that_is_called_is_there_and_can_be_run(path: Path) -> None:
    called = set(re.findall(SCRIPT, path.read_text(encoding="utf-8")))

    assert called
    for script in called:
        assert (ROOT / script).stat().st_mode & 0o111, script


@pytest.mark.parametrize("buildspec", BUILDSPECS, ids=lambda path: path.name)
def test_buildspec_calls_one_script_and_no_more(buildspec: Path) -> None:
    found = read(buildspec)

    assert found["version"] == 0.2
    assert set(found["phases"]) == {"install", "build"}
    (command,) = found["phases"]["build"]["commands"]
    assert re.match(rf"{SCRIPT}( |$)", command)


def test_gitlab_gives_a_role_by_token_and_never_for_a_merge_request_of_a_fork() -> None:
    found = read(GITLAB)
    aws = {name for name, job in found.items() if "extends" in job and ".aws" in str(job)}

    assert set(found[".aws"]["id_tokens"]) == {"AWS_TOKEN"}
    assert aws == {"live-review", ".deploy", "destroy", "nightly", "sweep-expired"}
    for rule in found["live-review"]["rules"]:
        assert "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID" in rule["if"]
    assert found[".deploy"]["resource_group"] == "deploy-$ENVIRONMENT"
    assert found["destroy"]["resource_group"] == "deploy-$DESTROY"
    assert not any(found[name].get("interruptible") for name in (".deploy", "destroy"))
