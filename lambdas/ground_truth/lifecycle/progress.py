"""How far a campaign is, as numbers whose names do not change with the job."""

from dataclasses import dataclass

from ground_truth.lifecycle.lineage import Lineage, Stage
from ground_truth.lifecycle.plan import KnownJob
from ground_truth.lifecycle.ports import Jobs, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Objects of the campaign: with a label, in all, and failed or expired."""

    labeled: int
    total: int
    failed: int
    job_failed: bool

    @property
    def failed_percent(self) -> float:
        """Return the failed objects in percent of all; 0 when there are none at all."""
        return 100 * self.failed / self.total if self.total else 0.0


def current_job(lineage: Lineage, jobs: Jobs) -> KnownJob | None:
    """Return the campaign's job: the newest recorded one that exists and was not undone."""
    for entry in reversed(lineage.entries):
        if entry.undone or entry.stage is Stage.ABANDONED:
            continue
        state = jobs.describe(entry.name)
        if state is not None:
            return KnownJob(entry=entry, state=state)
    return None


def progress(job: KnownJob) -> Progress:
    """Return the campaign's numbers.

    Counters are 0 right after the start, and it is not documented whether they include objects
    that came with a label. So the size is what the job was given, and labels of earlier jobs are
    added as long as the counters do not account for all of it.
    """
    counters, entry = job.state.counters, job.entry
    counted = counters.labeled + counters.failed + counters.unlabeled
    total = max(entry.objects, counted)
    missing = max(0, total - counted)
    return Progress(
        labeled=counters.labeled + min(entry.carried, missing),
        total=total,
        failed=counters.failed,
        job_failed=job.state.status is Status.FAILED,
    )
