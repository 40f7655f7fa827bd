"""Mistakes that show only once a template is rendered: over plain and over hostile sample data."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from ground_truth_liquid import json5, markup, samples
from ground_truth_liquid.contract import FETCHES
from ground_truth_liquid.elements import ELEMENTS
from ground_truth_liquid.finding import Finding

if TYPE_CHECKING:
    from ground_truth_liquid.markup import Tag
    from ground_truth_liquid.samples import Inputs


def rendered(
    marked: str, inputs: Inputs, labels: Collection[str] | None, element: str | None
) -> Iterator[Finding]:
    """Findings in what the browser will get; `marked` is the template with places in it."""
    plain = samples.rendering(marked, inputs=inputs, labels=labels)
    broken: set[tuple[int, int, str]] = set()
    for tag, attribute, text in _json5_attributes(plain):
        problem = _problem(text, samples.PLAIN)
        if problem:
            broken.add((tag.line, tag.column, attribute))
            yield Finding(
                line=tag.line,
                column=tag.column,
                rule="attribute-syntax",
                message=f"{attribute} of <{tag.name}> doesn't parse once rendered: {problem}",
                fix="write a JSON5 list such as ['a', 'b'], or give data as {{ … | to_json }}",
            )
        elif labels and tag.name == element and attribute == ELEMENTS[tag.name].labels_in:
            yield from _categories(tag, attribute, text, list(labels))
    yield from _unescaped(marked, inputs, labels, broken)
    yield from _sources(plain)


def _unescaped(
    marked: str,
    inputs: Inputs,
    labels: Collection[str] | None,
    broken: Collection[tuple[int, int, str]],
) -> Iterator[Finding]:
    """Attributes that plain data leaves whole and real data doesn't."""
    culprits: dict[tuple[int, int, str, str], list[str]] = {}
    for kind, sample in samples.HOSTILE.items():
        hostile = samples.rendering(marked, inputs=inputs, labels=labels, text=sample)
        for tag, attribute, text in _json5_attributes(hostile):
            place = (tag.line, tag.column, attribute)
            if place not in broken and _problem(text, sample):
                kinds = culprits.setdefault((*place, tag.name), [])
                kinds.extend([kind] if kind not in kinds else [])
    for (line, column, attribute, name), kinds in culprits.items():
        yield Finding(
            line=line,
            column=column,
            rule="attribute-unescaped",
            message=f"{attribute} of <{name}> breaks on data with {' or '.join(kinds)}",
            fix="give data as {{ … | to_json }} without quotes of your own around it",
        )


def _json5_attributes(html: str | None) -> Iterator[tuple[Tag, str, str]]:
    for tag in markup.placed(html):
        if tag.name in ELEMENTS:
            for attribute in sorted(ELEMENTS[tag.name].json5):
                text = tag.attributes.get(attribute, "")
                if text.strip():
                    yield tag, attribute, text


def _problem(text: str, sample: str) -> str | None:
    if text.strip() == sample.strip():
        return None  # the whole attribute is one unknown input: nothing can be said
    try:
        json5.loads(text)
    except json5.Json5Error as error:
        return str(error)
    return None


def _categories(tag: Tag, attribute: str, text: str, labels: list[str]) -> Iterator[Finding]:
    value = json5.loads(text) if samples.PLAIN not in text else None
    if not isinstance(value, list):
        return
    written = [str(item.get("label") if isinstance(item, dict) else item) for item in value]
    if sorted(written) != sorted(labels):
        yield Finding(
            line=tag.line,
            column=tag.column,
            rule="labels-differ",
            message=f"{attribute} of <{tag.name}> is {written!r}, the job's labels are {labels!r}",
            fix="write {{ task.input.labels | to_json | escape }}, or exactly the job's labels",
        )


def _sources(html: str | None) -> Iterator[Finding]:
    for tag in markup.placed(html):
        source = tag.attributes.get(FETCHES.get(tag.name, ""), "")
        element = ELEMENTS.get(tag.name)
        is_link = re.match(r"https?:|data:|blob:", source)
        if source.startswith("s3:") or (element and element.image and source and not is_link):
            yield Finding(
                line=tag.line,
                column=tag.column,
                rule="image-not-readable",
                message=f"src of <{tag.name}> is no link a browser can open",
                fix="write {{ task.input.taskObject | grant_read_access }}",
            )
