from __future__ import annotations

from pathlib import Path

import pytest

from ground_truth_ops.project import (
    ProjectError,
    client_variables,
    load_project,
    parse_exports,
    project_root,
    target_of,
)

ROOT = Path(__file__).parents[3]


def test_finds_the_project_above_a_folder(tmp_path: Path) -> None:
    (tmp_path / "cdk.json").touch()
    (tmp_path / "environments").mkdir()
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert project_root(tmp_path / "a" / "b") == tmp_path.resolve()


def test_says_what_a_project_is_when_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"no project at or above .* cdk.json"):
        project_root(tmp_path)


def test_unknown_environment_lists_those_there_are() -> None:
    with pytest.raises(ProjectError, match=r"(?s)nowhere.*dev, local, prod"):
        load_project(ROOT, "nowhere")


def test_reads_exports_and_takes_names_away() -> None:
    text = "# a comment\n\nexport A='b c'\nexport B=x=y\nexport C=\nunset A OTHER\n"
    assert parse_exports(text) == {"B": "x=y", "C": ""}


@pytest.mark.parametrize("line", ["A=b", "export A", "export A=b c", "echo hello"])
def test_refuses_lines_that_are_no_export(line: str) -> None:
    with pytest.raises(ProjectError, match="line 2 is"):
        parse_exports(f"export OK=1\n{line}\n")


def test_variables_of_local_aws_replace_what_the_shell_says_of_aws(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("export AWS_ENDPOINT_URL=https://127.0.0.1:1\n")
    inherited = {"AWS_PROFILE": "work", "CDK_HOME": "/home", "PATH": "/bin"}
    assert client_variables(inherited, tmp_path) == {
        "PATH": "/bin",
        "AWS_ENDPOINT_URL": "https://127.0.0.1:1",
    }


def test_local_environment_never_ends_up_in_a_real_account(tmp_path: Path) -> None:
    for name in ("environments", "campaigns"):
        (tmp_path / name).mkdir()
    text = (ROOT / "environments" / "local.toml").read_text(encoding="utf-8")
    (tmp_path / "environments" / "local.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ProjectError, match="start local AWS with `make local`"):
        target_of(tmp_path, "local", variables={"AWS_PROFILE": "work"})


def test_target_carries_region_retention_and_the_variables_given() -> None:
    variables = {
        "AWS_ENDPOINT_URL": "https://127.0.0.1:1",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
    }
    target = target_of(ROOT, "local", variables=variables)
    assert (target.environment, target.removes_buckets) == ("local", True)
    assert target.variables == variables
    assert target.clients.s3.meta.endpoint_url == "https://127.0.0.1:1"
    assert target.clients.s3.meta.region_name == target.project.environment.settings.region
