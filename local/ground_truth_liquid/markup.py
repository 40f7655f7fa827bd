"""A template as a sequence of start tags, each with its line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_LIQUID = re.compile(
    r"\{%-?\s*comment\s*-?%\}.*?\{%-?\s*endcomment\s*-?%\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL
)
_CROWD_TAG = re.compile(r"<(crowd-[a-z0-9-]*)", re.IGNORECASE)
_NOT_NEWLINE = re.compile(r"[^\n]")
LINE_ATTRIBUTE = "data-ground-truth-line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A start tag. ``inside`` names the open elements around it, outermost first."""

    name: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    inside: tuple[str, ...] = ()
    self_closing: bool = False


def tags(html: str) -> list[Tag]:
    """All start tags outside comments, scripts and styles."""
    parser = _Tags()
    parser.feed(html)
    parser.close()
    return parser.found


def without_liquid(template: str) -> str:
    """The template's own HTML: Liquid becomes ``x`` or nothing, every line stays where it was."""
    return _LIQUID.sub(_blank, template)


def with_lines(template: str) -> str:
    """The template with each crowd element carrying its line through rendering and loops."""

    def mark(match: re.Match[str]) -> str:
        line = template.count("\n", 0, match.start()) + 1
        return f'{match.group()} {LINE_ATTRIBUTE}="{line}"'

    return _CROWD_TAG.sub(mark, template)


def _blank(match: re.Match[str]) -> str:
    text = match.group()
    filler = "x" if text.startswith("{{") else " "
    return _NOT_NEWLINE.sub(filler, text)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Tag] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._add(tag, attrs)
        if "-" in tag:  # only custom elements matter as surroundings
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # A browser ignores the slash on a custom element: it stays open. Treating it as closed
        # here keeps one mistake from being reported at every element after it.
        self._add(tag, attrs, self_closing=True)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            del self._open[len(self._open) - 1 - self._open[::-1].index(tag) :]

    def _add(
        self, name: str, attrs: list[tuple[str, str | None]], *, self_closing: bool = False
    ) -> None:
        self.found.append(
            Tag(
                name=name,
                line=self.getpos()[0],
                attributes={key: value or "" for key, value in attrs},
                inside=tuple(self._open),
                self_closing=self_closing,
            )
        )
