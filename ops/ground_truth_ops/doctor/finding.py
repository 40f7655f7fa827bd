"""What one check has to say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """UNKNOWN is what can't be told from here: never a silent ok, never a reason to stop."""

    OK = "ok"
    PROBLEM = "problem"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line; `fix` says what to do or which line to edit, `run` is the command for it.

    A problem has at least one of them; a right that the caller lacks says so in its text.
    """

    check: str
    verdict: Verdict
    text: str
    fix: str = ""
    run: str = ""


def ok(check: str, text: str) -> Finding:
    return Finding(check=check, verdict=Verdict.OK, text=text)


def problem(check: str, text: str, fix: str = "", *, run: str = "") -> Finding:
    return Finding(check=check, verdict=Verdict.PROBLEM, text=text, fix=fix, run=run)


def unknown(check: str, text: str, fix: str = "", *, run: str = "") -> Finding:
    return Finding(check=check, verdict=Verdict.UNKNOWN, text=text, fix=fix, run=run)
