"""Where in a page each position of a template stands: in text, a tag, an attribute, a script.

A browser escapes nothing by itself: what Liquid writes must suit the place it is written to. The
states are those of the HTML standard's tokenizer, without those that no template needs.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

_OPENING = re.compile(r"<!--(?:.*?-->|.*\Z)|<(/?)([a-z][^\s/>]*)", re.DOTALL | re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""[\s/]*(?:(?P<end>>)|(?P<name>[^\s/>][^\s/>=]*)
        (?:\s*=\s*(?:"(?P<double>[^"]*)"?|'(?P<single>[^']*)'?|(?P<bare>[^\s>]+)))?)""",
    re.VERBOSE,
)
# Their content is no markup, up to the end tag
_RAW = frozenset({"script", "style"})


class Place(Enum):
    """What a position is part of."""

    TEXT = "text"
    TAG = "a tag"
    QUOTED = "a quoted attribute"
    BARE = "an attribute without quotes"
    SCRIPT = "a script"
    STYLE = "a style sheet"
    COMMENT = "a comment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of the page up to the next one; `attribute` of the value it is."""

    start: int
    place: Place
    attribute: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page taken apart: its stretches, and where the name of each start tag ends."""

    spans: tuple[Span, ...]
    names: tuple[int, ...]

    def at(self, index: int) -> Span:
        """What a position is part of."""
        return self.spans[bisect_right(self.spans, index, key=lambda span: span.start) - 1]


def page(html: str) -> Page:
    """Take a page apart; Liquid must have been replaced before, see `markup.without_liquid`."""
    spans: list[Span] = [Span(start=0, place=Place.TEXT)]
    names: list[int] = []
    at = 0
    while opening := _OPENING.search(html, at):
        end, name = opening.end(), (opening[2] or "").lower()
        if not name:
            spans.append(Span(start=opening.start(), place=Place.COMMENT))
        else:
            spans.append(Span(start=opening.start(), place=Place.TAG))
            if not opening[1]:
                names.append(end)
            inner = list(_attributes(html, end))
            spans += [span for span, _ in inner]
            end = inner[-1][1] if inner else end
            if name in _RAW and not opening[1]:
                spans.append(Span(start=end, place=Place[name.upper()]))
                end = _raw_end(html, name, end)
        spans.append(Span(start=end, place=Place.TEXT))
        at = end
    return Page(spans=tuple(spans), names=tuple(names))


def _attributes(html: str, at: int) -> Iterator[tuple[Span, int]]:
    while (match := _ATTRIBUTE.match(html, at)) and match.end() > at:
        at = match.end()
        for kind in ("double", "single", "bare"):
            if match[kind] is not None:
                place = Place.BARE if kind == "bare" else Place.QUOTED
                name = match["name"].lower()
                yield Span(start=match.start(kind), place=place, attribute=name), at
        yield Span(start=at, place=Place.TAG), at
        if match["end"]:
            return


def _raw_end(html: str, name: str, at: int) -> int:
    end = re.compile(rf"</{name}\b", re.IGNORECASE).search(html, at)
    return end.start() if end else len(html)
