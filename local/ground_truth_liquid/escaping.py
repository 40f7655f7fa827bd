"""Whether what Liquid writes suits the place it is written to.

Ground Truth escapes for HTML text and quoted attributes; anywhere else, data can end the place it
was put into, and a worker's browser runs or drops the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.assign_tag import AssignNode
from liquid.builtin.tags.capture_tag import CaptureNode

from ground_truth_liquid import markup
from ground_truth_liquid.dialect import nodes, parse
from ground_truth_liquid.finding import Finding, Severity
from ground_truth_liquid.places import Place, Span, page

if TYPE_CHECKING:
    from liquid.expression import Expression

_NUMERIC = frozenset(
    {"size", "plus", "minus", "times", "divided_by", "modulo", "abs", "ceil", "floor", "round"}
    | {"at_least", "at_most"}
)
_NUMBER_ROOTS = frozenset({"forloop", "tablerowloop"})
_JSON_FIX = "write {{ … | to_json | skip_autoescape }} without quotes of your own around it"
_DATA_FIX = (
    'put it into an attribute, data-input="{{ … | to_json }}", and read '
    "JSON.parse(element.dataset.input)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Output:
    """What one `{{ … }}` writes: its path, and every filter from the data to the page."""

    path: tuple[object, ...]
    filters: tuple[str, ...]

    @property
    def raw(self) -> bool:
        return "skip_autoescape" in self.filters

    @property
    def json(self) -> bool:
        return "to_json" in self.filters

    @property
    def link(self) -> bool:
        """A signed link is percent-encoded: it holds no quotes, spaces or brackets."""
        return "grant_read_access" in self.filters

    @property
    def number(self) -> bool:
        filters = [name for name in self.filters if name not in {"to_json", "skip_autoescape"}]
        return bool(filters and filters[-1] in _NUMERIC) or self.path[0] in _NUMBER_ROOTS


def escaping(template: str, labels: Collection[str], numbers: Set[str]) -> Iterator[Finding]:
    """Findings about outputs; `numbers` are the inputs known to be numbers or booleans."""
    places = page(markup.without_liquid(template))
    for index, output in _outputs(template):
        if output.number or not numbers.isdisjoint(output.path[2:3]):
            continue
        line, column = markup.position(template, index)
        span = places.at(index)
        for rule, message, fix, severity in _mistakes(output, span, labels):
            yield Finding(
                line=line, column=column, rule=rule, message=message, fix=fix, severity=severity
            )


_Mistake = tuple[str, str, str, Severity]


def _mistakes(output: _Output, span: Span, labels: Collection[str]) -> Iterator[_Mistake]:
    match span.place:
        case Place.SCRIPT:
            yield from _in_script(output, labels)
        case Place.QUOTED:
            yield from _in_attribute(output, span.attribute)
        case Place.BARE | Place.TAG:
            message = f"data in {span.place.value} ends it at the first space or bracket"
            fix = 'put it into quotes: name="{{ … }}"'
            yield "unquoted", message, fix, Severity.ERROR
        case Place.TEXT if output.raw:
            message = "skip_autoescape makes markup and script of whatever the data has in it"
            fix = "leave skip_autoescape out, unless you alone write that data"
            yield "raw-markup", message, fix, Severity.WARNING


def _in_script(output: _Output, labels: Collection[str]) -> Iterator[_Mistake]:
    if output.link and output.raw:
        return
    if output.link:
        message = "a link in a script is escaped for HTML, which breaks its signature"
        fix = 'write "{{ … | grant_read_access | skip_autoescape }}"'
        yield "script-unescaped", message, fix, Severity.ERROR
    elif not (output.json and output.raw):
        why = "text escaped for HTML" if not output.raw else "data that quotes and line ends break"
        message = f"in a script this is {why}, not JavaScript"
        yield "script-unescaped", message, _JSON_FIX, Severity.ERROR
    elif output.path != ("task", "input", "labels") or any("</" in label for label in labels):
        message = "</script> in the data ends the script, JSON or not"
        yield "script-data", message, _DATA_FIX, Severity.WARNING


def _in_attribute(output: _Output, attribute: str) -> Iterator[_Mistake]:
    if output.raw and not output.link:
        message = f"skip_autoescape in {attribute}: a quotation mark in the data ends the value"
        yield "raw-attribute", message, "leave skip_autoescape out", Severity.ERROR
    if attribute.startswith("on") and not output.json:
        message = f"{attribute} is a script, which quotes and line ends in the data break"
        fix = "write {{ … | to_json }} without quotes of your own around it"
        yield "script-unescaped", message, fix, Severity.ERROR


def _outputs(template: str) -> Iterator[tuple[int, _Output]]:
    """The outputs of data, with their positions; own text and captured markup are left out."""
    assigned: dict[str, _Output | None] = {}
    for node in nodes(parse(template)):
        if isinstance(node, CaptureNode):
            assigned[str(node.name)] = None
        elif isinstance(node, AssignNode):
            assigned[str(node.name)] = _output(node.expression, assigned)
    for node in nodes(parse(template)):
        output = _output(node.expression, assigned) if isinstance(node, OutputNode) else None
        if output is not None:
            yield node.token.start_index, output


def _output(expression: Expression, assigned: Mapping[str, _Output | None]) -> _Output | None:
    if not isinstance(expression, FilteredExpression) or not isinstance(expression.left, Path):
        return None
    filters = tuple(str(each.name) for each in expression.filters or ())
    path = tuple(
        segment if isinstance(segment, str | int) else str(segment)
        for segment in expression.left.path
    )
    if path[0] not in assigned:
        return _Output(path=path, filters=filters)
    origin = assigned[str(path[0])]
    return origin and _Output(path=origin.path, filters=(*origin.filters, *filters))
