"""Stacks of campaigns of one name in one account: neither touches the other's jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from ground_truth import names
from tests.unit.lifecycle.campaigns import OUTPUT, Campaign

if TYPE_CHECKING:
    from tests.unit.lifecycle.cloudformation import Stack
    from tests.unit.lifecycle.conftest import Account


@dataclass(frozen=True, kw_only=True)
class Housed(Campaign):
    """A campaign with an output bucket of its own."""

    output: str = OUTPUT

    def gate(self) -> dict[str, Any]:
        return {**super().gate(), "OutputBucket": self.output}


@dataclass
class Neighbour:
    """The campaign that nobody changes: its job, tags and record must stay as they are."""

    account: Account
    stack: Stack
    campaign: Housed

    def photograph(self) -> tuple[Any, ...]:
        job = self.account.ground_truth.state(self.stack.job)
        record = self.account.storage.text(
            self.campaign.output, f"{self.campaign.name}/lineage.json"
        )
        return job.status, dict(job.tags), [dict(line) for line in job.lines], record


# The second campaign as seen from the first, `digits` of environment `dev`.
NEIGHBOURS = {
    "another environment": Housed(environment="prod", output="theirs"),
    "another project, all names the same": Housed(output="theirs"),
    "an environment that nests": Housed(environment="dev-digits", name="digits", output="theirs"),
    "a campaign called like our prefix": Housed(
        name=f"digits-{names.job_name_prefix('dev', 'digits').rpartition('-')[2]}"
    ),
    "a campaign that nests": Housed(name="digits-2"),
}


def change(account: Account, stack: Stack) -> None:
    account.deploy(stack, Housed(title="Another"))


def go_on(account: Account, stack: Stack) -> None:
    account.deploy(stack, Housed(workers=5).approved("continue"))


def start_again(account: Account, stack: Stack) -> None:
    account.deploy(stack, Housed(workers=5).approved("restart"))


def be_refused(account: Account, stack: Stack) -> None:
    assert account.deploy(stack, Housed(workers=5)).status == "UPDATE_ROLLBACK_COMPLETE"


def roll_back(account: Account, stack: Stack) -> None:
    account.deploy(stack, Housed(workers=5).approved("restart"), fails="after")


def leave(account: Account, stack: Stack) -> None:
    stack.destroy()
    assert account.ground_truth.state(stack.job).status == "Stopped"


def leave_without_a_record(account: Account, stack: Stack) -> None:
    del account.storage.objects[OUTPUT, "digits/lineage.json"]
    leave(account, stack)


def come_again(account: Account, stack: Stack) -> None:
    leave(account, stack)
    account.deploy(account.stack("Again"), Housed())


@pytest.mark.parametrize("campaign", NEIGHBOURS.values(), ids=NEIGHBOURS)
@pytest.mark.parametrize(
    "action",
    [
        change,
        go_on,
        start_again,
        be_refused,
        roll_back,
        leave,
        leave_without_a_record,
        come_again,
    ],
)
@pytest.mark.parametrize("first", [True, False], ids=["there-first", "there-second"])
def test_neighbours_job_stays_as_it_is(
    account: Account,
    campaign: Housed,
    action: Callable[[Account, Stack], None],
    first: bool,
) -> None:
    account.storage.buckets.add("theirs")
    theirs = Neighbour(account, account.stack("Theirs"), campaign)
    ours = account.stack("Ours")
    deployments = [(theirs.stack, campaign), (ours, Housed())]
    for stack, wanted in deployments if first else reversed(deployments):
        assert account.deploy(stack, wanted).status == "CREATE_COMPLETE"
        account.ground_truth.label(stack.job, 3)
    before = theirs.photograph()

    action(account, ours)

    assert before[0] == "InProgress"
    assert theirs.photograph() == before


@pytest.mark.parametrize("campaign", NEIGHBOURS.values(), ids=NEIGHBOURS)
def test_every_job_belongs_to_one_of_the_stacks(account: Account, campaign: Housed) -> None:
    account.storage.buckets.add("theirs")
    theirs, ours = account.stack("Theirs"), account.stack("Ours")
    account.deploy(theirs, campaign)
    account.deploy(ours, Housed())
    account.deploy(theirs, campaign.changed(workers=5).approved("restart"))
    account.deploy(ours, Housed(workers=4).approved("continue"))

    owners = [job.tags[names.TAG_OWNER] for job in account.ground_truth.jobs.values()]

    assert owners == [theirs.arn, ours.arn] * 2
    assert account.ground_truth.running() == [theirs.job, ours.job]
    theirs.destroy()
    assert account.ground_truth.running() == [ours.job]
