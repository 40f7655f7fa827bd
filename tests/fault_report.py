"""One Markdown row for each fault and level, and totals that were measured, for `make faults`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.fault_list import FAULTS

if TYPE_CHECKING:
    import pytest

HANDLER, TEMPLATE, DEPLOYMENT = "handler", "template", "deployment"
LEVELS = {"unit": HANDLER, "stacks": TEMPLATE, "infra": TEMPLATE, "e2e": DEPLOYMENT}
MEASURED = {
    "jobs_left_running": "jobs left running",
    "labels_lost": "labels lost",
    "labels_bought_twice": "labels bought twice",
}


@dataclass
class Row:
    """A fault at a level; a deployment's time is what its stacks took, however many tests look."""

    wrong: list[str] = field(default_factory=list)
    durations: float = 0.0
    stacks: dict[str, float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        return sum(self.stacks.values()) if self.stacks else self.durations

    def markdown(self, number: int, level: str) -> str:
        outcome = f"WRONG: {', '.join(self.wrong)}" if self.wrong else "as expected"
        cells = (number, FAULTS[number].title, level, outcome, f"{self.seconds:.1f}")
        return f"| {' | '.join(map(str, cells))} |"


class FaultReport:
    """A pytest plugin."""

    def __init__(self) -> None:
        self.rows: dict[tuple[int, str], Row] = {}
        self.measured: dict[str, int] = {}
        self._faults: dict[str, list[int]] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            self._faults[item.nodeid] = faults_of(item)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told: dict[str, Any] = dict(report.user_properties) if report.when == "teardown" else {}
        level = level_of(Path(report.nodeid))
        for number in self._faults.get(report.nodeid, []):
            row = self.rows.setdefault((number, level), Row())
            if report.failed:
                row.wrong.append(f"{report.nodeid.rpartition('::')[2]} ({report.when})")
            row.durations += report.duration
            row.stacks |= told.get("stack_seconds", {})
        for name in MEASURED.keys() & told.keys():
            self.measured[name] = self.measured.get(name, 0) + told[name]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.write_line("")
        for line in self.lines():
            terminalreporter.write_line(line)

    def lines(self) -> Iterable[str]:
        yield "| # | fault | level | outcome | seconds |"
        yield "|---|---|---|---|---|"
        for (number, level), row in sorted(self.rows.items()):
            yield row.markdown(number, level)
        yield ""
        counts = dict.fromkeys((HANDLER, TEMPLATE, DEPLOYMENT), 0)
        for _, level in self.rows:
            counts[level] += 1
        yield "faults by level: " + ", ".join(f"{name} {count}" for name, count in counts.items())
        yield f"wrong outcomes: {sum(bool(row.wrong) for row in self.rows.values())}"
        for name, words in MEASURED.items():
            yield f"{words}: {self.measured.get(name, 'not measured')}"


def faults_of(item: pytest.Item) -> list[int]:
    """The numbers of the faults a test is about."""
    return sorted({int(mark.args[0]) for mark in item.iter_markers("fault")})


def level_of(path: Path) -> str:
    return LEVELS[path.parts[path.parts.index("tests") + 1]]
