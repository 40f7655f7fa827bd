"""Campaigns as a deployment declares them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from ground_truth import names
from ground_truth.canonical import sha256_hex
from ground_truth.categories import label_category_json
from ground_truth.definition import CampaignDefinition, Stopping, definition_hash
from ground_truth.tasks import TaskType

RAW, OUTPUT, ASSETS = "raw-bucket", "output-bucket", "assets-bucket"
ARN = "arn:aws:{}:us-east-1:123456789012:{}"


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """Everything the two resources are told; change it with `changed`."""

    environment: str = "dev"
    name: str = "digits"
    task: TaskType = TaskType.IMAGE_CLASSIFICATION
    attribute: str = "digit"
    labels: tuple[str, ...] = ("one", "two")
    template: str = "<crowd-form>{{ task.input.taskObject }}</crowd-form>"
    workers: int = 3
    revision: int = 1
    stopping: Stopping = field(default_factory=Stopping)
    prefix: str | None = "digits/"
    manifest: str | None = None
    generation: int = 1
    approve: str = ""
    title: str = "Which digit is this?"
    tags: dict[str, str] = field(default_factory=dict)

    def changed(self, **changes: Any) -> Campaign:
        return replace(self, **changes)

    def approved(self, verb: str) -> Campaign:
        """The same, with the line that approves it."""
        return replace(self, approve=f"{self.hash}:{verb}")

    @property
    def definition(self) -> CampaignDefinition:
        return CampaignDefinition(
            task=self.task,
            label_attribute=self.attribute,
            labels=self.labels,
            template_sha256=sha256_hex(self.template.encode()),
            categories_sha256=sha256_hex(label_category_json(self.labels)),
            workers_per_object=self.workers,
            dataset_revision=self.revision,
            task_time_limit_seconds=300,
            stopping=self.stopping,
        )

    @property
    def hash(self) -> str:
        return definition_hash(self.definition)

    @property
    def job_prefix(self) -> str:
        return names.job_name_prefix(self.environment, self.name)

    def assets(self) -> dict[str, bytes]:
        """What the deployment uploads, by key."""
        files = {f"{sha256_hex(self.template.encode())}.html": self.template.encode()}
        if self.manifest is not None:
            files[f"{sha256_hex(self.manifest.encode())}.jsonl"] = self.manifest.encode()
        return files

    def gate(self) -> dict[str, Any]:
        return {
            "Part": "gate",
            "Environment": self.environment,
            "Campaign": self.name,
            "JobNamePrefix": self.job_prefix,
            "RawBucket": RAW,
            "OutputBucket": OUTPUT,
            "Definition": self.definition.to_dict(),
            "DefinitionHash": self.hash,
            "Generation": self.generation,
            "Approve": self.approve,
        }

    def job(self) -> dict[str, Any]:
        dataset: dict[str, Any] = {"Prefix": self.prefix}
        if self.manifest is not None:
            key = f"{sha256_hex(self.manifest.encode())}.jsonl"
            dataset = {"Manifest": {"Bucket": ASSETS, "Key": key}}
        return {
            **self.gate(),
            "Part": "job",
            "RoleArn": "arn:aws:iam::123456789012:role/execution",
            "WorkteamArn": ARN.format("sagemaker", "workteam/private-crowd/labelers"),
            "PreAnnotationArn": ARN.format("lambda", "function:pre:1"),
            "ConsolidationArn": ARN.format("lambda", "function:consolidate:live"),
            "Title": self.title,
            "Description": "Look at the picture",
            "Keywords": ["digits"],
            "TaskAvailabilitySeconds": 864000,
            "MaxConcurrentTasks": 1000,
            "Tags": self.tags,
            "Template": {
                "Bucket": ASSETS,
                "Key": f"{sha256_hex(self.template.encode())}.html",
            },
            "LabelCategories": label_category_json(self.labels).decode(),
            "Dataset": dataset,
        }
