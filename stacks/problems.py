"""Problems of configuration files, and the one error that lists them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One thing wrong in one place: `wrong` holds the value, `allowed` what to write instead."""

    file: str
    key: str = ""
    wrong: str
    allowed: str = ""

    def __str__(self) -> str:
        place = f"{self.file}: {self.key}" if self.key else self.file
        return f"{place}: {self.wrong}" + (f"; {self.allowed}" if self.allowed else "")


class ConfigError(Exception):
    """What the user wrote can't be built; `problems` has every reason, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        count = len(self.problems)
        head = "1 problem" if count == 1 else f"{count} problems"
        super().__init__(
            "\n".join([f"configuration has {head}:", *(f"  {p}" for p in self.problems)])
        )


def problems_of(error: ValidationError, *, file: str, model: type[BaseModel]) -> list[Problem]:
    """Translate pydantic's findings to the user's terms: key, value, what is allowed."""
    return [_problem(dict(detail), file, model) for detail in error.errors(include_url=False)]


def _problem(detail: Mapping[str, Any], file: str, model: type[BaseModel]) -> Problem:
    loc: tuple[str | int, ...] = tuple(detail["loc"])
    key = _key(loc)
    value = _shown(detail["input"])
    message = str(detail["msg"]).removeprefix("Value error, ")
    match detail["type"]:
        case "extra_forbidden":
            known = ", ".join(_known_keys(model, loc[:-1]))
            return Problem(file=file, key=key, wrong="unknown key", allowed=f"known keys: {known}")
        case "missing":
            return Problem(file=file, key=key, wrong="missing", allowed="add it; it has no default")
        case "value_error":
            wrong, _, allowed = message.partition("; ")
            return Problem(file=file, key=key, wrong=wrong, allowed=allowed)
        case "literal_error" | "enum":
            allowed = str(detail["ctx"]["expected"])
            return Problem(file=file, key=key, wrong=f"got {value}", allowed=f"allowed: {allowed}")
        case _:
            return Problem(file=file, key=key, wrong=f"got {value}", allowed=message.lower())


def _key(loc: Sequence[str | int]) -> str:
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _known_keys(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    for part in loc:
        if isinstance(part, str):
            model = _nested_model(model.model_fields[part].annotation) or model
    return sorted(model.model_fields)


def _nested_model(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    nested = (_nested_model(arg) for arg in get_args(annotation))
    return next((model for model in nested if model), None)
