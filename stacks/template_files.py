"""A campaign's template with its instructions in it, and where each part of it was written."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ground_truth.task_input import task_input
from ground_truth.tasks import rules_for
from ground_truth.template import FULL_INSTRUCTIONS, SHORT_INSTRUCTIONS, insert_instructions
from ground_truth_liquid import Finding, Severity, lint
from stacks.earlier_examples import STAND_IN, example_label

if TYPE_CHECKING:
    from ground_truth.task_input import Audited
    from stacks.campaign import CampaignFile

OWN_TEMPLATE = "template.liquid.html"
# Where it isn't the element's own: the name Ground Truth's consolidation of boxes reads
ANSWER_NAMES: Mapping[str, str] = {"crowd-bounding-box": "boundingBox"}
_PLACEHOLDERS = re.compile("|".join(map(re.escape, (SHORT_INSTRUCTIONS, FULL_INSTRUCTIONS))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A text and the file it is written in, from the project's root."""

    file: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFinding:
    """A finding in the file it was made in; line and column are 1-based."""

    file: str
    line: int
    column: int
    severity: Severity
    rule: str
    message: str
    fix: str

    def __str__(self) -> str:
        return f"{self.message}; {self.fix}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A stretch of the whole, from `start`, that is `source`'s from `offset` on."""

    start: int
    source: Source
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFiles:
    """`text` is what Ground Truth gets."""

    text: str
    parts: tuple[_Part, ...]

    def findings(
        self, settings: CampaignFile, audited: Audited | None = None
    ) -> list[TemplateFinding]:
        """What is wrong with it for this campaign, in the order of the files.

        It is rendered with what the campaign's pre-annotation function gives, or AWS's.
        """
        element = rules_for(settings.task).template_element
        found = lint(
            self.text,
            inputs=example_input(settings, audited),
            labels=settings.label_names or None,  # a draft has none
            element=element,
            name=ANSWER_NAMES.get(element),
        )
        return [self._placed(finding) for finding in [*self._unshown(settings), *found]]

    def _unshown(self, settings: CampaignFile) -> Iterator[Finding]:
        """People asked about labels that their page doesn't show would be paid for nothing."""
        rules = rules_for(settings.task)
        given = "initialValue" if settings.job_rules.built_in is None else "manifestLine"
        if rules.audit is None or given in self.text:
            return
        yield Finding(
            line=1,
            column=1,
            rule="earlier-label-unshown",
            message=f"{settings.task} is about labels, and the page shows none: task.input.{given}",
            fix="give them to the element as the task's own page in stacks/templates does",
        )

    def _placed(self, finding: Finding) -> TemplateFinding:
        file, line, column = self.place(finding.line, finding.column)
        return TemplateFinding(
            file=file,
            line=line,
            column=column,
            severity=finding.severity,
            rule=finding.rule,
            message=finding.message,
            fix=finding.fix,
        )

    def place(self, line: int, column: int) -> tuple[str, int, int]:
        """The file, line and column of a place in the whole."""
        before = self.text.split("\n")[: line - 1]
        index = sum(len(text) + 1 for text in before) + column - 1
        part = self.parts[bisect_right(self.parts, index, key=lambda part: part.start) - 1]
        text, at = part.source.text, part.offset + index - part.start
        return part.source.file, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def merge(template: Source, short: Sequence[Source], full: Sequence[Source]) -> TemplateFiles:
    """Put the instructions in; raises TemplateInstructionsError where they don't fit."""
    sources = {SHORT_INSTRUCTIONS: _written(short), FULL_INSTRUCTIONS: _written(full)}
    texts = {key: joined(value) for key, value in sources.items()}
    whole = insert_instructions(template.text, texts[SHORT_INSTRUCTIONS], texts[FULL_INSTRUCTIONS])
    parts = [_Part(start=0, source=template, offset=0)]
    start = read = 0
    for placeholder in _PLACEHOLDERS.finditer(template.text):
        start += placeholder.start() - read
        read = placeholder.end()
        at = start
        for source in sources[placeholder[0]]:
            indent = len(source.text) - len(source.text.lstrip())
            parts.append(_Part(start=at, source=source, offset=indent))
            at += len(source.text.strip()) + 1
        start += len(texts[placeholder[0]])
        parts.append(_Part(start=start, source=template, offset=read))
    return TemplateFiles(text=whole, parts=tuple(parts))


def joined(sources: Sequence[Source]) -> str:
    """The texts one after the other, without those that say nothing."""
    return "\n".join(each.text.strip() for each in _written(sources))


def _written(sources: Sequence[Source]) -> list[Source]:
    return [source for source in sources if source.text.strip()]


def example_input(settings: CampaignFile, audited: Audited | None = None) -> dict[str, object]:
    """What a page is given for an object, for a template to be tried with.

    Without a function of ours or AWS's for the task, that is the object's manifest line.
    """
    rules = rules_for(settings.task)
    key = rules.manifest_key
    line: dict[str, object] = {key: "s3://bucket/object" if key == "source-ref" else "a text"}
    labels = settings.label_names
    if rules.audit is not None:
        audited = audited or STAND_IN
        line |= example_label(settings.task, audited)
        labels = tuple(dict.fromkeys((*labels, *audited.labels)))
    given = input_of_others(settings, line)
    if given is not None:
        return given
    found = task_input(line, task=settings.task, labels=labels, audited=audited)["taskInput"]
    return {**found, "labels": list(settings.label_names)}


def input_of_others(settings: CampaignFile, line: Mapping[str, object]) -> dict[str, object] | None:
    """What a page is given for a manifest line where that isn't what our function gives."""
    rules = rules_for(settings.task)
    if settings.job_rules.direct:
        return dict(line)
    if settings.job_rules.built_in is None or rules.audit is None:
        return None
    # developer guide, "crowd-bounding-box" and "crowd-semantic-segmentation", initial-value
    return {
        "taskObject": line[rules.manifest_key],
        "labels": list(settings.label_names),
        "manifestLine": line,
    }
