"""How well each simulated worker labels: a confusion matrix per person, drawn from a seed."""

from __future__ import annotations

import hashlib
import random
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ground_truth_local.workers.errors import WorkersError

_SHARES = ("miss", "extra", "jitter")
_KEYS = frozenset({"email", "accuracy", "confusion", "seconds", *_SHARES})


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """One worker.

    ``accuracy`` is the probability of the true label, the rest being spread evenly over the other
    labels. ``confusion[true][answered]`` replaces that for a true label: probabilities of wrong
    answers, what remains of 1 being the true label's. ``seconds`` is the time spent on a task.

    Of answers with several things (labels, boxes, spans, regions) each is labeled so; ``miss`` is
    the probability of missing one, ``extra`` that of one more than there are, ``jitter`` how far
    positions are off, as a share of the thing's size, and for spans of text how often an end is a
    word off. What isn't given follows from ``accuracy``.
    """

    email: str
    accuracy: float = 1.0
    confusion: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    seconds: float = 0.0
    miss: float | None = None
    extra: float | None = None
    jitter: float | None = None

    @property
    def miss_share(self) -> float:
        return (1.0 - self.accuracy) / 2 if self.miss is None else self.miss

    @property
    def extra_share(self) -> float:
        return (1.0 - self.accuracy) / 2 if self.extra is None else self.extra

    @property
    def jitter_share(self) -> float:
        return (1.0 - self.accuracy) / 5 if self.jitter is None else self.jitter

    @property
    def slip_share(self) -> float:
        return (1.0 - self.accuracy) / 2 if self.jitter is None else self.jitter


def read_skills(path: Path) -> list[Skill]:
    """The workers of a TOML file (``[[worker]]`` tables); WorkersError lists all mistakes."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("worker", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WorkersError(f"{path}: can't be read: {error}") from error
    problems: list[str] = []
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise WorkersError(f"{path}: worker: allowed is a list of [[worker]] tables")
    skills = [_skill(table, f"worker {number}", problems) for number, table in enumerate(tables, 1)]
    emails = [skill.email for skill in skills]
    problems += [
        f"{email}: listed twice" for email in sorted(set(emails)) if emails.count(email) > 1
    ]
    if not skills:
        problems.append("no [[worker]] tables; list at least one worker with its email")
    if problems:
        raise WorkersError(f"{path}: " + "; ".join(problems))
    return skills


def answer(skill: Skill, *, seed: int, object_id: str, truth: str, labels: Sequence[str]) -> str:
    """What this worker answers: the same for the same seed, worker and object, at any time.

    >>> answer(Skill(email="a"), seed=1, object_id="7.png", truth="7", labels=["1", "7"])
    '7'
    """
    if truth not in labels:
        raise WorkersError(
            f"{object_id}: truth is {truth!r}, the task offers {list(labels)}; "
            "correct the truth file"
        )
    wrong = _wrong_answers(skill, truth, labels)
    text = f"{seed}\n{skill.email}\n{object_id}"
    draw = random.Random(hashlib.sha256(text.encode()).digest()).random()  # noqa: S311  not a secret
    for label in labels:
        draw -= wrong.get(label, 0.0)
        if draw < 0:
            return label
    return truth


def _wrong_answers(skill: Skill, truth: str, labels: Sequence[str]) -> Mapping[str, float]:
    if truth in skill.confusion:
        return skill.confusion[truth]
    others = [label for label in labels if label != truth]
    share = (1.0 - skill.accuracy) / len(others) if others else 0.0
    return dict.fromkeys(others, share)


def _skill(table: Mapping[str, object], where: str, problems: list[str]) -> Skill:
    email = table.get("email")
    if not isinstance(email, str) or not email:
        problems.append(f"{where}: email: got {email!r}, allowed is text")
        email = where
    problems += [
        f"{email}: {key}: unknown; allowed are {', '.join(sorted(_KEYS))}"
        for key in sorted(set(table) - _KEYS)
    ]
    accuracy, seconds = table.get("accuracy", 1.0), table.get("seconds", 0.0)
    shares = {
        key: _number(table[key], f"{email}: {key}", problems) for key in _SHARES if key in table
    }
    return Skill(
        email=email,
        accuracy=_number(accuracy, f"{email}: accuracy", problems),
        confusion=_confusion(table.get("confusion", {}), email, problems),
        seconds=_number(seconds, f"{email}: seconds", problems, most=3600.0),
        miss=shares.get("miss"),
        extra=shares.get("extra"),
        jitter=shares.get("jitter"),
    )


def _number(value: object, where: str, problems: list[str], *, most: float = 1.0) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        problems.append(f"{where}: got {value!r}, allowed is 0 to {most:g}")
        return 0.0
    return float(value)


def _confusion(value: object, email: str, problems: list[str]) -> dict[str, dict[str, float]]:
    rows = value if isinstance(value, dict) else {"": value}
    matrix: dict[str, dict[str, float]] = {}
    for truth, row in rows.items():
        if not isinstance(row, dict):
            problems.append(f"{email}: confusion.{truth}: got {row!r}, allowed is a table")
            continue
        cells = {
            label: _number(share, f"{email}: confusion.{truth}.{label}", problems)
            for label, share in row.items()
        }
        matrix[truth] = {label: share for label, share in cells.items() if label != truth}
        if sum(matrix[truth].values()) > 1.0 + 1e-9:
            problems.append(f"{email}: confusion.{truth}: adds up to more than 1")
    return matrix
