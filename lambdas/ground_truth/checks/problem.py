"""What a check finds, and the checks that all others are made of."""

import re
from dataclasses import dataclass

from ground_truth.limits import Range


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing Ground Truth would refuse: what is wrong, the value, what is allowed, the fix."""

    what: str
    value: object
    allowed: str
    fix: str

    def __str__(self) -> str:
        return f"{self.what}: got {shown(self.value)}, allowed {self.allowed}; {self.fix}"


def shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:76]}... ({len(text)} characters)"


def check_range(value: int, allowed: Range, *, what: str, fix: str) -> list[Problem]:
    if value in allowed:
        return []
    return [Problem(what=f"{what} out of range", value=value, allowed=str(allowed), fix=fix)]


def check_pattern(
    value: str, pattern: re.Pattern[str], length: Range, *, what: str, allowed: str, fix: str
) -> list[Problem]:
    # Amazon's patterns allow any number of hyphens between two characters: the length is apart.
    if len(value) in length and pattern.fullmatch(value):
        return []
    return [Problem(what=what, value=value, allowed=allowed, fix=fix)]


def check_line(text: str, length: Range, *, what: str) -> list[Problem]:
    if len(text) in length and text.strip() and text.isprintable():
        return []
    return [
        Problem(
            what=f"{what} is not allowed",
            value=text,
            allowed=f"{length} printable characters on one line",
            fix="rewrite it",
        )
    ]
