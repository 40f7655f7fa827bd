"""The whole of a review: every environment of two revisions, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from ground_truth_ops.errors import OpsError
from ground_truth_ops.project import load_project
from ground_truth_ops.review.assemblies import Assembly, Wanted, forget_old, synthesize
from ground_truth_ops.review.campaigns import Declared, declared_campaigns
from ground_truth_ops.review.consequences import Consequence, Verdict, consequence
from ground_truth_ops.review.live import at_work, read_deployed
from ground_truth_ops.review.people import Access, access
from ground_truth_ops.review.price import Cost, cost
from ground_truth_ops.review.revision import Tree, revision, working_tree
from ground_truth_ops.review.risks import Risk, risks
from ground_truth_ops.review.templates import StackChange, compare

if TYPE_CHECKING:
    from ground_truth_ops.project import Target
    from stacks.config import Project
    from stacks.environment import Price

CACHE = Path(".cache") / "review"


class Gate(StrEnum):
    """What a pipeline may be told to fail on, with the exit code that says so."""

    DESTRUCTIVE = "destructive"
    BROADENING = "broadening"
    REFUSED = "refused"
    STOPS_WORK = "stops-work"

    @property
    def exit_code(self) -> int:
        return 10 + list(Gate).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentReview:
    """An environment before and after; one of the assemblies is None where it comes or goes.

    `jobs` says of campaigns what their jobs do today, where that was looked at.
    """

    environment: str
    before: Assembly | None
    after: Assembly | None
    changes: tuple[StackChange, ...] = ()
    risks: tuple[Risk, ...] = ()
    consequences: tuple[Consequence, ...] = ()
    costs: dict[str, Cost] = field(default_factory=dict)
    access: Access = field(default_factory=lambda: Access(gained=(), lost=()))
    jobs: Mapping[str, str] = field(default_factory=dict)

    @property
    def problems(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Which revision was refused by its own checks, and their words."""
        sides = (("the base", self.before), ("this change", self.after))
        return tuple((name, side.problems) for name, side in sides if side and side.problems)

    @property
    def changed(self) -> bool:
        return bool(self.problems or any(change.changed for change in self.changes))

    @property
    def gates(self) -> frozenset[Gate]:
        """The gates this environment trips; what can't be read trips what it might hide."""
        blind = any(side is not None and not side.readable for side in (self.before, self.after))
        verdicts = {each.verdict for each in self.consequences}
        tripped = {
            Gate.DESTRUCTIVE: blind or any(risk.certain or risk.data for risk in self.risks),
            Gate.BROADENING: blind or any(change.broadens for change in self.changes),
            Gate.REFUSED: bool(verdicts & {Verdict.REFUSED, Verdict.REMOVED}),
            Gate.STOPS_WORK: any(each.stops_work for each in self.consequences),
        }
        return frozenset(gate for gate, met in tripped.items() if met)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Every environment that was looked at, by name; `skipped` run on one machine only.

    `base` is a commit, or None for what is deployed.
    """

    base: str | None
    environments: tuple[EnvironmentReview, ...]
    skipped: tuple[str, ...] = ()

    @property
    def gates(self) -> frozenset[Gate]:
        return frozenset(gate for each in self.environments for gate in each.gates)


def review(root: Path, base: str, *, environments: Sequence[str] = ()) -> Review:
    """Compare the working tree with a revision, in the environments named or in all of AWS's.

    Needs no credentials and makes no call to AWS.
    """
    head = working_tree(root)
    log = root / CACHE / "logs" / "review.log"
    with revision(head, base, log=log) as tree:
        names, skipped = _chosen(root, head, tree, environments)
        found = _synthesized(root, head, tree, names, log)
        reviews = _reviews(root, head, found)
    forget_old(root / CACHE / "assemblies")
    return Review(base=tree.commit or base, environments=reviews, skipped=skipped)


def review_deployed(target: Target) -> Review:
    """Compare the working tree with what is deployed in an environment; reads AWS only."""
    root, name = target.project.root, target.environment
    head = working_tree(root)
    place, log = root / CACHE / "assemblies", root / CACHE / "logs" / "review.log"
    deployed = read_deployed(target, place / "deployed" / name)
    wanted = Wanted(tree=head, environment=name, folder=place / "working-tree" / name)
    (after,) = synthesize([wanted], log=log)
    (found,) = _reviews(root, head, [(name, deployed.assembly, after)])
    jobs = {
        each.campaign: text
        for each in found.consequences
        if (text := at_work(each, deployed.jobs.get(each.campaign)))
    }
    return Review(base=None, environments=(replace(found, jobs=jobs),))


def _chosen(
    root: Path, head: Tree, base: Tree, asked: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    known = tuple(sorted({*head.environments, *base.environments}))
    unknown = [name for name in asked if not (head.has(name) or base.has(name))]
    if unknown:
        raise OpsError(
            f"unknown environment {unknown[0]!r}; there are {', '.join(known) or 'none'}"
        )
    if asked:
        return tuple(asked), ()
    skipped = tuple(name for name in head.environments if _on_one_machine(root, name))
    return tuple(name for name in known if name not in skipped), skipped


def _on_one_machine(root: Path, environment: str) -> bool:
    """Whether it can't be in AWS: the portal there has TLS. A file with problems is looked at."""
    try:
        project = load_project(root, environment)
    except OpsError:
        return False
    return project.environment.settings.workforce.portal_scheme == "http"


