"""Campaigns whose objects are what another campaign has labeled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ground_truth.built_in import Audit, UiKind
from ground_truth.functions import Functions
from ground_truth.task_input import Audited
from ground_truth.tasks import AnswerKind, rules_for
from ground_truth_cdk.labels import TooManyLabelsError, annotation_settings
from stacks.campaign import CampaignFile
from stacks.label_categories import DEFAULT_ANNOTATION
from stacks.places import campaign_names
from stacks.problems import Problem
from stacks.reading import read_table

Read = Callable[[str], CampaignFile | None]
Report = Callable[[str, str], None]
Chain = Sequence[tuple[str, CampaignFile]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The campaign another one is based on."""

    name: str
    settings: CampaignFile
    prefix: str | None
    """What of the raw bucket the chain began with, None where it began with a manifest."""
    references: tuple[str, ...]
    """Campaigns of the chain whose labels are objects: masks, by their attribute's ``-ref``."""
    audited: Audited | None = None
    """What a verification or an adjustment begins with: the chain's newest labels of its kind."""


def read_base(
    root: Path, name: str, settings: CampaignFile, problems: list[Problem]
) -> Base | None:
    """Return what the campaign is based on, None where nothing or where `problems` say why."""

    def read(other: str) -> CampaignFile | None:
        its_own: list[Problem] = []  # reported where it is asked for
        found = read_table(root, _file(other), CampaignFile, its_own)
        return None if its_own else found

    def report(key: str, message: str) -> None:
        problems.append(Problem(file=_file(name), key=key, message=message))

    return base_of(name, settings, known=campaign_names(root), read=read, report=report)


def _file(name: str) -> str:
    return f"campaigns/{name}/campaign.toml"


def base_of(
    name: str, settings: CampaignFile, *, known: Sequence[str], read: Read, report: Report
) -> Base | None:
    """Return what the campaign is based on, having reported (key, message) what can't be.

    `read` gives another campaign's file, None if that has problems of its own.
    """
    if settings.dataset.based_on is None:
        if rules_for(settings.task).audit is not None:
            message = f"{settings.task} is about labels; set based_on to the campaign that has them"
            report("dataset", message)
        return None
    chain = _chain(name, settings, known=known, read=read, report=report)
    if chain is None:
        return None
    audited = _audited(chain)
    problems = [
        *_attributes(chain),
        *_objects(chain),
        *_accepted(chain),
        *_places(chain),
        *_audit(chain, audited),
    ]
    for key, message in problems:
        report(key, message)
    if problems:
        return None
    base, file = chain[1]
    return Base(
        name=base,
        settings=file,
        prefix=chain[-1][1].dataset.prefix,
        references=tuple(each for each, file in chain[1:] if file.label_attribute.endswith("-ref")),
        audited=None if audited is None else _labels_of(audited[1]),
    )


def _chain(
    name: str, settings: CampaignFile, *, known: Sequence[str], read: Read, report: Report
) -> Chain | None:
    """The campaign, what it is based on, and so on to the beginning."""
    chain = [(name, settings)]
    while (following := chain[-1][1].dataset.based_on) is not None:
        if following not in known:
            there = ", ".join(each for each in known if each != name) or "none"
            report(
                "dataset.based_on", f"unknown campaign {following!r}, there are {there}; correct it"
            )
            return None
        if following in [each for each, _ in chain]:
            circle = " → ".join([*(each for each, _ in chain), following])
            report("dataset.based_on", f"the chain has no beginning: {circle}; break it")
            return None
        file = read(following)
        if file is None:
            report("dataset.based_on", f"campaign {following!r} has problems; correct them first")
            return None
        chain.append((following, file))
    return chain


def _audited(chain: Chain) -> tuple[str, CampaignFile] | None:
    """The nearest campaign whose labels can be audited: of the task itself, or adjusted."""
    wanted = rules_for(chain[0][1].task).audited
    for name, settings in chain[1:]:
        rules = rules_for(settings.task)
        adjusted = rules.audited if rules.audit is Audit.ADJUSTMENT else None
        labeled = not settings.job_rules.direct
        if wanted is not None and labeled and wanted in (rules.task, adjusted):
            return name, settings
    return None


def _labels_of(settings: CampaignFile) -> Audited:
    return Audited(attribute=settings.label_attribute, labels=settings.label_names)


