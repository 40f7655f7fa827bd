"""A template as a sequence of start tags, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

from ground_truth_liquid.places import page

_LIQUID = re.compile(
    r"\{%-?\s*comment\s*-?%\}.*?\{%-?\s*endcomment\s*-?%\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL
)
_NOT_NEWLINE = re.compile(r"[^\n]")
PLACE_ATTRIBUTE = "data-ground-truth-place"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A start tag. ``inside`` names the open elements around it, outermost first."""

    name: str
    line: int
    column: int = 1
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


def with_places(template: str) -> str:
    """The template with each tag carrying its place through rendering and loops."""
    parts, at = [], 0
    for end in page(without_liquid(template)).names:
        line, column = position(template, template.rindex("<", 0, end))
        parts += [template[at:end], f' {PLACE_ATTRIBUTE}="{line}:{column}"']
        at = end
    return "".join([*parts, template[at:]])


def placed(html: str | None) -> list[Tag]:
    """The tags of a rendering of `with_places`, where they stand in the template."""
    return [_placed(tag) for tag in tags(html or "") if PLACE_ATTRIBUTE in tag.attributes]


def _placed(tag: Tag) -> Tag:
    line, _, column = tag.attributes[PLACE_ATTRIBUTE].partition(":")
    own = {name: value for name, value in tag.attributes.items() if name != PLACE_ATTRIBUTE}
    return replace(tag, line=int(line), column=int(column), attributes=own)


def position(text: str, index: int) -> tuple[int, int]:
    """1-based line and column of a character position."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


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
                column=self.getpos()[1] + 1,
                attributes={key: value or "" for key, value in attrs},
                inside=tuple(self._open),
                self_closing=self_closing,
            )
        )
