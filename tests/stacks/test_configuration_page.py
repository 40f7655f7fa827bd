"""docs/configuration.md names every key there is, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from stacks.campaign import CampaignFile
from stacks.environment import EnvironmentFile

PAGE = Path(__file__).parents[2] / "docs/configuration.md"
# Told in the row of the key they belong to.
WITHIN = re.compile(
    r"team\.workers\.|labels\.|price\.tiers\.|workforce\.oidc\.|label_categories\.\w+_attributes\."
)


def keys(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        nested = nested_model(field.annotation)
        if nested is None:
            yield prefix + name
        else:
            found = list(keys(nested, f"{prefix}{name}."))
            yield from (found if not WITHIN.match(found[0]) else [prefix + name])


def nested_model(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for arg in get_args(annotation) if (found := nested_model(arg))), None)


def documented(heading: str) -> Iterator[str]:
    """The keys of a section's table; `.b` after `a.x` is `a.b`."""
    section = PAGE.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    for row in re.findall(r"^\| (`.+?) \|", section, re.MULTILINE):
        names = re.findall(r"`([a-z_.]+)`", row)
        table = names[0].rpartition(".")[0]
        yield from (table + name if name.startswith(".") else name for name in names)


@pytest.mark.parametrize(
    ("heading", "model"), [("Environments", EnvironmentFile), ("Campaigns", CampaignFile)]
)
def test_page_names_exactly_the_keys_there_are(heading: str, model: type[BaseModel]) -> None:
    assert sorted(documented(heading)) == sorted(keys(model))
