"""What CloudFormation would do to each resource, by the CDK's published template diff."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ground_truth_ops.errors import OpsError

if TYPE_CHECKING:
    from ground_truth_ops.review.assemblies import Assembly, Stack
    from ground_truth_ops.review.revision import Tree

_DIGEST = re.compile(r"[0-9a-f]{64}|CurrentVersion[0-9A-Za-z]+")
_RULES_ADDED = ("ingressRuleAdditions", "egressRuleAdditions")
SCRIPT = Path(__file__).with_name("template_diff.cjs")


class TemplateDiffError(OpsError):
    """The template diff could not be run."""


class Impact(StrEnum):
    """The CDK's words for what happens to a resource."""

    CREATE = "WILL_CREATE"
    UPDATE = "WILL_UPDATE"
    REPLACE = "WILL_REPLACE"
    MAY_REPLACE = "MAY_REPLACE"
    DESTROY = "WILL_DESTROY"
    ORPHAN = "WILL_ORPHAN"
    IMPORT = "WILL_IMPORT"
    NONE = "NO_CHANGE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A changed resource; `before` and `after` are its declarations, empty where there is none."""

    logical_id: str
    type: str
    impact: Impact
    properties: tuple[str, ...]
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def path(self) -> str:
        """Where it stands in the construct tree, else its logical id."""
        for declaration in (self.after, self.before):
            path = declaration.get("Metadata", {}).get("aws:cdk:path", "")
            if path:
                parts = [part for part in str(path).split("/") if part not in ("Resource",)]
                return "/".join(parts[2:]) or self.logical_id
        return self.logical_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """An IAM statement that comes or goes, as the CDK renders it."""

    added: bool
    negative: bool
    effect: str
    action: str
    resource: str
    principal: str
    condition: str

    @property
    def broadens(self) -> bool:
        return self.added != self.negative

    @property
    def masked(self) -> str:
        """The statement without the digests of assets, whose names change with every edit."""
        parts = (self.effect, self.action, self.resource, self.principal, self.condition)
        return _DIGEST.sub("<digest>", "\n".join(parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class StackChange:
    """A stack before and after; one of them is None where it comes or goes."""

    name: str
    before: Stack | None
    after: Stack | None
    resources: tuple[Resource, ...] = ()
    outputs: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = ()
    managed_policies: tuple[str, ...] = ()
    security_groups: Mapping[str, Any] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        different = self.before is None or self.after is None
        return different or bool(self.resources or self.outputs or self.protection_dropped)

    @property
    def permissions(self) -> tuple[Statement, ...]:
        """Statements that come or go, without those that only name a renewed asset.

        A stack that leaves the files stays deployed, with every permission it has.
        """
        if self.after is None:
            return ()
        ours = [(each, each.masked) for each in self.statements]
        return tuple(
            each
            for each, masked in ours
            if not any(other.added != each.added and text == masked for other, text in ours)
        )

    @property
    def broadens(self) -> bool:
        """Whether the change gives anybody more than they had."""
        rules = any(self.security_groups.get(key) for key in _RULES_ADDED)
        policies = any(line.startswith("+") for line in self.managed_policies)
        given = policies or rules or any(each.broadens for each in self.permissions)
        return self.after is not None and given

    @property
    def protection_dropped(self) -> bool:
        both = self.before is not None and self.after is not None
        return both and bool(
            self.before
            and self.before.termination_protection
            and self.after
            and not self.after.termination_protection
        )


def compare(pairs: Sequence[tuple[Assembly, Assembly]], *, tree: Tree) -> list[list[StackChange]]:
    """Stack changes of each pair of assemblies, (before, after), in order of deployment."""
    stacks = [_paired(before, after) for before, after in pairs]
    wanted = [
        {"id": f"{number} {name}", "before": _file(before), "after": _file(after)}
        for number, found in enumerate(stacks)
        for name, (before, after) in found.items()
        if before is None or after is None or before.template() != after.template()
    ]
    answers = {str(answer["id"]): answer for answer in _run(wanted, tree)}
    return [
        [
            _change(name, before, after, answers.get(f"{number} {name}", {}))
            for name, (before, after) in found.items()
        ]
        for number, found in enumerate(stacks)
    ]


def _paired(before: Assembly, after: Assembly) -> dict[str, tuple[Stack | None, Stack | None]]:
    names = [*after.stacks, *(name for name in before.stacks if name not in after.stacks)]
    return {name: (before.stacks.get(name), after.stacks.get(name)) for name in names}


def _file(stack: Stack | None) -> str | None:
    return None if stack is None else str(stack.path)


def _run(pairs: Sequence[Mapping[str, object]], tree: Tree) -> list[dict[str, Any]]:
    if not pairs:
        return []
    found = subprocess.run(  # noqa: S603 - our own script
        ["node", str(SCRIPT)],  # noqa: S607 - the environment's own Node
        cwd=tree.root,
        env=tree.variables(),
        input=json.dumps(pairs),
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode != 0:
        raise TemplateDiffError(
            "the template diff did not run; `make setup` installs what it needs",
            details=tuple(found.stderr.splitlines()[-8:]),
        )
    answers: list[dict[str, Any]] = json.loads(found.stdout)
    return answers


def _change(
    name: str, before: Stack | None, after: Stack | None, answer: Mapping[str, Any]
) -> StackChange:
    return StackChange(
        name=name,
        before=before,
        after=after,
        resources=tuple(_resource(item) for item in answer.get("resources", ())),
        outputs=tuple(answer.get("outputs", ())),
        statements=tuple(Statement(**item) for item in answer.get("statements", ())),
        managed_policies=tuple(
            f"{'+' if item['added'] else '-'} {item['policy']} on {item['identity']}"
            for item in answer.get("managedPolicies", ())
        ),
        security_groups=answer.get("securityGroups", {}),
    )


def _resource(item: Mapping[str, Any]) -> Resource:
    return Resource(
        logical_id=item["logicalId"],
        type=item["type"],
        impact=_impact(item),
        properties=tuple(sorted(entry["name"] for entry in item["properties"])),
        before=item["before"] or {},
        after=item["after"] or {},
    )


def _impact(item: Mapping[str, Any]) -> Impact:
    """CloudFormation updates a custom resource for every property, which the CDK doesn't say."""
    impact = Impact(item["impact"])
    return Impact.UPDATE if impact is Impact.NONE and item["properties"] else impact
