"""One label per object from all answers of a job, with a probability that can be believed.

The label is the likeliest one of Dawid and Skene's model with the crowd's matrix as prior; between
two labels, of the one with easy and hard objects (`states`); where the answers don't bear either,
of a coarser one (`choice`). Its confidence is the posterior with the evidence tempered, blended
with the votes (`blend`). How the few constants were chosen, and
where this is wrong: docs/consolidation.md.
"""

import numpy as np

from ground_truth.consolidation.job.answers import Answers, Floats, Integers
from ground_truth.consolidation.job.blend import TIE_DIGITS, confidence, vote_weight
from ground_truth.consolidation.job.choice import model_of
from ground_truth.consolidation.job.layout import agreement, layout_of
from ground_truth.consolidation.job.sparse import consolidate_sparsely, is_sparse
from ground_truth.consolidation.job.states import exponent_of


def consolidate(answers: Answers) -> tuple[Integers, Floats]:
    """Return each object's label, as its place among the labels, and its probability.

    The result depends on no order of rows. Ties go to the first label in label order.
    """
    if not answers.objects:
        return np.empty(0, dtype=np.intp), np.empty(0)
    if is_sparse(answers):
        return consolidate_sparsely(answers)
    layout = layout_of(answers)
    weight = vote_weight(agreement(layout))
    model = model_of(layout)
    exponent = exponent_of(layout, model)
    labels = np.empty(layout.places, dtype=np.intp)
    confidences = np.empty(layout.places)
    for places in layout.blocks():
        plain = model.posterior(layout, places)
        chosen = np.round(plain, TIE_DIGITS).argmax(axis=0)
        here = np.arange(len(chosen))
        votes = layout.votes(places)
        # a lone answer depends on no other, so its evidence counts as it is
        tempered = model.posterior(layout, places, exponent)[chosen, here]
        lone = here + places.start >= layout.shared
        labels[layout.order[places]] = chosen
        confidences[layout.order[places]] = confidence(
            posterior=np.where(lone, plain[chosen, here], tempered),
            votes=votes[chosen, here],
            answers=votes.sum(axis=0),
            classes=layout.classes,
            weight=weight,
        )
    return labels, confidences
