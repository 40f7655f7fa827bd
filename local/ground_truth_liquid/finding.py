"""A mistake in a template."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """A mistake: 1-based line in the template, rule, what is wrong, how to mend it."""

    line: int
    rule: str
    message: str
    fix: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}; {self.fix} [{self.rule}]"
