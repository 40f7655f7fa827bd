"""`gt`: what people run before and after a deployment; `gt COMMAND --help` says what each needs."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.markup import escape

from ground_truth_ops import destroy_command, drift, expiry_command, lint
from ground_truth_ops.adopt import Adoption, adopt, refuse_forgotten
from ground_truth_ops.answers.training import write_training
from ground_truth_ops.cdk import Cdk
from ground_truth_ops.crowd import command as quality
from ground_truth_ops.demo.loop import DEFAULT_CAMPAIGN, Options
from ground_truth_ops.demo.run import run_demo
from ground_truth_ops.deployer import reviewer
from ground_truth_ops.deployer import run as deployer
from ground_truth_ops.deployment import StackKind, find_deployment
from ground_truth_ops.doctor.command import doctor
from ground_truth_ops.errors import OpsError
from ground_truth_ops.export import ExportError, export_bucket, export_folder
from ground_truth_ops.orphans import sweep_deployed
from ground_truth_ops.preview import command as preview
from ground_truth_ops.project import Target, project_root, target_of
from ground_truth_ops.reconsolidate import command as reconsolidate
from ground_truth_ops.relabel.command import relabel
from ground_truth_ops.review.markdown import render as render_review
from ground_truth_ops.review.report import Gate, review, review_deployed
from ground_truth_ops.status import read_status, render, to_json
from ground_truth_ops.sweep import Swept, sweep_target
from ground_truth_ops.wait import wait_until_finished

if TYPE_CHECKING:
    from ground_truth_ops.jobs import Job

DAY_SECONDS = 86_400.0
INTERRUPTED = 130
AFTERWARDS: Final = (
    ("quality", quality, "how far people agree, who can be relied on, what they mix up"),
    ("reconsolidate", reconsolidate, "labels anew from all answers, beside the old ones"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when all is well, 1 with a message when not, 130 after an interrupt."""
    options = _parser().parse_args(arguments)
    console, errors = Console(highlight=False), Console(stderr=True, highlight=False)
    command: Callable[[argparse.Namespace, Console], int] = options.command
    try:
        return command(options, console)
    except OpsError as error:
        errors.print(f"[bold red]error:[/] {escape(str(error))}")
        for line in error.details:
            errors.print(f"  {escape(line)}", soft_wrap=True)  # commands are copied whole
    except (ClientError, BotoCoreError) as error:
        errors.print(f"[bold red]error:[/] {escape(str(error))}")
    except KeyboardInterrupt:
        errors.print("interrupted")
        return INTERRUPTED
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gt", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    def add(
        name: str, run: Callable[[argparse.Namespace, Console], int], text: str
    ) -> argparse.ArgumentParser:
        found = commands.add_parser(name, help=text, description=text)
        found.set_defaults(command=run)
        return found

    def with_environment(found: argparse.ArgumentParser) -> argparse.ArgumentParser:
        found.add_argument("--env", required=True, help="a file of environments/, without .toml")
        return found

    lint.add_options(add("lint", lint.command, "what is wrong with the campaigns; offline"))
    with_environment(
        add("expires", expiry_command.expires, "the last day of an environment deployed today")
    )
    preview.add_options(add("preview", preview.command, "a task in the browser, offline"))
    found = with_environment(add("doctor", doctor, "look at everything, and say what to mend"))
    found.add_argument("--json", action="store_true", help="for a program")
    found = with_environment(add("status", _status, "every campaign of an environment"))
    found.add_argument("--json", action="store_true", help="for a program")
    found = with_environment(
        add("relabel", relabel, "edit a campaign's file, so that what has no label is asked again")
    )
    found.add_argument("--campaign", required=True, help="a folder of campaigns/")
    found.add_argument("--dry-run", action="store_true", help="show what would change")
    found = with_environment(add("wait", _wait, "until every labeling job has ended"))
    found.add_argument(
        "--timeout", type=float, default=DAY_SECONDS, help="seconds (default: a day)"
    )
    found = with_environment(add("export", _export, "download every label, with checksums"))
    found.add_argument("--to", type=Path, help="folder (default: export/ENV/BUCKET)")
    for name, module, text in AFTERWARDS:
        module.add_options(with_environment(add(name, module.command, text)))
    text = "export the labels, then take it all down"
    destroy_command.add_options(with_environment(add("destroy", destroy_command.destroy, text)))
    found = with_environment(add("adopt", _adopt, "take over the buckets an earlier one left"))
    found.add_argument("--output-bucket", help="which, where several were kept")
    found.add_argument("--check", action="store_true", help="only say whether it was forgotten")
    found = add("sweep", _sweep, "prove that nothing is left, or sweep away what has expired")
    expiry_command.add_options(found)
    which = found.add_mutually_exclusive_group()
    which.add_argument(
        "--everything", action="store_true", help="all but the CDK's own counts, whoever's it is"
    )
    which.add_argument(
        "--deployed", action="store_true", help="only what no stack of the environment has"
    )
    drift.add_options(with_environment(add("drift", drift.drift, "what was changed by hand")))
    found = add("diff", _diff, "what the working tree would change, compared with a revision")
    compared = found.add_mutually_exclusive_group(required=True)
    compared.add_argument("--base", help="a git revision; needs no credentials")
    compared.add_argument(
        "--live", action="store_true", help="with what is deployed in the one --env named"
    )
    found.add_argument(
        "--env", action="append", default=[], help="one environment (default: all that AWS runs)"
    )
    found.add_argument("--to", type=Path, help="write the report to a file, too")
    found.add_argument(
        "--fail-on",
        action="append",
        default=[],
        choices=[gate.value for gate in Gate],
        help="exit with "
        + ", ".join(f"{gate.exit_code} when {gate}" for gate in Gate)
        + " (may be given several times)",
    )
    text = "the policies that let CloudFormation deploy, as files"
    deployer.add_options(with_environment(add("deployer-policy", deployer.command, text)))
    run, text = deployer.bootstrap_command, "the commands that bootstrap an account with those"
    deployer.add_options(with_environment(add("bootstrap-command", run, text)))
    text = "the policies of a pipeline's role that only looks, as files"
    reviewer.add_options(with_environment(add("reviewer-policy", reviewer.command, text)))
    found = add("demo", _demo, "the whole loop on this machine, from nothing to nothing")
    found.add_argument("--campaign", default=DEFAULT_CAMPAIGN, help="one by name, or all")
    found.add_argument("--keep", action="store_true", help="let people label first, until Ctrl-C")
    found.add_argument("--seed", type=int, default=1, help="of the simulated answers (default: 1)")
    return parser


