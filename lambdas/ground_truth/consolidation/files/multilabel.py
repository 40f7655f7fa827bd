"""Sets of labels: `labels.csv` with object, worker, labels makes object, label, confidence."""

from pathlib import Path

from ground_truth.consolidation.job.answers import answers_of
from ground_truth.consolidation.job.label_sets import consolidate
from ground_truth.consolidation.tables import read_columns, report_replaced, write_rows

# More digits would only show the order in which a platform adds.
_DIGITS = 6


def run(folder: Path, output: Path) -> None:
    """Consolidate ``folder/labels.csv`` into ``output``, sorted by object, then label.

    ``labels`` has single spaces between the labels and is empty where a worker chose none. Every
    label somebody chose has a row. A worker's last answer for an object counts.
    """
    path = folder / "labels.csv"
    answers = answers_of(read_columns(path, ("object", "worker", "labels")))
    report_replaced(path, answers.replaced)
    found = consolidate(answers)
    write_rows(
        output,
        ("object", "label", "confidence"),
        zip(
            map(answers.objects.__getitem__, found.object.tolist()),
            map(found.labels.__getitem__, found.label.tolist()),
            found.confidence.round(_DIGITS).tolist(),
            strict=True,
        ),
    )
