"""Mistakes that show only once a template is rendered: over plain and over hostile sample data."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from ground_truth_liquid import json5, markup, samples
from ground_truth_liquid.elements import ELEMENTS
from ground_truth_liquid.finding import Finding
from ground_truth_liquid.markup import LINE_ATTRIBUTE, Tag


def rendered(
    template: str, labels: Collection[str] | None, element: str | None
) -> Iterator[Finding]:
    """Findings in what the browser will get."""
    marked = markup.with_lines(template)
    plain = samples.rendering(marked, labels=labels, text=samples.PLAIN)
    hostile = samples.rendering(marked, labels=labels, text=samples.HOSTILE)
    broken: set[tuple[int, str]] = set()
    for line, tag, attribute, text in _json5_attributes(plain):
        problem = _problem(text, samples.PLAIN)
        if problem:
            broken.add((line, attribute))
            yield Finding(
                line=line,
                rule="attribute-syntax",
                message=f"{attribute} of <{tag.name}> doesn't parse once rendered: {problem}",
                fix="write a JSON5 list such as ['a', 'b'], or give data as {{ … | to_json }}",
            )
        elif labels and tag.name == element and attribute == ELEMENTS[tag.name].labels_in:
            yield from _categories(line, tag, attribute, text, list(labels))
    for line, tag, attribute, text in _json5_attributes(hostile):
        problem = _problem(text, samples.HOSTILE)
        if problem and (line, attribute) not in broken:
            yield Finding(
                line=line,
                rule="attribute-unescaped",
                message=f"{attribute} of <{tag.name}> breaks on data with quotes or line ends",
                fix="give data as {{ … | to_json }} without quotes of your own around it",
            )
    yield from _images(plain)


def _json5_attributes(html: str | None) -> Iterator[tuple[int, Tag, str, str]]:
    for line, tag in _crowd_tags(html):
        for attribute in sorted(ELEMENTS[tag.name].json5):
            text = tag.attributes.get(attribute, "")
            if text.strip():
                yield line, tag, attribute, text


def _crowd_tags(html: str | None) -> Iterator[tuple[int, Tag]]:
    for tag in markup.tags(html or ""):
        if tag.name in ELEMENTS and LINE_ATTRIBUTE in tag.attributes:
            yield int(tag.attributes[LINE_ATTRIBUTE]), tag


def _problem(text: str, sample: str) -> str | None:
    if text.strip() == sample.strip():
        return None  # the whole attribute is one unknown input: nothing can be said
    try:
        json5.loads(text)
    except json5.Json5Error as error:
        return str(error)
    return None


def _categories(
    line: int, tag: Tag, attribute: str, text: str, labels: list[str]
) -> Iterator[Finding]:
    value = json5.loads(text) if samples.PLAIN not in text else None
    if not isinstance(value, list):
        return
    written = [str(item.get("label") if isinstance(item, dict) else item) for item in value]
    if sorted(written) != sorted(labels):
        yield Finding(
            line=line,
            rule="labels-differ",
            message=f"{attribute} of <{tag.name}> is {written!r}, the job's labels are {labels!r}",
            fix="write {{ task.input.labels | to_json | escape }}, or exactly the job's labels",
        )


def _images(html: str | None) -> Iterator[Finding]:
    for line, tag in _crowd_tags(html):
        source = tag.attributes.get("src", "")
        if ELEMENTS[tag.name].image and not re.match(r"https?:|data:|blob:", source):
            yield Finding(
                line=line,
                rule="image-not-readable",
                message=f"src of <{tag.name}> is no link a browser can open",
                fix="write {{ task.input.taskObject | grant_read_access }}",
            )
