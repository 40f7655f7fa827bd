"""`gt quality`: looks at the answers to a job, and at what the campaign asks of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ground_truth.names import worker_responses_prefix
from ground_truth.tasks import rules_for
from ground_truth_ops.answers.chain import RecordedJob, chain_of, read_jobs
from ground_truth_ops.answers.open import open_store
from ground_truth_ops.answers.training import gold_of, gold_picture
from ground_truth_ops.crowd.drawn import MEASURES, measure_drawn
from ground_truth_ops.crowd.gates import Gate, Limits, failures
from ground_truth_ops.crowd.measure import measure
from ground_truth_ops.crowd.people import with_emails
from ground_truth_ops.crowd.show import render, to_json
from ground_truth_ops.errors import OpsError

if TYPE_CHECKING:
    import argparse

    from rich.console import Console

    from ground_truth_ops.answers.store import Store
    from stacks.campaign import QualityTable


class QualityError(OpsError):
    """Nobody has answered, so there is nothing to say."""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--campaign", required=True, help="a folder of campaigns/")
    parser.add_argument("--job", help="which (default: the newest with answers)")
    parser.add_argument(
        "--from", dest="folder", type=Path, help="an export's folder instead of the bucket"
    )
    parser.add_argument(
        "--emails", action="store_true", help="people's addresses, from the user pool"
    )
    parser.add_argument("--json", action="store_true", help="for a program")
    codes = {gate: f"exit with {gate.exit_code} below" for gate in Gate}
    parser.add_argument("--min-alpha", type=float, help=codes[Gate.ALPHA])
    parser.add_argument("--min-gold-accuracy", type=float, help=codes[Gate.GOLD])
    parser.add_argument(
        "--max-spammers", type=int, help=f"exit with {Gate.SPAMMERS.exit_code} above"
    )


def command(options: argparse.Namespace, console: Console) -> int:
    """0, or the code of the first gate that isn't passed."""
    opened = open_store(options.env, options.campaign, options.folder)
    store, campaign = opened.store, opened.campaign
    jobs = read_jobs(store, environment=options.env, campaign=options.campaign)
    job = find_job(store, options.campaign, jobs, options.job)
    kind = rules_for(job.definition.task).answers
    gold = gold_of(campaign)
    report = (
        measure_drawn(store, options.campaign, job, gold, gold_picture(campaign))
        if kind in MEASURES
        else measure(store, options.campaign, job, gold)
    )
    if options.emails:
        report = with_emails(report, opened.target)
    failed = failures(report, limits(options, campaign.settings.quality))
    if options.json:
        sys.stdout.write(json.dumps(to_json(report, failed), indent=2) + "\n")
    else:
        for part in render(report):
            console.print(part)
        for failure in failed:
            console.print(f"[bold red]{failure.gate}:[/] {failure.why}")
    return failed[0].gate.exit_code if failed else 0


def find_job(
    store: Store, campaign: str, jobs: tuple[RecordedJob, ...], name: str | None
) -> RecordedJob:
    """The job of that name, else the newest with answers; raises QualityError without any."""
    asked = [chain_of(jobs, name).job] if name is not None else [*reversed(jobs)]
    for job in asked:
        prefix = worker_responses_prefix(campaign, job.name)
        if next(store.documents(prefix), None) is not None:
            return job
    which = name or f"any job of campaign {campaign}"
    raise QualityError(f"nobody has answered {which} yet; `gt status` shows how far it is")


def limits(options: argparse.Namespace, file: QualityTable) -> Limits:
    """What the command line asks, else the campaign's file."""
    asked = {
        name: getattr(options, name)
        for name in ("min_alpha", "min_gold_accuracy", "max_spammers")
        if getattr(options, name) is not None
    }
    return Limits(**{**file.model_dump(), **asked})
