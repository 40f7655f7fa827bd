"""`make bench-portal`: fifty people at the worker portal at once, and a kill in the middle.

For `.venv-local`, on which local AWS runs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from pathlib import Path

from bench.portal_crowd import Done, faults, in_processes, percentile, shifts
from bench.portal_site import Site, answers_so_far, create_job, given_answers, invite, wait_for


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.portal", description=__doc__)
    parser.add_argument("--people", type=int, default=50, help="(default: 50)")
    parser.add_argument("--objects", type=int, default=400, help="(default: 400)")
    parser.add_argument("--workers", type=int, default=3, help="per object (default: 3)")
    parser.add_argument("--think", type=float, default=0.0, help="seconds per task (default: 0)")
    parser.add_argument("--no-kill", action="store_true", help="let it run undisturbed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        site = Site(Path(folder) / "state")
        try:
            return _measure(site, options)
        finally:
            site.stop()


def _measure(site: Site, options: argparse.Namespace) -> int:
    _say(f"started in {site.start():.1f} s")
    names = invite(site, options.people)
    create_job(site, options.objects, workers=options.workers)
    killer = threading.Thread(target=_kill_halfway, args=(site, options), daemon=True)
    if not options.no_kill:
        killer.start()
    began = time.monotonic()
    done = in_processes(shifts(site.portal, names, think=options.think))
    took = time.monotonic() - began
    if not options.no_kill:
        killer.join()
    wait_for(site, "Completed")
    _tell(done, took)
    found = faults(done, given_answers(site), objects=options.objects, workers=options.workers)
    _say(", ".join(f"{name} {count}" for name, count in found.items()))
    return int(any(found.values()))


def _kill_halfway(site: Site, options: argparse.Namespace) -> None:
    half = options.objects * options.workers // 2
    while (answers := answers_so_far(site)) < half:
        time.sleep(0.02)
    site.kill()
    _say(f"killed after {answers} answers, and again there in {site.start():.1f} s")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _tell(done: Done, took: float) -> None:
    _say(f"{len(done.taken)} answers in {took:.1f} s, {len(done.taken) / took:.0f} a second;")
    _say(f"{done.returned} returned, {done.declined} declined")
    for what, seconds in sorted(done.seconds.items()):
        median, p95 = percentile(seconds, 0.5) * 1000, percentile(seconds, 0.95) * 1000
        most = f"most {max(seconds) * 1000:6.0f} ms"
        _say(f"  {what:8} {len(seconds):6}  median {median:6.0f} ms  95 % {p95:6.0f} ms  {most}")


if __name__ == "__main__":
    raise SystemExit(main())
