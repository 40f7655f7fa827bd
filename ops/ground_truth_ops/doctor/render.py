"""The findings for a person, and for a program."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.text import Text

from ground_truth_ops.doctor.finding import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

STYLES = {Verdict.OK: "green", Verdict.PROBLEM: "bold red", Verdict.UNKNOWN: "yellow"}
VERDICT_WIDTH, CHECK_WIDTH = 9, 13
INDENT = VERDICT_WIDTH + CHECK_WIDTH
NARROWEST = 40
FIX, RUN = "fix: ", "run: "


def render(findings: Sequence[Finding], *, width: int) -> Iterator[Text]:
    """A line each, folded; commands are on lines of their own and unfolded, to be copied."""
    room = max(width, NARROWEST)
    for finding in findings:
        first, *rest = _folded(finding.text, room - INDENT)
        line = Text(f"{finding.verdict:<{VERDICT_WIDTH}}", style=STYLES[finding.verdict])
        line.append(f"{finding.check:<{CHECK_WIDTH}}{first}", style="default")
        yield line
        yield from (Text(" " * INDENT + each) for each in rest)
        margin = " " * VERDICT_WIDTH
        if finding.fix:
            first, *rest = _folded(finding.fix, room - VERDICT_WIDTH - len(FIX))
            yield Text(margin + FIX + first)
            yield from (Text(margin + " " * len(FIX) + each) for each in rest)
        if finding.run:
            yield Text(margin + RUN + finding.run)
    yield Text(summary(findings))


def _folded(text: str, room: int) -> list[str]:
    return textwrap.wrap(text, room, break_on_hyphens=False, break_long_words=False) or [""]


def summary(findings: Iterable[Finding]) -> str:
    counted = Counter(finding.verdict for finding in findings)
    return ", ".join(f"{counted[verdict]} {verdict}" for verdict in Verdict)


def to_json(environment: str, findings: Iterable[Finding]) -> dict[str, object]:
    found = list(findings)
    return {
        "environment": environment,
        "problems": sum(finding.verdict is Verdict.PROBLEM for finding in found),
        "findings": [asdict(finding) for finding in found],
    }
