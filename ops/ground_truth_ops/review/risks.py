"""What of a change destroys: labels and data first, then whatever a running job leans on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ground_truth_ops.review.templates import Impact, Resource, StackChange

# What people made, or what makes it readable, or who they are.
HOLDS_DATA = {
    "AWS::S3::Bucket": "objects and labels",
    "AWS::KMS::Key": "without the key nothing it encrypted can be read",
    "AWS::Cognito::UserPool": "the workers' accounts; answers name them",
    "AWS::Logs::LogGroup": "log lines",
}
# New with every change of what they describe; the old one has served.
PASSING = frozenset(
    {
        "AWS::Lambda::Version",
        "AWS::Lambda::Permission",
        "AWS::CDK::Metadata",
        "Custom::GroundTruthPortalClient",
    }
)
KEPT = frozenset({"Retain", "RetainExceptOnCreate"})
GONE = frozenset({Impact.DESTROY, Impact.REPLACE, Impact.ORPHAN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """Something of a stack that is destroyed or loses its protection; `data` when people made it.

    `certain` is false where CloudFormation decides when it is deployed.
    """

    stack: str
    what: str
    why: str
    data: bool
    certain: bool = True


def risks(change: StackChange) -> tuple[Risk, ...]:
    """Everything of one stack that destroys, data first; a stack that comes or goes has none."""
    if change.before is None or change.after is None:
        return ()
    found = [risk for resource in change.resources for risk in _of(change.name, resource)]
    if change.protection_dropped:
        found.append(
            Risk(
                stack=change.name,
                what="the stack",
                why="loses its termination protection",
                data=True,
            )
        )
    return tuple(sorted(found, key=lambda risk: (not risk.data, not risk.certain, risk.what)))


def _of(stack: str, resource: Resource) -> Iterator[Risk]:
    data = resource.type in HOLDS_DATA
    what = f"{resource.type} {resource.path}"
    if resource.impact in GONE and resource.type not in PASSING:
        yield Risk(stack=stack, what=what, why=_end(resource), data=data)
    elif resource.impact is Impact.MAY_REPLACE and data:
        why = f"may be replaced ({', '.join(resource.properties)})"
        yield Risk(stack=stack, what=what, why=why, data=data, certain=False)
    elif resource.before and resource.after:
        for why in _weaker(resource):
            yield Risk(stack=stack, what=what, why=why, data=True)


def _end(resource: Resource) -> str:
    policy = "DeletionPolicy" if not resource.after else "UpdateReplacePolicy"
    kept = (resource.after or resource.before).get(policy) in KEPT
    holds = HOLDS_DATA.get(resource.type, "")
    about = f": {holds}" if holds else ""
    if resource.impact is Impact.REPLACE:
        by = ", ".join(resource.properties)
        fate = "the old one stays behind, unused" if kept else "the old one is deleted"
        return f"is replaced by a new one ({by}); {fate}{about}"
    if kept:
        return f"leaves the stack and stays behind, unused{about}"
    return f"is deleted{about}"


def _weaker(resource: Resource) -> Iterator[str]:
    before, after = resource.before, resource.after
    yield from _lost_policies(before, after)
    old, new = before.get("Properties", {}), after.get("Properties", {})
    match resource.type:
        case "AWS::S3::Bucket":
            yield from _weaker_bucket(old, new)
        case "AWS::Logs::LogGroup":
            yield from _shorter("log retention", old.get("RetentionInDays"), new, "RetentionInDays")
        case "AWS::Cognito::UserPool":
            active = old.get("DeletionProtection") == "ACTIVE"
            if active and new.get("DeletionProtection") != "ACTIVE":
                yield "loses its deletion protection"
        case "AWS::KMS::Key":
            if old.get("Enabled", True) is True and new.get("Enabled", True) is not True:
                yield "the key is disabled: nothing it encrypted can be read"


def _lost_policies(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
        if before.get(policy) in KEPT and after.get(policy) not in KEPT:
            yield f"{policy} {before[policy]} becomes {after.get(policy, 'Delete')}"


def _weaker_bucket(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    if _versioned(old) and not _versioned(new):
        yield "versioning is suspended: overwritten and deleted objects are lost at once"
    had, has = _expiries(old), _expiries(new)
    for name in sorted(has):
        before = had.get(name)
        if before is None:
            yield f"{name} now expire after {has[name]} days"
        elif has[name] < before:
            yield f"{name} expire after {has[name]} days instead of {before}: older ones go at once"
    if old.get("BucketEncryption") != new.get("BucketEncryption"):
        yield "the default encryption changes"


def _versioned(properties: Mapping[str, Any]) -> bool:
    return bool(properties.get("VersioningConfiguration", {}).get("Status") == "Enabled")


def _expiries(properties: Mapping[str, Any]) -> dict[str, int]:
    """Days until objects and old versions are removed, the shortest of every kind and prefix."""
    found: dict[str, int] = {}
    for rule in properties.get("LifecycleConfiguration", {}).get("Rules", ()):
        if rule.get("Status") != "Enabled":
            continue
        prefix = rule.get("Prefix", "")
        below = f" below {prefix}" if prefix else ""
        noncurrent = rule.get("NoncurrentVersionExpiration", {}).get(
            "NoncurrentDays", rule.get("NoncurrentVersionExpirationInDays")
        )
        for name, days in (
            (f"objects{below}", rule.get("ExpirationInDays")),
            (f"old versions{below}", noncurrent),
        ):
            if days is not None:
                found[name] = min(int(days), found.get(name, int(days)))
    return found


def _shorter(name: str, before: object, new: Mapping[str, Any], key: str) -> Iterator[str]:
    after = new.get(key)
    if after is not None and (before is None or int(str(after)) < int(str(before))):
        was = f"instead of {before}" if before is not None else "instead of for ever"
        yield f"{name} is {after} days {was}: older lines go at once"