def _synthesized(
    root: Path, head: Tree, base: Tree, names: Sequence[str], log: Path
) -> list[tuple[str, Assembly | None, Assembly | None]]:
    place = root / CACHE / "assemblies"
    wanted = [
        Wanted(tree=tree, environment=name, folder=place / (tree.commit or "working-tree") / name)
        for name in names
        for tree in (base, head)
        if tree.has(name)
    ]
    made = iter(synthesize(wanted, log=log))
    return [
        (
            name,
            next(made) if base.has(name) else None,
            next(made) if head.has(name) else None,
        )
        for name in names
    ]


def _reviews(
    root: Path, head: Tree, found: Sequence[tuple[str, Assembly | None, Assembly | None]]
) -> tuple[EnvironmentReview, ...]:
    def or_empty(assembly: Assembly | None, environment: str) -> Assembly:
        return assembly or Assembly(environment, root / CACHE / "nothing")

    readable = [all(side is None or side.readable for side in sides) for _, *sides in found]
    pairs = [(or_empty(before, name), or_empty(after, name)) for name, before, after in found]
    compared = iter(
        compare([pair for pair, can in zip(pairs, readable, strict=True) if can], tree=head)
    )
    reviews = []
    for (name, before, after), pair, can in zip(found, pairs, readable, strict=True):
        if not can:
            reviews.append(EnvironmentReview(environment=name, before=before, after=after))
            continue
        changes = next(compared)
        project = load_project(root, name) if after else None
        consequences = _consequences(*pair, expected=_expected(project))
        reviews.append(
            EnvironmentReview(
                environment=name,
                before=before,
                after=after,
                changes=tuple(changes),
                risks=tuple(risk for change in changes for risk in risks(change)),
                consequences=consequences,
                costs=_costs(consequences, project.environment.settings.price if project else None),
                access=access(*pair),
            )
        )
    return tuple(reviews)


def _consequences(
    before: Assembly, after: Assembly, *, expected: Mapping[str, int]
) -> tuple[Consequence, ...]:
    had: dict[str, Declared] = declared_campaigns(before)
    have = {
        name: each if each.objects is not None else replace(each, objects=expected.get(name))
        for name, each in declared_campaigns(after).items()
    }
    found = [consequence(had.get(name), have.get(name)) for name in {**had, **have}]
    order = list(Verdict)
    return tuple(sorted(found, key=lambda each: (order.index(each.verdict), each.campaign)))


def _costs(consequences: Sequence[Consequence], price: Price | None) -> dict[str, Cost]:
    found = {
        each.campaign: cost(price, objects=each.asked, answers=each.answers)
        for each in consequences
        if each.asked
    }
    return {campaign: value for campaign, value in found.items() if value is not None}


def _expected(project: Project | None) -> dict[str, int]:
    """What the files say of datasets whose objects only the bucket knows."""
    declared = {
        each.name: each.settings.dataset.expected_objects
        for each in (project.campaigns if project else ())
    }
    return {name: objects for name, objects in declared.items() if objects is not None}