def _target(options: argparse.Namespace) -> Target:
    return target_of(project_root(), options.env)


def _status(options: argparse.Namespace, console: Console) -> int:
    status = read_status(_target(options))
    if options.json:
        sys.stdout.write(json.dumps(to_json(status), indent=2) + "\n")
    else:
        for part in render(status):
            console.print(part)
    return 0


def _wait(options: argparse.Namespace, console: Console) -> int:
    target = _target(options)
    found = [item.job for item in read_status(target).campaigns if item.job is not None]

    shown: dict[str, str] = {}

    def report(job: Job) -> None:
        text = f"{job.status}, {job.labeled} of {job.total} labeled"
        if shown.get(job.name) != text:
            shown[job.name] = text
            console.print(f"{job.name}: {text}")

    names = [job.name for job in found]
    jobs = wait_until_finished(
        target.clients.sagemaker, names, timeout_seconds=options.timeout, report=report
    )
    allowed = target.max_failed_percent
    for job in jobs:
        if job.failed:
            console.print(f"{job.name}: {job.without_label(allowed)}")
    return 0 if all(job.succeeded(allowed) for job in jobs) else 1


def _export(options: argparse.Namespace, console: Console) -> int:
    target = _target(options)
    deployment = find_deployment(target.clients.cloudformation, target.environment)
    bucket = deployment.output(StackKind.STORAGE, "OutputBucketName")
    if bucket is None:
        raise ExportError(
            f"environment {target.environment} has no Storage stack with an output bucket; "
            "deploy it first, or "
            "download from a bucket that was retained by hand"
        )
    folder = options.to or export_folder(target.environment, bucket)
    export = export_bucket(target.clients.s3, bucket, folder)
    console.print(
        f"{len(export.files)} files ({export.labels} with labels) of {bucket} are in {folder}; "
        "check them any time with `sha256sum --check SHA256SUMS`"
    )
    for campaign in target.project.campaigns:
        try:
            count = write_training(folder, target.environment, campaign)
        except OpsError as error:  # the export is whole all the same
            console.print(f"{campaign.name}: no training.manifest: {error}", markup=False)
        else:
            if count is not None:
                console.print(f"{campaign.name}: {count} objects in training.manifest")
    return 0


