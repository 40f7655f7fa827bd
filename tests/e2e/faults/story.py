"""All cases, played in waves: one deployment, update or destroy for many campaigns at once."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from ground_truth import names
from ground_truth_ops.processes import CommandError
from tests.e2e.faults import assembly, campaigns
from tests.e2e.faults.account import ENVIRONMENT, Account, Book
from tests.e2e.faults.cases import CASES, LABELED, UPDATED, narrowed
from tests.e2e.faults.rules import Trouble
from tests.e2e.people import PATIENCE_SECONDS, Worker, ended, first_label, until

if TYPE_CHECKING:
    import subprocess

    from ground_truth_ops.aws import Clients
    from tests.e2e.project import LittleProject

PLAIN = "plain"
BASE = ("GroundTruth/Account", "GroundTruth/Storage", "GroundTruth/Team")
AT_ONCE = 12
CREATED, CHANGED, REMOVED, BETWEEN = "create", "update", "destroy", "between"
TRIED_AGAIN, ANEW, SECOND = "tried again", "anew", "second"


@dataclass(frozen=True, kw_only=True)
class Look:
    """A campaign after a wave: its stack, what the CLI said of it, its jobs, its rules."""

    status: str
    said: str
    seconds: float
    states: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    rules: list[dict[str, Any]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)  # of jobs that failed

    @property
    def fired(self) -> list[int]:
        return [rule["fired"] for rule in self.rules]


@dataclass
class Story:
    """What was seen. `looks[wave][campaign]`; `unowned` and `books` are measured in local AWS."""

    looks: dict[str, dict[str, Look]] = field(default_factory=dict)
    unowned: dict[str, list[str]] = field(default_factory=dict)
    books: dict[str, Book] = field(default_factory=dict)
    foreign: dict[str, str] = field(default_factory=dict)
    logs: str = ""
    templates: dict[str, list[str]] = field(default_factory=dict)  # of the campaign's jobs
    kept_policies: set[str] = field(default_factory=set)
    second_buckets: list[str] = field(default_factory=list)
    workforces: list[str] = field(default_factory=list)
    sweep: subprocess.CompletedProcess[str] | None = None

    def seconds(self, campaign: str) -> float:
        """What the stack's operations took together."""
        return sum(wave[campaign].seconds for wave in self.looks.values() if campaign in wave)


