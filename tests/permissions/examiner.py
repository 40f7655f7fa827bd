"""Takes grants out of roles' policies, one by one, and looks what fails for it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.permissions.bench import Bench, NotDoneError
from tests.permissions.exercises import RefusedForNowError
from tests.permissions.grants import Grant, deployed, removed
from tests.permissions.needed import Going, Needed, Unshown, needed_for

if TYPE_CHECKING:
    from tests.permissions.needed import Row


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What became of an exercise without a grant: how it failed, and what IAM says it refused."""

    grant: Grant
    failed: str
    refused: list[str]


@dataclass
class Findings:
    grants: list[Grant] = field(default_factory=list)
    insufficient: list[str] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    unshown: list[Grant] = field(default_factory=list)
    without_exercise: list[Grant] = field(default_factory=list)
    refusal: str = ""  # what a deployer was told who lacked something

    def all_shown(self, rows: Iterable[Needed]) -> None:
        """Fails unless each grant of these rows was taken away, and the exercise refused for it."""
        assert self.insufficient == []
        wrong = [(str(s.grant), s.failed) for s in self.shown if not (s.failed and s.refused)]
        assert wrong == [], "not needed, or it failed for something else"
        shown = {(needed_for(each.grant), each.grant.action) for each in self.shown}
        assert shown == {(row, action) for row in rows for action in row.actions}


class Examiner:
    """Runs the exercises: with everything in place, without each grant, and with all again."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.found = Findings()
        self.going: list[Grant] = []

    def examine(self, stacks: Sequence[str], rows: Sequence[Row] | None = None) -> Findings:
        """The grants of the stacks' roles; of `rows` alone, where some are given."""
        for stack in stacks:
            self.found.grants += [
                grant
                for grant in deployed(self.bench.aws, stack)
                if rows is None or needed_for(grant) in rows
            ]
        for (row, _), grants in self._by_row().items():
            self._exercise(row, grants)
        return self.found

    def _by_row(self) -> dict[tuple[Needed, str], list[Grant]]:
        """Each row's grants, together for each role; of like stacks, the first one's that has it.

        The roles of all campaigns, and of the teams of host and guest, come from the same code.
        """
        home: dict[tuple[Needed, str, str], str] = {}
        rows: dict[tuple[Needed, str], list[Grant]] = {}
        for grant in self.found.grants:
            row = needed_for(grant)
            if isinstance(row, Needed):
                like = (row, grant.role, grant.action)
                if home.setdefault(like, grant.stack) == grant.stack:
                    rows.setdefault((row, f"{grant.stack} {grant.role}"), []).append(grant)
            elif isinstance(row, Going):
                self.going.append(grant)
            elif isinstance(row, Unshown):
                self.found.unshown.append(grant)
            else:
                self.found.without_exercise.append(grant)
        return rows

    def _exercise(self, row: Needed, grants: list[Grant]) -> None:
        self._suffices(row, grants[0])
        for grant in grants:
            self._without(row, grant)
        self._suffices(row, grants[0])

    def _suffices(self, row: Needed, grant: Grant) -> None:
        try:
            row.exercise(self.bench, grant)
        except Exception as problem:  # whatever it is, it is told as one finding among others
            self.found.insufficient.append(f"{grant.role}, {row.exercise.__name__}: {problem!r}")

    def _without(self, row: Needed, grant: Grant) -> None:
        since, failed = time.time(), ""
        later: RefusedForNowError | None = None
        with removed(self.bench.aws, grant):
            try:
                row.exercise(self.bench, grant)
            except RefusedForNowError as problem:
                later, failed = problem, str(problem)
            except NotDoneError as problem:
                failed = str(problem)
            refused = self.bench.refused(grant, since)
        if later is not None:
            later.go_on()
        self.found.shown.append(Shown(grant=grant, failed=failed, refused=refused))
