"""Where environments and campaigns lie."""

from __future__ import annotations

import re
from pathlib import Path


def environment_names(root: Path) -> list[str]:
    """The environments there are, sorted."""
    return sorted(path.stem for path in (root / "environments").glob("*.toml"))


def pattern_names(root: Path) -> list[str]:
    """The kinds of ephemeral environments, sorted: `pr` stands for every `pr-<number>`."""
    return sorted(path.stem for path in (root / "environments/ephemeral").glob("*.toml"))


def pattern_of(name: str) -> str | None:
    """`pr` of `pr-17`; None for a name that no pattern can have."""
    found = re.fullmatch(r"(.+)-[1-9]\d*", name)
    return found[1] if found else None


def environment_file(root: Path, name: str) -> str | None:
    """The file of an environment: its own or that of its pattern; None if there is neither."""
    if name in environment_names(root):
        return f"environments/{name}.toml"
    pattern = pattern_of(name)
    return f"environments/ephemeral/{pattern}.toml" if pattern in pattern_names(root) else None


def campaign_names(root: Path) -> list[str]:
    """The campaigns there are, sorted: folders with a `campaign.toml`."""
    return sorted(path.parent.name for path in (root / "campaigns").glob("*/campaign.toml"))
