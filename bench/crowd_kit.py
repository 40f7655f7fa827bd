"""crowd-kit on a folder: run by an interpreter that has it, so this imports nothing of ours.

`PYTHON bench/crowd_kit.py METHOD FOLDER OUTPUT.csv`. Methods are MajorityVote, Wawa, DawidSkene for
`labels.csv` with one label, BinaryRelevance for sets of labels, SegmentationMajorityVote,
SegmentationEM and SegmentationRASA for `masks.csv`. The last four give no confidence.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-not-found,import-untyped,unused-ignore]
from crowdkit import aggregation  # type: ignore[import-not-found,unused-ignore]


def main() -> None:
    method, folder, output = sys.argv[1], Path(sys.argv[-2]), sys.argv[-1]
    consolidate = _masks if method.startswith("Segmentation") else _labels
    consolidate(method, folder).to_csv(output, index=False)


def _labels(method: str, folder: Path) -> Any:
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
    return result


def _masks(method: str, folder: Path) -> Any:
    rows: Any = pd.read_csv(folder / "masks.csv", dtype={"object": str, "worker": str})
    masks = [_mask(*row) for row in zip(rows["height"], rows["width"], rows["rle"], strict=True)]
    table = pd.DataFrame({"task": rows["object"], "worker": rows["worker"], "segmentation": masks})
    found: Any = getattr(aggregation, method)().fit_predict(table)
    return pd.DataFrame(
        [(name, *mask.shape, _runs(mask), 1.0) for name, mask in found.items()],
        columns=["object", "height", "width", "rle", "confidence"],
    )


def _mask(height: int, width: int, runs: str) -> Any:
    lengths = [int(length) for length in runs.split()]
    inside = [bool(number % 2) for number in range(len(lengths))]
    return np.repeat(inside, lengths).reshape(height, width)


def _runs(mask: Any) -> str:
    """Write run lengths row by row, those of nothing first."""
    flat = np.concatenate(([False], mask.ravel().astype(bool)))
    changes = np.flatnonzero(flat[1:] != flat[:-1])
    return " ".join(map(str, np.diff(np.concatenate(([0], changes, [len(flat) - 1])))))


if __name__ == "__main__":
    main()
