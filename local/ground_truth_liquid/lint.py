"""What can be known to be wrong with a template before anybody is paid to look at it.

Reads the template as written, then renders it with sample data: each finding is a mistake that
people would meet in the browser, or that would lose answers.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from itertools import takewhile
from typing import TYPE_CHECKING

from ground_truth_liquid import markup, samples
from ground_truth_liquid.contract import FORMS
from ground_truth_liquid.dialect import environment, parse
from ground_truth_liquid.document import document
from ground_truth_liquid.elements import ELEMENTS, SCRIPT, SCRIPTS
from ground_truth_liquid.errors import TemplateError
from ground_truth_liquid.escaping import escaping
from ground_truth_liquid.finding import Finding
from ground_truth_liquid.rendered import rendered

if TYPE_CHECKING:
    from ground_truth_liquid.markup import Tag
    from ground_truth_liquid.samples import Inputs

_SCRIPT_TEXT = re.compile(r"<script\b[^>]*>(.*?)</script|\son\w+\s*=(.)", re.DOTALL | re.IGNORECASE)
# Of AWS's pages for video frames and point clouds; none of these names is documented
_AMAZONS = ("crowd-3d-", "crowd-video-")
_BRACE = re.compile(r"\{\{%|\{\{\{")


def lint(
    template: str,
    *,
    inputs: Inputs,
    labels: Collection[str] | None = None,
    element: str | None = None,
    name: str | None = None,
) -> list[Finding]:
    """Mistakes in ``template``, by place.

    ``inputs`` are the keys of the ``taskInput`` the template will be rendered with, or an example
    of one, which tells more; ``labels`` the job's label categories in order, when they are known;
    ``element`` the crowd element the consolidation reads and ``name`` the name it must carry (by
    default the element's own).

    >>> lint("<crowd-form></crowd-form>", inputs=[])[0].rule
    'missing-script'
    """
    try:
        parse(template)
    except TemplateError as error:
        return [_unparsed(template, error)]
    written = markup.without_liquid(template)
    tags = markup.tags(written)
    marked = markup.with_places(template)
    plain = samples.rendering(marked, inputs=inputs, labels=labels)
    scripts = [text for text, handler in _SCRIPT_TEXT.findall(written) if (text or handler).strip()]
    found = [
        *_filters(template),
        *_variables(template, inputs),
        *_document(tags),
        *_elements(tags),
        *_answers(tags),
        *_needed(tags, element, name or element),
        *escaping(template, labels or (), _numbers(inputs)),
        *document(markup.placed(plain or markup.without_liquid(marked)), scripts),
        *rendered(marked, inputs, labels, element),
    ]
    return sorted(set(found))


def _numbers(inputs: Inputs) -> set[str]:
    values = inputs if isinstance(inputs, Mapping) else {}
    return {name for name, value in values.items() if isinstance(value, int | float)}


def _unparsed(template: str, error: TemplateError) -> Finding:
    """Why nothing else was checked. Liquid takes the first two of `{{% if … %}` for an output."""
    line, column = error.line or 1, error.column or 1
    for brace in _BRACE.finditer(template):
        at = markup.position(template, brace.start())
        if at[0] == line:
            return Finding(
                line=line,
                column=at[1],
                rule="brace-before-liquid",
                message=f"{brace.group()} is read as the beginning of {{{{ … }}}}",
                fix=f"put a blank between: {{ {brace.group()[1:]}; nothing else was checked",
            )
    fix = "correct the Liquid; nothing else was checked"
    return Finding(line=line, column=column, rule="liquid-syntax", message=error.message, fix=fix)


def _filters(template: str) -> Iterator[Finding]:
    known = environment().filters
    for name, spans in parse(template).analyze().filters.items():
        if name not in known:
            for span in spans:
                line, column = markup.position(template, span.index)
                yield Finding(
                    line=line,
                    column=column,
                    rule="unknown-filter",
                    message=f"Liquid has no filter {name!r}",
                    fix="use a standard filter, or to_json, grant_read_access, skip_autoescape",
                )


def _variables(template: str, inputs: Inputs) -> Iterator[Finding]:
    given = ", ".join(f"task.input.{name}" for name in sorted(inputs)) or "nothing"
    for uses in parse(template).analyze().globals.values():
        for use in uses:
            written = takewhile(lambda segment: isinstance(segment, str | int), use.segments)
            path = [str(segment) for segment in written]
            if path[:2] == ["task", "input"] and _is_given(path[2:], inputs):
                continue
            line, column = markup.position(template, use.span.index)
            yield Finding(
                line=line,
                column=column,
                rule="unknown-variable",
                message=f"the template reads {use}, which is not given (given: {given})",
                fix="correct the name, or give it in the pre-annotation function's taskInput",
            )


def _is_given(path: list[str], inputs: Inputs) -> bool:
    """Whether inputs hold the path, as far as they are known."""
    if path and path[0] not in inputs:
        return False
    value = inputs[path[0]] if path and isinstance(inputs, Mapping) else None
    if not isinstance(value, Mapping) or path[1:2] in ([], ["size"], ["first"]):
        return True
    return _is_given(path[1:], value)


def _document(tags: list[Tag]) -> Iterator[Finding]:
    sources = {tag.attributes.get("src") for tag in tags if tag.name == "script"}
    if sources.isdisjoint(SCRIPTS):
        yield Finding(
            line=1,
            rule="missing-script",
            message="the template doesn't load the crowd elements, so workers see no task",
            fix=f'add <script src="{SCRIPT}"></script>',
        )
    if not any(tag.name in FORMS for tag in tags):
        yield Finding(
            line=1,
            rule="missing-form",
            message="the template has no crowd-form, so workers can't submit",
            fix="put everything workers see into one <crowd-form>…</crowd-form>",
        )


def _elements(tags: list[Tag]) -> Iterator[Finding]:
    for tag in tags:
        if tag.name.startswith(_AMAZONS):
            yield Finding(
                line=tag.line,
                column=tag.column,
                rule="amazons-element",
                message=f"<{tag.name}> belongs to Ground Truth's own pages for video frames and "
                "point clouds; what it is given and answers isn't published",
                fix="choose that task: its page is Ground Truth's (HumanTaskUiArn), without a "
                "template; to keep a template of your own, ask about each frame's image with "
                "<crowd-bounding-box> or another drawing element",
            )
        elif tag.name.startswith("crowd-") and tag.name not in ELEMENTS:
            yield Finding(
                line=tag.line,
                column=tag.column,
                rule="unknown-element",
                message=f"there is no crowd element <{tag.name}>{_nearest(tag.name)}",
                fix="use an element of the Crowd HTML Elements reference",
            )
        if tag.self_closing and "-" in tag.name:
            yield Finding(
                line=tag.line,
                column=tag.column,
                rule="self-closing",
                message=f"<{tag.name} /> stays open in a browser and swallows what follows it",
                fix=f"write <{tag.name} …></{tag.name}>",
            )


def _nearest(name: str) -> str:
    near = get_close_matches(name, ELEMENTS, n=1)
    return f"; did you mean <{near[0]}>?" if near else ""


def _answers(tags: list[Tag]) -> Iterator[Finding]:
    has_form = any(tag.name == "crowd-form" for tag in tags)
    for tag in tags:
        if not _gives_answer(tag):
            continue
        if not tag.attributes.get("name"):
            yield Finding(
                line=tag.line,
                column=tag.column,
                rule="missing-name",
                message=f"<{tag.name}> has no name, so its answer isn't submitted",
                fix='give it a name="…" that the consolidation reads',
            )
        if has_form and tag.name not in FORMS and "crowd-form" not in tag.inside:
            yield Finding(
                line=tag.line,
                column=tag.column,
                rule="outside-form",
                message=f"<{tag.name}> is outside crowd-form, so its answer isn't submitted",
                fix="move it into the <crowd-form>",
            )


def _gives_answer(tag: Tag) -> bool:
    return tag.name in ELEMENTS and ELEMENTS[tag.name].answers


def _needed(tags: list[Tag], element: str | None, name: str | None) -> Iterator[Finding]:
    if element is None:
        return
    present = [tag for tag in tags if tag.name == element]
    if any(tag.attributes.get("name") == name for tag in present):
        return
    fix = f'write <{element} name="{name}" …></{element}>'
    if not present:
        message = f"this task's answers come from <{element}>, which the template lacks"
        yield Finding(line=1, rule="missing-element", message=message, fix=fix)
    for tag in present:
        got = tag.attributes.get("name")
        if not got:
            continue  # missing-name says so already
        message = f"<{element}> is named {got!r}, but the consolidation reads {name!r}"
        yield Finding(line=tag.line, column=tag.column, rule="wrong-name", message=message, fix=fix)
