from __future__ import annotations

import subprocess
import sys

from bench.__main__ import clock, processor
from bench.paired import Pair, Took, measure, median_ratio, took


def pair(ours: float, theirs: float) -> Pair:
    return Pair(
        ours=Took(clock=ours, processor=ours * 2), theirs=Took(clock=theirs, processor=theirs)
    )


def test_takes_turns_after_a_round_that_is_not_measured() -> None:
    order: list[str] = []
    pairs = measure(lambda: order.append("ours"), lambda: order.append("theirs"), rounds=3)
    assert len(pairs) == 3
    assert order == ["ours", "theirs", "ours", "theirs", "theirs", "ours", "ours", "theirs"]


def test_one_slow_round_does_not_move_the_ratio() -> None:
    pairs = [pair(1.5, 1.0), pair(9.0, 1.0), pair(3.0, 2.0)]
    assert median_ratio(pairs, clock) == 1.5
    assert median_ratio(pairs, processor) == 3.0


def test_measures_the_processor_time_of_children() -> None:
    text = "import time\nwhile time.process_time() < 0.2: pass"

    def busy() -> None:
        subprocess.run([sys.executable, "-c", text], check=True)

    found = took(busy)
    assert found.clock >= 0.2
    assert found.processor >= 0.2
