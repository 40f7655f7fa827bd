"""Mistakes of the page as a whole: what a browser would drop, block, or never submit."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from ground_truth_liquid.contract import (
    FETCHES,
    MERGING,
    MERGING_TYPES,
    NATIVE,
    REGIONS,
    SILENT_TYPES,
)
from ground_truth_liquid.elements import ELEMENTS, SCRIPT
from ground_truth_liquid.finding import Finding, Severity
from ground_truth_liquid.samples import GRANTED

if TYPE_CHECKING:
    from ground_truth_liquid.markup import Tag


CDN = SCRIPT.rpartition("/")[0]


def document(tags: list[Tag], scripts: Collection[str]) -> Iterator[Finding]:
    """Findings in a rendered page; `scripts` are the template's own.

    A script may do by hand what is missing here, so what only may be wrong isn't said then.
    """
    yield from _forms(tags)
    yield from _names(tags)
    yield from _fetches(tags)
    yield from _regions(tags)
    yield from _attributes(tags, " ".join(scripts))
    if not scripts:
        yield from _natives(tags)


def _forms(tags: list[Tag]) -> Iterator[Finding]:
    for tag in [tag for tag in tags if tag.name == "crowd-form"][1:]:
        yield _finding(
            tag,
            "several-forms",
            "a second crowd-form: only the answers of one are submitted",
            "put everything into one <crowd-form>…</crowd-form>",
        )
    for tag in tags:
        if tag.name == "form" and "crowd-form" in tag.inside:
            yield _finding(
                tag,
                "nested-form",
                "a form inside crowd-form keeps its controls to itself",
                "remove the <form> and keep what is in it",
            )


def _names(tags: list[Tag]) -> Iterator[Finding]:
    first: dict[str, Tag] = {}
    for tag in tags:
        name = tag.attributes.get("name", "")
        if not name or not _answers(tag):
            continue
        earlier = first.setdefault(name, tag)
        if earlier is not tag and not (_merges(earlier) and _merges(tag)):
            yield _finding(
                tag,
                "duplicate-name",
                f"another element is named {name!r}, too: only one of the answers is kept",
                "give each its own name",
            )


def _merges(tag: Tag) -> bool:
    return tag.name in MERGING or tag.attributes.get("type", "").lower() in MERGING_TYPES


def _answers(tag: Tag) -> bool:
    return _native(tag) or (tag.name in ELEMENTS and ELEMENTS[tag.name].answers)


def _native(tag: Tag) -> bool:
    return tag.name in NATIVE and tag.attributes.get("type", "").lower() not in SILENT_TYPES


def _fetches(tags: list[Tag]) -> Iterator[Finding]:
    for tag in tags:
        address = tag.attributes.get(FETCHES.get(tag.name, ""), "").strip()
        image = tag.name in ELEMENTS and ELEMENTS[tag.name].image
        if address.lower().startswith("http:"):
            yield _finding(
                tag,
                "insecure-address",
                f"<{tag.name}> takes {address[:60]!r} over http, which the worker portal's https"
                " page blocks",
                "use https",
            )
        elif tag.name == "script" and address and not address.startswith(CDN):
            yield _finding(
                tag,
                "external-script",
                f"a script of another host, {address[:60]!r}, sees every answer, and local AWS"
                " doesn't load it",
                "write the script into the template",
                Severity.WARNING,
            )
        elif image and address.startswith("https:") and not address.startswith(GRANTED):
            yield _finding(
                tag,
                "external-image",
                f"<{tag.name}> can show {address[:60]!r} only if that host sends CORS headers; of"
                " the raw bucket the project sees to it",
                "put the image into the raw bucket and write {{ … | grant_read_access }}",
                Severity.WARNING,
            )


def _regions(tags: list[Tag]) -> Iterator[Finding]:
    for index, tag in enumerate(tags):
        inside = {child.name for child in _descendants(tags, index)}
        for region in REGIONS.get(tag.name, ()):
            if region not in inside:
                yield _finding(
                    tag,
                    "missing-region",
                    f"<{tag.name}> has no <{region}>, which its reference calls required",
                    f"put <{region}>…</{region}> into it",
                    Severity.WARNING,
                )
        if tag.name == "img" and "alt" not in tag.attributes:
            yield _finding(
                tag,
                "missing-alt",
                "an image without alt says nothing to those who can't see it",
                'say what it shows, or alt="" where it only decorates',
                Severity.WARNING,
            )


def _descendants(tags: list[Tag], index: int) -> Iterator[Tag]:
    depth = len(tags[index].inside)
    for tag in tags[index + 1 :]:
        if len(tag.inside) <= depth:
            return
        yield tag


def _attributes(tags: list[Tag], scripts: str) -> Iterator[Finding]:
    for tag in tags:
        if tag.name not in ELEMENTS:
            continue
        element = ELEMENTS[tag.name]
        needed = [element.labels_in] if element.labels_in else []
        needed += ["src"] if element.image else []
        for attribute in needed:
            # A script may set it as a property once the elements are ready
            if attribute in tag.attributes or f".{attribute}" in scripts:
                continue
            yield _finding(
                tag,
                "missing-attribute",
                f"<{tag.name}> has no {attribute}, so workers have nothing to work with",
                f'add {attribute}="…"',
            )


def _natives(tags: list[Tag]) -> Iterator[Finding]:
    has_form = any(tag.name == "crowd-form" for tag in tags)
    for tag in tags:
        if _native(tag) and not tag.attributes.get("name"):
            yield _finding(
                tag,
                "missing-name",
                f"<{tag.name}> has no name, so its answer isn't submitted",
                'give it a name="…"',
                Severity.WARNING,
            )
        if _native(tag) and has_form and "crowd-form" not in tag.inside:
            yield _finding(
                tag,
                "outside-form",
                f"<{tag.name}> is outside crowd-form, so its answer isn't submitted",
                "move it into the <crowd-form>",
                Severity.WARNING,
            )
        if tag.name in {"audio", "video"} and "controls" not in tag.attributes:
            yield _finding(
                tag,
                "missing-controls",
                f"<{tag.name}> without controls can't be played by anybody",
                "add controls",
                Severity.WARNING,
            )


def _finding(
    tag: Tag, rule: str, message: str, fix: str, severity: Severity = Severity.ERROR
) -> Finding:
    return Finding(
        line=tag.line, column=tag.column, rule=rule, message=message, fix=fix, severity=severity
    )
