"""A campaign loses no label, whatever happens to its job and its stacks.

A ledger says who answered which object in which job; what is kept of the stacks is looked at
before, between and after.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.e2e.kept import remove_kept
from tests.e2e.kept_story import (
    BUCKETS,
    LABELS,
    NEW_OBJECTS,
    OBJECTS,
    Story,
    Teller,
    lift_protection,
    prod_like,
)

if TYPE_CHECKING:
    from ground_truth_ops.aws import Clients
    from ground_truth_ops.demo.server import LocalAws
    from tests.e2e.clock import Clock

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def story(
    server: LocalAws, aws: Clients, clock: Clock, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    project = prod_like(tmp_path_factory.mktemp("prod"), server)
    try:
        yield Teller(project=project, aws=aws, clock=clock).tell()
    finally:
        # the account's one workforce, and an account without leftovers, for other tests
        if project.gt("destroy", "--env", "prod", "--yes", "--running-jobs").returncode != 0:
            lift_protection(project)
            project.gt("destroy", "--env", "prod", "--yes", "--running-jobs")
        remove_kept(aws, "groundtruth-prod-")


def test_a_change_at_half_time_is_refused_until_it_is_approved(story: Story) -> None:
    assert f"{OBJECTS // 2} of {OBJECTS} objects labeled. Nothing was touched." in story.refusal


def test_every_job_asks_only_what_no_job_before_it_has_labeled(story: Story) -> None:
    paid: set[str] = set()
    for asked in story.jobs.values():
        assert asked.carried == paid
        paid |= {entry.subject for entry in story.ledger if entry.job == asked.name}
    assert [len(asked.objects) for asked in story.jobs.values()] == [12, 12, 12, 14, 14]
    assert [len(asked.carried) for asked in story.jobs.values()] == [0, 6, 7, 8, 9]


def test_jobs_end_as_they_were_made_to(story: Story) -> None:
    assert story.ends == {
        "continued": "Stopped",
        "raised": "Failed",
        "revised": "Stopped",
        "again": "Completed",
    }


def test_every_label_ever_paid_for_is_in_the_end_and_none_was_bought_twice(story: Story) -> None:
    assert len(story.ledger) == OBJECTS + NEW_OBJECTS
    bought = {
        paid.subject: (f"labeling-job/{paid.job}", LABELS.index(paid.label))
        for paid in story.ledger
    }
    final = {
        line["source"]: (line["sentiment-metadata"]["job-name"], line["sentiment"])
        for line in story.manifest
    }
    assert len(story.manifest) == len(final) == OBJECTS + NEW_OBJECTS
    assert final == bought


def test_a_protected_environment_is_not_destroyed(story: Story) -> None:
    refused = story.commands["protected"]
    assert refused.returncode == 1
    assert "environment prod is protected, and nothing was touched" in refused.stderr
    assert "cdk deploy 'GroundTruth/Storage' 'GroundTruth/Account' -c env=prod" in refused.stderr


def test_destroy_keeps_exactly_the_buckets_and_their_key_and_lists_them(story: Story) -> None:
    destroy = story.commands["destroy"]
    assert (destroy.returncode, destroy.stderr) == (0, "")
    names = {story.storage[key] for key in BUCKETS}
    assert {name for name in story.kept["buckets"] if not name.startswith("cdk-")} == names
    assert story.kept["keys"] == {story.storage["KeyArn"]}
    told = destroy.stdout.partition("environment prod is gone\n")[2]
    for name in (*names, story.storage["KeyArn"].rpartition("/")[2]):
        assert f" {name}\n" in told
    assert told.endswith(f"  make adopt ENV=prod BUCKET={story.storage['OutputBucketName']}\n")


def test_what_is_kept_is_readable_with_its_key(story: Story) -> None:
    assert story.read["SSEKMSKeyId"] == story.storage["KeyArn"]
    assert json.loads(story.read["Body"])["environment"] == "prod"


def test_sweep_finds_nothing_else(story: Story) -> None:
    sweep = story.commands["sweep"]
    assert (sweep.returncode, sweep.stderr) == (0, ""), sweep.stdout
    assert sweep.stdout.count("kept on purpose: ") == 4


def test_a_forgotten_take_over_is_refused_with_the_line_to_say(story: Story) -> None:
    forgotten = story.commands["forgotten"]
    assert forgotten.returncode == 1
    assert f"make adopt ENV=prod BUCKET={story.storage['OutputBucketName']}" in forgotten.stderr


def test_the_new_stack_has_the_kept_buckets_and_their_key(story: Story) -> None:
    adopt = story.commands["adopt"]
    assert (adopt.returncode, adopt.stderr) == (0, "")
    for key in (*BUCKETS, "KeyArn"):
        assert story.storage_again[key] == story.storage[key]


def test_what_the_stack_had_set_on_its_buckets_holds_all_the_time(story: Story) -> None:
    assert story.settings["kept"] == story.settings["deployed"]
    assert story.settings["taken over"] == story.settings["deployed"]
    for found in story.settings["deployed"].values():
        assert found["versioning"]["Status"] == "Enabled"
        assert "aws:SecureTransport" in json.dumps(found["policy"])