def _audit(chain: Chain, audited: tuple[str, CampaignFile] | None) -> Iterator[tuple[str, str]]:
    """What is audited is there, and an adjustment can give every label that is.

    Source: developer guide, "Verify and Adjust Labels".
    """
    settings = chain[0][1]
    rules = rules_for(settings.task)
    if rules.audit is None:
        return
    if audited is None:
        there = ", ".join(f"{name} ({file.task})" for name, file in chain[1:])
        message = (
            f"{settings.task} is about labels of {rules.audited}, and the chain has {there};"
            " base it on a campaign that has such labels"
        )
        yield "dataset.based_on", message
        return
    name, file = audited
    missing = [label for label in file.label_names if label not in settings.label_names]
    if rules.audit is Audit.ADJUSTMENT and missing:
        lost = ", ".join(map(repr, missing))
        message = f"lacks {lost} of {name}, whose labels are adjusted; add them, others may follow"
        yield "labels", message
    if settings.job_rules.ui is UiKind.HUMAN_TASK_UI:
        yield from _frames_audit(settings, name, file)
    if settings.functions is not Functions.OWN:
        return
    try:
        annotation_settings(settings.task, settings.label_names, _labels_of(file))
    except TooManyLabelsError as error:
        yield "labels", str(error)


def _frames_audit(
    settings: CampaignFile, name: str, file: CampaignFile
) -> Iterator[tuple[str, str]]:
    """A verification shows the labels there are and no others; the tool is the first one's."""
    verified = rules_for(settings.task).audit is Audit.VERIFICATION
    if verified and settings.label_names != file.label_names:
        there = ", ".join(map(repr, file.label_names))
        message = f"of a verification are those of {name}, in their order: {there}; take them over"
        yield "labels", message
    here, before = (each.label_categories.annotation_type for each in (settings, file))
    if (here or DEFAULT_ANNOTATION) != (before or DEFAULT_ANNOTATION):
        message = (
            f"got {here or DEFAULT_ANNOTATION!r}, and the labels of {name} are"
            f" {before or DEFAULT_ANNOTATION!r}; take it over"
        )
        yield "label_categories.annotation_type", message


def _attributes(chain: Chain) -> Iterator[tuple[str, str]]:
    """A line that carries a job's label attribute is labeled, and nobody is asked about it."""
    attribute = chain[0][1].label_attribute
    for name, settings in chain[1:]:
        if settings.label_attribute == attribute:
            message = (
                f"got {attribute!r}, which the objects carry already: it is campaign {name}'s;"
                " choose another"
            )
            yield "label_attribute", message


def _objects(chain: Chain) -> Iterator[tuple[str, str]]:
    (_, settings), (name, base) = chain[:2]
    wanted, given = (rules_for(each.task).objects for each in (settings, base))
    if wanted != given:
        message = (
            f"an object of {settings.task} is a {wanted}, and of campaign {name} ({base.task}) a"
            f" {given}; base it on another"
        )
        yield "dataset.based_on", message


def _accepted(chain: Chain) -> Iterator[tuple[str, str]]:
    (_, settings), (name, base) = chain[:2]
    accepted = settings.dataset.accepted
    if not accepted:
        return
    if rules_for(base.task).answers is not AnswerKind.SINGLE_LABEL or base.job_rules.direct:
        message = (
            f"campaign {name} ({base.task}) gives no object one label to accept it by;"
            " leave it out, or base it on a campaign that classifies them"
        )
        yield "dataset.accepted", message
        return
    wrong = [label for label in accepted if label not in base.label_names]
    if wrong or len(set(accepted)) < len(accepted):
        there = ", ".join(map(repr, base.label_names))
        got = ", ".join(map(repr, accepted))
        yield "dataset.accepted", f"got {got}, allowed labels of {name}, each once: {there}"


def _places(chain: Chain) -> Iterator[tuple[str, str]]:
    """Labels of another environment are in another bucket."""
    (_, settings), (name, base) = chain[:2]
    if base.environments is None:
        return
    missing = set(settings.environments or ()) - set(base.environments)
    if settings.environments is None or missing:
        where = ", ".join(sorted(missing)) or "every environment"
        message = (
            f"runs in {where}, but campaign {name} only in {', '.join(base.environments)}, and its"
            " labels are there; run it there alone"
        )
        yield "environments", message
