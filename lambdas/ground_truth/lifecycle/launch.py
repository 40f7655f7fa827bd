"""Creating a job and seeing it begin."""

from collections.abc import Mapping

from ground_truth import names
from ground_truth.lifecycle.faults import CLOSED_EXPLANATION, ApiError, Fault
from ground_truth.lifecycle.patience import pauses, until
from ground_truth.lifecycle.ports import JobState, Status, World
from ground_truth.lifecycle.stopping import stop_jobs

# Terraform gives a new role two minutes; Ground Truth's documents say nothing.
SPREADING_SECONDS = 150.0
INITIALIZING_SECONDS = 600.0
_LAST_STOP_SECONDS = 30.0


class NotStartedError(RuntimeError):
    """Ground Truth did not start the job; the message holds its own words."""


class NameTakenError(RuntimeError):
    """A job that is not ours has the name."""


def create_job(world: World, request: Mapping[str, object], *, owner: str, request_id: str) -> None:
    """Create the job, or find it created by an earlier try of the same request.

    Raises:
        NotStartedError: Ground Truth refuses for good, or a role did not become usable in time.
        NameTakenError: the name belongs to a job that is not ours.
    """
    name = str(request["LabelingJobName"])
    moment = until(world, SPREADING_SECONDS, reserve=90)
    waits = pauses(first=2.0)
    while True:
        try:
            world.jobs.create(request)
        except ApiError as error:
            if error.fault is Fault.TAKEN:
                return _claim(world, name, owner=owner, request_id=request_id)
            if error.fault is not Fault.SPREADING or world.clock.now() >= moment:
                raise NotStartedError(_refusal(name, error)) from error
            world.clock.sleep(next(waits))
        else:
            return None


def await_start(world: World, name: str, *, owner: str) -> JobState:
    """Return the job once people can work on it, or it has ended otherwise than by failing.

    Raises:
        NotStartedError: it failed, with the service's reason, or is stuck; it does not run then.
    """
    moment = until(world, INITIALIZING_SECONDS, reserve=_LAST_STOP_SECONDS + 30)
    waits = pauses()
    while True:
        state = world.jobs.describe(name)
        if state is not None and state.status is Status.FAILED:
            reason = state.failure_reason or "no reason was given"
            raise NotStartedError(f"labeling job {name} failed while it was set up: {reason}")
        if state is not None and state.status is not Status.INITIALIZING:
            return state
        if world.clock.now() >= moment:
            stop_jobs(world, [name], owner=owner, seconds=_LAST_STOP_SECONDS)
            raise NotStartedError(
                f"labeling job {name} was still Initializing after "
                f"{int(INITIALIZING_SECONDS / 60)} minutes or at the end of the function's time; "
                "it was stopped. Deploy again; ask AWS Support if it happens again"
            )
        world.clock.sleep(next(waits))


def _claim(world: World, name: str, *, owner: str, request_id: str) -> None:
    state = world.jobs.describe(name)
    tags = world.jobs.tags(state.arn) if state else {}
    if tags.get(names.TAG_OWNER) != owner or tags.get(names.TAG_REQUEST) != request_id:
        raise NameTakenError(
            f"labeling job {name} exists already and does not carry the tags of this request; it "
            "was not touched. Names are unique for ever and not case sensitive: deploy again, "
            "the next try has another name"
        )


def _refusal(name: str, error: ApiError) -> str:
    text = f"Ground Truth refused labeling job {name}: {error.code}: {error.text}"
    if error.fault is Fault.CLOSED:
        return f"{text} -- {CLOSED_EXPLANATION}"
    if error.fault is Fault.SPREADING:
        return (
            f"{text} -- tried for {int(SPREADING_SECONDS)} seconds, in case a new role or policy "
            "was still spreading"
        )
    if error.fault is Fault.DENIED:
        return f"{text} -- if this account never used Ground Truth: {CLOSED_EXPLANATION}"
    return text
