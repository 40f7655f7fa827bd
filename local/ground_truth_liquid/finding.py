"""A mistake in a template."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error loses answers or shows workers no task; a warning makes their work worse."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """A mistake: where it is (1-based), rule, what is wrong, how to mend it.

    What is missing from the whole template is found at its beginning.
    """

    line: int
    column: int = 1
    rule: str
    message: str
    fix: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        return f"{self.line}:{self.column}: {self.rule}: {self.message}; {self.fix}"
