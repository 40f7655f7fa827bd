"""Problems of configuration files, and the one error that lists them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import AfterValidator, BaseModel, ValidationError, ValidationInfo


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One thing wrong in one place; the message has the value, what is allowed and the fix."""

    file: str
    key: str = ""
    message: str

    def __str__(self) -> str:
        return ": ".join(filter(None, [self.file, self.key, self.message]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The campaigns looked at; problems refuse a synth, warnings don't."""

    campaigns: tuple[str, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


class ConfigError(Exception):
    """What the user wrote can't be built; `problems` has every reason, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        count = len(self.problems)
        head = f"configuration has {count} problem{'s' if count > 1 else ''}:"
        super().__init__("\n".join([head, *(f"  {problem}" for problem in self.problems)]))


def checked(check: Callable[..., Sequence[object]], *others: str) -> AfterValidator:
    """Make a domain check a field's validator; `others` are earlier fields it also needs.

    A check whose other fields are wrong themselves is left out: it would report nonsense.
    """

    def validate(value: Any, info: ValidationInfo) -> Any:
        if all(name in info.data for name in others):
            found = check(value, *(info.data[name] for name in others))
            if found:
                raise ValueError("\n".join(map(str, found)))
        return value

    return AfterValidator(validate)


def problems_of(error: ValidationError, *, file: str, model: type[BaseModel]) -> list[Problem]:
    """Translate pydantic's findings to the user's terms: key, value, what is allowed."""
    return [
        Problem(file=file, key=_key(detail["loc"]), message=message)
        for detail in error.errors(include_url=False)
        if detail["type"] != "default_factory_not_called"  # what it is made from is wrong already
        for message in _message(dict(detail), model).splitlines()
    ]


def _message(detail: Mapping[str, Any], model: type[BaseModel]) -> str:
    message = str(detail["msg"])
    match detail["type"]:
        case "extra_forbidden":
            known = ", ".join(_known_keys(model, detail["loc"][:-1]))
            return f"unknown key, allowed {known}; correct or remove it"
        case "missing":
            return "missing; add it, it has no default"
        case "value_error":
            return message.removeprefix("Value error, ")
        case "literal_error" | "enum":
            return f"got {_shown(detail['input'])}, allowed {detail['ctx']['expected']}"
        case _:
            allowed = message.removeprefix("Input should be ")
            return f"got {_shown(detail['input'])}, allowed {allowed}"


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
