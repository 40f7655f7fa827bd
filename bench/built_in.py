"""What Ground Truth documents of its built-in consolidation, emulated for comparison.

The service's code is its own; the developer guide says "a variant of the Expectation Maximization
approach", with parameters per worker and a Bayesian posterior, and for sets of labels the same.
This is Dawid and Skene (1979) from the vote, with one added answer, to convergence; for sets, one
model per label. `python -m bench.built_in KIND FOLDER OUTPUT.csv` writes what ours writes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from ground_truth.consolidation.job.answers import Answers, Floats, answers_of, summed
from ground_truth.consolidation.tables import read_columns, write_rows

_ROUNDS = 100
_SMALL_CHANGE = 1e-4


def dawid_skene(answers: Answers, classes: int) -> Floats:
    """Return the posterior: object by class."""
    found: Floats
    count = len(answers.workers) * classes
    code = answers.worker * classes + answers.label
    votes = np.zeros((len(answers.objects), classes))
    np.add.at(votes, (answers.object, answers.label), 1.0)
    posterior: Floats = votes / votes.sum(axis=1, keepdims=True)
    for _ in range(_ROUNDS):
        counts = [summed(code, posterior[answers.object, c], count) for c in range(classes)]
        matrix = np.stack(counts).reshape(classes, -1, classes) + 1.0 / classes
        matrix /= matrix.sum(axis=2, keepdims=True)
        prior = posterior.sum(axis=0) + 1.0
        logs = np.log(matrix).reshape(classes, -1)[:, code]
        found = np.stack([summed(answers.object, row, len(votes)) for row in logs], axis=1)
        found += np.log(prior / prior.sum())
        found = np.exp(found - found.max(axis=1, keepdims=True))
        found /= found.sum(axis=1, keepdims=True)
        change = float(np.abs(found - posterior).max())
        posterior = found
        if change < _SMALL_CHANGE:
            break
    return posterior


def single_labels(folder: Path, output: Path) -> None:
    answers = answers_of(read_columns(folder / "labels.csv", ("object", "worker", "label")))
    posterior = dawid_skene(answers, len(answers.labels))
    best = posterior.argmax(axis=1).tolist()
    rows = (
        (name, answers.labels[label], float(posterior[place, label]))
        for place, (name, label) in enumerate(zip(answers.objects, best, strict=True))
    )
    write_rows(output, ("object", "label", "confidence"), rows)


def label_sets(folder: Path, output: Path) -> None:
    answers = answers_of(read_columns(folder / "labels.csv", ("object", "worker", "labels")))
    sets = [frozenset(filter(None, text.split(" "))) for text in answers.labels]
    rows = []
    for label in sorted({label for chosen in sets for label in chosen}):
        has = np.array([label in chosen for chosen in sets], dtype=np.intp)[answers.label]
        binary = Answers(
            objects=answers.objects,
            workers=answers.workers,
            labels=("no", "yes"),
            object=answers.object,
            worker=answers.worker,
            label=has,
        )
        posterior = dawid_skene(binary, 2)[:, 1]
        chosen_by = np.bincount(answers.object, weights=has, minlength=len(answers.objects))
        rows += [
            (answers.objects[o], label, float(posterior[o]))
            for o in chosen_by.nonzero()[0].tolist()
        ]
    write_rows(output, ("object", "label", "confidence"), rows)


if __name__ == "__main__":
    {"classification": single_labels, "multilabel": label_sets}[sys.argv[1]](
        Path(sys.argv[2]), Path(sys.argv[3])
    )
