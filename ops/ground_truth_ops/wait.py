"""`gt wait`: until no job of an environment is at work any more."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ground_truth_ops.errors import OpsError
from ground_truth_ops.jobs import Job, describe_job

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
GROWTH = 1.5


class WaitError(OpsError):
    """Jobs were still at work when the time was over."""


def wait_until_finished(
    sagemaker: SageMakerClient,
    names: Iterable[str],
    *,
    timeout_seconds: float,
    longest_pause_seconds: float = LONGEST_PAUSE_SECONDS,
    report: Callable[[Job], None] = lambda _job: None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[Job, ...]:
    """The jobs once all have ended, in the order given; a stream when nothing is left to label.

    Raises WaitError with the counters of those that have not.
    """
    wanted = list(names)
    ended: dict[str, Job] = {}
    deadline = clock() + timeout_seconds
    pause = FIRST_PAUSE_SECONDS
    while True:
        live = []
        for name in wanted:
            if name in ended:
                continue
            job = describe_job(sagemaker, name)
            report(job)
            if job.at_work:
                live.append(job)
            else:
                ended[name] = job
        if not live:
            return tuple(ended[name] for name in wanted)
        if clock() >= deadline:
            raise WaitError(
                f"{len(live)} labeling jobs were still at work after {timeout_seconds:g} s",
                details=tuple(
                    f"{job.name}: {job.status}, {job.labeled} of {job.total} labeled"
                    for job in live
                ),
            )
        sleep(min(pause, max(0.0, deadline - clock())))
        pause = min(pause * GROWTH, longest_pause_seconds)
