"""Java's Unicode classes (`\\p{L}` …) for Python's `re`, which lacks them."""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import cache

_CLASS = re.compile(r"\\p\{([A-Z])\}")


def translate(pattern: str) -> str:
    """The pattern with each `\\p{X}` inside a character class spelled out as ranges."""
    return _CLASS.sub(lambda match: _ranges()[match[1]], pattern)


@cache
def _ranges() -> dict[str, str]:
    """General category (first letter) → the body of a character class."""
    found: dict[str, list[str]] = {}
    start, current = 0, _category(0)
    for point in range(1, sys.maxunicode + 2):
        category = _category(point) if point <= sys.maxunicode else ""
        if category != current:
            found.setdefault(current, []).append(_span(start, point - 1))
            start, current = point, category
    return {category: "".join(spans) for category, spans in found.items()}


def _category(point: int) -> str:
    return unicodedata.category(chr(point))[0]


def _span(first: int, last: int) -> str:
    return f"\\U{first:08x}-\\U{last:08x}"
