"""Whose account it is, its clock, its bootstrap, and what it has room for."""

from __future__ import annotations

import json
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError, ProfileNotFound

from ground_truth_ops import cli
from ground_truth_ops.doctor import account, command, eligibility, quotas, run
from ground_truth_ops.doctor.finding import Finding, Verdict, ok, problem, unknown
from ground_truth_ops.project import ProjectError
from tests.unit.ops.doctor.scenes import (
    ACCOUNT,
    NOW,
    Service,
    refusal,
    scene,
    with_settings,
)

ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/ada"


def sts(*, ahead: timedelta = timedelta()) -> Service:
    date = format_datetime(NOW - ahead, usegmt=True)
    headers = {"HTTPHeaders": {"date": date}}
    answer = {"Account": ACCOUNT, "Arn": ARN, "ResponseMetadata": headers}
    return Service(get_caller_identity=answer)


def ssm(version: str | None) -> Service:
    if version is None:
        return Service(get_parameter=refusal("ParameterNotFound"))
    return Service(get_parameter={"Parameter": {"Value": version}})


def everything_refused() -> dict[str, Any]:
    """Every call but the one that says who calls."""
    message = "User: x is not authorized to perform: {} because"

    class Refusing(Service):
        def __init__(self, name: str) -> None:
            super().__init__()
            self._name = name

        def __getattr__(self, operation: str) -> Any:
            def call(**_parameters: Any) -> Any:
                words = "".join(word.title() for word in operation.split("_"))
                raise refusal("AccessDenied", message.format(f"{self._name}:{words}"), words)

            return call

    names = {
        "cloudformation": "cloudformation",
        "functions": "lambda",
        "iam": "iam",
        "sagemaker": "sagemaker",
        "cognito": "cognito-idp",
        "s3": "s3",
        "sns": "sns",
        "ssm": "ssm",
        "tagging": "tag",
    }
    return {key: Refusing(name) for key, name in names.items()}


def test_account_of_the_caller_is_named() -> None:
    identity = account.read_identity(scene(sts=sts()))
    assert account.check_identity(scene(), identity) == ok(
        "credentials", f"account {ACCOUNT}, {ARN}"
    )


def test_other_account_than_the_files_is_a_problem_and_nothing_else_is_looked_at() -> None:
    found = with_settings(scene(sts=sts(), sagemaker=Service()), account="999999999999")
    findings = list(run.examine(found.target, scene=found))
    assert findings[2] == problem(
        "credentials",
        f"account {ACCOUNT} ({ARN}), but environments/dev.toml says 999999999999",
        'use credentials of 999999999999, or edit account = "999999999999" in '
        "environments/dev.toml",
    )
    rest = {(finding.verdict, finding.text) for finding in findings[4:]}
    assert rest == {(Verdict.UNKNOWN, "not looked at: it would be another account's")}


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (NoCredentialsError(), "there are none"),
        (refusal("ExpiredToken", "expired"), "they don't hold any more"),
        (EndpointConnectionError(endpoint_url="https://x"), "AWS doesn't say whose they are"),
    ],
)
def test_credentials_that_cannot_be_used_are_a_problem(error: Exception, text: str) -> None:
    found = scene(sts=Service(get_caller_identity=error), sagemaker=Service())
    findings = list(run.examine(found.target, scene=found))
    assert (findings[2].check, findings[2].verdict) == ("credentials", Verdict.PROBLEM)
    assert findings[2].text.startswith(text)
    assert {finding.text for finding in findings[3:]} == {"not looked at: no call can be signed"}


@pytest.mark.parametrize(
    ("ahead", "finding"),
    [
        (timedelta(seconds=3), ok("clock", "3 seconds from AWS's")),
        (timedelta(minutes=-6), None),
        (timedelta(minutes=6), None),
    ],
)
def test_clock_is_compared_with_the_services(ahead: timedelta, finding: Finding | None) -> None:
    identity = account.read_identity(scene(sts=sts(ahead=ahead)))
    found = account.check_clock(identity)
    if finding is not None:
        assert found == finding
    else:
        way = "ahead of" if ahead > timedelta() else "behind"
        assert found.verdict is Verdict.PROBLEM
        assert found.text.startswith(f"this machine is 360 seconds {way} AWS")


