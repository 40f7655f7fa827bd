"""The pinned CDK CLI, run on an assembly that was synthesized once."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ground_truth_ops.errors import OpsError
from ground_truth_ops.processes import run

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
        context = ["--context", f"env={environment}"]
        if campaign is not None:
            context += ["--context", f"campaign={campaign}"]
        variables = dict(self.variables)
        if not checks:
            variables["CDK_VALIDATION"] = "false"
        # without the pattern the CLI says nothing of failing rules in stacks inside a stage
        pattern = ["**"] if checks else []
        self._run(["synth", "--quiet", *pattern, *context, "--output", str(output)], variables)

    def bootstrap(self, *, account: str, region: str) -> None:
        self._run(["bootstrap", f"aws://{account}/{region}"], self.variables)

    def deploy(
        self, assembly: Path, *stacks: str, concurrency: int = 4, on_line: Listener = _ignore
    ) -> None:
        """Deploy without a question and without change sets' extra round."""
        self._run(
            [
                *("deploy", *stacks, "--app", str(assembly), "--require-approval", "never"),
                *("--concurrency", str(concurrency), "--asset-build-concurrency", "4"),
                *("--method", "direct", "--progress", "events"),
            ],
            self.variables,
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
            self.variables,
            on_line,
        )

    def _run(
        self, arguments: list[str], variables: Mapping[str, str], on_line: Listener = _ignore
    ) -> None:
        program = self.root / "node_modules" / ".bin" / "cdk"
        if not program.exists():
            raise AssemblyError(f"no CDK CLI at {program}; run `make setup`")
        # Node comes with the virtual environment this very program runs in
        path = [str(Path(sys.prefix) / "bin"), str(program.parent), variables.get("PATH", "")]
        run(
            [program, *arguments, *self.options],
            cwd=self.root,
            env={**variables, "PATH": ":".join(path), "CDK_DISABLE_CLI_TELEMETRY": "true"},
            log=self.log,
            on_line=on_line,
        )


def stack_ids(assembly: Path) -> dict[str, str]:
    """The CLI's ids of an assembly's stacks (`GroundTruth/Storage`) by CloudFormation name."""
    found: dict[str, str] = {}
    for path in sorted(assembly.rglob("manifest.json")):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        for name, artifact in manifest.get("artifacts", {}).items():
            if artifact.get("type") == "aws:cloudformation:stack":
                stack_name = artifact.get("properties", {}).get("stackName", name)
                found[stack_name] = artifact.get("displayName", name).split(" (")[0]
    if not found:
        raise AssemblyError(f"no stacks in {assembly}; is it the output folder of `cdk synth`?")
    return found
