"""`gt destroy`: what it refuses until it is told, what it asks, and what it says."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ground_truth_ops.archive import parse_archive
from ground_truth_ops.cdk import Cdk
from ground_truth_ops.destroy import DestroyError, Teardown, make_plan, refuse_running, tear_down
from ground_truth_ops.destroy_report import print_end, print_plan
from ground_truth_ops.export import export_folder
from ground_truth_ops.project import project_root, target_of

if TYPE_CHECKING:
    import argparse

    from rich.console import Console


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="don't ask")
    parser.add_argument("--running-jobs", action="store_true", help="stop jobs people work on")
    parser.add_argument("--protected", action="store_true", help="lift the protection, too")
    parser.add_argument(
        "--export-to", type=Path, help="folder for labels (default: export/ENV/BUCKET)"
    )
    parser.add_argument(
        "--archive", help="s3://BUCKET/PREFIX to copy the labels to before their bucket goes"
    )
    parser.add_argument("--app", type=Path, help="a synthesized assembly (default: synthesize)")


def destroy(options: argparse.Namespace, console: Console) -> int:
    """Look, tell, ask, take down."""
    if options.archive is not None:
        parse_archive(options.archive)
    target = target_of(project_root(), options.env)
    plan = make_plan(target, protected=options.protected)
    if not plan.deployment.stacks:
        console.print(f"environment {target.environment} has no stacks; nothing to do")
        return 0
    if not options.running_jobs:
        refuse_running(plan)
    print_plan(plan, console)
    if not options.yes:
        _ask(target.environment, console)
    folder = options.export_to or export_folder(target.environment, plan.output_bucket or "")
    root = target.project.root
    with tempfile.TemporaryDirectory(prefix="ground-truth-") as scratch:
        cdk = Cdk(root=root, variables=target.variables, log=root / "cdk.out" / "destroy.log")
        teardown = Teardown(
            target=target,
            cdk=cdk,
            export_to=folder,
            scratch=Path(scratch),
            assembly=options.app,
            archive=options.archive,
            say=console.print,
        )
        export = tear_down(teardown, plan)
    if export is not None:
        console.print(f"{export.labels} files with labels are in {export.folder}")
    print_end(plan, console)
    return 0


def _ask(environment: str, console: Console) -> None:
    if not sys.stdin.isatty():
        raise DestroyError(
            "nobody is there to ask; say --yes (make destroy ENV=… YES=1) if it is meant"
        )
    if console.input(f"type {environment} to go on: ").strip() != environment:
        raise DestroyError("not confirmed; nothing was touched")
