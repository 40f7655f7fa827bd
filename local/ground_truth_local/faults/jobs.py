"""Rules applied to labeling jobs; the service asks through a port of its own."""

from __future__ import annotations

from ground_truth_local.faults.rules import Kind, Rules


class RuledJobs:
    """`service.context.JobFaults` by rules."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def held(self, job: str, status: str) -> bool:
        return self._rules.strike_job(Kind.HOLD, job, status) is not None

    def failure(self, job: str) -> str | None:
        rule = self._rules.strike_job(Kind.FAIL, job)
        return rule.message if rule else None
