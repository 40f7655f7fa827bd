"""What the pipelines' scripts refuse before they begin, as real processes; nothing is reached."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKE = """#!/bin/sh
echo "make $*" >> "$CALLS"
"""
GT = """#!{python}
import os, sys
from pathlib import Path
with open(os.environ["CALLS"], "a") as calls:
    calls.write(" ".join(["gt", *sys.argv[1:]]) + "\\n")
if "--to" in sys.argv:
    Path(sys.argv[sys.argv.index("--to") + 1]).write_text("## What\\n")
print("said by", sys.argv[1])
sys.exit(int(os.environ.get("CODE_" + sys.argv[1], "0")))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The scripts beside a `gt` and a `make` that write down how they were called."""
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    (tmp_path / "environments/ephemeral").mkdir(parents=True)
    for name in ("dev", "prod", "ephemeral/pr"):
        (tmp_path / f"environments/{name}.toml").touch()
    for place, text in ((".venv/bin/gt", GT.format(python=sys.executable)), ("bin/make", MAKE)):
        path = tmp_path / place
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
    return tmp_path


def run(
    project: Path, script: str, *arguments: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    path = f"{project / 'bin'}:{os.environ['PATH']}"
    return subprocess.run(
        [project / ".ci" / script, *arguments],
        env={"PATH": path, "CALLS": str(project / "calls"), **variables},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


def calls(project: Path) -> list[str]:
    path = project / "calls"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


REFUSED = [
    ("destroy", ("dev", "prod"), {}, "'prod' was typed, the environment is 'dev'; nothing was"),
    ("destroy", ("dev", "DEV"), {}, "'DEV' was typed, the environment is 'dev'; nothing was"),
    ("destroy", ("dev",), {}, "usage: .ci/destroy ENV TYPED"),
    ("destroy", ("moon", "moon"), {}, "unknown environment 'moon'; there are dev prod"),
    ("destroy", ("--yes", "--yes"), {}, "unknown environment '--yes'"),
    ("destroy", ("dev", "dev"), {"CI": "true"}, "ARCHIVE is not set"),
    ("destroy", ("dev", "dev"), {"CODEBUILD_BUILD_ID": "x:1"}, "ARCHIVE is not set"),
    ("destroy", ("dev", "dev"), {"STOP_RUNNING_JOBS": "1"}, "STOP_RUNNING_JOBS is '1', expected"),
    ("destroy", ("dev", "dev"), {"LIFT_PROTECTION": "yes"}, "LIFT_PROTECTION is 'yes', expected"),
    ("deploy", (), {}, "usage: .ci/deploy ENV"),
    ("deploy", ("../environments/dev",), {}, "unknown environment '../environments/dev'"),
    ("deploy", ("dev",), {"ALLOW": "everything"}, "ALLOW has 'everything'"),
    ("live-review", (), {}, "usage: .ci/live-review ENV"),
    ("live-review", ("moon",), {}, "unknown environment 'moon'"),
    ("live-review", ("pr",), {}, "unknown environment 'pr'"),
    ("live-review", ("pr-1x",), {}, "unknown environment 'pr-1x'"),
    ("live-review", ("ephemeral/pr",), {}, "unknown environment 'ephemeral/pr'"),
    ("sweep-expired", (), {"CI": "true"}, "ARCHIVE is not set"),
    ("sweep-expired", (), {"DRY_RUN": "1"}, "DRY_RUN is '1', expected true or false"),
    ("nightly", (), {}, "usage: .ci/nightly ENV"),
    ("nightly", ("moon",), {}, "unknown environment 'moon'"),
    ("review", (), {}, "usage: .ci/review REVISION"),
    ("review", ("HEAD",), {"ALLOW": "Destructive"}, "ALLOW has 'Destructive'"),
]


@pytest.mark.parametrize(("script", "arguments", "variables", "message"), REFUSED)
def test_what_is_wrong_is_refused_before_anything_is_called(
    project: Path,
    script: str,
    arguments: tuple[str, ...],
    variables: dict[str, str],
    message: str,
) -> None:
    found = run(project, script, *arguments, **variables)

    assert found.returncode != 0
    assert message in found.stderr
    assert calls(project) == []


def test_deployment_reviews_first_and_looks_after_itself(project: Path) -> None:
    found = run(project, "deploy", "dev", "report.md")

    assert (found.returncode, found.stderr) == (0, "")
    done = [call for call in calls(project) if "setup-project" not in call]
    assert done == [
        "make --silent synth ENV=dev",
        "gt diff --live --env dev --to report.md --fail-on destructive --fail-on refused",
        "gt drift --env dev",
        "gt status --env dev",
        "make --silent deploy ENV=dev",
        "gt status --env dev",
        "gt doctor --env dev",
    ]
    report = (project / "report.md").read_text(encoding="utf-8")
    assert report.startswith("## What\n")
    assert "### dev after the deployment\n\n````text\nsaid by status\n````\n" in report


def test_environment_of_a_pull_request_has_the_file_of_all_of_them(project: Path) -> None:
    assert run(project, "deploy", "pr-17").returncode == 0
    assert "make --silent deploy ENV=pr-17" in calls(project)


@pytest.mark.parametrize("code", ["1", "10", "12"])
def test_nothing_is_deployed_after_a_review_that_failed(project: Path, code: str) -> None:
    found = run(project, "deploy", "prod", CODE_diff=code)

    assert found.returncode == int(code)
    assert f"the review of prod ended with {code}, nothing was deployed" in found.stderr
    assert "make --silent deploy ENV=prod" not in calls(project)


def test_deployment_that_the_doctor_finds_ill_is_no_success(project: Path) -> None:
    assert run(project, "deploy", "dev", CODE_doctor="1").returncode == 1
    assert "make --silent deploy ENV=dev" in calls(project)


@pytest.mark.parametrize(
    ("variables", "gates"),
    [
        ({}, " --fail-on destructive --fail-on refused"),
        ({"ALLOW": "refused"}, " --fail-on destructive"),
        ({"ALLOW": " destructive refused"}, ""),
        ({"LABELS": "bug,allow-destructive"}, " --fail-on refused"),
        (
            {"LABELS": "not-allow-refused,allow-refusedly"},
            " --fail-on destructive --fail-on refused",
        ),
    ],
)
@pytest.mark.parametrize(
    ("script", "argument", "asked"),
    [("live-review", "dev", "--live --env dev"), ("review", "HEAD~1", "--base HEAD~1")],
)
def test_gates_are_let_through_by_name_only(
    project: Path, script: str, argument: str, asked: str, variables: dict[str, str], gates: str
) -> None:
    run(project, script, argument, "r.md", **variables)

    assert f"gt diff {asked} --to r.md{gates}" in calls(project)


def test_drift_is_told_in_a_live_review_and_the_gates_code_is_kept(project: Path) -> None:
    found = run(project, "live-review", "dev", CODE_drift="1", CODE_diff="12")

    assert found.returncode == 12
    assert "### Changed by hand in dev" in found.stdout
    assert "said by status" in found.stdout


def test_live_review_that_could_not_look_says_nothing(project: Path) -> None:
    found = run(project, "live-review", "dev", CODE_diff="1")

    assert (found.returncode, found.stdout) == (1, "")


@pytest.mark.parametrize(
    ("variables", "options"),
    [
        ({}, ""),
        ({"STOP_RUNNING_JOBS": "true", "LIFT_PROTECTION": "false"}, " --running-jobs"),
        ({"LIFT_PROTECTION": "true"}, " --protected"),
        ({"CI": "true", "ARCHIVE": "s3://keep/here"}, " --archive s3://keep/here"),
    ],
)
def test_destroying_says_what_it_was_told_and_proves_it(
    project: Path, variables: dict[str, str], options: str
) -> None:
    found = run(project, "destroy", "dev", "dev", **variables)

    assert found.returncode == 0
    assert calls(project)[1:] == [f"gt destroy --env dev --yes{options}", "gt sweep --env dev"]


def test_destroying_that_failed_proves_nothing(project: Path) -> None:
    assert run(project, "destroy", "dev", "dev", CODE_destroy="1").returncode == 1
    assert calls(project)[1:] == ["gt destroy --env dev --yes"]


@pytest.mark.parametrize(
    ("variables", "code", "errors"),
    [
        ({}, 0, ()),
        ({"CODE_drift": "1"}, 1, ("dev was changed by hand",)),
        ({"CODE_sweep": "1"}, 1, ("dev has left something behind",)),
        (
            {"CODE_drift": "1", "CODE_sweep": "1"},
            1,
            ("dev was changed by hand", "dev has left something behind"),
        ),
    ],
)
def test_night_looks_at_both_whatever_the_first_says(
    project: Path, variables: dict[str, str], code: int, errors: tuple[str, ...]
) -> None:
    found = run(project, "nightly", "dev", "night.md", **variables)

    assert found.returncode == code
    assert len(found.stderr.splitlines()) == len(errors)
    for error in errors:
        assert error in found.stderr
    assert calls(project)[1:] == ["gt drift --env dev", "gt sweep --env dev --deployed"]
    assert found.stdout == (project / "night.md").read_text(encoding="utf-8")


def test_fence_of_a_report_can_not_be_closed_from_inside(project: Path) -> None:
    gt = project / ".venv/bin/gt"
    gt.write_text("#!/bin/sh\necho '````'\n", encoding="utf-8")

    run(project, "nightly", "dev", "night.md")

    report = (project / "night.md").read_text(encoding="utf-8")
    assert report.count("````") == 4


@pytest.mark.parametrize(
    ("variables", "options"),
    [
        ({}, " --remove"),
        ({"CI": "true", "DRY_RUN": "true"}, ""),
        ({"CI": "true", "ARCHIVE": "s3://keep"}, " --remove --archive s3://keep"),
    ],
)
@pytest.mark.parametrize("code", [0, 1])
def test_expired_environments_go_and_one_that_stays_is_loud(
    project: Path, variables: dict[str, str], options: str, code: int
) -> None:
    found = run(project, "sweep-expired", CODE_sweep=str(code), **variables)

    assert found.returncode == code
    assert bool(found.stderr) is bool(code)
    assert calls(project)[1:] == [f"gt sweep --expired{options}"]
    assert "said by sweep" in found.stdout


@pytest.mark.parametrize(
    ("given", "command"),
    [
        (("destroy", "ENV=dev"), "gt destroy --env dev"),
        (
            ("destroy", "ENV=dev", "YES=1", "RUNNING_JOBS=1", "PROTECTED=1", "ARCHIVE=s3://keep/x"),
            "gt destroy --env dev --yes --running-jobs --protected --archive s3://keep/x",
        ),
        (("sweep", "ENV=dev"), "gt sweep --env dev"),
        (("sweep", "ENV=dev", "DEPLOYED=1"), "gt sweep --env dev --deployed"),
        (("drift", "ENV=dev"), "gt drift --env dev"),
        (("reviewer-policy", "ENV=dev"), "gt reviewer-policy --env dev"),
    ],
)
def test_verb_passes_on_what_it_was_told(given: tuple[str, ...], command: str) -> None:
    # of the make that may run these tests nothing gets in
    variables = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    told = subprocess.run(
        ["make", "--dry-run", *given],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    last = told.replace("\\\n", " ").splitlines()[-1]

    assert " ".join(last.partition("/.venv/bin/")[2].split()) == command
