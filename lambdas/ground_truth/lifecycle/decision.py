"""What a deployment does to a campaign's jobs, decided before anything is touched.

| the last job             | same definition          | changed definition                     |
|--------------------------|--------------------------|----------------------------------------|
| none                     | start                    | start                                  |
| Initializing, InProgress | adopt                    | refuse; approved: stop it, and start   |
| Completed                | adopt; if `generation`   | nothing left to ask: adopt             |
|                          | rose, start on the rest  | no label, or same meaning: start       |
|                          |                          | otherwise refuse until approved        |
| Failed, expired,         | start on the rest        | no label, or same meaning: start       |
| or stopped by us         |                          | otherwise refuse until approved        |
| stopped by hand          | leave; when `generation` | leave; when `generation` rose, as if   |
|                          | rose, start on the rest  | it had been stopped by us              |

An approval is needed exactly when a running job would be stopped, when labels made under two
definitions would be mixed, or when labels that exist would be asked for again. An approved restart
starts again under the same definition, too. A raised dataset
revision, other stopping conditions and another task time limit do not change what a label means,
so once no job runs they need none.

During a rollback nothing is refused: the jobs of the failed update are undone, and what ran before
runs again on what both left.
"""

from typing import Final

from ground_truth.definition import CampaignDefinition, changed_fields
from ground_truth.lifecycle import messages
from ground_truth.lifecycle.continuity import (
    compatible,
    continuation,
    differences,
    label_holders,
    recorded_definition,
    undone_parents,
)
from ground_truth.lifecycle.lineage import Entry, Stage, StoppedFor
from ground_truth.lifecycle.plan import Action, KnownJob, Plan, RefusedError, Situation
from ground_truth.lifecycle.ports import Status
from ground_truth.lifecycle.wanted import Wanted

SAME_MEANING: Final = frozenset(
    {"dataset_revision", "stopping", "streaming", "task_time_limit_seconds"}
)


def decide(situation: Situation) -> Plan:
    """Return the plan; raises ``RefusedError`` with what to do about it."""
    _refuse_other_dataset(situation)
    jobs = [job for job in situation.jobs if not job.entry.undone]
    if not jobs:
        undone = undone_parents(situation, after=None)
        return Plan(
            action=Action.START,
            parents=undone,
            approval=_approval_of(situation),
            why="no job so far",
        )
    current = jobs[-1]
    _refuse_foreign(situation, current)
    if current.entry.definition_hash == situation.wanted.definition_hash:
        return _same(situation, current)
    return _changed(situation, current)


def _same(situation: Situation, current: KnownJob) -> Plan:
    wanted = situation.wanted
    raised = wanted.generation > current.entry.wanted_generation
    if _approved_verb(situation) == "restart" and not (current.stopped_by_hand and not raised):
        return _restart(situation, current)
    status = current.state.status
    if status.runs:
        return Plan(action=Action.ADOPT, job=current, why=f"it is {status.value}")
    if status is Status.COMPLETED:
        if raised and current.left:
            return _next(situation, current, why=f"generation was raised to {wanted.generation}")
        return Plan(action=Action.ADOPT, job=current, why="it is completed")
    if current.stopped_by_hand and not raised:
        return _left_alone(current)
    return _next(situation, current, why=_why_next(current, wanted))


def _changed(situation: Situation, current: KnownJob) -> Plan:
    wanted = situation.wanted
    if current.stopped_by_hand and wanted.generation <= current.entry.wanted_generation:
        return _left_alone(current)
    problems = continuation(current.entry, wanted.definition)
    verb = _approved_verb(situation)
    if verb == "restart":
        return _restart(situation, current)
    if verb == "continue" and not problems:
        return _next(situation, current, why="continue was approved")
    if current.state.status.runs:
        raise RefusedError(messages.change_refused(_review(situation, current, problems)))
    return _changed_at_rest(situation, current, problems)


def _changed_at_rest(situation: Situation, current: KnownJob, problems: list[str]) -> Plan:
    """Decide about a changed definition when nobody is working."""
    wanted = situation.wanted.definition
    holders = label_holders(situation, current)
    if not holders:
        return _next(situation, current, why="no label was made so far")
    changed = {name for job in holders for name in differences(job.entry, wanted)}
    kept = not any(continuation(job.entry, wanted) for job in holders)
    finished = current.state.status is Status.COMPLETED and not current.left
    if kept and finished and "dataset_revision" not in changed:
        return Plan(action=Action.ADOPT, job=current, why="every object has a label already")
    if kept and changed <= SAME_MEANING:
        return _next(situation, current, why=f"changed: {', '.join(sorted(changed)) or 'nothing'}")
    raise RefusedError(messages.change_refused(_review(situation, current, problems)))


