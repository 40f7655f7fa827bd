"""`delivery.toml`: whose pipelines may do what, with the ids that no rename changes."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from stacks.places import environment_names, pattern_names
from stacks.problems import ConfigError, Problem, problems_of
from stacks.tables import Table, matching

if TYPE_CHECKING:
    from pathlib import Path

FILE = "delivery.toml"


class GitHub(Table):
    """A repository, by names and by ids.

    Source: GitHub documentation, OpenID Connect reference: since July 2026 the subject of a token
    is `repo:OWNER@OWNER_ID/REPOSITORY@REPOSITORY_ID:…`.
    """

    owner: Annotated[
        str,
        matching(
            r"[A-Za-z0-9](?:-?[A-Za-z0-9_]){0,38}", "a GitHub user or organization, no wildcard"
        ),
    ]
    owner_id: Annotated[int, Field(ge=0)]
    repository: Annotated[
        str, matching(r"[A-Za-z0-9._-]{1,100}", "a repository without its owner, no wildcard")
    ]
    repository_id: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def _filled_in(self) -> Self:
        name = f"{self.owner}/{self.repository}"
        asked = {"owner_id": f"users/{self.owner}", "repository_id": f"repos/{name}"}
        lines = [
            f"{key} is 0, which is nobody's; `gh api {path} --jq .id` says it"
            for key, path in asked.items()
            if getattr(self, key) == 0
        ]
        if lines:
            raise ValueError("\n".join(lines))
        return self

    def subject(self, environment: str) -> str:
        """What GitHub calls a job that runs in one of the repository's environments."""
        return (
            f"repo:{self.owner}@{self.owner_id}/{self.repository}@{self.repository_id}"
            f":environment:{environment}"
        )


class Delivered(Table):
    """An environment that pipelines deliver to."""

    provider: Literal["create", "adopt"]
    archive: (
        Annotated[
            str,
            matching(
                r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[A-Za-z0-9!_.'()/-]+)?",
                "s3://bucket/prefix without wildcards",
            ),
        ]
        | None
    ) = None


class DeliveryFile(Table):
    """`delivery.toml`."""

    github: GitHub
    environments: dict[str, Delivered]


def load_delivery(root: Path, environment: str | None) -> tuple[DeliveryFile, Delivered]:
    """Read the file; `environment` must be in it, and one of the project's, or a pattern.

    Raises ConfigError with all problems.
    """
    try:
        data = tomllib.loads((root / FILE).read_text(encoding="utf-8"))
        found = DeliveryFile.model_validate(data)
    except ValidationError as error:
        raise ConfigError(problems_of(error, file=FILE, model=DeliveryFile)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError([Problem(file=FILE, message=f"isn't TOML in UTF-8: {error}")]) from error
    except OSError as error:
        raise ConfigError([Problem(file=FILE, message=f"can't be read: {error}")]) from error
    problems = _unknown(root, found)
    delivered = found.environments.get(environment or "")
    if delivered is None:
        there = ", ".join(sorted(found.environments)) or "none"
        message = f"environment {environment!r} isn't listed, there are {there}; add it"
        problems.append(Problem(file=FILE, key="environments", message=message))
    if problems or delivered is None:
        raise ConfigError(problems)
    return found, delivered


def _unknown(root: Path, found: DeliveryFile) -> list[Problem]:
    known = [*environment_names(root), *pattern_names(root)]
    return [
        Problem(
            file=FILE,
            key=f"environments.{name}",
            message=f"there is no such file, there are {', '.join(known)}; correct or remove it",
        )
        for name in found.environments
        if name not in known
    ]
