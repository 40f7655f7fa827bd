"""A campaign whose objects are another's labels: when it may begin, and with what."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from ground_truth.tasks import TaskType
from tests.unit.lifecycle.campaigns import OUTPUT, Campaign

if TYPE_CHECKING:
    from ground_truth.definition import CampaignDefinition
    from tests.unit.lifecycle.cloudformation import Result, Stack
    from tests.unit.lifecycle.conftest import Account

BASE = Campaign(labels=("wrong", "right"))


@dataclass(frozen=True, kw_only=True)
class Chained(Campaign):
    """Based on `digits`, whose label attribute is `digit`."""

    name: str = "checked"
    attribute: str = "check"
    base: str = "digits"
    base_attribute: str = "digit"
    accepted: tuple[str, ...] = ()
    accepted_indexes: tuple[str, ...] = ()

    def dataset(self) -> dict[str, Any]:
        return {
            "BasedOn": {
                "Campaign": self.base,
                "LabelAttribute": self.base_attribute,
                "Accepted": list(self.accepted),
                "AcceptedIndexes": list(self.accepted_indexes),
            }
        }

    def gate(self) -> dict[str, Any]:
        return {**super().gate(), "Dataset": self.dataset()}

    def job(self) -> dict[str, Any]:
        return {**super().job(), "Dataset": self.dataset()}


CHECKED = Chained()


@dataclass(frozen=True, kw_only=True)
class Verified(Chained):
    """Judges the labels of an attribute."""

    task: TaskType = TaskType.IMAGE_CLASSIFICATION_VERIFICATION
    audited: str = "digit"

    @property
    def definition(self) -> CampaignDefinition:
        return replace(super().definition, audited_attribute=self.audited)


def ok(result: Result) -> bool:
    return result.status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}


@pytest.fixture
def digits(account: Account) -> Stack:
    """The campaign at the beginning, with a running job over ten images."""
    stack = account.stack("Labeling-digits")
    assert ok(account.deploy(stack, BASE))
    return stack


def objects_of(account: Account, stack: Stack, campaign: str = "checked") -> list[dict[str, Any]]:
    return [json.loads(line) for line in account.input_of(stack.job, campaign)]


def test_it_begins_with_every_labeled_object_and_its_label(account: Account, digits: Stack) -> None:
    account.ground_truth.fail_objects(digits.job, 3)
    account.ground_truth.complete(digits.job)
    stack = account.stack("Labeling-checked")

    assert ok(account.deploy(stack, CHECKED))

    given = objects_of(account, stack)
    assert [line["source-ref"][-8:-4] for line in given] == [f"{n:04}" for n in range(3, 10)]
    assert all(line["digit"] == 1 for line in given)
    assert all(line["digit-metadata"]["human-annotated"] == "yes" for line in given)
    assert not any("check" in line for line in given)


def test_labels_of_the_whole_chain_stay_together(account: Account, digits: Stack) -> None:
    account.ground_truth.complete(digits.job)
    middle = account.stack("Labeling-checked")
    account.deploy(middle, CHECKED)
    account.ground_truth.label(middle.job, 4, value=1)
    account.ground_truth.complete(middle.job)
    last = Chained(name="again", attribute="second", base="checked", base_attribute="check")
    stack = account.stack("Labeling-again")

    assert ok(account.deploy(stack, last))

    given = objects_of(account, stack, "again")
    assert len(given) == 10
    assert all({"digit", "digit-metadata", "check", "check-metadata"} <= set(x) for x in given)


@pytest.mark.parametrize("worked", [0, 4])
def test_it_waits_for_people_who_are_still_at_it(
    account: Account, digits: Stack, worked: int
) -> None:
    account.ground_truth.label(digits.job, worked)
    stack = account.stack("Labeling-checked")

    result = account.deploy(stack, CHECKED)

    assert not ok(result)
    assert f"{digits.job} is InProgress ({worked} of 10 labeled)" in result.reason
    assert "gt wait" in result.reason
    assert "checked/datasets/1/manifest.jsonl" not in {
        key for bucket, key in account.storage.objects if bucket == OUTPUT
    }
    assert account.ground_truth.running() == [digits.job]


def test_it_is_refused_by_the_gate_before_anything_is_made(account: Account, digits: Stack) -> None:
    stack = account.stack("Labeling-checked")
    account.deploy(stack, CHECKED)

    assert ("checked/lineage.json") not in {key for _, key in account.storage.objects}
    assert account.ground_truth.calls.count("CreateLabelingJob") == 1


def test_campaign_that_was_never_deployed_is_named(account: Account) -> None:
    result = account.deploy(account.stack("Labeling-checked"), CHECKED)

    assert not ok(result)
    assert "campaign digits, which has no labeling job in dev; deploy digits first" in result.reason


@pytest.mark.parametrize("writes", [True, False])
def test_labels_of_a_job_that_was_stopped_go_on(
    account: Account, digits: Stack, writes: bool
) -> None:
    account.ground_truth.writes_output_when_stopped = writes
    account.ground_truth.label(digits.job, 6)
    account.ground_truth.stop_by_hand(digits.job)
    account.clock.sleep(60)
    stack = account.stack("Labeling-checked")

    assert ok(account.deploy(stack, CHECKED))
    assert len(objects_of(account, stack)) == 6


def test_only_objects_of_accepted_labels_go_on(account: Account, digits: Stack) -> None:
    truth = account.ground_truth
    truth.label(digits.job, 4, value=0)
    truth.label(digits.job, 2, value=1)
    for line in truth.state(digits.job).lines:
        if "digit" in line:
            line["digit-metadata"]["class-name"] = ("wrong", "right")[line["digit"]]
    for line in truth.state(digits.job).lines[4:5]:
        del line["digit-metadata"]["class-name"]  # then the index tells, documented as a text, too
        line["digit"] = "1"
    truth.fail_objects(digits.job, 4)
    stack = account.stack("Labeling-checked")

    assert ok(account.deploy(stack, Chained(accepted=("right",), accepted_indexes=("1",))))

    given = objects_of(account, stack)
    assert [line["source-ref"][-8:-4] for line in given] == ["0004", "0005"]


def test_nothing_accepted_is_no_dataset(account: Account, digits: Stack) -> None:
    account.ground_truth.complete(digits.job)

    result = account.deploy(
        account.stack("Labeling-checked"), Chained(accepted=("x",), accepted_indexes=("7",))
    )

    assert not ok(result)
    assert "the labels of campaign digits (x)" in result.reason
    assert "no objects" in result.reason


def test_it_stays_with_what_it_began_with_until_the_revision_is_raised(
    account: Account, digits: Stack
) -> None:
    account.ground_truth.label(digits.job, 6)
    account.ground_truth.stop_by_hand(digits.job)
    account.clock.sleep(60)
    stack = account.stack("Labeling-checked")
    account.deploy(stack, CHECKED)
    account.ground_truth.complete(stack.job)
    assert ok(account.deploy(digits, BASE.changed(generation=2)))

    # people are at the other campaign again, and this one has what it needs
    assert ok(account.deploy(stack, CHECKED.changed(title="Another title")))
    refused = account.deploy(stack, CHECKED.changed(revision=2))
    account.ground_truth.complete(digits.job)
    assert ok(account.deploy(stack, CHECKED.changed(revision=2)))

    assert "InProgress" in refused.reason
    given = objects_of(account, stack)
    assert len(given) == 10
    assert sum("check" in line for line in given) == 6  # bought already
    assert max(account.ground_truth.bought.values()) == 2  # once by each campaign


def test_other_labels_under_the_same_revision_are_refused(account: Account, digits: Stack) -> None:
    account.ground_truth.complete(digits.job)
    stack = account.stack("Labeling-checked")
    account.deploy(stack, CHECKED)

    result = account.deploy(stack, Chained(accepted=("right",), accepted_indexes=("1",)))

    assert not ok(result)
    assert "campaign digits (right)" in result.reason


def test_undone_and_abandoned_jobs_of_the_other_campaign_are_passed_over(
    account: Account, digits: Stack
) -> None:
    account.ground_truth.complete(digits.job)
    account.ground_truth.fails_initializing = "no"
    failed = account.deploy(digits, BASE.changed(revision=2, labels=("wrong", "right", "x")))
    account.ground_truth.fails_initializing = ""
    stack = account.stack("Labeling-checked")

    assert not ok(failed)
    assert ok(account.deploy(stack, CHECKED))
    assert len(objects_of(account, stack)) == 10


def test_lost_labels_of_the_other_campaign_are_no_smaller_dataset(
    account: Account, digits: Stack
) -> None:
    account.ground_truth.complete(digits.job)
    folder = f"digits/labels/{digits.job}/"
    for bucket, key in list(account.storage.objects):
        if key.startswith(folder):
            del account.storage.objects[bucket, key]

    result = account.deploy(account.stack("Labeling-checked"), CHECKED)

    assert not ok(result)
    assert "counts 10 labeled objects but only 0 labels" in result.reason
    assert "look what became of campaign digits" in result.reason


def test_nobody_is_asked_about_labels_the_objects_do_not_have(
    account: Account, digits: Stack
) -> None:
    account.ground_truth.complete(digits.job)

    result = account.deploy(account.stack("Labeling-checked"), Verified(audited="number"))

    assert not ok(result)
    assert "is about labels number, and 10 of 10 objects of its dataset" in result.reason
    assert account.ground_truth.calls.count("CreateLabelingJob") == 1


def test_a_verification_of_other_labels_stops_nobody_before_it_is_refused(
    account: Account, digits: Stack
) -> None:
    """The dataset was frozen with the labels it had; the attribute of the base was renamed."""
    account.ground_truth.complete(digits.job)
    stack = account.stack("Labeling-checked")
    assert ok(account.deploy(stack, Verified()))
    account.ground_truth.label(stack.job, 2)
    job, renamed = stack.job, Verified(audited="number")

    refused = account.deploy(stack, renamed)
    restarted = account.deploy(stack, renamed.approved("restart"))

    assert "audited_attribute" in refused.reason
    assert "other labels are audited: got those of 'number'" in (
        account.deploy(stack, renamed.approved("continue")).reason
    )
    assert "is about labels number" in restarted.reason
    assert account.ground_truth.running() == [job]
