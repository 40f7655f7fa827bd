"""Consolidation of files, one module per kind of answer: `run(folder, output)`.

A kind is registered by its module lying here; it is imported when it is asked for, so none costs
another's libraries.
"""

import pkgutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

Consolidator = Callable[[Path, Path], None]


class KindError(ValueError):
    """No such kind of answers."""


def kinds() -> tuple[str, ...]:
    """Return the kinds there are, by name."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def consolidator(kind: str) -> Consolidator:
    """Return what consolidates a folder of ``kind`` into an output file.

    Raises:
        KindError: there is no such kind.
    """
    if kind not in kinds():
        raise KindError(f"unknown kind: got {kind!r}, allowed {', '.join(kinds())}")
    found: Consolidator = import_module(f"{__name__}.{kind}").run
    return found
