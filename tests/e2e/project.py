"""A project of little campaigns beside ours: our app, stacks and functions, its own files."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ground_truth_ops.aws import Clients
from ground_truth_ops.cdk import Cdk
from ground_truth_ops.deployer.run import place_of, policies_of, publish
from ground_truth_ops.processes import CommandError
from stacks.config import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from ground_truth_ops.demo.server import LocalAws

ROOT = Path(__file__).parents[2]
SHARED = (
    *("app.py", "cdk.json", "constructs", "lambdas", "local", "stacks"),
    *("node_modules", ".venv-local"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LittleProject:
    """Files in a folder of the test's own, deployed into the session's local AWS."""

    root: Path
    server: LocalAws
    environment: str = "local"

    def cdk(self, name: str) -> Cdk:
        log = self.root / "logs" / f"{name}.log"
        return Cdk(root=self.root, variables=self.server.variables, log=log)

    def synth(self, name: str) -> Path:
        assembly = self.root / "assemblies" / name
        # the rules' packs take as long as all else; tests/stacks and `make synth` run them
        self.cdk(name).synth(environment=self.environment, output=assembly, checks=False)
        return assembly

    def set_up(self, name: str, *stacks: str) -> None:
        """Bootstrap with the rights that the project's templates take and no others, and deploy."""
        assembly = self.synth(name)
        self.bootstrap(self.permit(assembly))
        self.cdk(name).deploy(assembly, *stacks)

    def permit(self, assembly: Path) -> list[str]:
        """Make the policies that deploying an assembly of the environment takes; their ARNs."""
        aws = Clients(self.server.region, variables=self.server.variables)
        place = place_of(load(self.root, env=self.environment), account=self.server.account)
        return publish(aws.iam, policies_of(assembly, place), place)

    def bootstrap(self, policies: Sequence[str]) -> None:
        """Let CloudFormation do what these policies say and nothing else."""
        server = self.server
        self.cdk("bootstrap").bootstrap(
            account=server.account, region=server.region, execution_policies=policies
        )

    def deploy(self, name: str, *stacks: str) -> None:
        self.cdk(name).deploy(self.synth(name), *stacks)

    def refused(self, name: str, assembly: Path, *stacks: str) -> str:
        """Deploy what can't succeed; returns all the CLI said, in one line."""
        cdk = self.cdk(name)
        try:
            cdk.deploy(assembly, *stacks)
        except CommandError:
            return re.sub(r"\s+", " ", cdk.log.read_text(encoding="utf-8"))
        raise AssertionError(f"deployment {name} should have been refused")

    def cli(self, name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """The CDK CLI as people call it, without what our own verbs add."""
        cdk = self.cdk(name)
        return subprocess.run(
            cdk._command(list(map(str, arguments))),
            cwd=self.root,
            env=cdk._environment({}),
            capture_output=True,
            text=True,
            check=False,
        )

    def gt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of ours, as people run it in their project's folder."""
        return subprocess.run(
            [sys.executable, "-m", "ground_truth_ops.cli", *arguments],
            cwd=self.root,
            env=dict(self.server.variables),
            capture_output=True,
            text=True,
            check=False,
        )


def little_project(
    folder: Path,
    server: LocalAws,
    *,
    environment: str = "local",
    campaigns: tuple[str, ...] = ("digits", "moods"),
) -> LittleProject:
    make_files(folder)
    for campaign in (folder / "campaigns").iterdir():
        if campaign.name not in campaigns:
            shutil.rmtree(campaign)
    return LittleProject(root=folder, server=server, environment=environment)


def make_files(folder: Path) -> None:
    """Two campaigns: six images that two people see, and four texts that one sees."""
    for name in SHARED:
        (folder / name).symlink_to(ROOT / name)
    (folder / ".venv").symlink_to(Path(sys.prefix))
    shutil.copytree(ROOT / "environments", folder / "environments")
    little_campaigns(folder)


def little_campaigns(folder: Path) -> None:
    """Put the two campaigns in place of any others."""
    shutil.rmtree(folder / "campaigns", ignore_errors=True)
    digits, moods = folder / "campaigns/digits", folder / "campaigns/moods"
    shutil.copytree(ROOT / "campaigns/handwritten-digits", digits)
    shutil.copytree(ROOT / "campaigns/product-reviews", moods)
    edit(digits / "campaign.toml", "workers_per_object = 3", "workers_per_object = 2")
    edit(digits / "campaign.toml", '"handwritten-digits/"', '"digits/"')
    edit(moods / "campaign.toml", "workers_per_object = 3", "workers_per_object = 1")
    for image in sorted((digits / "data").iterdir())[6:]:
        image.unlink()
    _keep_lines(moods / "manifest.jsonl", 4)
    _keep_lines(digits / "truth.csv", 1 + 6)
    gold = (digits / "truth.csv").read_text(encoding="utf-8").splitlines(keepends=True)[:-1]
    (digits / "gold.csv").write_text("".join(gold), encoding="utf-8")
    edit(moods / "campaign.toml", 'gold = "gold.csv"\n', "")  # four texts are too few
    _keep_lines(moods / "truth.csv", 1 + 4)


def add_notes(folder: Path) -> None:
    """A third campaign: texts that are objects below a prefix, and more that are sent."""
    notes = folder / "campaigns/notes"
    shutil.copytree(folder / "campaigns/moods", notes)
    (notes / "data").mkdir()
    for number in range(2):
        (notes / f"data/{number}.txt").write_text(f"Note {number}.", encoding="utf-8")
    file = notes / "campaign.toml"
    edit(file, 'manifest = "manifest.jsonl"', 'prefix = "notes/"\nsample_data = "data"')
    file.write_text(f"{file.read_text(encoding='utf-8')}\n[streaming]\n", encoding="utf-8")


def add_guest(folder: Path, *, user_pool_id: str, client_id: str) -> None:
    """A second environment, which adopts the workforce of the first and may mend its client."""
    host, guest = (folder / f"environments/{name}.toml" for name in ("local", "guest"))
    made = ("mfa", "deletion_protection", "invitation_valid_days")
    lines = host.read_text(encoding="utf-8").splitlines(keepends=True)
    guest.write_text("".join(line for line in lines if not line.startswith(made)))
    adopting = f'mode = "adopt"\nuser_pool_id = "{user_pool_id}"\nclient_id = "{client_id}"\n'
    edit(guest, 'mode = "create"\n', f"{adopting}repair_client = true\n")


def add_pattern(folder: Path, *, user_pool_id: str, client_id: str) -> Path:
    """`pr-<number>`: environments that share the workforce of the first and go after a week."""
    guest, pattern = folder / "environments/guest.toml", folder / "environments/ephemeral/pr.toml"
    add_guest(folder, user_pool_id=user_pool_id, client_id=client_id)
    text = guest.read_text(encoding="utf-8")
    guest.unlink()
    head, table, rest = text.partition("[functions]")
    pattern.parent.mkdir(exist_ok=True)
    pattern.write_text(f"{head}[ephemeral]\ndays = 7\n\n{table}{rest}", encoding="utf-8")
    return pattern


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def _keep_lines(file: Path, count: int) -> None:
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[:count]), encoding="utf-8")


