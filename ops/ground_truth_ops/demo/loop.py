"""The demo's order of events: deploy, label, collect, destroy, prove."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from ground_truth_ops.cdk import Cdk
from ground_truth_ops.demo.collect import Collected, collect
from ground_truth_ops.demo.keep import seat, wait_for_people
from ground_truth_ops.demo.labeling import Crew, LabelingError, label
from ground_truth_ops.demo.memory import memory_mb
from ground_truth_ops.demo.server import LocalAws, local_aws
from ground_truth_ops.demo.summary import Summary, render, to_json
from ground_truth_ops.deployer.run import place_of, policies_of, publish
from ground_truth_ops.deployment import StackKind, count_resources, find_deployment
from ground_truth_ops.destroy import Teardown, make_plan, tear_down
from ground_truth_ops.export import export_bucket
from ground_truth_ops.processes import finish, stop
from ground_truth_ops.project import load_project, target_of
from ground_truth_ops.status import read_status
from ground_truth_ops.sweep import SweepError, Swept, sweep

if TYPE_CHECKING:
    from ground_truth_ops.demo.timeline import Step, Timeline
    from ground_truth_ops.jobs import Job
    from ground_truth_ops.project import Target

ENVIRONMENT = "local"
DEFAULT_CAMPAIGN = "handwritten-digits"
ALL_CAMPAIGNS = "all"
FOLDER = ".demo"
WIDTH = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`campaign`: one by name, or "all"; the seed decides every simulated answer."""

    campaign: str = DEFAULT_CAMPAIGN
    keep: bool = False
    seed: int = 1
    timeout_seconds: float = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """One run: where its files lie, where its words go."""

    root: Path
    options: Options
    console: Console
    timeline: Timeline

    @property
    def folder(self) -> Path:
        return self.root / FOLDER

    @property
    def assembly(self) -> Path:
        return self.folder / "cdk.out"

    @property
    def server_log(self) -> Path:
        return self.log("local-aws")

    @property
    def campaign(self) -> str | None:
        return None if self.options.campaign == ALL_CAMPAIGNS else self.options.campaign

    def log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    def cdk(self, variables: Mapping[str, str], name: str) -> Cdk:
        return Cdk(root=self.root, variables=variables, log=self.log(name))

    def manifest(self, campaign: str) -> Path:
        """The first campaign's has the short name; with all of them, the others carry theirs."""
        name = "output.manifest"
        first = self.campaign or DEFAULT_CAMPAIGN
        return self.folder / (name if campaign == first else f"{campaign}.{name}")


def loop(demo: Demo, stack: ExitStack) -> None:
    """Everything from nothing to nothing; what runs in the background ends with `stack`."""
    timeline = demo.timeline
    load_project(demo.root, ENVIRONMENT, campaign=demo.campaign)
    server, target = _deployed(demo, stack)
    cloudformation = target.clients.cloudformation
    deployment = find_deployment(cloudformation, ENVIRONMENT)
    resources = count_resources(cloudformation, deployment)
    jobs = _jobs(target)
    if demo.options.keep:
        wait_for_people(target, server, jobs, demo.console)
    finished = {name: _label(demo, server, target, name, job) for name, job in jobs.items()}
    memory, functions = memory_mb(server.pid)
    with timeline.step("collect, check and measure the labels") as step:
        collected = _collect(demo, target, finished)
        step.result = f"{sum(item.objects for item in collected)} labels"
    _destroy(demo, target)
    with timeline.step("stop local AWS") as step:
        stack.close()
        step.result = "no process and no port is left"
    summary = Summary(
        stacks=len(deployment.stacks),
        resources=resources,
        campaigns=tuple((finished[item.campaign], item) for item in collected),
        steps=tuple(timeline.steps),
        memory_mb=memory,
        functions_mb=functions,
        manifests={
            item.campaign: f"{FOLDER}/{demo.manifest(item.campaign).name}" for item in collected
        },
    )
    _tell(demo, summary)