@pytest.mark.parametrize(
    ("version", "finding"),
    [
        ("33", ok("bootstrap", "version 33, qualifier hnb659fds")),
        (
            "5",
            problem(
                "bootstrap",
                "version 5 with qualifier hnb659fds, 6 is needed",
                run="cdk bootstrap -c env=dev",
            ),
        ),
        (
            None,
            problem(
                "bootstrap",
                "the CDK is not bootstrapped here (no parameter /cdk-bootstrap/hnb659fds/version)",
                run="cdk bootstrap -c env=dev",
            ),
        ),
    ],
)
def test_bootstrap_is_there_and_new_enough(version: str | None, finding: Finding) -> None:
    cloudformation = Service(describe_stacks={"Stacks": []})
    found = scene(ssm=ssm(version), cloudformation=cloudformation)
    assert list(account.check_bootstrap(found)) == [finding]


def test_bootstrap_stack_that_failed_is_a_problem() -> None:
    stacks = [{"StackName": "CDKToolkit", "StackStatus": "UPDATE_ROLLBACK_FAILED"}]
    cloudformation = Service(describe_stacks={"Stacks": stacks})
    found = list(account.check_bootstrap(scene(ssm=ssm("33"), cloudformation=cloudformation)))
    assert found[1].text == "stack CDKToolkit is UPDATE_ROLLBACK_FAILED"


JOB = {"LabelingJobName": "old-job", "CreationTime": NOW - timedelta(days=1)}


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (1, "job old-job was accepted on 2026-11-19, after the closing"),
        (365, "used before the closing: job old-job is of 2025-11-20"),
    ],
)
def test_labeling_jobs_are_evidence_of_eligibility(days: int, text: str) -> None:
    job = {**JOB, "CreationTime": NOW - timedelta(days=days)}
    sagemaker = Service(list_labeling_jobs={"LabelingJobSummaryList": [job]})
    assert list(eligibility.check_eligibility(scene(sagemaker=sagemaker))) == [
        ok("eligibility", text)
    ]


@pytest.mark.parametrize(
    ("workforces", "text"),
    [
        ([], "no labeling job and no workforce in this region"),
        ([{"CognitoConfig": {}}], "a workforce, but no labeling job in this region"),
    ],
)
def test_without_jobs_nothing_is_proven(workforces: list[Any], text: str) -> None:
    sagemaker = Service(
        list_labeling_jobs={"LabelingJobSummaryList": []},
        list_workforces={"Workforces": workforces},
    )
    (found,) = eligibility.check_eligibility(scene(sagemaker=sagemaker))
    assert found.verdict is Verdict.UNKNOWN
    assert found.text.startswith(text)
    assert eligibility.NO_CALL in found.text


def test_refusal_of_a_closed_account_is_passed_on_word_by_word() -> None:
    text = "Ground Truth is not available to new customers"
    sagemaker = Service(list_labeling_jobs=refusal("ValidationException", text))
    (found,) = eligibility.check_eligibility(scene(sagemaker=sagemaker))
    assert found.verdict is Verdict.PROBLEM
    assert text in found.text


def sagemaker_with(teams: int) -> Service:
    names = [{"WorkteamName": f"team-{number}"} for number in range(teams)]
    jobs = {"LabelingJobSummaryList": [JOB]}
    return Service(list_workteams={"Workteams": names}, list_labeling_jobs=jobs)


@pytest.mark.parametrize(
    ("teams", "first"),
    [
        (24, ok("quotas", "24 of 25 work teams (the documented default)")),
        (
            25,
            problem(
                "quotas",
                "25 of 25 work teams (the documented default): no room for dev-labelers",
                "ask AWS Support for more, or delete one that nobody needs",
                run="aws sagemaker list-workteams",
            ),
        ),
    ],
)
def test_work_teams_have_room(teams: int, first: Finding) -> None:
    assert list(quotas.check_work_teams(scene(sagemaker=sagemaker_with(teams)))) == [
        first,
        ok("quotas", "1 labeling job at work; AWS documents no limit for them"),
    ]


def test_little_concurrency_is_told_without_claiming_to_know_what_is_needed() -> None:
    limit = {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 10}
    functions = Service(get_account_settings={"AccountLimit": limit})
    (found,) = quotas.check_functions(scene(functions=functions))
    assert found.verdict is Verdict.UNKNOWN
    assert found.text.startswith("10 of 10 concurrent function executions")
    assert "--quota-code L-B99A9384 --desired-value 1000 --region us-east-1" in found.run


