"""Synthesized environments, made once per test process and shared by all tests."""

from __future__ import annotations

import atexit
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ("dev", "local", "prod")
# jsii takes the first node on the PATH; the project's own is the supported one
_NODE = ROOT / ".venv" / "bin"
os.environ["PATH"] = f"{_NODE}{os.pathsep}{os.environ['PATH']}"

from aws_cdk import App  # noqa: E402 - after the PATH is set

from stacks.checks import add_checks  # noqa: E402
from stacks.config import Host, Project, load  # noqa: E402
from stacks.stage import GroundTruth  # noqa: E402

# `host` in environments/local.toml must not make snapshots depend on the machine
HOST = Host(runtime="python3.13", architecture="x86_64")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource of a template."""

    stack: str
    logical_id: str
    body: Mapping[str, Any]

    @property
    def type(self) -> str:
        return str(self.body["Type"])

    @property
    def properties(self) -> Mapping[str, Any]:
        properties: Mapping[str, Any] = self.body.get("Properties", {})
        return properties

    @property
    def path(self) -> str:
        return str(self.body.get("Metadata", {}).get("aws:cdk:path", ""))

    @property
    def depends_on(self) -> list[str]:
        return list(self.body.get("DependsOn", []))


@dataclass(frozen=True, slots=True, kw_only=True)
class Synthesis:
    """Templates by stack construct id (`Storage`, `Labeling-handwritten-digits`), and the checks.

    `acknowledged` holds what the report lists as accepted: id, reason, where the acknowledgement
    stands and where the finding; `given` what constructs asked to accept, by construct and id.
    """

    directory: Path
    templates: Mapping[str, Mapping[str, Any]]
    violations: list[str]
    acknowledged: list[dict[str, Any]]
    given: set[tuple[str, str]]
    manifest: Mapping[str, Any]

    def resources(self, type_: str | None = None, stack: str | None = None) -> list[Resource]:
        return [
            Resource(stack=name, logical_id=logical_id, body=body)
            for name, template in self.templates.items()
            for logical_id, body in template["Resources"].items()
            if (stack is None or name == stack) and (type_ is None or body["Type"] == type_)
        ]

    def one(self, type_: str, stack: str | None = None) -> Resource:
        (found,) = self.resources(type_, stack)
        return found

    def at(self, path: str) -> Resource:
        """The resource a construct path (below `GroundTruth/`) leads to."""
        (found,) = [r for r in self.resources() if r.path == f"GroundTruth/{path}"]
        return found


def arn(service: str, resource: str) -> dict[str, Any]:
    """An ARN as a template spells it."""
    parts = ["arn:", "AWS::Partition", f":{service}:", "AWS::Region", ":", "AWS::AccountId"]
    joined: list[Any] = [{"Ref": p} if p.startswith("AWS::") else p for p in parts]
    return {"Fn::Join": ["", [*joined, f":{resource}"]]}


@cache
def synthesize(env: str) -> Synthesis:
    """Synthesize an environment of this repository, with its checks."""
    return synthesize_project(load(ROOT, env=env, host=HOST))


def synthesize_project(project: Project, *, rules: bool = True) -> Synthesis:
    """Synthesize a project."""
    return synthesize_app(lambda app: GroundTruth(app, project=project), rules=rules)


def synthesize_app(build: Callable[[App], object], *, rules: bool = True) -> Synthesis:
    """Synthesize what is added to an app; CloudFormation's own validation is for `cdk synth`.

    Without `rules`, those of the packs aren't held against it.
    """
    directory = Path(mkdtemp(prefix="cdk.out-"))
    _DIRECTORIES.append(directory)
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    context["aws:cdk:enable-path-metadata"] = True  # as the CLI does
    app = App(
        context=context,
        outdir=str(directory),
        analytics_reporting=False,
        builtin_cloud_formation_validation=False,
    )
    build(app)
    if rules:
        add_checks(app)
    failure = ""
    try:
        app.synth()
    except RuntimeError as error:
        failure = str(error)
    return _read(directory, failure)


def _read(directory: Path, failure: str) -> Synthesis:
    manifest = json.loads((directory / "manifest.json").read_text())
    templates = {
        artifact["displayName"].split(" ")[0].removeprefix("GroundTruth/"): json.loads(
            (directory / artifact["properties"]["templateFile"]).read_text()
        )
        for artifact in manifest["artifacts"].values()
        if artifact["type"] == "aws:cloudformation:stack"
    }
    report = json.loads((directory / "validation-report.json").read_text())
    violations = [f"{rule['ruleName']} {place}" for rule, place in _findings(report, "violations")]
    acknowledged = [
        {
            "id": rule["acknowledgedId"],
            "at": rule["acknowledgedAt"],
            "found": place,
            "reason": rule["reason"],
        }
        for rule, place in _findings(report, "suppressedViolations")
    ]
    if failure and not violations:
        raise RuntimeError(failure)
    return Synthesis(
        directory=directory,
        templates=templates,
        violations=violations,
        acknowledged=acknowledged,
        given=set(_given(directory)),
        manifest=manifest,
    )


def _findings(report: Mapping[str, Any], key: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    for plugin in report["pluginReports"]:
        for rule in plugin.get(key, []):
            for construct in rule["violatingConstructs"]:
                yield rule, construct["constructPath"]


def _given(directory: Path) -> Iterator[tuple[str, str]]:
    for path in directory.glob("*.metadata.json"):
        for construct, entries in json.loads(path.read_text()).items():
            for entry in entries:
                if entry["type"] == "aws:cdk:acknowledged-rules":
                    yield from ((construct.removeprefix("/"), rule) for rule in entry["data"])


_DIRECTORIES: list[Path] = []


@atexit.register
def _remove_directories() -> None:
    while _DIRECTORIES:
        shutil.rmtree(_DIRECTORIES.pop(), ignore_errors=True)