def _adopt(options: argparse.Namespace, console: Console) -> int:
    target = _target(options)
    if options.check:
        refuse_forgotten(target)
        return 0
    root = target.project.root
    with tempfile.TemporaryDirectory(prefix="ground-truth-") as scratch:
        adoption = Adoption(
            target=target,
            cdk=Cdk(root=root, variables=target.variables, log=root / "cdk.out" / "adopt.log"),
            scratch=Path(scratch),
            output_bucket=options.output_bucket,
            say=console.print,
        )
        storage = adopt(adoption)
    console.print(f"{target.environment} has its buckets back:")
    for kind, name in storage.parts():
        console.print(f"  {kind:6} {name}", soft_wrap=True)
    console.print(f"now: make deploy ENV={target.environment}")
    return 0


def _sweep(options: argparse.Namespace, console: Console) -> int:
    if options.expired != (options.env is None):
        raise OpsError("say either which environment (--env) or --expired, for all that have ended")
    if options.expired:
        return expiry_command.sweep_expired(options, console)
    target = _target(options)
    if options.deployed:
        swept = sweep_deployed(target)
    else:
        swept = sweep_target(target, everything=options.everything)
    print_swept(swept, target.environment, console)
    return 1 if swept.left else 0


def print_swept(swept: Swept, environment: str, console: Console) -> None:
    if swept.left:
        console.print(f"[bold red]{len(swept.left)} left of {environment}:[/]")
        for resource in swept.left:
            console.print(f"  {resource.kind}: {escape(resource.name)}", soft_wrap=True)
    else:
        looked = ", ".join(kind for kind, _ in swept.checked)
        console.print(f"nothing of {environment} is left; looked at {looked}")
    for resource in swept.kept:
        console.print(f"  kept on purpose: {resource.kind} {escape(resource.name)}", soft_wrap=True)
    for resource in swept.going:
        console.print(
            f"  deleted, there {resource.going}: {resource.kind} {escape(resource.name)}",
            soft_wrap=True,
        )


def _diff(options: argparse.Namespace, _console: Console) -> int:
    if options.live and len(options.env) != 1:
        raise OpsError("--live looks at one environment; name it with --env")
    if options.live:
        found = review_deployed(target_of(project_root(), options.env[0]))
    else:
        found = review(project_root(), options.base, environments=options.env)
    text = render_review(found)
    sys.stdout.write(text)
    if options.to:
        options.to.write_text(text, encoding="utf-8")
    tripped = [gate for gate in Gate if gate in found.gates and gate.value in options.fail_on]
    return tripped[0].exit_code if tripped else 0


def _demo(options: argparse.Namespace, console: Console) -> int:
    chosen = Options(campaign=options.campaign, keep=options.keep, seed=options.seed)
    run_demo(project_root(), chosen, console)
    return 0


if __name__ == "__main__":
    sys.exit(main())
