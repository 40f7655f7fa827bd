"""`make bench`: how our synth compares, and what the last demo took."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.paired import Pair, Took, median_ratio
from bench.synth import compare
from ground_truth_ops.errors import OpsError
from ground_truth_ops.project import project_root

GOAL = 1.8


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--env", default="dev", help="the environment to synthesize (default: dev)")
    parser.add_argument("--rounds", type=int, default=7, help="pairs to measure (default: 7)")
    options = parser.parse_args()
    root, console = project_root(), Console(width=80, highlight=False)
    try:
        pairs = compare(root, environment=options.env, rounds=options.rounds)
    except OpsError as error:
        console.print(str(error), *error.details, sep="\n", markup=False)
        return 1
    console.print(
        f"cdk synth of {options.env}, against one bucket with the same checks", style="bold"
    )
    console.print(_table(pairs))
    ratio = median_ratio(pairs, clock)
    verdict = "met" if ratio <= GOAL else "missed"
    console.print(f"median ratio {ratio:.2f} (goal: at most {GOAL}, {verdict})")
    console.print(f"median ratio of processor time {median_ratio(pairs, processor):.2f}")
    _last_demo(root, console)
    return 0 if ratio <= GOAL else 1


def clock(found: Took) -> float:
    return found.clock


def processor(found: Took) -> float:
    """What other programs on the machine hardly change."""
    return found.processor


def _table(pairs: tuple[Pair, ...]) -> Table:
    table = Table(box=None)
    for name in ("round", "ours", "one bucket", "ratio"):
        table.add_column(name, justify="right")
    for number, pair in enumerate(pairs, start=1):
        ours, theirs = pair.ours.clock, pair.theirs.clock
        table.add_row(str(number), f"{ours:.2f} s", f"{theirs:.2f} s", f"{ours / theirs:.2f}")
    return table


def _last_demo(root: Path, console: Console) -> None:
    """The demo measures itself; running it again here would only take time."""
    path = root / ".demo" / "summary.json"
    if not path.is_file():
        console.print("\nno times of the demo: run `make demo` first")
        return
    found = json.loads(path.read_text(encoding="utf-8"))
    console.print("\nthe last demo, from .demo/summary.json", style="bold")
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    for step, seconds in found["seconds"].items():
        table.add_row(f"  {step}", f"{seconds:.1f} s")
    table.add_row("  all of it", f"{found['total_seconds']:.1f} s")
    for key, name in (("local_aws", "local AWS"), ("functions", "its functions")):
        if found[f"{key}_memory_mb"] is not None:
            table.add_row(f"  memory of {name}", f"{found[f'{key}_memory_mb']} MB")
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
