"""One label per object from all answers of a job, with a probability that can be believed.

The label is the likeliest one of Dawid and Skene's model with the crowd's matrix as prior; between
two labels, of the one with easy and hard objects (`states`). Its confidence is the posterior with
the evidence tempered, blended with the votes (`blend`). How the few constants were chosen, and
where this is wrong: docs/consolidation.md.
"""

from typing import Final

import numpy as np

from ground_truth.consolidation.job.answers import Answers, Floats, Integers
from ground_truth.consolidation.job.blend import TIE_DIGITS, confidence, vote_weight
from ground_truth.consolidation.job.layout import Layout, agreement, layout_of
from ground_truth.consolidation.job.sparse import consolidate_sparsely, is_sparse
from ground_truth.consolidation.job.states import Fit, exponent_of, fit

_EASY: Final = (0.05, 0.95)


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
    model = _model(layout)
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


def _model(layout: Layout) -> Fit:
    def shares(places: slice) -> Floats:
        votes = layout.votes(places)
        found: Floats = votes / votes.sum(axis=0)
        return found

    def by_agreement(places: slice) -> Floats:
        """Take an object for the easier the more workers chose the label."""
        easy = np.clip(shares(places), *_EASY)
        posterior = crowd.posterior(layout, places)
        states = np.stack([posterior * easy, posterior * (1.0 - easy)], axis=1)
        found: Floats = states.reshape(2 * layout.classes, -1)
        found /= found.sum(axis=0)
        return found

    crowd = fit(layout, shares)
    # With more labels the finer model has more to learn than the answers tell.
    return fit(layout, by_agreement, states=2) if layout.classes == 2 else crowd
