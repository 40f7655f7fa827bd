"""Single labels: `labels.csv` with object, worker, label makes object, label, confidence."""

from collections import defaultdict
from pathlib import Path

from ground_truth.consolidation import one_coin
from ground_truth.consolidation.tables import read_rows, write_rows
from ground_truth.consolidation.votes import Vote


def run(folder: Path, output: Path) -> None:
    """Consolidate ``folder/labels.csv`` into ``output``.

    A worker's last answer for an object counts. Labels are in the order of their names.
    """
    answers: dict[str, dict[str, str]] = defaultdict(dict)
    for name, worker, label in read_rows(folder / "labels.csv", ("object", "worker", "label")):
        answers[name][worker] = label
    labels = sorted({label for votes in answers.values() for label in votes.values()})
    index = {label: number for number, label in enumerate(labels)}
    objects = [
        [Vote(worker=worker, label=index[label]) for worker, label in sorted(votes.items())]
        for votes in answers.values()
    ]
    results = one_coin.consolidate(objects, max(2, len(labels)))
    write_rows(
        output,
        ("object", "label", "confidence"),
        (
            (name, labels[result.label], round(result.confidence, 6))
            for name, result in zip(answers, results, strict=True)
        ),
    )
