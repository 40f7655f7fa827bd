"""Addresses are looked up for whoever asks, and only then."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from ground_truth_ops.crowd.people import PeopleError, emails, with_emails
from ground_truth_ops.crowd.report import JobReport, WorkerReport
from tests.unit.ops.fakes import FakeCloudFormation

if TYPE_CHECKING:
    from ground_truth_ops.aws import Clients
    from ground_truth_ops.project import Target


def worker(name: str, sub: str | None) -> WorkerReport:
    return WorkerReport(
        worker=name,
        sub=sub,
        answers=1,
        median_seconds=None,
        agreement=None,
        gold=None,
        suspicion=None,
        spammer=False,
        copies=None,
    )


def report(*workers: WorkerReport) -> JobReport:
    return JobReport(
        job="job-1",
        kind="single-label",
        objects=1,
        answers=2,
        set_aside=0,
        median_seconds=None,
        measure="equal or not",
        alpha=None,
        gold_objects=0,
        gold=None,
        workers=workers,
        mixups=(),
        doubts=(),
    )


def target(clients: Clients, *, outputs: dict[str, str], adopted: str | None = None) -> Target:
    cloudformation = FakeCloudFormation()
    cloudformation.add("GroundTruth-dev-Account", outputs=outputs)
    workforce = SimpleNamespace(user_pool_id=adopted)
    settings = SimpleNamespace(workforce=workforce)
    found: Any = SimpleNamespace(
        environment="dev",
        clients=SimpleNamespace(cloudformation=cloudformation, cognito=clients.cognito),
        project=SimpleNamespace(environment=SimpleNamespace(settings=settings)),
    )
    return cast("Target", found)


def test_everybody_in_the_pool_gets_an_address_by_their_sub(clients: Clients) -> None:
    pool = clients.cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
    attributes: Any = [{"Name": "email", "Value": "ada@example.com"}]
    made = clients.cognito.admin_create_user(
        UserPoolId=pool, Username="ada", UserAttributes=attributes
    )
    clients.cognito.admin_create_user(UserPoolId=pool, Username="nobody")
    sub = {item["Name"]: item["Value"] for item in made["User"]["Attributes"]}["sub"]
    assert emails(clients.cognito, pool) == {sub: "ada@example.com"}
    people = report(worker("w1", sub), worker("w2", "gone"), worker("w3", None))
    for where in (
        target(clients, outputs={"UserPoolId": pool}),
        target(clients, outputs={}, adopted=pool),
    ):
        found = with_emails(people, where)
        assert [each.email for each in found.workers] == ["ada@example.com", None, None]
    assert [each.email for each in people.workers] == [None, None, None]


def test_where_nobody_can_be_asked_is_said(clients: Clients) -> None:
    with pytest.raises(PeopleError, match="an export holds no e-mail addresses"):
        with_emails(report(), None)
    with pytest.raises(PeopleError, match="environment dev has no user pool"):
        with_emails(report(), target(clients, outputs={}))
