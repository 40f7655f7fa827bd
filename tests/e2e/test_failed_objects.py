"""Two campaigns complete with objects nobody could label: one within what is allowed, one not.

What people are told, and what the functions wrote into their logs meanwhile.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.mailbox import Mailbox
from tests.e2e.people import PATIENCE_SECONDS, Worker, ended, until
from tests.e2e.project import LittleProject, edit, little_project

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from ground_truth_local.workers.sight import Seen
    from ground_truth_ops.aws import Clients
    from ground_truth_ops.demo.server import LocalAws

pytestmark = pytest.mark.slow

# Of four objects each; the environment allows 30 percent.
FAILING = {"verdicts": 1, "ratings": 2}
FUNCTIONS_CALLED = {
    *("WorkersFunction", "Invitation", "GateFunction", "PreAnnotation", "Consolidation"),
    *("Counters", "SampleDataFunction"),
}
# What no log may hold: people, where to answer CloudFormation, credentials, answers.
PRIVATE = {
    "an e-mail address": r"[\w.+-]+@[\w-]+\.\w+",
    "an address": r"https?://",
    "where to answer": r"ResponseURL|Signature|X-Amz-",
    "a password": r"(?i)password",
    "credentials": r"A[KS]IA[A-Z0-9]{12}|(?i:secret)|(?i:session.?token)",
    "who answered": r"(?i)worker.?id|cognito|identityData|\bsub\b",
    "an answer": r"annotationData|crowd-|positive|negative|neutral|no such mood",
}


@dataclass
class Told:
    """What was seen once both jobs had ended."""

    messages: list[str] = field(default_factory=list)
    alarms: dict[str, str] = field(default_factory=dict)
    wait: subprocess.CompletedProcess[str] | None = None
    status: dict[str, Any] = field(default_factory=dict)
    logs: dict[str, str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def alarm_messages(self) -> list[dict[str, Any]]:
        return [json.loads(text) for text in self.messages if text.startswith("{")]


def make_campaigns(root: Path) -> list[str]:
    """Two campaigns of the same four texts, from a manifest and from files; returns the texts."""
    verdicts, ratings = root / "campaigns/verdicts", root / "campaigns/ratings"
    shutil.rmtree(root / "campaigns/digits")
    # names of their own: jobs stay in the account, and other tests list theirs
    (root / "campaigns/moods").rename(verdicts)
    shutil.copytree(verdicts, ratings)
    lines = (verdicts / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [str(json.loads(line)["source"]) for line in lines]
    files = 'prefix = "ratings/"\nsample_data = "data"'
    edit(ratings / "campaign.toml", 'manifest = "manifest.jsonl"', files)
    (ratings / "manifest.jsonl").unlink()
    (ratings / "data").mkdir()
    for number, text in enumerate(texts):
        (ratings / f"data/{number}.txt").write_text(text, encoding="utf-8")
    edit(root / "environments/local.toml", "max_failed_percent = 5.0", "max_failed_percent = 30.0")
    return texts


@pytest.fixture(scope="module")
def told(
    server: LocalAws, aws: Clients, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Told]:
    project = little_project(tmp_path_factory.mktemp("failed"), server)
    found = Told(texts=make_campaigns(project.root))
    try:
        project.set_up("first", "--all")
        _refuse_a_change(project)
        mailbox = Mailbox.subscribed(aws)
        for campaign in FAILING:
            _label(project, aws, campaign)
        found.alarms = _settled_alarms(aws)
        found.messages = mailbox.read(count=len(FAILING) + 1)
        found.wait = project.gt("wait", "--env", "local")
        found.status = json.loads(project.gt("status", "--env", "local", "--json").stdout)
        found.logs = _logs(aws)
        found.reasons = _reasons(aws)
        # whatever else was sent has come by now
        found.messages += mailbox.read(count=0)
        yield found
    finally:
        Mailbox.remove(aws)
        project.gt("destroy", "--env", "local", "--yes", "--running-jobs")


def _refuse_a_change(project: LittleProject) -> None:
    """So that the logs hold a failure, too."""
    edit(project.root / "campaigns/verdicts/campaign.toml", '"neutral"]', '"mixed"]')
    assembly = project.synth("refused")
    project.refused("refused", assembly, "GroundTruth/Labeling-verdicts", "--exclusively")
    edit(project.root / "campaigns/verdicts/campaign.toml", '"mixed"]', '"neutral"]')


def _label(project: LittleProject, aws: Clients, campaign: str) -> None:
    """Answer all four, so many of them with a label that the task doesn't have."""
    (job,) = aws.sagemaker.list_labeling_jobs(NameContains=f"gt-local-{campaign}")[
        "LabelingJobSummaryList"
    ]
    wrong = iter(["no such mood"] * FAILING[campaign])

    def choose(seen: Seen) -> str:
        return next(wrong, seen.labels[0])

    name = {"verdicts": "ada", "ratings": "ben"}[campaign]
    person = Worker(project.server.portal_url, f"{name}@example.com")
    person.answer(job["LabelingJobName"], choose, tasks=4)
    until(aws.sagemaker, job["LabelingJobName"], ended)


