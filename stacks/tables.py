"""What all tables of configuration files have in common."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Strict

Item = TypeVar("Item")
Items = Annotated[tuple[Item, ...], Strict(strict=False)]  # TOML arrays arrive as lists


class Table(BaseModel):
    """A TOML table: frozen, no unknown keys, no silent conversion.

    For drafts of a file with problems: what stands in for a wrong value, what is left blank after
    that, and which keys no draft can do without.
    """

    STAND_INS: ClassVar[Mapping[str, Any]] = {}
    BLANKS: ClassVar[Mapping[str, Any]] = {}
    NEEDED: ClassVar[frozenset[str]] = frozenset()

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def matching(pattern: str, allowed: str) -> AfterValidator:
    """Require the whole value to match; the message says in words what is allowed."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(f"got {value!r}, allowed {allowed}")
        return value

    return AfterValidator(check)
