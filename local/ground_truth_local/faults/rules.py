"""What is to go wrong, where, and how often it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import count
from threading import RLock
from typing import Any


class Kind(StrEnum):
    """What a rule does."""

    REFUSE = "refuse"  # answer a call with an error instead of performing it
    DELAY = "delay"  # perform a call, later
    LOSE = "lose"  # perform a call; the connection ends before its answer
    KILL = "kill"  # perform a function's call; its process is dead before the answer
    ANSWER = "answer"  # take no answer of a custom resource, but an HTTP status
    HOLD = "hold"  # a labeling job stays in a status
    FAIL = "fail"  # a labeling job fails while it is set up


# What each kind may say beside `containing`, `skip` and `times`; the first of them it must.
_FIELDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.REFUSE: ("operation", "service", "function", "code", "message", "status"),
    Kind.DELAY: ("operation", "service", "function", "seconds"),
    Kind.LOSE: ("operation", "service", "function"),
    Kind.KILL: ("operation", "service", "function"),
    Kind.ANSWER: ("status",),
    Kind.HOLD: ("job_status",),
    Kind.FAIL: ("message",),
}
_ANY_KIND = ("kind", "containing", "skip", "times")
_HELD = ("Initializing", "Stopping")
_NUMBERS = ("skip", "times", "status", "seconds")


class RuleError(ValueError):
    """A rule that can't be understood; the message says what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One fault.

    It is for calls of `operation` ("CreateLabelingJob"; in S3 the IAM action's name, "GetObject")
    of `service` ("sagemaker"; any when empty) by functions whose names contain `function` (any
    caller when empty), whose path, query or body holds `containing`. For answers of custom
    resources `containing` is looked for in the answer, for jobs in the job's name. The first `skip`
    matches pass, then `times` are hit (None: all).
    """

    kind: Kind
    operation: str = ""
    service: str = ""
    function: str = ""
    containing: str = ""
    skip: int = 0
    times: int | None = None
    code: str = "ThrottlingException"
    message: str = "Rate exceeded"
    status: int = 400
    seconds: float = 0.0
    job_status: str = ""

    @classmethod
    def parse(cls, given: object) -> Rule:
        """A rule as it comes over the wire; raises RuleError."""
        if not isinstance(given, dict):
            raise RuleError(f"a rule is a JSON object, got {type(given).__name__}")
        try:
            kind = Kind(given.get("kind", ""))
        except ValueError:
            raise RuleError(
                f"kind is {given.get('kind')!r}, allowed are {', '.join(Kind)}"
            ) from None
        allowed = (*_ANY_KIND, *_FIELDS[kind])
        unknown = sorted(set(given) - set(allowed))
        if unknown:
            raise RuleError(
                f"{', '.join(unknown)} mean nothing to {kind}, allowed are {', '.join(allowed)}"
            )
        if not given.get(_FIELDS[kind][0]):
            raise RuleError(f"{kind} needs {_FIELDS[kind][0]}")
        for name, value in given.items():
            _check(name, value)
        return cls(**{**given, "kind": kind})


def _check(name: str, value: object) -> None:
    if name == "times" and value is None:
        return
    if name not in _NUMBERS:
        if not isinstance(value, str):
            raise RuleError(f"{name} is {value!r}, a text is needed")
    elif isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise RuleError(f"{name} is {value!r}, a number from 0 is needed")
    if name == "job_status" and value not in _HELD:
        raise RuleError(f"job_status is {value!r}, allowed are {', '.join(_HELD)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a rule is compared with: a call, an answer, or a job."""

    text: str
    service: str = ""
    operation: str = ""
    function: str = ""


@dataclass
class _Record:
    rule: Rule
    seen: int = 0
    fired: int = 0


class Rules:
    """The rules of a run; thread-safe."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._numbers = count(1)
        self._records: dict[int, _Record] = {}
        self._jobs: dict[tuple[int, str], bool] = {}

    def add(self, rule: Rule) -> int:
        """Returns the rule's number."""
        with self._lock:
            number = next(self._numbers)
            self._records[number] = _Record(rule)
            return number

    def clear(self, number: int | None = None) -> bool:
        """Forget one rule, or all; False when there is none of that number."""
        with self._lock:
            if number is None:
                self._records.clear()
                return True
            return self._records.pop(number, None) is not None

    def list(self) -> list[dict[str, Any]]:
        """Every rule with its number, how often it matched (`seen`) and hit (`fired`)."""
        with self._lock:
            return [
                {"id": number, **asdict(r.rule), "seen": r.seen, "fired": r.fired}
                for number, r in self._records.items()
            ]

    def strike(self, kind: Kind, subject: Subject) -> Rule | None:
        """The first rule of a kind that hits now; every rule that matches has seen it."""
        with self._lock:
            hit: Rule | None = None
            for record in self._records.values():
                if record.rule.kind is kind and _matches(record.rule, subject):
                    record.seen += 1
                    if hit is None and _is_due(record):
                        record.fired += 1
                        hit = record.rule
            return hit

    def strike_job(self, kind: Kind, job: str, status: str = "") -> Rule | None:
        """The same for a labeling job, which counts once however often it is looked at."""
        with self._lock:
            for number, record in self._records.items():
                rule = record.rule
                concerns = rule.kind is kind and rule.containing in job
                if not concerns or rule.job_status != status:
                    continue
                if (number, job) not in self._jobs:
                    record.seen += 1
                    self._jobs[number, job] = due = _is_due(record)
                    record.fired += due
                if self._jobs[number, job]:
                    return rule
            return None


def _is_due(record: _Record) -> bool:
    rule = record.rule
    return record.seen > rule.skip and (rule.times is None or record.fired < rule.times)


def _matches(rule: Rule, subject: Subject) -> bool:
    return (
        rule.operation in ("", subject.operation)
        and rule.service in ("", subject.service)
        and rule.function in subject.function
        and rule.containing in subject.text
    )
