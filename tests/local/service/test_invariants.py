"""Whatever people do, and whatever a manifest holds."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ground_truth_local.service.buckets import browser_may_read
from ground_truth_local.service.job import Job
from ground_truth_local.service.manifest import Line, ManifestError, parse_manifest
from ground_truth_local.service.objects import FINAL, Answer, State
from ground_truth_local.service.patterns import translate
from tests.local.service.fakes import START, ManualClock
from tests.local.service.world import request

PEOPLE = ["ada", "bob", "cyd", "dan", "eve"]


class Labeling(RuleBasedStateMachine):
    """A job of six objects and two workers each, with a window of three."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock()
        wanted = request(
            HumanTaskConfig__NumberOfHumanWorkersPerDataObject=2,
            HumanTaskConfig__MaxConcurrentTaskCount=3,
            HumanTaskConfig__TaskAvailabilityLifetimeInSeconds=1000,
            StoppingConditions={"MaxHumanLabeledObjectCount": 4},
        )
        self.job = Job(wanted, arn="arn", reference="ref", created=START)
        self.job.load([Line(text="{}", labeled=False, human=True)] * 6)
        self.job.status = "InProgress"
        self.labeled = 0

    def _now(self) -> None:
        self.job.expire(self.clock.now())

    @rule(skip=st.booleans())
    def prepare(self, skip: bool) -> None:
        for entry in self.job.to_prepare(2):
            if skip:
                self.job.move(entry, State.SKIPPED)
            else:
                self.job.open(entry, {}, self.clock.now())

    @rule(who=st.sampled_from(PEOPLE))
    def take(self, who: str) -> None:
        self._now()
        held = self.job.take(who, self.clock.now())
        assert held is None or held.sub == who
        assert held is self.job.held_by(who)

    @rule(who=st.sampled_from(PEOPLE), what=st.sampled_from(["submit", "decline", "release"]))
    def give_back(self, who: str, what: str) -> None:
        self._now()
        held = self.job.held_by(who)
        if held is None:
            return
        if what == "submit":
            now = self.clock.now()
            self.job.submit(
                held,
                Answer(
                    sub=who,
                    issuer="",
                    worker_id=who,
                    digest="",
                    email="",
                    content="{}",
                    accepted_at=held.accepted_at,
                    submitted_at=now,
                ),
            )
        elif what == "decline":
            self.job.decline(held)
        else:
            self.job.release(held)

    @rule(seconds=st.sampled_from([1, 299, 300, 1000]))
    def wait(self, seconds: int) -> None:
        self.clock.advance(seconds=seconds)
        self._now()

    @rule(loses=st.booleans())
    def consolidate(self, loses: bool) -> None:
        for entry in self.job.batch(self.clock.now(), 2, timedelta(seconds=20)):
            if loses:
                self.job.fail_object(entry, "lost")
            else:
                self.labeled += 1
                self.job.label(entry, "{}")

    @invariant()
    def asks_each_person_once_and_nobody_too_many(self) -> None:
        for entry in self.job.objects:
            people = [answer.sub for answer in entry.answers]
            assert len(people) == len(set(people))
            assert len(people) + len(entry.holders) <= 2
            assert not entry.holders & (set(people) | entry.declined)

    @invariant()
    def keeps_window_and_budget(self) -> None:
        in_hands = self.job.count(State.PREPARING, State.OPEN)
        assert in_hands <= 3
        assert self.labeled + in_hands + self.job.count(State.ANSWERED) <= 4

    @invariant()
    def counts_what_there_is(self) -> None:
        for state in State:
            assert self.job.count(state) == sum(e.state is state for e in self.job.objects)
        self.job.publish(self.clock.now())
        view = self.job.counters.view()
        assert sum(view.values()) - view["TotalLabeled"] == 6
        assert view["TotalLabeled"] == self.labeled
        assert self.job.settled == all(e.state in FINAL for e in self.job.objects)

    @invariant()
    def sends_only_objects_with_answers_to_consolidation(self) -> None:
        for entry in self.job.objects:
            if entry.state in (State.ANSWERED, State.CONSOLIDATING, State.LABELED):
                assert entry.answers


TestLabeling = Labeling.TestCase
TestLabeling.settings = settings(max_examples=60, stateful_step_count=40)


_FIELDS = st.dictionaries(st.text(max_size=6), st.integers() | st.text(max_size=6), max_size=4)


@given(st.lists(_FIELDS.map(lambda fields: {**fields, "source": "text"}), min_size=1))
def test_reads_back_every_valid_manifest(entries: list[dict[str, object]]) -> None:
    valid = [
        {k: v for k, v in entry.items() if not k.startswith("$") and k != "source-ref"}
        for entry in entries
    ]
    body = "\n".join(json.dumps(entry, ensure_ascii=False) for entry in valid).encode()
    assert [json.loads(line.text) for line in parse_manifest(body, "label", most=1000)] == valid


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_refuses_every_other_manifest_with_a_reason(body: bytes) -> None:
    try:
        parsed = parse_manifest(body, "label", most=1000)
    except ManifestError as error:
        assert str(error)
    else:
        assert all(isinstance(json.loads(line.text), dict) for line in parsed)


def test_does_not_take_unicode_separators_for_line_ends() -> None:
    body = json.dumps({"source": "a\u2028b\x85c"}, ensure_ascii=False).encode()
    assert len(parse_manifest(body, "label", most=1000)) == 1


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        ([], False),
        ([{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}], True),
        ([{"AllowedMethods": ["PUT"], "AllowedOrigins": ["*"]}], False),
        ([{"AllowedMethods": ["GET"], "AllowedOrigins": ["http://127.0.0.1:*"]}], True),
        ([{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://127.0.0.1:80"]}], False),
        (
            [
                {"AllowedMethods": ["PUT"], "AllowedOrigins": ["*"]},
                {"AllowedMethods": ["GET", "HEAD"], "AllowedOrigins": ["http://127.0.0.1:80"]},
            ],
            True,
        ),
    ],
)
def test_reads_cors_rules_as_s3_does(rules: list[dict[str, list[str]]], allowed: bool) -> None:
    assert browser_may_read(rules, "http://127.0.0.1:80") is allowed


def test_spells_out_unicode_classes() -> None:
    letters = re.compile(translate(r"[\p{L}\p{N}]+"))
    assert letters.fullmatch("äß日本9")
    assert not letters.fullmatch("a b")


def test_offers_nothing_once_the_job_is_closed() -> None:
    job = Job(request(), arn="arn", reference="ref", created=START)
    job.load([Line(text="{}", labeled=False, human=True)] * 2)
    job.status = "InProgress"
    first, second = job.to_prepare(2)
    job.open(first, {}, START)
    held = job.take("ada", START)
    job.close()
    job.open(second, {}, START)
    assert held is not None and job.held_by("ada") is None
    assert (job.take("ada", START), job.take("bob", START), job.offers("bob")) == (None, None, 0)
    assert second.state is State.WAITING
