"""`gt lint`: what synth would refuse of the campaigns, without environment and CDK."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from ground_truth_ops.project import make_importable, project_root

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from rich.console import Console

    from stacks.config import Checked


def add_options(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--campaign", help="a folder of campaigns/ (default: all)")


def command(options: argparse.Namespace, console: Console) -> int:
    """Print every finding of the campaigns, errors first; 1 when there are errors."""
    checked = check_campaigns(project_root(), options.campaign)
    for color, severity, problems in (
        ("red", "error", checked.problems),
        ("yellow", "warning", checked.warnings),
    ):
        for problem in problems:
            console.print(f"[bold {color}]{severity}[/] {escape(str(problem))}", soft_wrap=True)
    names = ", ".join(checked.campaigns) or "no campaigns"
    found = f"{len(checked.problems)} errors, {len(checked.warnings)} warnings"
    console.print(f"{escape(names)}: {found}")
    return 1 if checked.problems else 0


def check_campaigns(root: Path, campaign: str | None) -> Checked:
    """What is wrong with the campaigns of a project."""
    make_importable(root)
    from stacks.config import check  # noqa: PLC0415 - lies in the project itself

    return check(root, campaign=campaign)
