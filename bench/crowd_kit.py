"""crowd-kit on a folder: run by an interpreter that has it, so this imports nothing of ours.

`PYTHON bench/crowd_kit.py METHOD FOLDER OUTPUT.csv`. Methods are MajorityVote, Wawa, DawidSkene for
`labels.csv` with one label, BinaryRelevance for sets of labels, which gives no confidence.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas as pd  # type: ignore[import-not-found,import-untyped,unused-ignore]
from crowdkit import aggregation  # type: ignore[import-not-found,unused-ignore]


def main() -> None:
    method, folder, output = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    table: Any = pd.read_csv(folder / "labels.csv", dtype=str, keep_default_na=False)
    table.columns = ["task", "worker", "label"]
    if method == "BinaryRelevance":
        table["label"] = table["label"].str.split(" ")
        found = aggregation.BinaryRelevance(aggregation.DawidSkene(n_iter=100)).fit_predict(table)
        rows = [(name, label, 1.0) for name, labels in found.items() for label in labels]
        result = pd.DataFrame(rows)
    else:
        options = {"n_iter": 100} if method == "DawidSkene" else {}
        scores: Any = getattr(aggregation, method)(**options).fit_predict_proba(table)
        result = pd.DataFrame({"label": scores.idxmax(axis=1), "confidence": scores.max(axis=1)})
        result = result.reset_index()
    result.columns = ["object", "label", "confidence"]
    result.to_csv(output, index=False)


if __name__ == "__main__":
    main()
