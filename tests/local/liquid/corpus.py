"""Sound templates, one for each kind of task. The first line of each tells what it is given."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ground_truth_liquid import Finding, lint

FOLDER = Path(__file__).parent / "templates"
SUFFIX = ".liquid.html"
GIVEN = re.compile(r"\{% comment %\}(.*?)\{% endcomment %\}")
# What the project's own pre-annotation function gives
OURS = {"taskObject": "s3://raw/object", "labels": ["a", "b"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A template, and what the campaign around it says."""

    name: str
    text: str

    @property
    def given(self) -> dict[str, Any]:
        match = GIVEN.match(self.text)
        return {} if match is None else json.loads(match[1])

    @property
    def inputs(self) -> dict[str, Any]:
        found: dict[str, Any] = self.given.get("inputs", {**OURS, **self.labels})
        return found

    @property
    def labels(self) -> dict[str, Any]:
        return {key: value for key, value in self.given.items() if key == "labels"}

    def findings(self) -> list[Finding]:
        given = {key: value for key, value in self.given.items() if key != "inputs"}
        return lint(self.text, inputs=self.inputs, **given)

    def replaced(self, old: str, new: str) -> Sample:
        assert self.text.count(old) >= 1, f"{self.name} has no {old!r}"
        return Sample(name=self.name, text=self.text.replace(old, new, 1))

    def line_of(self, text: str) -> int:
        return self.text.count("\n", 0, self.text.index(text)) + 1


def sample(name: str) -> Sample:
    return Sample(name=name, text=(FOLDER / f"{name}{SUFFIX}").read_text(encoding="utf-8"))


def names() -> list[str]:
    return sorted(path.name.removesuffix(SUFFIX) for path in FOLDER.glob(f"*{SUFFIX}"))
