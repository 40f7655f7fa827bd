from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bench import batches
from bench.__main__ import clock, processor
from bench.commands import CommandError, commands, measured, run
from bench.functions import code, handlers, imported
from bench.paired import Pair, Took, measure, median_ratio, took
from bench.scores import label_sets, single_labels
from bench.sets import AnswerSet, made_set

if TYPE_CHECKING:
    from pathlib import Path


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


def test_single_labels_are_scored_with_what_is_missing_as_wrong() -> None:
    truth = {"1": "a", "2": "b", "3": "a", "4": "b"}
    found = single_labels(truth, {"1": ("a", 0.9), "2": ("a", 0.6), "3": ("a", 0.7)})

    assert found.accuracy == 0.5
    assert found.brier == pytest.approx((0.01 + 0.36 + 0.09) / 4)
    assert found.ece == pytest.approx((0.1 + 0.6 + 0.3) / 4)
    # surest first: right, right, wrong, wrong
    assert found.aurc == pytest.approx((0 + 0 + 1 / 3 + 2 / 4) / 4)


def test_equal_confidences_stand_in_no_order() -> None:
    found = single_labels({"1": "a", "2": "b"}, {"1": ("a", 0.5), "2": ("a", 0.5)})

    assert found.aurc == pytest.approx(0.5)


def test_sets_are_scored_over_every_object_and_judged_label() -> None:
    truth = {("1", "a"), ("1", "b"), ("2", "c")}
    found = label_sets(truth, {("1", "a"): 0.8, ("2", "b"): 0.6}, judged={"a", "b"})

    assert found.accuracy == 2 * 1 / (2 + 2)
    assert found.brier == pytest.approx((0.04 + 1.0 + 0.0 + 0.36) / 4)


def test_a_command_that_fails_is_named() -> None:
    with pytest.raises(CommandError, match="failed with 3"):
        measured([sys.executable, "-c", "raise SystemExit(3)"])


@pytest.mark.parametrize("kind", ["classification", "multilabel"])
def test_what_is_documented_and_ours_answer_the_same_question(kind: str, tmp_path: Path) -> None:
    column = {"classification": "label", "multilabel": "labels"}[kind]
    rows = [(f"o{number}", worker, f"c{number % 2}") for number in range(6) for worker in "abc"]
    AnswerSet(name="small", rows=rows, truth={}).write(tmp_path, column)

    for command in commands(kind, None).values():
        found, took = run(command, tmp_path)
        assert [(name, label) for name, label, _ in sorted(found)] == [
            (f"o{number}", f"c{number % 2}") for number in range(6)
        ]
        assert took.seconds > 0
        assert took.megabytes > 1


def test_drawn_answers_are_some_of_each_object() -> None:
    found = made_set(labels=3, objects=5).drawn(4, seed=1)

    assert len(found.rows) == 20
    assert {name for name, _, _ in found.rows} == set(found.truth)


def test_batches_with_a_memory_are_better_than_the_vote() -> None:
    found = made_set(labels=2, objects=400).drawn(5, seed=1)
    majority, memory = (
        batches.score(found, method, batch=10, seed=1) for method in ("majority", "with memory")
    )

    assert memory.brier < majority.brier


def test_imports_are_measured_from_source_and_compiled() -> None:
    slow_to_compile = "\n".join(f"def f{n}(a, b):\n    return a + b * {n}" for n in range(5000))
    busy = (
        "import time\nbegan = time.process_time()\nwhile time.process_time() < began + 0.05: pass\n"
    )
    files = {"made/__init__.py": b"", "made/slow.py": (busy + slow_to_compile).encode()}

    cold, compiled = imported("made.slow", files, rounds=1)

    assert 50.0 <= compiled < cold


def test_every_function_of_ours_is_measured_with_all_it_imports() -> None:
    found = set(handlers())

    assert "ground_truth_functions.consolidation" in found
    assert "ground_truth_functions.aws" not in found
    assert "ground_truth/consolidation/kinds.py" in code("ground_truth_functions.consolidation")
