"""`gt sweep --expired` and `gt expires`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from ground_truth_ops.archive import parse_archive
from ground_truth_ops.cdk import Cdk
from ground_truth_ops.destroy import Teardown, make_plan, tear_down
from ground_truth_ops.destroy_report import print_plan
from ground_truth_ops.errors import OpsError
from ground_truth_ops.expiry import ExpiryError, Passing, find_passing, refuse_answered
from ground_truth_ops.export import export_folder
from ground_truth_ops.project import (
    environments_of,
    load_project,
    patterns_of,
    project_root,
    target_of,
)
from ground_truth_ops.sweep import sweep_target

if TYPE_CHECKING:
    import argparse

    from rich.console import Console


def add_options(parser: argparse.ArgumentParser) -> None:
    """Which environments `gt sweep` looks at: one, or those that expire."""
    parser.add_argument("--env", help="a file of environments/, without .toml")
    parser.add_argument(
        "--expired", action="store_true", help="name environments whose days are over"
    )
    parser.add_argument("--remove", action="store_true", help="with --expired: take them down")
    parser.add_argument(
        "--archive", help="with --remove: s3://BUCKET/PREFIX to copy the labels to first"
    )


def sweep_expired(options: argparse.Namespace, console: Console) -> int:
    """Exit code 1 while an environment stays whose days are over, or that nobody can tell."""
    if options.archive is not None:
        parse_archive(options.archive)
    root, today = project_root(), datetime.now(UTC).date()
    stays = 0
    for passing in _passing(root):
        _say(passing, today, console)
        if passing.expired(today):
            removed = options.remove and _removed(root, passing, options.archive, console)
            stays += not removed
        stays += bool(passing.doubt)
    return 1 if stays else 0


def expires(options: argparse.Namespace, console: Console) -> int:
    """The last day of an environment that is deployed today; nothing for one that stays."""
    ephemeral = load_project(project_root(), options.env).environment.settings.ephemeral
    if ephemeral is not None:
        console.print(f"{datetime.now(UTC).date() + timedelta(days=ephemeral.days)}")
    return 0


def _passing(root: Path) -> Iterator[Passing]:
    for pattern in patterns_of(root):
        # any of them says which region and which AWS
        target = target_of(root, f"{pattern}-1")
        yield from find_passing(
            target.clients.cloudformation, pattern, own_files=environments_of(root)
        )


def _say(passing: Passing, today: date, console: Console) -> None:
    if passing.doubt:
        text = f"left alone: {passing.doubt}"
    elif passing.expired(today):
        text = f"expired, its last day was {passing.until}"
    else:
        text = f"until {passing.until}"
    console.print(f"{passing.name}: {text}", soft_wrap=True, markup=False)


def _removed(root: Path, passing: Passing, archive: str | None, console: Console) -> bool:
    """Whether it is gone without a trace; what keeps it is said, and the next one has its turn."""
    try:
        _remove(root, passing.name, archive, console)
    except (OpsError, ClientError, BotoCoreError) as error:
        console.print(f"{passing.name}: {error}", soft_wrap=True, markup=False)
        for line in getattr(error, "details", ()):
            console.print(f"  {line}", soft_wrap=True, markup=False)
        return False
    return True


def _remove(root: Path, environment: str, archive: str | None, console: Console) -> None:
    target = target_of(root, environment)
    described = target.project.environment
    ephemeral = described.settings.ephemeral
    plan = make_plan(target)
    if ephemeral is None or not ephemeral.stop_running_jobs:
        refuse_answered(target.clients, plan, described.file)
    print_plan(plan, console)
    with tempfile.TemporaryDirectory(prefix="ground-truth-") as scratch:
        teardown = Teardown(
            target=target,
            cdk=Cdk(root=root, variables=target.variables, log=root / "cdk.out" / "destroy.log"),
            export_to=export_folder(environment, plan.output_bucket or ""),
            scratch=Path(scratch),
            archive=archive,
            say=console.print,
        )
        export = tear_down(teardown, plan)
    if export is not None:
        console.print(f"{export.labels} files with labels are in {export.folder}")
    left = sweep_target(target).left
    if left:
        raise ExpiryError(
            f"{len(left)} left of {environment}:",
            details=tuple(f"{resource.kind}: {resource.name}" for resource in left),
        )
    console.print(f"environment {environment} is gone, nothing of it is left")
