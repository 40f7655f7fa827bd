"""`gt reconsolidate`: reads every answer, writes new files only, and says what came of it."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from ground_truth_ops.answers.open import open_store
from ground_truth_ops.answers.training import gold_of
from ground_truth_ops.reconsolidate.run import Reconsolidated, Request, reconsolidate

if TYPE_CHECKING:
    import argparse

    from rich.console import Console

    from ground_truth_ops.answers.store import Store


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--campaign", required=True, help="a folder of campaigns/")
    parser.add_argument("--job", help="whose labels (default: the campaign's newest job)")
    parser.add_argument(
        "--from", dest="folder", type=Path, help="an export's folder instead of the bucket"
    )
    parser.add_argument("--json", action="store_true", help="for a program")


def command(options: argparse.Namespace, console: Console) -> int:
    """Nothing that is there is changed; the same answers make no second file."""
    opened = open_store(options.env, options.campaign, options.folder)
    store = opened.store
    with tempfile.TemporaryDirectory(prefix="ground-truth-") as scratch:
        request = Request(
            store=store,
            environment=options.env,
            campaign=options.campaign,
            gold=gold_of(opened.campaign),
            scratch=Path(scratch),
            job=options.job,
        )
        found = reconsolidate(request)
    if options.json:
        sys.stdout.write(json.dumps(to_json(found, store), indent=2) + "\n")
    else:
        show(found, store, console)
    return 0


def show(found: Reconsolidated, store: Store, console: Console) -> None:
    """A short table at 80 columns; keys are lines of their own, to be copied."""
    comparison = found.comparison
    jobs = f"{len(found.jobs)} job{'s' if len(found.jobs) > 1 else ''}"
    console.print(
        f"{found.job}: {found.answers} answers of {found.workers} people in {jobs}",
        markup=False,
        soft_wrap=True,
    )
    table = Table(box=None, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_row("objects", str(comparison.objects))
    table.add_row("with a label", str(comparison.labeled))
    table.add_row("consolidated anew", str(comparison.compared))
    table.add_row("  of them another label", str(comparison.changed))
    table.add_row("labeled for the first time", str(comparison.added))
    table.add_row("kept, without answers of their own", str(comparison.kept))
    table.add_row("mean confidence before", _share(comparison.mean_before))
    table.add_row("mean confidence after", _share(comparison.mean_after))
    table.add_row("in training.manifest", str(found.training))
    console.print(table)
    for name in found.left_out:
        console.print(f"other labels to choose from, kept: {name}", markup=False, soft_wrap=True)
    if found.set_aside:
        console.print(f"{found.set_aside} answers could not be read or don't count")
    state = "written" if found.new else "there already, nothing was written"
    console.print(f"{store.where(found.folder + 'output.manifest')} ({state})", soft_wrap=True)


def to_json(found: Reconsolidated, store: Store) -> dict[str, object]:
    """The same for a program."""
    comparison = found.comparison
    return {
        "job": found.job,
        "output_manifest": store.where(f"{found.folder}output.manifest"),
        "training_manifest": store.where(f"{found.folder}training.manifest"),
        "new": found.new,
        "jobs": list(found.jobs),
        "left_out": list(found.left_out),
        "answers": found.answers,
        "workers": found.workers,
        "set_aside": found.set_aside,
        "objects": comparison.objects,
        "labeled": comparison.labeled,
        "compared": comparison.compared,
        "changed": comparison.changed,
        "added": comparison.added,
        "kept": comparison.kept,
        "mean_confidence_before": comparison.mean_before,
        "mean_confidence_after": comparison.mean_after,
        "training": found.training,
    }


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
