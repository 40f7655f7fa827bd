"""What people mix up, and of which objects least is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ground_truth.lifecycle.merge import object_key
from ground_truth_ops.crowd.report import Doubt, Mixup

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from ground_truth.definition import CampaignDefinition
    from ground_truth_ops.answers.columns import Columns
    from ground_truth_ops.answers.manifests import Line
    from ground_truth_ops.answers.pool import Pool
    from ground_truth_ops.reconsolidate.outcomes import Outcome

SHOWN = 10
SHOWN_TEXT = 60


def mixups(
    columns: Columns,
    outcome: Outcome,
    numbers: npt.NDArray[np.intp],
    definition: CampaignDefinition,
) -> Sequence[Mixup]:
    """Answers that differ from the label made of all answers, the most frequent pair first."""
    labels = {
        number: outcome.believed(place)[0][0] for place, number in enumerate(numbers.tolist())
    }
    pairs = Counter(
        (labels[item], choice)
        for item, choice in zip(columns.object.tolist(), columns.choice.tolist(), strict=True)
    )
    totals = Counter[int]()
    for (label, _), count in pairs.items():
        totals[label] += count
    wrong = sorted(
        (-count, label, given) for (label, given), count in pairs.items() if label != given
    )
    return tuple(
        Mixup(
            label=definition.labels[label],
            given=definition.labels[given],
            answers=-negative,
            share=-negative / totals[label],
        )
        for negative, label, given in wrong[:SHOWN]
    )


def doubts(
    lines: Iterable[Line],
    pool: Pool,
    outcome: Outcome,
    numbers: npt.NDArray[np.intp],
    definition: CampaignDefinition,
) -> Sequence[Doubt]:
    """The objects whose labels are least certain, the least certain first, found in `lines`."""
    sure = {number: outcome.believed(place) for place, number in enumerate(numbers.tolist())}
    least = sorted(sure, key=lambda number: (sure[number][1], number))[:SHOWN]
    counts = Counter(pool.columns.object.tolist())
    wanted = frozenset(least)
    found = {}
    for place, line in enumerate(lines):
        number = pool.register.find(line)
        if number in wanted:
            found[number] = Doubt(
                line=place,
                object=shown(line),
                label=", ".join(definition.labels[label] for label in sure[number][0]),
                confidence=sure[number][1],
                answers=counts[number],
            )
    return tuple(found[number] for number in least)


def shown(line: Line) -> str:
    """An object's address, or how its text begins."""
    kind, value = object_key(line) or ("", "")
    if kind == "source-ref" or len(value) <= SHOWN_TEXT:
        return value
    return f"{value[: SHOWN_TEXT - 1]}…"
