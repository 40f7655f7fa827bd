"""Campaigns whose objects are what another campaign has labeled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ground_truth.tasks import AnswerKind, rules_for
from stacks.campaign import CampaignFile

Read = Callable[[str], CampaignFile | None]
Report = Callable[[str, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The campaign another one is based on."""

    name: str
    settings: CampaignFile
    prefix: str | None
    """What of the raw bucket the chain began with, None where it began with a manifest."""
    references: tuple[str, ...]
    """Campaigns of the chain whose labels are objects: masks, by their attribute's ``-ref``."""


def base_of(
    name: str, settings: CampaignFile, *, known: Sequence[str], read: Read, report: Report
) -> Base | None:
    """Return what the campaign is based on, having reported (key, message) what can't be.

    `read` gives another campaign's file, None if that has problems of its own.
    """
    based_on = settings.dataset.based_on
    if based_on is None:
        return None
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
    problems = [*_attributes(chain), *_objects(chain), *_accepted(chain), *_places(chain)]
    for key, message in problems:
        report(key, message)
    if problems:
        return None
    return Base(
        name=based_on,
        settings=chain[1][1],
        prefix=chain[-1][1].dataset.prefix,
        references=tuple(each for each, file in chain[1:] if file.label_attribute.endswith("-ref")),
    )


Chain = Sequence[tuple[str, CampaignFile]]


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