def _settled_alarms(aws: Clients) -> dict[str, str]:
    """The state of each alarm for failed objects once both have looked at a finished job."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = aws.cloudwatch.describe_alarms(AlarmNamePrefix="ground-truth_local_")
        states: dict[str, str] = {
            alarm["AlarmName"].removeprefix("ground-truth_local_"): alarm["StateValue"]
            for alarm in found["MetricAlarms"]
            if "failed-objects" in alarm["AlarmName"]
        }
        if "ALARM" in states.values() and "INSUFFICIENT_DATA" not in states.values():
            return states
        assert time.monotonic() < deadline, states
        time.sleep(0.2)


def _logs(aws: Clients) -> dict[str, str]:
    """Everything the environment's functions have logged, by log group."""
    found: dict[str, str] = {}
    for page in aws.logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            name = group["logGroupName"]
            if "GroundTruth-local-" not in name:
                continue
            events = aws.logs.get_paginator("filter_log_events").paginate(logGroupName=name)
            found[name] = "\n".join(e["message"] for part in events for e in part["events"])
    return found


def _reasons(aws: Clients) -> list[str]:
    """What the events of all stacks give as reasons and physical ids."""
    return [
        f"{event.get('ResourceStatusReason', '')} {event.get('PhysicalResourceId', '')}"
        for stack in aws.cloudformation.describe_stacks()["Stacks"]
        for page in aws.cloudformation.get_paginator("describe_stack_events").paginate(
            StackName=stack["StackName"]
        )
        for event in page["StackEvents"]
    ]


def test_alarm_rings_for_the_campaign_with_too_many_failed_objects_alone(told: Told) -> None:
    assert told.alarms == {"verdicts-failed-objects": "OK", "ratings-failed-objects": "ALARM"}


def test_topic_hears_of_that_alarm_and_of_no_other(told: Told) -> None:
    (message,) = told.alarm_messages()

    assert message["AlarmName"] == "ground-truth_local_ratings-failed-objects"
    assert message["NewStateValue"] == "ALARM"
    assert "50.0" in message["NewStateReason"]
    assert "no success" in message["AlarmDescription"]


def test_topic_hears_that_completed_is_not_yet_success(told: Told) -> None:
    # the rule makes a JSON string of its sentence
    texts = sorted(json.loads(text) for text in told.messages if not text.startswith("{"))

    assert [text.split(":")[0] for text in texts] == [
        "Campaign ratings in local",
        "Campaign verdicts in local",
    ]
    for text in texts:
        assert "the labeling job is Completed" in text
        assert "Completed doesn't mean that every object has a label" in text
        assert "more than 30 percent" in text


def test_wait_fails_above_the_threshold_and_says_by_how_much(told: Told) -> None:
    assert told.wait is not None
    said = " ".join(told.wait.stdout.split())

    assert told.wait.returncode == 1
    assert "1 of 4 objects without a label (25.0 %, allowed 30 %)" in said
    assert "2 of 4 objects without a label (50.0 %, allowed 30 %)" in said


def test_status_tells_success_from_completion(told: Told) -> None:
    shown = {item["campaign"]: item for item in told.status["campaigns"]}

    assert {
        name: (item["state"], item["failed"], item["succeeded"]) for name, item in shown.items()
    } == {
        "verdicts": ("Completed", 1, True),
        "ratings": ("Completed", 2, False),
    }
    assert not [note for note in shown["verdicts"]["notes"] if "no success" in note]
    assert "that is no success; `gt relabel` asks for them again" in shown["ratings"]["notes"]


def test_every_function_has_logged_something(told: Told) -> None:
    silent = [
        name
        for name in FUNCTIONS_CALLED
        if not any(name in group and "START" in text for group, text in told.logs.items())
    ]

    assert silent == []
    assert any("FAILED with RefusedError" in text for text in told.logs.values())
    assert any("object left out, counts as failed" in text for text in told.logs.values())


@pytest.mark.parametrize("kind", PRIVATE)
def test_no_log_holds_what_is_private(told: Told, kind: str) -> None:
    found = {
        group: match[0]
        for group, text in told.logs.items()
        if (match := re.search(PRIVATE[kind], text))
    }

    assert found == {}


def test_no_log_holds_what_was_to_be_labeled(told: Told) -> None:
    assert [text for text in told.texts if text in "\n".join(told.logs.values())] == []


def test_stack_events_give_no_person_and_no_address_as_a_reason(told: Told) -> None:
    assert told.reasons
    for kind in ("an e-mail address", "where to answer", "a password", "credentials"):
        assert [text for text in told.reasons if re.search(PRIVATE[kind], text)] == []
