"""What crowd-kit says: run by an interpreter that has it, so this imports nothing of ours.

A line of standard input is a question, as JSON; a line of standard output its answer. `asked` says
what, `rows` are object, worker and answer. Probabilities come as object, label, probability.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-not-found,import-untyped,unused-ignore]
from crowdkit import aggregation  # type: ignore[import-not-found,unused-ignore]
from crowdkit.metrics.data import (  # type: ignore[import-not-found,unused-ignore]
    alpha_krippendorff,
)
from nltk.metrics import distance  # type: ignore[import-not-found,unused-ignore]

Question = Mapping[str, Any]


def _probabilities(model: Any, question: Question) -> list[tuple[str, str, float]]:
    scores = model.fit_predict_proba(_table(question["rows"], "label")).stack()
    return [(item, label, float(sure)) for (item, label), sure in scores.items()]


def _rounds(model: Callable[..., Any]) -> Callable[[Question], Any]:
    """Ask for so many rounds exactly: a change of any size goes on."""
    return lambda question: _probabilities(
        model(n_iter=question["rounds"], tol=-float("inf")), question
    )


def _alpha(question: Question) -> float:
    return float(alpha_krippendorff(_table(question["rows"], "label")))


def _alpha_of_sets(question: Question) -> float:
    rows = [(item, worker, frozenset(labels)) for item, worker, labels in question["rows"]]
    return float(alpha_krippendorff(_table(rows, "label"), distance.jaccard_distance))


def _masks(question: Question) -> list[tuple[str, list[list[int]]]]:
    rows = [(item, worker, np.array(mask)) for item, worker, mask in question["rows"]]
    found = aggregation.SegmentationMajorityVote().fit_predict(_table(rows, "segmentation"))
    return [(item, mask.astype(int).tolist()) for item, mask in found.items()]


def _table(rows: Any, column: str) -> Any:
    return pd.DataFrame(rows, columns=["task", "worker", column])


ASKED: Mapping[str, Callable[[Question], Any]] = {
    "votes": lambda question: _probabilities(aggregation.MajorityVote(), question),
    "matrices": _rounds(aggregation.DawidSkene),
    "coins": _rounds(aggregation.OneCoinDawidSkene),
    "as shipped": lambda question: _probabilities(aggregation.DawidSkene(), question),
    "alpha": _alpha,
    "alpha of sets": _alpha_of_sets,
    "masks": _masks,
    "versions": lambda _: {name: version(name) for name in ("crowd-kit", "pandas", "nltk")},
}


def main() -> None:
    warnings.simplefilter("ignore")  # of pandas, about what crowd-kit does with it
    for line in sys.stdin:
        question = json.loads(line)
        sys.stdout.write(f"{json.dumps(ASKED[question['asked']](question))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
