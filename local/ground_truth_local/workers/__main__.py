"""``python -m ground_truth_local.workers``: a team of simulated workers at a portal.

Prints one JSON object per line; ends with 0 when nobody is waited for any more.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from ground_truth_local.workers.board import Board
from ground_truth_local.workers.client import PortalClient
from ground_truth_local.workers.errors import WorkersError
from ground_truth_local.workers.passwords import Passwords
from ground_truth_local.workers.person import Person, Tally
from ground_truth_local.workers.skills import Skill, read_skills
from ground_truth_local.workers.team import work_in_turn, work_together
from ground_truth_local.workers.truth import Truth, read_truth


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 when the work is done, 1 with a reason when it can't be."""
    options = _parser().parse_args(arguments)
    started = time.monotonic()
    try:
        team = _team(options.skills, options.workers)
        truths = _truths(options)
        board = Board(options.job, patience_seconds=options.patience)
        tallies = _work(team, truths, board, options)
    except WorkersError as error:
        _say({"event": "failed", "reason": str(error)})
        print(f"simulated workers: {error}", file=sys.stderr)  # noqa: T201  the reason, for people
        return 1
    _say(
        {
            "event": "summary",
            "workers": len(tallies),
            "answers": sum(tally.answers for tally in tallies),
            "correct": sum(tally.correct for tally in tallies),
            "expired": sum(tally.expired for tally in tallies),
            "seconds": round(time.monotonic() - started, 3),
            "jobs": board.jobs(),
        }
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ground_truth_local.workers", description="Simulated workers at a portal"
    )
    parser.add_argument("--portal", required=True, help="the portal's address")
    parser.add_argument("--job", nargs="*", default=[], help="jobs to work for; default: all")
    parser.add_argument(
        "--truth",
        nargs="+",
        type=Path,
        required=True,
        help="CSV or JSON lines of object and label: one file, or one per job",
    )
    parser.add_argument(
        "--manifest", type=Path, help="the given manifest whose lines the truth's numbers mean"
    )
    parser.add_argument("--skills", type=Path, required=True, help="TOML with [[worker]] tables")
    parser.add_argument("--seed", type=int, default=0, help="same seed, same answers")
    parser.add_argument("--workers", nargs="*", default=[], help="only these e-mail addresses")
    parser.add_argument("--passwords", type=Path, help="file to keep chosen passwords in")
    parser.add_argument(
        "--in-turn",
        action="store_true",
        help="one task each, in an order drawn from --seed: runs repeat",
    )
    parser.add_argument(
        "--patience", type=float, default=120.0, help="seconds without any progress before failing"
    )
    return parser


def _team(skills: Path, chosen: Sequence[str]) -> list[Skill]:
    team = read_skills(skills)
    emails = [skill.email for skill in team]
    unknown = sorted(set(chosen) - set(emails))
    if unknown:
        raise WorkersError(
            f"--workers: got {', '.join(unknown)}, allowed are {', '.join(emails)} of {skills}"
        )
    return [skill for skill in team if not chosen or skill.email in chosen]


def _truths(options: argparse.Namespace) -> dict[str, Truth]:
    """Truth by job name; the one under "" is everybody else's."""
    files = [read_truth(path, manifest=options.manifest) for path in options.truth]
    if len(files) == 1:
        return {"": files[0]}
    if len(files) != len(options.job):
        raise WorkersError(
            f"--truth: got {len(files)} files for {len(options.job)} jobs, "
            "allowed is one file, or one for each --job"
        )
    return dict(zip(options.job, files, strict=True))


def _work(
    team: list[Skill], truths: dict[str, Truth], board: Board, options: argparse.Namespace
) -> list[Tally]:
    passwords = Passwords(options.passwords)
    with ExitStack() as open_clients:
        people = [
            Person(
                skill=skill,
                seed=options.seed,
                client=open_clients.enter_context(closing(PortalClient(options.portal))),
                truths=truths,
                passwords=passwords,
                board=board,
                report=_say,
            )
            for skill in team
        ]
        if options.in_turn:
            return work_in_turn(people, seed=options.seed)
        return work_together(people, board)


_printing = threading.Lock()


def _say(event: dict[str, object]) -> None:
    with _printing:
        print(json.dumps(event, ensure_ascii=False), flush=True)  # noqa: T201  progress is the output


if __name__ == "__main__":
    sys.exit(main())