class Teller:
    """Plays the waves in order."""

    def __init__(self, project: LittleProject, aws: Clients) -> None:
        self.project = project
        self.aws = aws
        self.account = Account(aws)
        self.trouble = Trouble(project.server)
        self.story = Story()
        self.arns: dict[str, str] = {}
        self.made: dict[str, list[int]] = {}

    def tell(self) -> Story:
        first = self.prepare()
        self.create(first)
        self.label_some()
        self.update()
        self.label_the_rest()
        self.destroy(first)
        self.try_again(first)
        self.second_environment()
        self.end()
        return self.story

    # -- the waves

    def prepare(self) -> Path:
        server = self.project.server
        campaigns.write_project(self.project.root, (PLAIN, *CASES))
        campaigns.empty_dataset(self.project.root, "empty")
        self.project.cdk("bootstrap").bootstrap(account=server.account, region=server.region)
        first = self.synth("first")
        changed = assembly.Assembly(first)
        for name, case in CASES.items():
            changed.change(_id(name), *case.template)
        changed.lose_module(_id("broken"), "ground_truth/lifecycle/reconcile.py")
        self.project.cdk("base").deploy(first, *BASE, _id(PLAIN), "--exclusively")
        self.arn(self.account.stack_name(PLAIN))
        self.foreign_job("foreign-bystander")
        return first

    def create(self, first: Path) -> None:
        taker = threading.Thread(target=self.take_the_name, args=("taken",))
        taker.start()
        # the CLI starts no further stack once one has failed
        failing = [name for name, case in CASES.items() if case.fails]
        self.wave(CREATED, first, failing, at_once=len(failing))
        taker.join()
        self.wave(CREATED, first, [name for name in CASES if name not in failing])

    def label_some(self) -> None:
        ada = Worker(self.project.server.portal_url, "ada@example.com")
        for name in LABELED:
            job = self.account.jobs(name)[-1]["LabelingJobName"]
            assert len(ada.answer(job, first_label, tasks=2)) == 2
        self.ada = ada

    def update(self) -> None:
        campaigns.change_title(self.project.root, "cosmetic")
        for name in UPDATED[1:]:
            campaigns.change_instructions(self.project.root, name)
        second = self.synth("second")
        assembly.Assembly(second).change(_id("sibling-fails"), assembly.with_failing_sibling)
        self.wave(CHANGED, second, UPDATED)

    def label_the_rest(self) -> None:
        for name in UPDATED[1:]:
            job = self.account.jobs(name)[-1]["LabelingJobName"]
            assert len(self.ada.answer(job, first_label, tasks=2)) == 2
        for name in UPDATED[1:]:
            job = self.account.jobs(name)[-1]["LabelingJobName"]
            assert until(self.aws.sagemaker, job, ended)["LabelingJobStatus"] == "Completed"

    def destroy(self, first: Path) -> None:
        job = self.account.jobs("stopped")[-1]["LabelingJobName"]
        self.aws.sagemaker.stop_labeling_job(LabelingJobName=job)
        until(self.aws.sagemaker, job, ended)
        # five seconds to see a job stop, as many as the function's time leaves
        self.aws.functions.update_function_configuration(
            FunctionName=self.function("stays-stopping"), Timeout=60
        )
        self.story.logs = self.log_of(PLAIN)
        later = ("pair-2", "no-concurrency", "never-taken")
        chosen = [name for name in (PLAIN, *CASES) if name not in later]
        for name in UPDATED:
            self.story.templates[name] = self.account.templates(name)
        self.wave(REMOVED, first, chosen, at_once=len(chosen), destroy=True)
        self.keep_books(LABELED)

    def try_again(self, first: Path) -> None:
        self.story.looks[BETWEEN] = {"pair-2": self.look_at("pair-2", "", datetime.now(UTC))}
        self.aws.functions.delete_function_concurrency(FunctionName=self.function("no-concurrency"))
        again = ["denied", "never-taken", "no-concurrency", "pair-2"]
        self.wave(TRIED_AGAIN, first, again, destroy=True)
        self.wave(ANEW, first, ["again"])
        job = self.account.jobs("again")[-1]["LabelingJobName"]
        self.ada.answer(job, first_label, tasks=2)
        until(self.aws.sagemaker, job, ended)
        self.keep_books(("again",))

    def second_environment(self) -> None:
        """Another environment of the account: a workforce of its own, buckets that are kept."""
        other = self.project.root / "assemblies/other"
        self.project.cdk("other").synth(
            environment=SECOND, output=other, campaign=PLAIN, checks=False
        )
        assembled = assembly.Assembly(other)
        assembled.change(BASE[1], assembly.with_failing_resource)
        self.story.kept_policies = assembled.bucket_policies(BASE[1])
        began = datetime.now(UTC)
        shown = self.run(SECOND, other, BASE[:2])
        self.story.looks[SECOND] = {
            name: self.look(f"GroundTruth-{SECOND}-{name}", shown, began)
            for name in ("Account", "Storage")
        }
        buckets = self.aws.s3.list_buckets()["Buckets"]
        self.story.second_buckets = [b["Name"] for b in buckets if SECOND in b["Name"]]
        found = self.aws.sagemaker.list_workforces()["Workforces"]
        self.story.workforces = [force["WorkforceName"] for force in found]

    def end(self) -> None:
        for name in self.story.foreign:
            described = self.aws.sagemaker.describe_labeling_job(LabelingJobName=name)
            self.story.foreign[name] = described["LabelingJobStatus"]
        self.clean_up()
        self.story.unowned["end"] = self.account.unowned()
        self.story.sweep = self.project.gt("sweep", "--env", ENVIRONMENT, "--everything")

    def clean_up(self) -> None:
        """Others need the account's one workforce; what is gone already stays so."""
        self.trouble.end()
        for name in self.story.foreign:
            with suppress(ClientError):  # it has ended
                self.aws.sagemaker.stop_labeling_job(LabelingJobName=name)
        for stack in ("Account", "Storage"):
            self.aws.cloudformation.delete_stack(StackName=f"GroundTruth-{SECOND}-{stack}")
        self.project.gt("destroy", "--env", ENVIRONMENT, "--yes", "--running-jobs")

    # -- a wave

    def wave(
        self,
        name: str,
        folder: Path,
        chosen: Sequence[str],
        *,
        at_once: int = AT_ONCE,
        destroy: bool = False,
    ) -> None:
        """Rules, the CLI, and a look at every campaign of the wave; then all rules go."""
        for campaign in chosen:
            rules = CASES[campaign].rules_of.get(name, ()) if campaign in CASES else ()
            self.made[campaign] = self.trouble.make(narrowed(rule, campaign) for rule in rules)
        began = datetime.now(UTC)
        stacks = [_id(campaign) for campaign in chosen]
        shown = self.run(name, folder, stacks, at_once=at_once, destroy=destroy)
        looks = self.story.looks.setdefault(name, {})
        looks |= {campaign: self.look_at(campaign, shown, began) for campaign in chosen}
        self.trouble.end()
        self.story.unowned[name] = self.account.unowned()

    def run(
        self,
        name: str,
        folder: Path,
        stacks: Sequence[str],
        *,
        at_once: int = AT_ONCE,
        destroy: bool = False,
    ) -> str:
        """What the CLI said; many of the stacks are meant to fail."""
        cdk = self.project.cdk(name)
        with suppress(CommandError):
            if destroy:
                cdk.destroy(folder, *stacks, concurrency=at_once)
            else:
                cdk.deploy(folder, *stacks, "--exclusively", concurrency=at_once)
        return cdk.log.read_text(encoding="utf-8")

    def look_at(self, campaign: str, shown: str, began: datetime) -> Look:
        jobs = self.account.jobs(campaign)
        seen = self.trouble.seen()
        return replace(
            self.look(self.account.stack_name(campaign), shown, began),
            states=[job["LabelingJobStatus"] for job in jobs],
            names=[job["LabelingJobName"] for job in jobs],
            rules=[seen[number] for number in self.made.get(campaign, ())],
            reasons=self.account.failures(campaign),
        )

    def look(self, stack: str, shown: str, began: datetime) -> Look:
        failed = re.compile(rf"{stack} \|.*_FAILED ")
        lines = dict.fromkeys(line for line in shown.splitlines() if failed.match(line))
        arn = self.arn(stack)
        return Look(
            status=self.account.status(arn),
            said=re.sub(r"\s+", " ", " ".join(lines)),
            seconds=self.account.seconds(arn, began),
        )

    def arn(self, stack: str) -> str:
        """The stack's ARN, which outlives it; its name when it never was."""
        with suppress(ClientError):
            (found,) = self.aws.cloudformation.describe_stacks(StackName=stack)["Stacks"]
            self.arns[stack] = found["StackId"]
        return self.arns.get(stack, stack)

    def synth(self, name: str) -> Path:
        folder = self.project.root / "assemblies" / name
        self.project.cdk(name).synth(environment=ENVIRONMENT, output=folder, checks=False)
        return folder

    # -- others in the account

    def foreign_job(self, name: str) -> None:
        """Somebody else's job: the same request as the plain campaign's, made by hand."""
        (ours,) = self.account.jobs(PLAIN)
        found: dict[str, Any] = dict(
            self.aws.sagemaker.describe_labeling_job(LabelingJobName=ours["LabelingJobName"])
        )
        keys = ("LabelAttributeName", "InputConfig", "OutputConfig", "RoleArn")
        request = {key: found[key] for key in (*keys, "LabelCategoryConfigS3Uri")}
        self.aws.sagemaker.create_labeling_job(
            LabelingJobName=name, HumanTaskConfig=found["HumanTaskConfig"], **request
        )
        self.story.foreign[name] = name

    def take_the_name(self, campaign: str) -> None:
        """Be faster than a deployment: it has written down the name and not yet taken it."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        bucket = self.bucket()
        while time.monotonic() < deadline:
            with suppress(ClientError):
                body = self.aws.s3.get_object(Bucket=bucket, Key=names.lineage_key(campaign))
                entries = json.loads(body["Body"].read())["jobs"]
                if entries:
                    self.foreign_job(entries[-1]["name"])
                    return
            time.sleep(0.1)

    # -- details

    def bucket(self) -> str:
        outputs = self.aws.cloudformation.describe_stacks(
            StackName=f"GroundTruth-{ENVIRONMENT}-Storage"
        )["Stacks"][0]["Outputs"]
        return {o["OutputKey"]: o["OutputValue"] for o in outputs}["OutputBucketName"]

    def function(self, campaign: str) -> str:
        return self.resource(campaign, "AWS::Lambda::Function")

    def resource(self, campaign: str, kind: str) -> str:
        found = self.aws.cloudformation.describe_stack_resources(
            StackName=self.account.stack_name(campaign)
        )["StackResources"]
        return next(
            resource["PhysicalResourceId"]
            for resource in found
            if resource["ResourceType"] == kind
            and resource["LogicalResourceId"].startswith("GateFunction")
        )

    def log_of(self, campaign: str) -> str:
        """Everything the function of gate and job has logged."""
        group = self.resource(campaign, "AWS::Logs::LogGroup")
        found = self.aws.logs.filter_log_events(logGroupName=group)["events"]
        return "\n".join(event["message"] for event in found)

    def keep_books(self, chosen: Iterable[str]) -> None:
        bucket = self.bucket()
        for name in chosen:
            self.story.books[name] = self.account.book(name, bucket)


def _id(campaign: str) -> str:
    return f"GroundTruth/Labeling-{campaign}"
