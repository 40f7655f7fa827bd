"""The pinned CDK CLI, run on an assembly that was synthesized once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.session import Session

from ground_truth.names import DEPLOYMENT_PARAMETER
from ground_truth_ops.errors import OpsError
from ground_truth_ops.processes import run, start

Listener = Callable[[str], None]


def _ignore(_line: str) -> None:
    return None


class AssemblyError(OpsError):
    """The CDK CLI isn't installed, or an assembly can't be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cdk:
    """Runs the CLI in `root`; `variables` say which AWS. All its output goes to `log`."""

    root: Path
    variables: Mapping[str, str]
    log: Path
    options: tuple[str, ...] = field(default=("--no-notices", "--no-color", "--ci"))

    def synth(
        self, *, environment: str, output: Path, campaign: str | None = None, checks: bool = True
    ) -> None:
        """Write the environment's assembly to `output`.

        Without checks it also works for a project that breaks them.
        """
        arguments = _synth(environment, output, campaign, checks=checks)
        self._run(arguments, {} if checks else {"CDK_VALIDATION": "false"})

    def start_synth(
        self, *, environment: str, output: Path, campaign: str | None = None
    ) -> subprocess.Popen[bytes]:
        """The same in the background, for `processes.finish`."""
        command = self._command(_synth(environment, output, campaign, checks=True))
        return start(command, cwd=self.root, env=self._environment({}), log=self.log)

    def bootstrap(
        self, *, account: str, region: str, execution_policies: Sequence[str] = ()
    ) -> None:
        """Once per account and region; away from `cdk.json`, lest the CLI run the app for it.

        `execution_policies` are ARNs of what CloudFormation may do; without any, everything. Said
        in any case, because the CLI otherwise keeps those of an earlier bootstrap.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        partition = Session().get_partition_for_region(region)
        given = execution_policies or [f"arn:{partition}:iam::aws:policy/AdministratorAccess"]
        command = self._command(
            [
                *("bootstrap", f"aws://{account}/{region}"),
                *("--cloudformation-execution-policies", ",".join(given)),
            ]
        )
        run(command, cwd=self.log.parent, env=self._environment({}), log=self.log)

    def deploy(
        self, assembly: Path, *stacks: str, concurrency: int = 4, on_line: Listener = _ignore
    ) -> None:
        """Deploy without a question and without change sets' extra round."""
        self._run(
            [
                *("deploy", *stacks, "--app", str(assembly), "--require-approval", "never"),
                *deployment_parameters(assembly, f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"),
                *("--concurrency", str(concurrency), "--asset-build-concurrency", "4"),
                *("--method", "direct", "--progress", "events"),
            ],
            {},
            on_line,
        )

    def destroy(
        self, assembly: Path, *stacks: str, concurrency: int = 4, on_line: Listener = _ignore
    ) -> None:
        """Destroy exactly the named stacks, consumers first."""
        self._run(
            [
                *("destroy", *stacks, "--app", str(assembly), "--force", "--exclusively"),
                *("--concurrency", str(concurrency)),
            ],
            {},
            on_line,
        )

    def import_resources(self, assembly: Path, stack: str, mapping: Path) -> None:
        """Make a stack of resources that exist; `mapping` names them by logical id."""
        where = ("--app", str(assembly), "--resource-mapping", str(mapping))
        self._run(["import", stack, *where], {})

    def _run(
        self, arguments: list[str], variables: Mapping[str, str], on_line: Listener = _ignore
    ) -> None:
        command, env = self._command(arguments), self._environment(variables)
        run(command, cwd=self.root, env=env, log=self.log, on_line=on_line)

    def _command(self, arguments: list[str]) -> list[str | Path]:
        program = self.root / "node_modules" / ".bin" / "cdk"
        if not program.exists():
            raise AssemblyError(f"no CDK CLI at {program}; run `make setup`")
        return [program, *arguments, *self.options]

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        # Node comes with the virtual environment this very program runs in
        places = [Path(sys.prefix) / "bin", self.root / "node_modules" / ".bin"]
        path = ":".join([*map(str, places), self.variables.get("PATH", "")])
        return {
            **self.variables,
            "PATH": path,
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
            **more,
        }


def _synth(environment: str, output: Path, campaign: str | None, *, checks: bool) -> list[str]:
    context = ["--context", f"env={environment}"]
    if campaign is not None:
        context += ["--context", f"campaign={campaign}"]
    # without the pattern the CLI says nothing of failing rules in stacks inside a stage
    pattern = ["**"] if checks else []
    return ["synth", "--quiet", *pattern, *context, "--output", str(output)]


def deployment_parameters(assembly: Path, value: str) -> list[str]:
    """Options that make every stack which asks for it check anew what it keeps in order."""
    return [
        option
        for folder, _, name, artifact in _stacks(assembly)
        if DEPLOYMENT_PARAMETER in _template(folder, artifact).get("Parameters", {})
        for option in ("--parameters", f"{name}:{DEPLOYMENT_PARAMETER}={value}")
    ]


def stack_ids(assembly: Path) -> dict[str, str]:
    """The CLI's ids of an assembly's stacks (`GroundTruth/Storage`) by CloudFormation name."""
    found = {
        stack_name: artifact.get("displayName", artifact_id).split(" (")[0]
        for _, artifact_id, stack_name, artifact in _stacks(assembly)
    }
    if not found:
        raise AssemblyError(f"no stacks in {assembly}; is it the output folder of `cdk synth`?")
    return found


def template_of(assembly: Path, stack_name: str) -> dict[str, Any]:
    """The template of one of an assembly's stacks."""
    for folder, _, name, artifact in _stacks(assembly):
        if name == stack_name:
            return _template(folder, artifact)
    raise AssemblyError(f"no stack {stack_name} in {assembly}, there is {_names(assembly)}")


def _template(folder: Path, artifact: Mapping[str, Any]) -> dict[str, Any]:
    path = folder / artifact["properties"]["templateFile"]
    template: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return template


def _names(assembly: Path) -> str:
    return ", ".join(sorted(name for _, _, name, _ in _stacks(assembly))) or "none"


def _stacks(assembly: Path) -> Iterator[tuple[Path, str, str, dict[str, Any]]]:
    """Folder, artifact id, CloudFormation name and manifest entry of each stack."""
    for path in sorted(assembly.rglob("manifest.json")):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        for artifact_id, artifact in manifest.get("artifacts", {}).items():
            if artifact.get("type") == "aws:cloudformation:stack":
                name = artifact.get("properties", {}).get("stackName", artifact_id)
                yield path.parent, artifact_id, name, artifact