@pytest.mark.parametrize(
    ("used", "verdict"), [(970, Verdict.OK), (971, Verdict.PROBLEM), (None, Verdict.UNKNOWN)]
)
def test_roles_have_room(used: int | None, verdict: Verdict) -> None:
    summary = {"RolesQuota": 1000} | ({} if used is None else {"Roles": used})
    iam = Service(get_account_summary={"SummaryMap": summary})
    (found,) = quotas.check_roles(scene(iam=iam))
    assert found.verdict is verdict


def test_missing_rights_of_the_caller_hide_nothing_and_are_named() -> None:
    services = {**everything_refused(), "sts": sts()}
    found = scene(**services)
    for name in ("deployment", "campaigns"):
        del found.__dict__[name]
    findings = list(run.examine(found.target, scene=found))
    assert [(each.check, each.verdict) for each in findings[:4]] == [
        ("files", Verdict.OK),
        ("region", Verdict.OK),
        ("credentials", Verdict.OK),
        ("clock", Verdict.OK),
    ]
    assert [each.check for each in findings[4:]] == [name for name, _ in run.CHECKS]
    assert {each.verdict for each in findings[4:]} == {Verdict.UNKNOWN}
    assert findings[4] == unknown(
        "bootstrap", "allow the caller ssm:GetParameter, which only reads"
    )


def test_files_that_cannot_be_read_are_one_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise ProjectError("environments/dev.toml: region: got 'mars'")

    monkeypatch.setattr(run, "target_of", broken)
    (found,) = run.diagnose(Path(), "dev")
    assert found == problem(
        "files", "environments/dev.toml: region: got 'mars'", "mend that, and run this again"
    )


def test_profile_that_is_not_there_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise ProfileNotFound(profile="work")

    monkeypatch.setattr(run, "target_of", broken)
    (found,) = run.diagnose(Path(), "dev")
    assert (found.check, found.verdict) == ("credentials", Verdict.PROBLEM)


FINDINGS = (
    ok("files", "environments/dev.toml and 2 campaigns"),
    problem("cors", "a " + "long " * 30 + "text", "mend it", run="aws s3api " + "x" * 100),
    unknown("eligibility", "nobody knows"),
)


@pytest.mark.parametrize(("findings", "code"), [(FINDINGS, 1), (FINDINGS[::2], 0)])
def test_exit_code_tells_of_problems_only(
    monkeypatch: pytest.MonkeyPatch, findings: tuple[Finding, ...], code: int
) -> None:
    monkeypatch.setattr(command, "project_root", Path)
    monkeypatch.setattr(command, "diagnose", lambda _root, _environment: findings)
    assert cli.main(["doctor", "--env", "dev"]) == code


def test_lines_fit_and_commands_stay_whole(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(command, "project_root", Path)
    monkeypatch.setattr(command, "diagnose", lambda _root, _environment: FINDINGS)
    cli.main(["doctor", "--env", "dev"])
    lines = capsys.readouterr().out.splitlines()
    whole = "         run: aws s3api " + "x" * 100
    assert whole in lines
    assert max(len(line) for line in lines if line != whole) <= 80
    assert lines[0] == "ok       files        environments/dev.toml and 2 campaigns"
    assert lines[-1] == "1 ok, 1 problem, 1 unknown"


def test_json_is_for_programs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "project_root", Path)
    monkeypatch.setattr(command, "diagnose", lambda _root, _environment: FINDINGS[::2])
    assert cli.main(["doctor", "--env", "dev", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "environment": "dev",
        "problems": 0,
        "findings": [
            {
                "check": "files",
                "verdict": "ok",
                "text": "environments/dev.toml and 2 campaigns",
                "fix": "",
                "run": "",
            },
            {
                "check": "eligibility",
                "verdict": "unknown",
                "text": "nobody knows",
                "fix": "",
                "run": "",
            },
        ],
    }


def test_region_without_ground_truth_is_a_problem() -> None:
    found = scene(sagemaker=Service())
    found.clients.region = "eu-north-1"
    assert account.check_region(found).verdict is Verdict.PROBLEM
