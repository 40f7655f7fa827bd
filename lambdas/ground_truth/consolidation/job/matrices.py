"""How likely workers answer what, from expected counts: three models, coarse to fine.

All take counts of state, worker and label (label, state within it, worker, label given) and give
probabilities of the same shape; every row sums to 1. What a coarser model says is the next finer
one's prior, so few answers decide little.
"""

from typing import Final

import numpy as np

from ground_truth.consolidation.job.answers import Floats
from ground_truth.consolidation.job.blend import PRIOR_ACCURACY
from ground_truth.consolidation.worker_models import (
    ACCURACY_ANSWERS,
    COIN_ANSWERS,
    CROWD_ANSWERS,
    HIGHEST_ACCURACY,
    WORKER_ANSWERS,
)

_PRIOR_ANSWERS: Final = 4.0
# How many answers a prior is worth in each row of a matrix.
_STRENGTH: Final = 2.0
_STRENGTH_OF_STATES: Final = 10.0


def everybody_alike(counts: Floats) -> Floats:
    """Return one coin for all: right with the crowd's accuracy, else any other label.

    What is left is the vote, with the labels' frequencies as prior.
    """
    by_label = counts.sum(axis=(1, 2))
    pool = _pool(float(np.trace(by_label)), float(by_label.sum()), len(by_label))
    found: Floats = np.broadcast_to(_coin(len(by_label), pool)[:, None, None, :], counts.shape)
    return found


def coins(counts: Floats) -> Floats:
    """Return matrices that lean on a coin for every worker, as those of a batch (`shrunken`)."""
    coarse = counts.sum(axis=1)
    classes = len(coarse)
    diagonal = np.arange(classes)
    right = coarse[diagonal, :, diagonal].sum(axis=0)
    answers = coarse.sum(axis=(0, 2))
    pool = _pool(float(right.sum()), float(answers.sum()), classes)
    coin = (COIN_ANSWERS * pool + right) / (COIN_ANSWERS + answers)
    coin = np.clip(coin, 1.0 / classes, HIGHEST_ACCURACY)
    crowd = rows(coarse.sum(axis=1) + CROWD_ANSWERS * _coin(classes, pool))
    shift = np.empty(coarse.shape)
    shift[:] = ((1.0 - coin) / (1.0 - pool))[None, :, None]
    shift[diagonal, :, diagonal] = coin / pool
    base = rows(crowd[:, None, :] * shift)
    return rows(coarse + WORKER_ANSWERS * base)[:, None, :, :]


def matrices(counts: Floats) -> Floats:
    """Return Dawid and Skene's matrices with the crowd's as prior, perhaps one for each state."""
    classes, states = counts.shape[:2]
    coarse = counts.sum(axis=1)
    crowd = rows(coarse.sum(axis=1) + _PRIOR_ANSWERS * _coin(classes, PRIOR_ACCURACY))
    answers = rows(coarse + _STRENGTH * crowd[:, None, :])
    if states == 1:
        return answers[:, None, :, :]
    prior = _PRIOR_ANSWERS * _coin(classes, PRIOR_ACCURACY)
    shift = rows(counts.sum(axis=2) + prior[:, None, :]) / crowd[:, None, :]
    base = rows(answers[:, None, :, :] * shift[:, :, None, :])
    return rows(counts + _STRENGTH_OF_STATES * base)


def rows(weights: Floats) -> Floats:
    """Turn weights into probabilities along the last axis."""
    found: Floats = weights / weights.sum(axis=-1, keepdims=True)
    return found


def _pool(right: float, answers: float, classes: int) -> float:
    share = (ACCURACY_ANSWERS * PRIOR_ACCURACY + right) / (ACCURACY_ANSWERS + answers)
    return min(max(share, 1.0 / classes), HIGHEST_ACCURACY)


def _coin(classes: int, accuracy: float) -> Floats:
    matrix = np.full((classes, classes), (1.0 - accuracy) / (classes - 1))
    np.fill_diagonal(matrix, accuracy)
    return matrix
