"""Which model of workers a job's answers bear: the one that predicts answers it hasn't seen.

A matrix for every worker explains any answers. Where they are few, where workers are hardly better
than chance, or where nearly all objects are of one label, it explains noise, and ends below the
plain vote. So models from coarse to fine (`matrices`) learn from one part of the objects and say
how likely every answer for the rest is, given the object's other answers. No true label is needed.

The finest is the rule. Everybody being alike takes over where it predicts better; a coin for every
worker where it does so by more than one standard error (Breiman et al. 1984), as it is less exact.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from ground_truth.consolidation.job.answers import Floats, Integers
from ground_truth.consolidation.job.layout import Layout
from ground_truth.consolidation.job.matrices import coins, everybody_alike, matrices
from ground_truth.consolidation.job.states import Fit, exponent_of, fit, predicted

_EASY: Final = (0.05, 0.95)
# Objects that are predicted; with more of them each half predicts the other no more.
_PREDICTED: Final = 10_000
# Fewer objects prove nothing.
_FEWEST_OBJECTS: Final = 4
_AMPLE_OBJECTS: Final = 50_000
_AMPLE_ANSWERS: Final = 100  # in each row of a matrix
_COINS, _ALIKE, _MATRICES, _STATES = "coins", "alike", "matrices", "states"
# By how many standard errors a coarser model must be better, in the order they are asked.
_ERRORS: Final[Mapping[str, float]] = {_COINS: 1.0, _ALIKE: 0.0}


def model_of(layout: Layout) -> Fit:
    """Return what was learned by the model the answers bear."""
    # With more labels hard objects have more to learn than the answers tell.
    finest = (_STATES, _MATRICES) if layout.classes == 2 else (_MATRICES,)
    needs_proof = layout.shared >= _FEWEST_OBJECTS and not _is_ample(layout)
    return _Learned(layout)[_chosen(layout, finest) if needs_proof else finest[0]]


def _is_ample(layout: Layout) -> bool:
    """Tell whether there is so much to learn from that all models say nearly the same."""
    answers = sum(map(len, layout.ranks))
    rows = layout.workers * layout.classes
    return layout.shared > _AMPLE_OBJECTS and answers > _AMPLE_ANSWERS * rows


class _Learned(dict[str, Fit]):
    """What each model has learned from a layout, when it is asked for."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self._layout = layout

    def __missing__(self, name: str) -> Fit:
        layout = self._layout
        if name == _STATES:
            found = fit(layout, self._by_agreement, states=2)
        else:
            models = {_MATRICES: matrices, _COINS: coins, _ALIKE: everybody_alike}
            found = fit(layout, layout.shares, model=models[name])
        self[name] = found
        return found

    def _by_agreement(self, places: slice) -> Floats:
        """Take an object for the easier the more workers chose the label."""
        easy = np.clip(self._layout.shares(places), *_EASY)
        posterior = self[_MATRICES].posterior(self._layout, places)
        states = np.stack([posterior * easy, posterior * (1.0 - easy)], axis=1)
        found: Floats = states.reshape(2 * self._layout.classes, -1)
        found /= found.sum(axis=0)
        return found


def _chosen(layout: Layout, finest: Sequence[str]) -> str:
    likely = _likelihoods(layout, (*finest, *_ERRORS))
    best = max(finest, key=lambda name: float(likely[name].sum()))
    for name, errors in _ERRORS.items():
        gain = likely[name] - likely[best]
        if gain.sum() > errors * gain.std() * math.sqrt(len(gain)):
            best = name
    return best


def _likelihoods(layout: Layout, names: Sequence[str]) -> Mapping[str, Floats]:
    """Return how well each model predicts the answers for objects it did not learn from."""
    places = np.arange(layout.shared)
    step = max(2, layout.shared // _PREDICTED)
    found: dict[str, list[Floats]] = {name: [] for name in names}
    for part in (0, 1) if step == 2 else (0,):
        seen, unseen = (layout.only(places[is_part]) for is_part in _parts(places, step, part))
        learned = _Learned(seen)
        for name in names:
            exponent = exponent_of(seen, learned[name])
            found[name].append(_predictions(unseen, learned[name], exponent))
    return {name: np.concatenate(parts) for name, parts in found.items()}


def _parts(places: Integers, step: int, part: int) -> tuple[np.ndarray, np.ndarray]:
    unseen = places % step == part
    return ~unseen, unseen


def _predictions(layout: Layout, learned: Fit, exponent: float) -> Floats:
    evidence = learned.evidence(layout, slice(0, layout.places))
    found = np.zeros(layout.places)
    for rank in layout.ranks:
        found[: len(rank)] += predicted(rank, evidence, learned, exponent)
    return found
