"""Faults in real deployments: told once in `story.py`, looked at by one test each."""

from __future__ import annotations

import pprint
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.e2e.faults.account import AT_WORK
from tests.e2e.faults.cases import CLOSED, DENIED, LONG_NAME, QUOTA, SETUP_FAILED
from tests.e2e.faults.story import (
    ANEW,
    BETWEEN,
    CHANGED,
    CREATED,
    PLAIN,
    REMOVED,
    SECOND,
    TRIED_AGAIN,
    Look,
    Story,
    Teller,
)
from tests.e2e.project import LittleProject

if TYPE_CHECKING:
    from ground_truth_ops.aws import Clients
    from ground_truth_ops.demo.server import LocalAws

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def story(
    server: LocalAws, aws: Clients, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    teller = Teller(LittleProject(root=tmp_path_factory.mktemp("faults"), server=server), aws)
    try:
        yield teller.tell()
    finally:
        teller.clean_up()


@pytest.fixture(autouse=True)
def told(request: pytest.FixtureRequest, story: Story) -> Iterator[None]:
    """What the report shows of the campaign that a test is about, as it was measured."""
    campaigns = [mark.kwargs["campaign"] for mark in request.node.iter_markers("fault")]
    seen = [wave[name] for name in campaigns for wave in story.looks.values() if name in wave]
    request.node.add_report_section("call", "looks", pprint.pformat(seen))  # beside a failure
    yield
    tell = request.node.user_properties.append
    tell(("stack_seconds", {name: story.seconds(name) for name in campaigns}))


def created(story: Story, campaign: str) -> Look:
    return story.looks[CREATED][campaign]


def removed(story: Story, campaign: str) -> Look:
    return story.looks[REMOVED][campaign]


# -- creating


@pytest.mark.fault(1, campaign=PLAIN)
def test_destroyed_campaign_leaves_a_stopped_job(story: Story) -> None:
    assert (removed(story, PLAIN).status, removed(story, PLAIN).states) == (
        "DELETE_COMPLETE",
        ["Stopped"],
    )


@pytest.mark.fault(2, campaign="role")
def test_role_that_spreads_late_is_waited_for(story: Story) -> None:
    seen = created(story, "role")
    assert (seen.status, seen.states, seen.fired) == ("CREATE_COMPLETE", ["InProgress"], [2])


@pytest.mark.fault(3, campaign="throttled")
def test_throttled_calls_are_repeated(story: Story) -> None:
    seen, gone = created(story, "throttled"), removed(story, "throttled")
    assert (seen.status, seen.states, seen.fired) == ("CREATE_COMPLETE", ["InProgress"], [2] * 3)
    assert (gone.status, gone.states, gone.fired) == ("DELETE_COMPLETE", ["Stopped"], [2] * 2)


@pytest.mark.fault(4, campaign="refused")
@pytest.mark.fault(8, campaign="refused")
def test_final_refusal_is_told_at_once_however_long_it_is(story: Story) -> None:
    seen = created(story, "refused")
    assert (seen.status, seen.states) == ("ROLLBACK_COMPLETE", [])
    assert "ValidationException: Invalid manifest: the S3 object has no lines. xxx" in seen.said
    assert seen.rules[0]["seen"] == 1


@pytest.mark.fault(5, campaign="dies-once")
def test_function_that_dies_after_creating_finds_its_job(story: Story) -> None:
    seen = created(story, "dies-once")
    assert (seen.status, seen.states, seen.fired) == ("CREATE_COMPLETE", ["InProgress"], [1])


@pytest.mark.fault(5, campaign="lost")
def test_job_whose_answer_was_lost_is_found(story: Story) -> None:
    seen = created(story, "lost")
    assert (seen.status, seen.states, seen.fired) == ("CREATE_COMPLETE", ["InProgress"], [1])
    assert seen.rules[0]["seen"] == 2


@pytest.mark.fault(6, campaign="dies-always")
def test_function_that_always_dies_leaves_no_job_at_work(story: Story) -> None:
    seen = created(story, "dies-always")
    assert (seen.status, seen.states) == ("ROLLBACK_COMPLETE", ["Stopped"])
    assert all(seen.fired)
    assert "timed out" in seen.said


@pytest.mark.fault(7, campaign="untaken")
def test_answer_that_is_not_taken_is_sent_again(story: Story) -> None:
    seen = created(story, "untaken")
    assert (seen.status, seen.states, seen.fired) == ("CREATE_COMPLETE", ["InProgress"], [3])


@pytest.mark.fault(7, campaign="never-taken")
def test_answer_that_is_never_taken_ends_in_the_service_timeout(story: Story) -> None:
    seen, gone = created(story, "never-taken"), story.looks[TRIED_AGAIN]["never-taken"]
    # the Delete's answer isn't taken either, but its work is done
    assert (seen.status, seen.states) == ("ROLLBACK_FAILED", ["Stopped"])
    assert seen.fired[0] > 3
    assert "timed out" in seen.said
    assert (gone.status, gone.states) == ("DELETE_COMPLETE", ["Stopped"])


@pytest.mark.fault(9, campaign=LONG_NAME)
def test_attributes_fit_an_answer_with_the_longest_name(story: Story) -> None:
    seen = created(story, LONG_NAME)
    assert (seen.status, seen.states) == ("CREATE_COMPLETE", ["InProgress"])
    assert len(LONG_NAME) == 40
    assert len(seen.names[0]) <= 63


@pytest.mark.fault(10, campaign="fails")
def test_job_that_fails_while_set_up_fails_the_deployment(story: Story) -> None:
    seen = created(story, "fails")
    assert (seen.status, seen.states, seen.fired) == ("ROLLBACK_COMPLETE", ["Failed"], [1])
    assert f"failed while it was set up: {SETUP_FAILED}" in seen.said


@pytest.mark.fault(11, campaign="stuck")
def test_job_stuck_while_set_up_is_stopped(story: Story) -> None:
    seen = created(story, "stuck")
    assert (seen.status, seen.states, seen.fired) == ("ROLLBACK_COMPLETE", ["Stopped"], [1])
    assert "was still Initializing after 10 minutes or at the end of the function's time" in (
        seen.said
    )


@pytest.mark.fault(12, campaign="sibling")
def test_sibling_that_fails_takes_the_job_with_it(story: Story) -> None:
    seen = created(story, "sibling")
    assert (seen.status, seen.states) == ("ROLLBACK_COMPLETE", ["Stopped"])
    assert "FailingSibling" in seen.said


@pytest.mark.fault(12, campaign="outlived")
def test_delete_with_an_invented_id_stops_the_job_that_create_still_waits_for(
    story: Story,
) -> None:
    seen = created(story, "outlived")
    assert (seen.status, seen.states, seen.fired) == ("ROLLBACK_COMPLETE", ["Stopped"], [1])
    assert "timed out" in seen.said


@pytest.mark.fault(13, campaign="twice")
def test_event_delivered_twice_leads_to_one_job(story: Story) -> None:
    seen = created(story, "twice")
    assert (seen.status, seen.states, seen.fired) == ("CREATE_COMPLETE", ["InProgress"], [6])


@pytest.mark.fault(14, campaign="nothing-made")
def test_delete_without_a_job_succeeds(story: Story) -> None:
    seen = created(story, "nothing-made")
    assert (seen.status, seen.states) == ("ROLLBACK_COMPLETE", [])
    assert seen.fired[0] >= 1


@pytest.mark.fault(23, campaign="incomplete")
def test_missing_property_is_named(story: Story) -> None:
    seen = created(story, "incomplete")
    assert (seen.status, seen.states) == ("ROLLBACK_COMPLETE", [])
    assert "property RoleArn is wrong" in seen.said


@pytest.mark.fault(24, campaign="taken")
def test_somebody_elses_jobs_are_not_touched(story: Story) -> None:
    seen = created(story, "taken")
    assert seen.status == "ROLLBACK_COMPLETE"
    assert "exists already and does not carry the tags of this request" in seen.said
    assert set(seen.names) < set(story.foreign)
    assert len(story.foreign) == 2
    assert set(story.foreign.values()) <= set(AT_WORK)


@pytest.mark.fault(25, campaign="quota")
def test_quota_is_told(story: Story) -> None:
    seen = created(story, "quota")
    assert (seen.status, seen.states, seen.fired) == ("ROLLBACK_COMPLETE", [], [1])
    assert f"ResourceLimitExceeded: {QUOTA}" in seen.said


@pytest.mark.fault(26, campaign="closed")
def test_account_without_ground_truth_gets_an_explanation(story: Story) -> None:
    seen = created(story, "closed")
    assert (seen.status, seen.states, seen.fired) == ("ROLLBACK_COMPLETE", [], [1])
    assert CLOSED in seen.said
    assert "closed to new customers since 30 July 2026" in seen.said


@pytest.mark.fault(30, campaign="pair")
def test_neither_of_two_campaigns_stops_the_others_job(story: Story) -> None:
    assert removed(story, "pair").states == ["Stopped"]
    assert story.looks[BETWEEN]["pair-2"].states == ["InProgress"]
    assert story.looks[TRIED_AGAIN]["pair-2"].states == ["Stopped"]


@pytest.mark.fault(31, campaign="broken")
def test_broken_package_is_told_and_rolled_back(story: Story) -> None:
    seen = created(story, "broken")
    assert (seen.status, seen.states) == ("ROLLBACK_COMPLETE", [])
    assert "No module named 'ground_truth.lifecycle.reconcile'" in seen.said


@pytest.mark.fault(33, campaign=PLAIN)
def test_log_holds_neither_the_answers_address_nor_property_values(story: Story) -> None:
    assert "Create Custom::GroundTruthLabelingJob" in story.logs
    assert "cfn-response" not in story.logs
    assert "What does the reviewer feel?" not in story.logs


@pytest.mark.fault(35, campaign="no-concurrency")
def test_throttled_function_is_bounded_and_can_be_helped(story: Story) -> None:
    seen = created(story, "no-concurrency")
    gone = story.looks[TRIED_AGAIN]["no-concurrency"]
    assert (seen.status, seen.states) == ("ROLLBACK_FAILED", [])
    assert "timed out after 4s" in seen.said
    assert gone.status == "DELETE_COMPLETE"


@pytest.mark.fault(38, campaign="empty")
def test_empty_dataset_is_refused_before_a_job_is_asked_for(story: Story) -> None:
    seen = created(story, "empty")
    assert (seen.status, seen.states) == ("ROLLBACK_COMPLETE", [])
    assert "has no objects" in seen.said
    assert seen.rules[0]["seen"] == 0


# -- updating


@pytest.mark.fault(19, campaign="cosmetic")
def test_cosmetic_update_keeps_the_job(story: Story) -> None:
    seen = story.looks[CHANGED]["cosmetic"]
    assert (seen.status, seen.states) == ("UPDATE_COMPLETE", ["InProgress"])


@pytest.mark.fault(20, campaign="continued")
def test_approved_change_stops_the_old_job_and_asks_for_the_rest(story: Story) -> None:
    seen = story.looks[CHANGED]["continued"]
    assert (seen.status, seen.states) == ("UPDATE_COMPLETE", ["Stopped", "InProgress"])


@pytest.mark.fault(21, campaign="cannot-start")
def test_update_whose_job_cannot_start_goes_back_to_the_old_definition(story: Story) -> None:
    seen = story.looks[CHANGED]["cannot-start"]
    assert (seen.status, seen.states, seen.fired) == (
        "UPDATE_ROLLBACK_COMPLETE",
        ["Stopped", "InProgress"],
        [1],
    )
    assert "No such team" in seen.said
    old, new = story.templates["cannot-start"]
    assert old == new


@pytest.mark.fault(22, campaign="sibling-fails")
def test_update_whose_sibling_fails_is_taken_back(story: Story) -> None:
    seen = story.looks[CHANGED]["sibling-fails"]
    assert (seen.status, seen.states) == (
        "UPDATE_ROLLBACK_COMPLETE",
        ["Stopped", "Stopped", "InProgress"],
    )
    old, between, new = story.templates["sibling-fails"]
    assert old == new != between


# -- removing


@pytest.mark.fault(15, campaign="stopped")
def test_ended_job_is_not_asked_to_stop(story: Story) -> None:
    gone = removed(story, "stopped")
    assert (gone.status, gone.states) == ("DELETE_COMPLETE", ["Stopped"])
    assert gone.rules[0]["seen"] == 0


@pytest.mark.fault(16, campaign="stays-stopping")
def test_job_that_stays_stopping_does_not_hold_the_stack(story: Story) -> None:
    gone = removed(story, "stays-stopping")
    assert (gone.status, gone.states, gone.fired) == ("DELETE_COMPLETE", ["Stopping"], [1])


@pytest.mark.fault(17, campaign="denied")
def test_missing_permission_fails_the_delete_and_a_grant_mends_it(story: Story) -> None:
    failed, gone = removed(story, "denied"), story.looks[TRIED_AGAIN]["denied"]
    assert (failed.status, failed.states, failed.fired) == ("DELETE_FAILED", ["InProgress"], [1])
    assert DENIED in failed.said
    assert (gone.status, gone.states) == ("DELETE_COMPLETE", ["Stopped"])


@pytest.mark.fault(18, campaign="deleted-twice")
def test_delete_delivered_twice_succeeds(story: Story) -> None:
    gone = removed(story, "deleted-twice")
    assert (gone.status, gone.states) == ("DELETE_COMPLETE", ["Stopped"])
    assert gone.fired == [6]


@pytest.mark.fault(29, campaign="again")
def test_campaign_deployed_again_goes_on_with_what_is_left(story: Story) -> None:
    assert removed(story, "again").status == "DELETE_COMPLETE"
    anew = story.looks[ANEW]["again"]
    assert (anew.status, anew.states) == ("CREATE_COMPLETE", ["Stopped", "InProgress"])


@pytest.mark.fault(40, campaign="while-labeling")
def test_destroy_while_people_label_keeps_what_they_labeled(story: Story) -> None:
    gone = removed(story, "while-labeling")
    assert (gone.status, gone.states) == ("DELETE_COMPLETE", ["Stopped"])
    book = story.books["while-labeling"]
    assert len(book.answered) == len(book.labeled) == 2


# -- the account


@pytest.mark.fault(28, campaign="Account")
def test_second_workforce_is_refused_and_the_first_stays(story: Story) -> None:
    account = story.looks[SECOND]["Account"]
    assert account.status == "ROLLBACK_COMPLETE"
    assert "workforce" in account.said.lower()
    assert story.workforces == ["ground-truth"]


@pytest.mark.fault(39, campaign="Storage")
def test_kept_buckets_go_when_their_first_deployment_is_rolled_back(story: Story) -> None:
    storage = story.looks[SECOND]["Storage"]
    assert storage.status == "ROLLBACK_COMPLETE"
    assert "FailingSibling" in storage.said
    assert story.kept_policies == {"RetainExceptOnCreate"}
    assert story.second_buckets == []


@pytest.mark.parametrize(
    "campaign",
    [
        pytest.param("continued", marks=pytest.mark.fault(20, campaign="continued")),
        pytest.param("cannot-start", marks=pytest.mark.fault(21, campaign="cannot-start")),
        pytest.param("sibling-fails", marks=pytest.mark.fault(22, campaign="sibling-fails")),
        pytest.param("again", marks=pytest.mark.fault(29, campaign="again")),
        pytest.param("while-labeling", marks=pytest.mark.fault(40, campaign="while-labeling")),
    ],
)
def test_every_label_is_kept_and_none_is_bought_twice(
    story: Story, campaign: str, record_property: Callable[[str, object], None]
) -> None:
    book = story.books[campaign]
    record_property("labels_lost", len(book.lost))
    record_property("labels_bought_twice", len(book.bought_twice))
    assert sum(book.answered.values()) == (2 if campaign == "while-labeling" else 4)
    assert (book.lost, book.bought_twice) == ([], [])


@pytest.mark.fault(1, campaign=PLAIN)
def test_no_job_runs_that_no_stack_owns(
    story: Story, record_property: Callable[[str, object], None]
) -> None:
    record_property("jobs_left_running", sum(map(len, story.unowned.values())))
    assert [name for names in story.unowned.values() for name in names] == []
    assert {CREATED, CHANGED, REMOVED, TRIED_AGAIN, "end"} <= set(story.unowned)


@pytest.mark.fault(1, campaign=PLAIN)
def test_nothing_is_left_of_all_this(story: Story) -> None:
    assert story.sweep is not None
    assert (story.sweep.returncode, story.sweep.stderr) == (0, ""), story.sweep.stdout
