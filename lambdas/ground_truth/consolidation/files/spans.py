"""Spans: `tasks.csv` and `spans.csv` make object, start, end, label, confidence.

`tasks.csv` (object, worker) has every task done, also by who saw nothing. Where `docs.csv`
(object, length) is there and names the object, spans that end behind it are left out.
"""

from collections.abc import Sequence
from pathlib import Path

from ground_truth.consolidation import spans
from ground_truth.consolidation.mark_tables import CONFIDENCE_DIGITS, read_marks, read_sizes
from ground_truth.consolidation.shape_texts import SPAN, span
from ground_truth.consolidation.tables import write_rows


def run(folder: Path, output: Path) -> None:
    """Consolidate the spans of ``folder`` into ``output``, also those likelier wrong than right.

    Confidence estimates that there is such an entity with that label and those ends.
    """
    lengths = read_sizes(folder / "docs.csv", ("length",), _length)

    def shape(item: str, values: Sequence[str]) -> spans.Span:
        return span(values, lengths.get(item))

    job = read_marks(folder, "spans.csv", SPAN, shape)
    results = spans.consolidate(list(job.answers.values()), len(job.labels))
    write_rows(
        output,
        ("object", *SPAN, "label", "confidence"),
        (
            (item, *mark.shape, job.labels[mark.label], round(mark.confidence, CONFIDENCE_DIGITS))
            for item, found in zip(job.answers, results, strict=True)
            for mark in found
        ),
    )


def _length(values: Sequence[str]) -> int:
    length = int(values[0])
    if length <= 0:
        raise ValueError(f"a text has no such length: got {length}")
    return length
