"""What a resource handler needs, and which ARNs that is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Operation = Literal["create", "update", "delete"]
Properties = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A resource that is being made, changed or deleted; properties are resolved."""

    type: str
    operation: Operation
    stack: str
    logical_id: str
    physical_id: str
    old: Properties
    new: Properties
    partition: str
    region: str
    account: str

    @property
    def properties(self) -> Properties:
        return self.old if self.operation == "delete" else self.new

    def touches(self, names: Sequence[str]) -> bool:
        """Whether any of the properties is set by a create, changes, or goes."""
        return any(self.old.get(name) != self.new.get(name) for name in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """An action on a resource.

    `resource` is an ARN in which `{partition}`, `{region}`, `{account}`, `{name}` (the resource's
    own), `{item}` and any property that is a text are filled in. `when` are properties that need
    the action only if they are set or change; `each` is a property with a list of items, one of
    which `item` is; of two that differ between old and new only what is added counts, or what goes
    with `gone`. `keys` are condition keys and what is filled in for their values.
    """

    action: str
    resource: str = "*"
    when: tuple[str, ...] = ()
    each: str = ""
    gone: bool = False
    keys: Mapping[str, str] = field(default_factory=dict)

    def of(self, change: Change, fields: Mapping[str, str]) -> Iterator[tuple[str, Properties]]:
        """The ARNs the action is needed on, each with the condition keys it comes with."""
        if self.when and not change.touches(self.when):
            return
        for item in self._items(change) if self.each else [""]:
            known = {**fields, "item": item, "item_name": _last(item)}
            keys = {key: _filled(value, known) for key, value in self.keys.items()}
            yield _filled(self.resource, known), keys

    def _items(self, change: Change) -> list[str]:
        old, new = (_texts(side.get(self.each)) for side in (change.old, change.new))
        having, lacking = (old, new) if self.gone or change.operation == "delete" else (new, old)
        return [item for item in having if item not in lacking]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handlers:
    """A resource type: which property names it, and what its handlers need.

    `reading` is needed by create and update as well: they read what they have made.
    """

    name: str = ""
    lower_case: bool = False
    create: tuple[Need, ...]
    update: tuple[Need, ...] = ()
    delete: tuple[Need, ...]
    reading: tuple[Need, ...] = ()
    more: Mapping[str, str] = field(default_factory=dict)

    def needs(self, operation: Operation) -> tuple[Need, ...]:
        if operation == "delete":
            return self.delete
        return (*(self.create if operation == "create" else self.update), *self.reading)

    def fields(self, change: Change) -> dict[str, str]:
        """What ARNs are filled with; `more` are properties that hold a name or an ARN with it."""
        texts = {key: value for key, value in change.properties.items() if isinstance(value, str)}
        named = {key: _last(texts.get(source, "")) for key, source in self.more.items()}
        return {
            **texts,
            **named,
            "partition": change.partition,
            "region": change.region,
            "account": change.account,
            "name": self._name(change),
        }

    def _name(self, change: Change) -> str:
        """Its name; one that CloudFormation makes up starts with the stack's and its logical id."""
        given = change.properties.get(self.name)
        if isinstance(given, str) and given:
            return given
        made_up = f"{change.stack}-{change.logical_id}-1A2B3C4D5E6F"
        name = _last(change.physical_id) or made_up
        return name.lower() if self.lower_case else name


def _last(identifier: str) -> str:
    """The name at the end of an ARN or a queue's URL; a name is its own, slashes and all."""
    if not identifier.startswith(("arn:", "http:", "https:")):
        return identifier
    return re.split(r"[/:]", identifier)[-1]


def _texts(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [] if value is None else [value]
    return [item for item in listed if isinstance(item, str)]


class _Missing(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "*"


def _filled(pattern: str, fields: Mapping[str, str]) -> str:
    return pattern.format_map(_Missing(fields))


def arn(service: str, resource: str) -> str:
    """The pattern of an ARN in the deployment's own region and account."""
    return f"arn:{{partition}}:{service}:{{region}}:{{account}}:{resource}"


def tagging(add: str, remove: str, resource: str, name: str = "Tags") -> tuple[Need, ...]:
    """What a change of the property with the tags needs."""
    return (
        Need(action=add, resource=resource, when=(name,)),
        Need(action=remove, resource=resource, when=(name,)),
    )