def edit_template(assembly: Path, stack: str, change: Callable[[dict[str, Any]], None]) -> Path:
    """A copy of an assembly in which one stack's template is another, also for the CLI.

    It names templates by their hash and doesn't upload again what it has uploaded before.
    """
    copy = assembly.with_name(f"{assembly.name}, {stack} edited")
    shutil.copytree(assembly, copy)
    (path,) = copy.rglob(f"*{stack}*.template.json")
    template: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    change(template)
    path.write_text(json.dumps(template), encoding="utf-8")
    assets = path.with_name(path.name.replace(".template.json", ".assets.json"))
    (old,) = (
        name
        for name, file in json.loads(assets.read_text(encoding="utf-8"))["files"].items()
        if file["source"]["path"] == path.name
    )
    new = hashlib.sha256(path.read_bytes()).hexdigest()
    for file in (assets, path.with_name("manifest.json")):
        file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return copy


def add_failing_sibling(assembly: Path, stack: str) -> None:
    """Put a resource into a synthesized template that fails after the labeling job."""
    (path,) = assembly.rglob(f"*{stack}*.template.json")
    template: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    (job,) = (
        name
        for name, resource in template["Resources"].items()
        if resource["Type"] == "Custom::GroundTruthLabelingJob"
    )
    template["Resources"]["FailingSibling"] = failing_sibling(job)
    path.write_text(json.dumps(template), encoding="utf-8")


def failing_sibling(*needs: str) -> dict[str, Any]:
    """A resource that can't be created, once those of the given logical ids are there."""
    return {
        "Type": "AWS::SageMaker::Workteam",
        "DependsOn": list(needs),
        "Properties": {
            "WorkteamName": "doomed",
            "Description": "a team of a pool that is not there",
            "MemberDefinitions": [
                {
                    "CognitoMemberDefinition": {
                        "CognitoUserPool": "us-east-1_missing",
                        "CognitoUserGroup": "nobody",
                        "CognitoClientId": "missing",
                    }
                }
            ],
        },
    }
