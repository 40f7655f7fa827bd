"""Reads a configuration file into its model, and says everything that is wrong with it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from stacks.problems import Problem, problems_of
from stacks.tables import Table

File = TypeVar("File", bound=Table)


def read_table(root: Path, path: str, model: type[File], problems: list[Problem]) -> File | None:
    """Return the file, or what is left of it without the problems found; None where nothing is."""
    data: dict[str, Any] = {}
    try:
        data = tomllib.loads((root / path).read_text(encoding="utf-8"))
        return model.model_validate(data)
    except ValidationError as error:
        problems.extend(problems_of(error, file=path, model=model))
        return _draft(model, data, error)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(Problem(file=path, message=f"isn't TOML in UTF-8: {error}"))
    except OSError as error:
        problems.append(Problem(file=path, message=f"can't be read: {error.strerror}"))
    return None


def _draft(model: type[File], data: Mapping[str, Any], error: ValidationError) -> File | None:
    """Return the file without what is wrong in it, so that the checks across files still speak.

    Nothing is built from a draft: its problems end the synth. None where a needed key is wrong,
    because checks against a made-up value would report nonsense.
    """
    wrong = {str(detail["loc"][0]) for detail in error.errors() if detail["loc"]}
    if wrong & model.NEEDED:
        return None
    kept = {key: value for key, value in data.items() if key not in wrong}
    kept |= {key: value for key, value in model.STAND_INS.items() if key in wrong}
    try:
        found = model.model_validate(kept)
    except ValidationError:
        return None
    return found.model_copy(update={k: v for k, v in model.BLANKS.items() if k in wrong})
