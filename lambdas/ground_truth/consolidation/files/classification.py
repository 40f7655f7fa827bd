"""Single labels: `labels.csv` with object, worker, label makes object, label, confidence."""

from pathlib import Path

from ground_truth.consolidation.job.answers import answers_of
from ground_truth.consolidation.job.single import consolidate
from ground_truth.consolidation.tables import read_columns, report_replaced, write_rows

# More digits would only show the order in which a platform adds.
_DIGITS = 6


def run(folder: Path, output: Path) -> None:
    """Consolidate ``folder/labels.csv`` into ``output``, sorted by object.

    A worker's last answer for an object counts. Labels are in the order of their names.
    """
    path = folder / "labels.csv"
    answers = answers_of(read_columns(path, ("object", "worker", "label")))
    report_replaced(path, answers.replaced)
    labels, confidence = consolidate(answers)
    objects, names = answers.objects, answers.labels
    del answers  # three numbers each, which nobody reads any more
    write_rows(
        output,
        ("object", "label", "confidence"),
        zip(
            objects,
            map(names.__getitem__, labels.tolist()),
            confidence.round(_DIGITS).tolist(),
            strict=True,
        ),
    )
