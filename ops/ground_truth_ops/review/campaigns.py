"""Campaigns as two revisions declare them: read from the synthesized job, as a deployment would."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ground_truth.definition import CampaignDefinition, DefinitionError, Stopping
from ground_truth.tasks import rules_for

if TYPE_CHECKING:
    from ground_truth_ops.review.assemblies import Assembly, Stack

JOB_TYPE = "Custom::GroundTruthLabelingJob"
SAMPLE_DATA_TYPE = "Custom::GroundTruthSampleData"
# What people see or how tasks are handed out; a running job keeps what it started with.
PRESENTATION = (
    *("Title", "Description", "Keywords"),
    *("TaskAvailabilitySeconds", "MaxConcurrentTasks"),
    *("WorkteamArn", "ContentClassifiers", "OutputTopicArn", "AutomatedLabeling"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A campaign of one environment as synthesized; `objects` is None where only AWS knows.

    `definition` is None where this version cannot read what that revision wrote.
    """

    campaign: str
    stack: Stack
    definition: CampaignDefinition | None
    definition_hash: str
    generation: int
    approve: str
    dataset: str
    manifest: bool
    objects: int | None
    presentation: Mapping[str, Any]

    @property
    def workers_per_object(self) -> int:
        return self.definition.workers_per_object if self.definition else 0

    @property
    def most_asked(self) -> int | None:
        """How many objects people are asked about: all, or as many as the job stops after."""
        stopping = self.definition.stopping if self.definition else Stopping()
        bounds = [self.objects, stopping.max_labeled_objects]
        if self.objects is not None and stopping.max_labeled_percent is not None:
            bounds.append(-(-self.objects * stopping.max_labeled_percent // 100))
        return min((bound for bound in bounds if bound is not None), default=None)


def declared_campaigns(assembly: Assembly) -> dict[str, Declared]:
    """By name; a stack without a labeling job declares none."""
    found = (_declared(assembly, stack) for stack in assembly.stacks.values())
    return {each.campaign: each for each in found if each is not None}


def _declared(assembly: Assembly, stack: Stack) -> Declared | None:
    resources = stack.template().get("Resources", {}).values()
    job = _properties(resources, JOB_TYPE)
    if job is None:
        return None
    dataset = job.get("Dataset", {})
    manifest = dataset.get("Manifest")
    key = str(manifest["Key"]) if manifest else ""
    return Declared(
        campaign=str(job["Campaign"]),
        stack=stack,
        definition=_definition(job.get("Definition", {})),
        definition_hash=str(job.get("DefinitionHash", "")),
        generation=int(job.get("Generation", 1)),
        approve=str(job.get("Approve", "")),
        dataset=key or str(dataset.get("Prefix", "")) or _based_on(dataset),
        manifest=bool(manifest),
        objects=_objects(assembly, job, key) if manifest else _uploaded(assembly, resources),
        presentation={name: job.get(name) for name in PRESENTATION},
    )


def _based_on(dataset: Mapping[str, Any]) -> str:
    base = dataset.get("BasedOn")
    return "" if base is None else " ".join([str(base["Campaign"]), *base["Accepted"]])


def _properties(resources: Any, resource_type: str) -> Mapping[str, Any] | None:
    return next((each["Properties"] for each in resources if each["Type"] == resource_type), None)


def _definition(document: Mapping[str, object]) -> CampaignDefinition | None:
    try:
        return CampaignDefinition.from_dict(document)
    except DefinitionError:
        return None


def _objects(assembly: Assembly, job: Mapping[str, Any], key: str) -> int | None:
    """Lines of the manifest; None where a line is a sequence, whose frames are what is paid for."""
    task = _definition(job.get("Definition", {}))
    built_in = rules_for(task.task).built_in if task else None
    if built_in is not None and built_in.frames_per_sequence is not None:
        return None
    return _lines(assembly.asset(key))


def _lines(manifest: Path | None) -> int | None:
    if manifest is None:
        return None
    with manifest.open("rb") as file:
        return sum(1 for line in file if line.strip())


def _uploaded(assembly: Assembly, resources: Any) -> int | None:
    """The sample data's files, where the deployment uploads them itself."""
    upload = _properties(resources, SAMPLE_DATA_TYPE)
    archive = assembly.asset(str(upload["Source"]["Key"])) if upload else None
    if archive is None:
        return None
    with zipfile.ZipFile(archive) as file:
        return sum(1 for entry in file.infolist() if not entry.is_dir())
