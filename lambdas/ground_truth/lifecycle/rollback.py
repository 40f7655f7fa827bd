"""What a rollback does to a campaign's jobs: undo the failed update, refuse nothing."""

from ground_truth.lifecycle.continuity import compatible, undone_parents
from ground_truth.lifecycle.lineage import Entry, StoppedFor
from ground_truth.lifecycle.plan import Action, KnownJob, Plan, Situation
from ground_truth.lifecycle.ports import Status
from ground_truth.lifecycle.wanted import Wanted


def decide_rollback(situation: Situation) -> Plan:
    """Return the plan that undoes a failed update; never refuses."""
    wanted = situation.wanted
    jobs = [job for job in situation.jobs if not job.entry.undone]
    undo: list[KnownJob] = []
    while jobs and _of_failed_update(jobs[-1].entry, wanted):
        undo.insert(0, jobs.pop())
    stop = tuple(
        job.entry.name
        for job in undo
        if not job.state.status.ended and job.entry.owner == situation.owner
    )
    undone = tuple(job.entry.name for job in undo)
    current = jobs[-1] if jobs else None
    action = _rolled_back_action(current)
    parents: tuple[str, ...] = ()
    if action is Action.START:
        if current is not None and not current.state.status.ended:
            stop = (*stop, current.entry.name)
        own = () if current is None else (current.entry.name,)
        after = None if current is None else current.entry
        earlier = undone_parents(situation, after=after)
        parents = (*own, *earlier, *compatible(undo, wanted.definition))
    return Plan(
        action=action,
        job=current,
        stop=stop,
        stop_reason=StoppedFor.ROLLBACK,
        undo=undone,
        parents=parents,
        why="the update is rolled back",
    )


def _of_failed_update(entry: Entry, wanted: Wanted) -> bool:
    goes_back = entry.replaces == wanted.definition_hash
    return goes_back and entry.definition_hash != wanted.definition_hash


def _rolled_back_action(current: KnownJob | None) -> Action:
    """Start again what ran before the update; what did not run then is left as it was."""
    if current is None:
        return Action.START
    if current.state.status.runs or current.state.status is Status.COMPLETED:
        return Action.ADOPT
    if current.entry.stopped in (StoppedFor.CONTINUE, StoppedFor.RESTART):
        return Action.START
    return Action.LEAVE
