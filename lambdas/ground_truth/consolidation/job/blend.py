"""How a posterior becomes a probability that can be believed; the same for every model.

    confidence = (1 - u) posterior + u (n_c + 1) / (n + K)

u is the chance that two answers for an object differ, kept within 0.1 and 0.5. No model of answers
can tell a mistake that everybody makes from a truth; the more workers differ, the less the model is
trusted and the more their votes are just counted. The one vote more for every label becomes four
over all of them where there are more than four labels.
"""

from typing import Final

import numpy as np

from ground_truth.consolidation.job.answers import Floats

PRIOR_ACCURACY: Final = 0.7
# Powers of the evidence that are tried, the first of equals wins.
EXPONENTS: Final = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05)
# Scores closer than this are a tie, which the first label in label order wins.
TIE_DIGITS: Final = 9

_VOTE_WEIGHTS: Final = (0.1, 0.5)
_PSEUDO_VOTES: Final = 4
_SURE: Final = 1e-6


def vote_weight(agree: float | None) -> float:
    """Return u for the chance that two answers agree; None where no object has two."""
    low, high = _VOTE_WEIGHTS
    return high if agree is None else min(high, max(low, 1.0 - agree))


def confidence(
    *, posterior: Floats, votes: Floats, answers: Floats, classes: int, weight: float
) -> Floats:
    """Return the probability of a label that ``votes`` of ``answers`` chose, never 0 or 1."""
    pseudo = min(classes, _PSEUDO_VOTES)
    share = (votes + pseudo / classes) / (answers + pseudo)
    found: Floats = np.clip((1.0 - weight) * posterior + weight * share, _SURE, 1.0 - _SURE)
    return found
