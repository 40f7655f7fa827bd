"""Reaching ministack's private parts, and saying which of them has moved."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from typing import Any

from ground_truth_local.platform.port import PlatformError

MINISTACK = "1.5.33"
# module below `ministack` -> the names a hook uses of it
Parts = Mapping[str, tuple[str, ...]]


class HookMovedError(PlatformError):
    """A private part of ministack isn't where it was."""


def private(module: str, name: str) -> Any:
    """`ministack.<module>.<name>`."""
    try:
        return getattr(import_module(f"ministack.{module}"), name)
    except (ImportError, AttributeError) as moved:
        raise HookMovedError(
            f"ministack.{module}.{name} is gone (ministack {version('ministack')}, written for "
            f"{MINISTACK}); mend platform/hooks before moving the pin"
        ) from moved


def replace(module: str, name: str, value: object) -> Any:
    """Put our own in the place of a private part; the original comes back."""
    original = private(module, name)
    setattr(import_module(f"ministack.{module}"), name, value)
    return original


def check_parts(*tables: Parts) -> None:
    """Refuse another ministack than the pinned one, and one that lacks a listed part."""
    if version("ministack") != MINISTACK:
        raise HookMovedError(
            f"ministack {version('ministack')} is installed, {MINISTACK} is what platform/hooks "
            "fits; install local/requirements.txt with its constraints"
        )
    for table in tables:
        for module, names in table.items():
            for name in names:
                private(module, name)
