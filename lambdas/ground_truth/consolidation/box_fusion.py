"""One box of several: a robust mean of the edges, weighted by how exactly each worker draws.

A worker's spread is the scale of the distances between their edges and the crowd's, in units of the
box's size, learned over all objects and shrunk towards the crowd's. Each edge is fused on its own
by Huber's estimator (1964): a mean whose weights fall with the distance beyond ``_BEND`` spreads,
so one wild edge moves it no further than a careless one. With two workers it is their mean, with
many it is close to the median.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

Edges = tuple[float, float, float, float]
"""left, top, right, bottom, in pixels"""

_CROWD_SPREAD: Final = 0.1
_CROWD_MARKS: Final = 20.0
_WORKER_MARKS: Final = 10.0
_LEAST_SPREAD: Final = 0.02
_MOST: Final = 0.5
_MEAN_TO_SIGMA: Final = math.sqrt(math.pi / 2.0)
_BEND: Final = 1.5
_ROUNDS: Final = 20
_WORKER_ROUNDS: Final = 4

Cluster = Sequence[tuple[str, Edges]]
"""who drew which box; one of each worker"""


def fuse(cluster: Cluster, spreads: Mapping[str, float]) -> Edges:
    """Return one box for a cluster; a worker without a known spread counts as the crowd."""
    width, height = _size(cluster)
    scales = [spreads.get(worker, _CROWD_SPREAD) for worker, _ in cluster]

    def edge(side: int) -> float:
        length = height if side % 2 else width
        return _huber([box[side] for _, box in cluster], [scale * length for scale in scales])

    return edge(0), edge(1), edge(2), edge(3)


def worker_spreads(clusters: Sequence[Cluster]) -> dict[str, float]:
    """Return every worker's spread, from the clusters of several workers in a batch or a job."""
    spreads: dict[str, float] = {}
    shared = [cluster for cluster in clusters if len(cluster) > 2]
    for _ in range(_WORKER_ROUNDS):
        seen: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for cluster in shared:
            for position, (worker, _) in enumerate(cluster):
                seen[worker].append(_against_others(cluster, position, spreads))
        spreads = _shrunk(seen)
    return spreads


def _against_others(
    cluster: Cluster, position: int, spreads: Mapping[str, float]
) -> tuple[float, float]:
    """Return the mean distance of a box's edges from the others', and the others' own variance.

    From the others alone: next to their own box everybody looks exact.
    """
    _, box = cluster[position]
    others = [*cluster[:position], *cluster[position + 1 :]]
    fused = fuse(others, spreads)
    width, height = _size(others)
    distance = math.fsum(
        # Capped, so that a box of another thing says no more than that it was badly drawn.
        min(abs(box[side] - fused[side]) / (height if side % 2 else width), _MOST)
        for side in range(4)
    )
    certainty = math.fsum(spreads.get(worker, _CROWD_SPREAD) ** -2 for worker, _ in others)
    return distance / 4.0, 1.0 / certainty


def _shrunk(seen: Mapping[str, Sequence[tuple[float, float]]]) -> dict[str, float]:
    """Return spreads: the variance of the distances, less that of what they are measured from."""
    variances = {
        worker: (math.fsum(distance for distance, _ in pairs) / len(pairs) * _MEAN_TO_SIGMA) ** 2
        - math.fsum(variance for _, variance in pairs) / len(pairs)
        for worker, pairs in seen.items()
    }
    total = math.fsum(variances[worker] * len(pairs) for worker, pairs in seen.items())
    count = math.fsum(len(pairs) for pairs in seen.values())
    crowd = max(
        (total + _CROWD_SPREAD**2 * _CROWD_MARKS) / (count + _CROWD_MARKS), _LEAST_SPREAD**2
    )
    return {
        worker: math.sqrt(
            max(
                (variances[worker] * len(pairs) + crowd * _WORKER_MARKS)
                / (len(pairs) + _WORKER_MARKS),
                _LEAST_SPREAD**2,
            )
        )
        for worker, pairs in seen.items()
    }


def _size(cluster: Cluster) -> tuple[float, float]:
    """Return the median width and height, at least a pixel."""
    widths = [right - left for _, (left, _, right, _) in cluster]
    heights = [bottom - top for _, (_, top, _, bottom) in cluster]
    return max(_median(widths), 1.0), max(_median(heights), 1.0)


def _huber(values: Sequence[float], scales: Sequence[float]) -> float:
    center = _weighted_median(values, [1.0 / scale for scale in scales])
    for _ in range(_ROUNDS):
        weights = [
            _weight(abs(value - center), scale) for value, scale in zip(values, scales, strict=True)
        ]
        moved = math.fsum(
            weight * value for weight, value in zip(weights, values, strict=True)
        ) / math.fsum(weights)
        if abs(moved - center) < 1e-4:
            return moved
        center = moved
    return center


def _weight(distance: float, scale: float) -> float:
    return 1.0 / (scale * max(scale, distance / _BEND))


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2.0


def _weighted_median(values: Sequence[float], weights: Sequence[float]) -> float:
    """Return the value half of the weight lies below; halfway between two where it divides."""
    ordered = sorted(zip(values, weights, strict=True))
    half = math.fsum(weights) / 2.0
    below = 0.0
    for position, (value, weight) in enumerate(ordered):
        below += weight
        if below > half * (1 + 1e-12):
            return value
        if below >= half * (1 - 1e-12):
            return (value + ordered[min(position + 1, len(ordered) - 1)][0]) / 2.0
    return ordered[-1][0]
