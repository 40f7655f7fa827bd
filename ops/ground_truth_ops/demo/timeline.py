"""Steps with their times: a spinner on a terminal, plain lines everywhere else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.markup import escape

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTime:
    name: str
    seconds: float


@dataclass(slots=True, kw_only=True)
class Step:
    """What a running step shows: `now` while it runs, `result` once it has ended."""

    name: str
    spinner: Status
    result: str = ""

    def now(self, text: str) -> None:
        self.spinner.update(f"{escape(self.name)}  [dim]{escape(text)}[/]")


@dataclass(slots=True, kw_only=True)
class Timeline:
    """All steps of a run, in order."""

    console: Console
    steps: list[StepTime] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        began = time.monotonic()
        with self.console.status(escape(name)) as spinner:
            step = Step(name=name, spinner=spinner)
            try:
                yield step
            except BaseException:
                self.console.print(f"[red]failed[/]  {escape(name)}")
                raise
        seconds = time.monotonic() - began
        self.steps.append(StepTime(name=name, seconds=seconds))
        result = f"  [dim]{escape(step.result)}[/]" if step.result else ""
        self.console.print(f"[green]{seconds:6.1f} s[/]  {escape(name)}{result}")

    @property
    def total(self) -> float:
        return sum(step.seconds for step in self.steps)