def _deployed(demo: Demo, stack: ExitStack) -> tuple[LocalAws, Target]:
    """Synthesis needs no AWS, so it runs while local AWS starts.

    What it has made says which rights the bootstrap must give to CloudFormation.
    """
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    synth = demo.cdk(clean, "synth").start_synth(
        environment=ENVIRONMENT, output=demo.assembly, campaign=demo.campaign
    )
    stack.callback(stop, synth)
    with demo.timeline.step("start local AWS") as step:
        server = stack.enter_context(
            local_aws(demo.root, state_dir=demo.folder / "local", log=demo.server_log)
        )
        step.result = f"portal {server.portal_url}"
    target = target_of(demo.root, ENVIRONMENT, variables=server.variables)
    with demo.timeline.step("synthesize (runs since the start)"):
        finish(synth, name="cdk synth", log=demo.log("synth"))
    with demo.timeline.step("bootstrap") as step:
        place = place_of(target.project, account=server.account)
        policies = publish(target.clients.iam, policies_of(demo.assembly, place), place)
        demo.cdk(server.variables, "bootstrap").bootstrap(
            account=server.account, region=server.region, execution_policies=policies
        )
        step.result = f"CloudFormation may do what {len(policies)} policies say"
    with demo.timeline.step("deploy") as step:
        listener = DeployListener(step)
        cdk = demo.cdk(server.variables, "deploy")
        cdk.deploy(demo.assembly, "--all", on_line=listener)
        step.result = f"{listener.created} resources"
    return server, target


class DeployListener:
    """Shows the resources as CloudFormation completes them."""

    def __init__(self, step: Step) -> None:
        self.created = 0
        self._step = step

    def __call__(self, line: str) -> None:
        parts = [part.strip() for part in line.split("|")]
        if "CREATE_COMPLETE" in parts and parts[-2] != "AWS::CloudFormation::Stack":
            self.created += 1
            self._step.now(f"{self.created} resources, latest {parts[-1].split(' ')[0]}")


def _jobs(target: Target) -> dict[str, str]:
    """The running job's name of each deployed campaign."""
    found: dict[str, str] = {}
    for item in read_status(target).campaigns:
        if item.stack is not None and item.job is None:
            raise LabelingError(f"campaign {item.campaign} was deployed without a labeling job")
        if item.job is not None:
            found[item.campaign] = item.job.name
    return found


def _label(demo: Demo, server: LocalAws, target: Target, name: str, job: str) -> Job:
    campaign = next(item for item in target.project.campaigns if item.name == name)
    crew = Crew(
        root=demo.root,
        server=server,
        campaign=campaign,
        job=job,
        seed=demo.options.seed,
        log=demo.log(f"workers-{name}"),
        passwords=demo.folder / "local" / "passwords.json",
        away=(seat(target),),
    )
    with demo.timeline.step(f"label {name}") as step:

        def report(current: Job) -> None:
            step.now(f"{current.labeled} of {current.total} labeled, {current.status}")

        timeout = demo.options.timeout_seconds
        found = label(crew, target.clients.sagemaker, timeout_seconds=timeout, report=report)
        step.result = f"{found.labeled} of {found.total} labeled"
    return found


def _collect(demo: Demo, target: Target, finished: Mapping[str, Job]) -> tuple[Collected, ...]:
    deployment = find_deployment(target.clients.cloudformation, ENVIRONMENT)
    bucket = deployment.output(StackKind.STORAGE, "OutputBucketName")
    if bucket is None:
        raise LabelingError("the Storage stack has no output OutputBucketName")
    folder = demo.folder / "export"
    export_bucket(target.clients.s3, bucket, folder)
    collected = []
    for campaign in target.project.campaigns:
        if campaign.name in finished:
            found = collect(campaign, finished[campaign.name], folder)
            demo.manifest(campaign.name).write_text(found.manifest, encoding="utf-8")
            collected.append(found)
    return tuple(collected)


def _destroy(demo: Demo, target: Target) -> None:
    """As `gt destroy` and `gt sweep` do it, for an account that held nothing else."""
    with demo.timeline.step("destroy (exports first)") as step:
        teardown = Teardown(
            target=target,
            cdk=demo.cdk(target.variables, "destroy"),
            export_to=demo.folder / "export",
            scratch=demo.folder,
            assembly=demo.assembly,
            say=step.now,
        )
        tear_down(teardown, make_plan(target))
    with demo.timeline.step("prove that nothing is left") as step:
        swept = sweep(target.clients, ENVIRONMENT, everything=True)
        refuse_leftovers(swept)
        step.result = f"{len(swept.checked)} kinds of resources looked at"


def refuse_leftovers(swept: Swept) -> None:
    if swept.left:
        raise SweepError(
            f"{len(swept.left)} resources are left after the destroy",
            details=tuple(f"{resource.kind}: {resource.name}" for resource in swept.left),
        )


def _tell(demo: Demo, summary: Summary) -> None:
    (demo.folder / "summary.json").write_text(to_json(summary), encoding="utf-8")
    with (demo.folder / "summary.txt").open("w", encoding="utf-8") as file:
        plain = Console(file=file, width=WIDTH, highlight=False)
        for part in render(summary):
            plain.print(part)
    for part in render(summary):
        demo.console.print(part)
    demo.console.print(f"\nEverything is in {FOLDER}/; nothing else is left of this run.")
