"""Environments of a pattern: one file for all, a last day that no template holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ground_truth_ops.deployer.policy import POLICIES_PER_ROLE, deployer_policies
from ground_truth_ops.deployer.run import place_of, place_of_pattern
from stacks.config import ConfigError, Project, load
from tests.infra.synth import HOST, ROOT, Synthesis, synthesize_project
from tests.stacks.projects import ADOPTED, toml

if TYPE_CHECKING:
    from tests.stacks.projects import ProjectFiles

WORKERS = {"workers": [{"email": f"worker{number}@example.com"} for number in range(3)]}
PATTERN: dict[str, Any] = {
    "region": "us-east-1",
    "ephemeral": {"days": 7},
    "storage": {"removal": "destroy"},
    "workforce": ADOPTED,
    "team": WORKERS,
}
PATH = "environments/ephemeral/pr.toml"


def write(files: ProjectFiles, **changes: object) -> None:
    table = {key: value for key, value in {**PATTERN, **changes}.items() if value is not None}
    files.write(PATH, toml(table))


def problem(files: ProjectFiles, env: str = "pr-17", expires: str | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        load(files.root, env=env, expires=expires)
    (found,) = caught.value.problems
    return str(found)


def shipped(env: str, expires: str | None = None) -> Project:
    return load(ROOT, env=env, expires=expires, host=HOST)


def stack_tags(synthesis: Synthesis) -> list[dict[str, str]]:
    return [
        artifact["properties"].get("tags", {})
        for artifact in synthesis.manifest["artifacts"].values()
        if artifact["type"] == "aws:cloudformation:stack"
    ]


def test_every_number_is_an_environment_of_its_own() -> None:
    one, other = shipped("pr-1").environment, shipped("pr-4711").environment

    assert (one.name, other.name) == ("pr-1", "pr-4711")
    assert (one.workteam_name, other.workteam_name) == ("pr-1-labelers", "pr-4711-labelers")
    assert one.settings == other.settings
    assert one.file == other.file == PATH


def test_shipped_pattern_passes_every_rule_and_makes_no_workforce() -> None:
    synthesis = synthesize_project(shipped("pr-1"))

    assert synthesis.violations == []
    assert "Account" not in synthesis.templates
    types = {resource.type for resource in synthesis.resources()}
    assert not types & {"AWS::SageMaker::Workforce", "AWS::Cognito::UserPool", "AWS::KMS::Key"}
    retained = [
        resource.path
        for resource in synthesis.resources()
        if resource.body.get("DeletionPolicy") in ("Retain", "RetainExceptOnCreate")
        and resource.type != "AWS::Lambda::Version"
    ]
    assert retained == []


def test_last_day_is_a_tag_of_every_stack_and_in_no_template() -> None:
    today, later = (
        synthesize_project(shipped("pr-1", day)) for day in ("2026-12-01", "2026-12-08")
    )
    expected = {"ground-truth:environment": "pr-1", "ground-truth:expires": "2026-12-01"}

    assert stack_tags(today) == [expected] * len(today.templates)
    assert today.templates == later.templates
    assert "ground-truth:expires" not in json.dumps(today.templates)


def test_stacks_of_other_environments_have_no_tags_but_their_resources(
    every_environment: Synthesis,
) -> None:
    assert stack_tags(every_environment) == [{}] * len(every_environment.templates)


def test_policies_of_the_pattern_are_those_of_each_number() -> None:
    project = shipped("pr-1")
    templates = list(synthesize_project(project).templates.values())
    place = place_of(project, account="123456789012")
    of_all = deployer_policies(templates, place_of_pattern(place, "pr"))
    of_one = deployer_policies(templates, place)

    assert len(of_all) <= POLICIES_PER_ROLE
    text = json.dumps(of_all)
    assert "pr-1" not in text
    assert text.replace("pr-*", "pr-1") == json.dumps(of_one)


@pytest.mark.parametrize("name", ["pr", "pr-0", "pr-01", "pr-x", "pr-", "dev-1"])
def test_other_names_are_unknown(files: ProjectFiles, name: str) -> None:
    write(files)
    assert f"unknown environment '{name}', there are dev, pr-<number>" in problem(files, name)


def test_number_that_makes_the_name_too_long_is_refused(files: ProjectFiles) -> None:
    write(files)
    assert "environment name is not allowed" in problem(files, f"pr-{'1' * 18}")


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"storage": {"removal": "retain"}}, "storage.removal = 'destroy'"),
        (
            {"storage": {"removal": "destroy", "termination_protection": True}},
            "storage.termination_protection = false",
        ),
        ({"workforce": {"mode": "create"}}, "workforce.mode = 'adopt' or team.workteam_arn"),
    ],
)
def test_pattern_must_leave_nothing_behind(
    files: ProjectFiles, changes: dict[str, object], missing: str
) -> None:
    write(files, **changes)
    assert f"{PATH}: [ephemeral] needs {missing}: such an environment" in problem(files)


def test_pattern_needs_an_end_and_nothing_else_has_one(files: ProjectFiles) -> None:
    write(files, ephemeral=None)
    assert problem(files).startswith(f"{PATH}: ephemeral: missing")
    files.write("environments/dev.toml", toml(PATTERN))
    assert problem(files, "dev").startswith("environments/dev.toml: ephemeral: an environment of")


@pytest.mark.parametrize("days", [0, 91, "7"])
def test_days_are_few(files: ProjectFiles, days: object) -> None:
    write(files, ephemeral={"days": days})
    assert problem(files).startswith(f"{PATH}: ephemeral.days: got {days!r}, allowed")


def test_last_day_is_a_day_and_of_a_pattern(files: ProjectFiles) -> None:
    write(files)
    assert "-c expires='tomorrow', allowed a day such as" in problem(files, expires="tomorrow")
    assert "has no [ephemeral]; leave it out" in problem(files, "dev", expires="2026-12-01")


def test_campaign_runs_in_the_environments_it_names(files: ProjectFiles) -> None:
    write(files)
    for named, runs in ((["pr"], True), (["dev"], False), (["dev", "pr"], True)):
        files.set_campaign("environments", named)
        assert bool(load(files.root, env="pr-17").campaigns) is runs
