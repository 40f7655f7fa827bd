"""`gt relabel`: shows, edits, and says how to go on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ground_truth_ops.project import project_root, target_of
from ground_truth_ops.relabel.campaign_file import write
from ground_truth_ops.relabel.run import conclude, describe, plan_relabel

if TYPE_CHECKING:
    import argparse

    from rich.console import Console


def relabel(options: argparse.Namespace, console: Console) -> int:
    """Everything is read and planned before the one file is written."""
    target = target_of(project_root(), options.env, campaign=options.campaign)
    found = plan_relabel(target, options.campaign)
    writes = found.edit is not None and not options.dry_run
    _print(describe(found), console)
    if found.edit is not None and writes:
        write(found.edit)
    _print(conclude(found, written=writes), console)
    return 0


def _print(lines: Iterable[str], console: Console) -> None:
    """As they are: names and addresses in them are there to be copied."""
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