def _next(situation: Situation, current: KnownJob, *, why: str) -> Plan:
    own = compatible([current], situation.wanted.definition)
    parents = (*own, *undone_parents(situation, after=current.entry))
    return _start(situation, current, parents=parents, why=why)


def _restart(situation: Situation, current: KnownJob) -> Plan:
    return _start(
        situation,
        current,
        parents=(),
        reason=StoppedFor.RESTART,
        why="restart was approved",
    )


def _start(
    situation: Situation,
    current: KnownJob,
    *,
    parents: tuple[str, ...],
    why: str,
    reason: StoppedFor = StoppedFor.CONTINUE,
) -> Plan:
    return Plan(
        action=Action.START,
        job=current,
        stop=() if current.state.status.ended else (current.entry.name,),
        stop_reason=reason,
        parents=parents,
        approval=_approval_of(situation),
        why=why,
    )


def _left_alone(current: KnownJob) -> Plan:
    return Plan(
        action=Action.LEAVE,
        job=current,
        why=(
            f"it was stopped by hand; set generation = {current.entry.wanted_generation + 1} in "
            "campaign.toml to go on"
        ),
    )


def _why_next(current: KnownJob, wanted: Wanted) -> str:
    if current.stopped_by_hand:
        return f"generation was raised to {wanted.generation}"
    if current.entry.stopped is not StoppedFor.NOTHING:
        return f"the last job was stopped for {current.entry.stopped.value}"
    return "the last job expired" if current.expired else "the last job failed"


def _approved_verb(situation: Situation) -> str:
    wanted = situation.wanted
    approval = wanted.approval
    if approval is None or approval.definition_hash != wanted.definition_hash:
        return ""
    if situation.lineage.approval_used(str(approval), wanted.generation):
        return ""
    return approval.verb


def _approval_of(situation: Situation) -> str:
    """Return the approval a new job uses up, needed or not: left in the file it does no more."""
    approval = situation.wanted.approval
    fits = approval is not None and approval.definition_hash == situation.wanted.definition_hash
    return str(approval) if fits else ""


def _review(situation: Situation, current: KnownJob, problems: list[str]) -> messages.Review:
    wanted = situation.wanted
    approval = wanted.approval
    used = ""
    if approval is not None and situation.lineage.approval_used(str(approval), wanted.generation):
        used = str(approval)
    return messages.Review(
        campaign=wanted.campaign,
        job=current.entry.name,
        status=current.state.status.value,
        labeled=current.state.counters.labeled,
        failed=current.state.counters.failed,
        objects=current.entry.objects,
        old_hash=current.entry.definition_hash,
        new_hash=wanted.definition_hash,
        changed=_shown_changes(current.entry, wanted.definition),
        problems=tuple(problems),
        runs=not current.state.status.ended,
        given_approval=str(approval) if approval else "",
        used_approval=used,
        next_generation=wanted.generation + 1,
    )


def _shown_changes(entry: Entry, definition: CampaignDefinition) -> tuple[str, ...]:
    recorded = recorded_definition(entry)
    if recorded is None:
        return ("the whole definition",)
    shown = []
    for name in changed_fields(recorded, definition):
        old, new = getattr(recorded, name), getattr(definition, name)
        small = isinstance(new, int) or name in ("task", "label_attribute")
        shown.append(f"{name} {old} to {new}" if small else name)
    return tuple(shown)


def _refuse_foreign(situation: Situation, current: KnownJob) -> None:
    if current.state.status.runs and current.entry.owner != situation.owner:
        raise RefusedError(
            messages.foreign_job_runs(
                campaign=situation.wanted.campaign,
                environment=situation.wanted.environment,
                job=current.entry.name,
                owner=current.entry.owner,
            )
        )


def _refuse_other_dataset(situation: Situation) -> None:
    """A dataset is frozen per revision: another one under the same number would be ignored."""
    wanted = situation.wanted
    revision = wanted.definition.dataset_revision
    frozen = next(
        (
            entry.source
            for entry in situation.lineage.entries
            if entry.stage is Stage.STARTED and entry.dataset_revision == revision and entry.source
        ),
        "",
    )
    if frozen and wanted.source and wanted.source != frozen:
        raise RefusedError(
            messages.dataset_changed(
                campaign=wanted.campaign, old=frozen, new=wanted.source, revision=revision
            )
        )
