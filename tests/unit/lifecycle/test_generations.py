"""Whatever happens to a campaign: no label is lost, none is bought twice, one job runs at most."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from ground_truth_ops.relabel.asking import RelabelError
from tests.unit.lifecycle.campaigns import OUTPUT, Campaign
from tests.unit.lifecycle.cloudformation import JOB, Stack
from tests.unit.lifecycle.conftest import make_account
from tests.unit.lifecycle.relabeling import asked_by, asking, objects_of
from tests.unit.lifecycle.storage import split_uri
from tests.unit.lifecycle.wire import WIRE

BASE = Campaign()
VARIANTS = {
    "as it was": BASE,
    "better template": BASE.changed(template="<crowd-form>better</crowd-form>"),
    "more workers": BASE.changed(workers=5),
    "more labels": BASE.changed(labels=("one", "two", "three")),
}
OPERATIONS = [
    "CreateLabelingJob",
    "StopLabelingJob",
    "DescribeLabelingJob",
    "PutObject",
    "ListTags",
]


class CampaignLife(RuleBasedStateMachine):
    """A campaign between its owner, its workers, CloudFormation and bad luck."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.account = make_account(self.patch)
        self.uploaded = 0
        self.generation = 1
        self.revision = 1
        self.variant = BASE
        self.stack: Stack | None = None

    @initialize(objects=st.integers(1, 8))
    def first_objects(self, objects: int) -> None:
        self._upload(objects)

    @rule(
        variant=st.sampled_from(sorted(VARIANTS)),
        approve=st.booleans(),
        fails=st.sampled_from(["", "", "before", "after"]),
        title=st.sampled_from(["One title", "Another"]),
        work=st.integers(0, 2),
    )
    def deploy(self, variant: str, approve: bool, fails: str, title: str, work: int) -> None:
        self.variant = VARIANTS[variant]
        campaign = self._campaign().changed(title=title)
        if approve:
            campaign = campaign.approved("continue")
        self._deploy(campaign, fails=fails, work=work)

    @rule()
    def raise_generation(self) -> None:
        self.generation += 1

    @rule(objects=st.integers(1, 4))
    def raise_revision(self, objects: int) -> None:
        self._upload(objects)
        self.revision += 1

    @rule(operation=st.sampled_from(OPERATIONS), times=st.integers(1, 4))
    def let_the_function_die(self, operation: str, times: int) -> None:
        self.account.die_after(operation, times=times)

    @rule(count=st.integers(1, 3))
    def label(self, count: int) -> None:
        for name in self._in_progress():
            self.account.ground_truth.label(name, count)

    @rule(count=st.integers(1, 2))
    def let_objects_fail(self, count: int) -> None:
        for name in self._in_progress():
            self.account.ground_truth.fail_objects(name, count)

    @rule()
    def let_the_job_fail(self) -> None:
        for name in self._in_progress():
            self.account.ground_truth.fail(name, "InternalServerError")

    @rule()
    def stop_by_hand(self) -> None:
        for name in self._in_progress():
            self.account.ground_truth.stop_by_hand(name)
            self.account.clock.sleep(60)

    @rule(written=st.booleans(), seconds=st.sampled_from([0.0, 5.0, 200.0]))
    def change_the_service(self, written: bool, seconds: float) -> None:
        self.account.ground_truth.writes_output_when_stopped = written
        self.account.ground_truth.stopping_seconds = seconds

    @precondition(lambda self: self.stack is not None)
    @rule()
    def repeat_an_old_event(self) -> None:
        events = [e for e in self.account.cloudformation.events if e["LogicalResourceId"] == JOB]
        late = [e for e in events if e["RequestType"] != "Delete"]
        if late:
            self.account.calm()
            self.account.cloudformation.send(late[-1])

    @precondition(lambda self: self.stack is not None)
    @rule()
    def destroy(self) -> None:
        assert self.stack is not None
        if self.stack.destroy().status == "DELETE_FAILED":
            self.account.calm()
            assert self.stack.destroy().status == "DELETE_COMPLETE"
        self.stack = None
        assert [n for n in self.account.ground_truth.running() if not self._stopping(n)] == []

    @rule()
    def relabel(self) -> None:
        """Once the file is edited, a deployment asks for exactly what was shown."""
        self.account.calm()
        campaign = self._campaign()
        known = (OUTPUT, "digits/lineage.json") in self.account.storage.objects
        try:
            found = asking(self.account, self.stack, campaign) if known else None
        except RelabelError:
            return
        if found is None or not found.objects:
            return
        self.generation = found.generation
        self._deploy(self._campaign(), fails="", work=0)
        assert self.stack is not None
        assert asked_by(self.account, self.stack.job) == objects_of(found)

    @invariant()
    def one_job_runs_at_most(self) -> None:
        assert len(self.account.ground_truth.running()) <= 1

    @invariant()
    def no_label_is_bought_twice(self) -> None:
        assert all(count == 1 for count in self.account.ground_truth.bought.values())

    def teardown(self) -> None:
        """Let the owner finish the campaign: every object ends with exactly one label."""
        try:
            self._finish()
        finally:
            WIRE.serve = None
            self.patch.undo()

    def _finish(self) -> None:
        self.account.calm()
        self.account.ground_truth.stopping_seconds = 1.0
        self.variant = VARIANTS["more labels"]  # any other may be continued with these
        self.generation += 1
        self.revision += 1
        self._deploy(self._campaign().approved("continue"), fails="", work=0)
        assert self.stack is not None
        name = self.stack.job
        if self.account.ground_truth.state(name).status == "InProgress":
            self.account.ground_truth.complete(name)
        bought = self.account.ground_truth.bought
        assert len(bought) == self.uploaded
        self.no_label_is_bought_twice()
        labeled = {str(line["source-ref"]) for line in self._final_lines() if "digit" in line}
        assert labeled == set(bought)

    def _final_lines(self) -> list[dict[str, Any]]:
        assert self.stack is not None
        bucket, key = split_uri(self.stack.outputs["OutputManifestUri"])
        return [json.loads(row) for row in self.account.storage.text(bucket, key).splitlines()]

    def _campaign(self) -> Campaign:
        return self.variant.changed(generation=self.generation, revision=self.revision)

    def _deploy(self, campaign: Campaign, *, fails: str, work: int) -> None:
        if self.stack is None:
            self.stack = self.account.stack(f"Labeling-{len(self.account.cloudformation.stacks)}")
        stack = self.stack

        def people_work() -> None:
            for name in self._in_progress():
                self.account.ground_truth.label(name, work)

        stack.before_rollback = people_work if work else lambda: None
        result = self.account.deploy(stack, campaign, fails=fails)
        if result.status == "UPDATE_ROLLBACK_FAILED":
            self.account.calm()
            self.account.clock.sleep(600)
            assert stack.continue_update_rollback().status == "UPDATE_ROLLBACK_COMPLETE"
        if result.status == "ROLLBACK_FAILED":
            self.account.calm()
            assert stack.destroy().status == "DELETE_COMPLETE"
        if result.status.startswith("ROLLBACK"):
            self.stack = None

    def _in_progress(self) -> list[str]:
        service = self.account.ground_truth
        return [name for name in service.running() if service.state(name).status == "InProgress"]

    def _stopping(self, name: str) -> bool:
        return self.account.ground_truth.state(name).status == "Stopping"

    def _upload(self, objects: int) -> None:
        self.account.upload(objects, start=self.uploaded)
        self.uploaded += objects


CampaignLife.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=20,
    suppress_health_check=[HealthCheck.too_slow],
)
TestCampaignLife = CampaignLife.TestCase
