"""Assemblies of every environment of two revisions, synthesized side by side."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ground_truth_ops.errors import OpsError
from ground_truth_ops.processes import run, tail

if TYPE_CHECKING:
    from ground_truth_ops.review.revision import Tree

AT_ONCE = 2
KEPT = 6  # base assemblies kept for the next time


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A synthesized stack: the CLI's id (`GroundTruth/Team`), its name, its template's file."""

    id: str
    name: str
    path: Path
    termination_protection: bool

    def template(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        return found


@dataclass(frozen=True)
class Assembly:
    """One environment of one revision; `problems` are what its own checks said.

    Checks speak after the templates were written, so those can be compared all the same; where a
    configuration can't be built there are none.
    """

    environment: str
    folder: Path
    problems: tuple[str, ...] = ()

    @property
    def readable(self) -> bool:
        return (self.folder / "manifest.json").is_file()

    @cached_property
    def stacks(self) -> dict[str, Stack]:
        """By name, in the assembly's order of deployment."""
        found: dict[str, Stack] = {}
        for path in sorted(self.folder.rglob("manifest.json")):
            manifest = json.loads(path.read_text(encoding="utf-8"))
            for key, artifact in manifest.get("artifacts", {}).items():
                if artifact.get("type") != "aws:cloudformation:stack":
                    continue
                properties = artifact.get("properties", {})
                name = properties.get("stackName", key)
                found[name] = Stack(
                    id=artifact.get("displayName", key).split(" (")[0],
                    name=name,
                    path=path.parent / properties["templateFile"],
                    termination_protection=bool(properties.get("terminationProtection")),
                )
        return found

    def asset(self, key: str) -> Path | None:
        """The file behind an asset's key in the bootstrap bucket, None when it isn't here."""
        return next(iter(self.folder.rglob(f"asset.{key}")), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An assembly to make."""

    tree: Tree
    environment: str
    folder: Path


def synthesize(wanted: Sequence[Wanted], *, log: Path) -> list[Assembly]:
    """Make all of them, two at a time; in the order asked for.

    A revision that can't be synthesized is no error here: the report says so.
    """
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        return list(pool.map(lambda each: _synthesize(each, log), wanted))


def _synthesize(wanted: Wanted, log: Path) -> Assembly:
    done = wanted.folder / "complete"
    if wanted.tree.commit is not None and done.is_file():
        done.touch()  # the oldest are removed first
        return Assembly(wanted.environment, wanted.folder)
    shutil.rmtree(wanted.folder, ignore_errors=True)
    wanted.folder.parent.mkdir(parents=True, exist_ok=True)
    mine = log.with_name(f"{log.stem}-{wanted.folder.parent.name[:12]}-{wanted.environment}.log")
    mine.unlink(missing_ok=True)
    app = f'"{wanted.tree.python}" app.py'
    command: list[str | Path] = [
        wanted.tree.cdk,
        "synth",
        "--quiet",
        "--app",
        app,
        "--no-notices",
        "--no-color",
    ]
    more: list[str | Path] = ["--context", f"env={wanted.environment}", "--output", wanted.folder]
    # what changes is looked for here; whether the templates are right, `make synth` says
    variables = {**wanted.tree.variables(), "CDK_VALIDATION": "false"}
    try:
        run([*command, *more], cwd=wanted.tree.root, env=variables, log=mine)
    except OpsError:
        return Assembly(wanted.environment, wanted.folder, problems=_cause(mine))
    done.touch()
    return Assembly(wanted.environment, wanted.folder)


def _cause(log: Path) -> tuple[str, ...]:
    """The app's own words, without the CLI's epilogue."""
    lines = [line.rstrip() for line in tail(log, 40) if line.strip()]
    return tuple(line for line in lines if "Subprocess exited" not in line) or ("no output",)


def forget_old(cache: Path) -> None:
    """Keep the assemblies of the bases that were used last."""
    folders = sorted(
        (path for path in cache.glob("*") if path.is_dir()),
        key=lambda path: max((mark.stat().st_mtime for mark in path.glob("*/complete")), default=0),
    )
    for folder in folders[:-KEPT]:
        shutil.rmtree(folder, ignore_errors=True)
