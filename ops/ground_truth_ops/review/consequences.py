"""What a change means for people at work, decided as the gate will decide it.

The gate also knows the job of the day; a pull request doesn't. So a changed definition is said to
be refused: it is, whenever a job is alive or labels were made.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ground_truth.definition import changed_fields, continuation_problems
from ground_truth.lifecycle.approval import Approval, ApprovalError, parse_approval
from ground_truth.lifecycle.decision import SAME_MEANING

if TYPE_CHECKING:
    from ground_truth_ops.review.campaigns import Declared


class Verdict(StrEnum):
    """What happens to a campaign's labeling job, the gravest first."""

    REFUSED = "refused"
    REMOVED = "goes on unowned by any file"
    RESTART = "restart"
    CONTINUE = "continue"
    NEW = "new job"
    REST = "asks for the rest"
    SAME = "same job"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """A campaign's verdict; `approvals` are the lines that would let a refused change through.

    `asked` is how many objects people will be asked about at the most, None where only AWS knows.
    """

    campaign: str
    stack: str
    verdict: Verdict
    why: str
    changed: tuple[str, ...] = ()
    approvals: tuple[str, ...] = ()
    asked: int | None = 0
    workers_per_object: int = 0

    @property
    def stops_work(self) -> bool:
        """Whether a running job is stopped by the deployment."""
        return self.verdict in (Verdict.CONTINUE, Verdict.RESTART)

    @property
    def answers(self) -> int | None:
        return None if self.asked is None else self.asked * self.workers_per_object


def consequence(before: Declared | None, after: Declared | None) -> Consequence:
    """Return what deploying `after` over `before` does; one of them may be missing."""
    if after is None:
        if before is None:
            raise ValueError("a campaign that neither revision declares has no consequence")
        return _removed(before)
    if before is None:
        return _new(after)
    if before.definition_hash == after.definition_hash:
        return _same_definition(before, after)
    return _other_definition(before, after)


def _removed(before: Declared) -> Consequence:
    return Consequence(
        campaign=before.campaign,
        stack=before.stack.name,
        verdict=Verdict.REMOVED,
        why=(
            "no file declares it any more, but its stack stays deployed and its job goes on asking"
            f" people; end it with `aws cloudformation delete-stack --stack-name"
            f" {before.stack.name}` (labels stay in the output bucket), or keep the folder"
        ),
    )


def _new(after: Declared) -> Consequence:
    return _asking(
        after, Verdict.NEW, "its stack is new and starts a job; labels of an earlier one are kept"
    )


def _same_definition(before: Declared, after: Declared) -> Consequence:
    if after.dataset != before.dataset:
        return _frozen_dataset(after)
    approval = _approval(after) if _is_new(before, after) else None
    if approval is not None and approval.verb == "restart":
        return _asking(after, Verdict.RESTART, "restart is approved: all is asked and paid again")
    if after.generation > before.generation:
        return _asking(
            after,
            Verdict.REST,
            f"generation {before.generation} becomes {after.generation}: a running job goes on; an"
            " ended one is followed by one that asks for what has no label",
        )
    later = sorted(
        name for name in after.presentation if after.presentation[name] != before.presentation[name]
    )
    waits = f"; {', '.join(later)} wait for the next job" if later else ""
    return Consequence(
        campaign=after.campaign,
        stack=after.stack.name,
        verdict=Verdict.SAME,
        why=f"the job goes on as it is{waits}",
        changed=tuple(later),
        workers_per_object=after.workers_per_object,
    )


def _frozen_dataset(after: Declared) -> Consequence:
    revision = after.definition.dataset_revision if after.definition else 1
    return _asking(
        after,
        Verdict.REFUSED,
        "the dataset changed under a revision that people were asked about",
        changed=("dataset",),
        approvals=(f"revision = {revision + 1}",),
    )


def _other_definition(before: Declared, after: Declared) -> Consequence:
    if before.definition is None or after.definition is None:
        changed: tuple[str, ...] = ("definition",)
        problems = ["the definition is of another version"]
    else:
        changed = changed_fields(before.definition, after.definition)
        problems = continuation_problems(before.definition, after.definition)
    if after.dataset != before.dataset and "dataset_revision" not in changed:
        return _frozen_dataset(after)
    approval = _approval(after)
    # nobody can tell from here whether that deployment came to use it: what stops work is said
    old = "" if _is_new(before, after) else " (the base has this line, too: refused if it was used)"
    if approval is not None and approval.verb == "restart":
        return _asking(
            after,
            Verdict.RESTART,
            f"approved{old}: the job is stopped, all is asked and paid again",
            changed=changed,
        )
    if approval is not None and not problems:
        return _asking(
            after,
            Verdict.CONTINUE,
            f"approved{old}: the job is stopped, every label is kept, only the rest is asked",
            changed=changed,
        )
    return _refused(after, changed, problems)


def _refused(after: Declared, changed: tuple[str, ...], problems: list[str]) -> Consequence:
    lines = [] if problems else [f'approve = "{after.definition_hash}:continue"']
    lines.append(f'approve = "{after.definition_hash}:restart"')
    if problems:
        why = f"labels can't be kept: {'; '.join(problems)}"
    elif set(changed) <= SAME_MEANING:
        why = "while a job runs; once none does, the next one asks for the rest without approval"
    else:
        why = "while a job is alive or labels were made under the old definition"
    return _asking(after, Verdict.REFUSED, why, changed=changed, approvals=tuple(lines))


def _asking(
    after: Declared,
    verdict: Verdict,
    why: str,
    *,
    changed: tuple[str, ...] = (),
    approvals: tuple[str, ...] = (),
) -> Consequence:
    return Consequence(
        campaign=after.campaign,
        stack=after.stack.name,
        verdict=verdict,
        why=why,
        changed=changed,
        approvals=approvals,
        asked=0 if verdict is Verdict.REFUSED else after.most_asked,
        workers_per_object=after.workers_per_object,
    )


def _is_new(before: Declared, after: Declared) -> bool:
    """Whether an approval can't have been used with the base: it works once for a generation."""
    return (after.approve, after.generation) != (before.approve, before.generation)


def _approval(after: Declared) -> Approval | None:
    """The approval of this very definition."""
    try:
        approval = parse_approval(after.approve)
    except ApprovalError:
        return None
    fits = approval is not None and approval.definition_hash == after.definition_hash
    return approval if fits else None
