"""Majority vote: the baseline, every worker counts the same."""

from ground_truth.consolidation.votes import Consensus, Objects, best, check_votes, vote_shares


def consolidate(objects: Objects, classes: int) -> list[Consensus]:
    """Return the label most workers chose for each object, in the objects' order.

    label = argmax_c n_c, ties by label order; confidence = n_c / n. That is the share of the
    workers who agree and no probability: a single worker always gives 1.
    """
    check_votes(objects, classes)
    return [best(vote_shares(votes)) for votes in objects]
