"""Faults that are put into a synthesized template: nothing in the code knows of them."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.e2e.project import failing_sibling

JOB, GATE = "Custom::GroundTruthLabelingJob", "Custom::GroundTruthGate"
HANDLER = "ground_truth_functions.labeling_job.handler"
Template = dict[str, Any]
Change = Callable[[Template], None]


class Assembly:
    """The output of a synth; stacks are named as the CLI names them, "GroundTruth/Storage"."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        self._artifacts = {
            artifact["displayName"]: artifact_id
            for artifact_id, artifact in manifest["artifacts"].items()
            if artifact["type"] == "aws:cloudformation:stack"
        }

    def change(self, stack: str, *changes: Change) -> None:
        path = self._file(stack, "template")
        template = json.loads(path.read_text(encoding="utf-8"))
        for change in changes:
            change(template)
        path.write_text(json.dumps(template), encoding="utf-8")

    def lose_module(self, stack: str, module: str) -> None:
        """Ship the function that starts jobs without one of its modules."""
        assets = self._file(stack, "assets")
        listed = json.loads(assets.read_text(encoding="utf-8"))
        template = json.loads(self._file(stack, "template").read_text(encoding="utf-8"))
        key = job_function(template)["Code"]["S3Key"]
        old = key.removesuffix(".zip")
        new = hashlib.sha256(f"{old} without {module}".encode()).hexdigest()
        entry = listed["files"][old]
        source = self.folder / entry["source"]["path"]
        _copy_without(source, source.with_name(f"asset.{new}.zip"), module)
        text = assets.read_text(encoding="utf-8").replace(old, new)
        assets.write_text(text, encoding="utf-8")

        def refer(template: Template) -> None:
            job_function(template)["Code"]["S3Key"] = f"{new}.zip"

        self.change(stack, refer)

    def bucket_policies(self, stack: str) -> set[str]:
        """The deletion policies of a stack's buckets."""
        template = json.loads(self._file(stack, "template").read_text(encoding="utf-8"))
        buckets = [r for r in template["Resources"].values() if r["Type"] == "AWS::S3::Bucket"]
        return {bucket.get("DeletionPolicy", "Delete") for bucket in buckets}

    def _file(self, stack: str, kind: str) -> Path:
        return self.folder / f"{self._artifacts[stack]}.{kind}.json"


def _copy_without(source: Path, target: Path, module: str) -> None:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        assert module in old.namelist()
        for name in old.namelist():
            if name != module:
                new.writestr(name, old.read(name))


def of_type(template: Template, kind: str) -> dict[str, Any]:
    (found,) = (r for r in template["Resources"].values() if r["Type"] == kind)
    properties: dict[str, Any] = found["Properties"]
    return properties


def job_function(template: Template) -> dict[str, Any]:
    (found,) = (
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Properties"].get("Handler") == HANDLER
    )
    properties: dict[str, Any] = found
    return properties


def service_timeout(seconds: int, *kinds: str) -> Change:
    """How long CloudFormation waits for an answer; 16 minutes in what is shipped."""

    def change(template: Template) -> None:
        for kind in kinds or (JOB,):
            of_type(template, kind)["ServiceTimeout"] = str(seconds)

    return change


def function_seconds(seconds: int) -> Change:
    """How long the function has, from which it derives its own patience; 15 minutes as shipped."""

    def change(template: Template) -> None:
        job_function(template)["Timeout"] = seconds

    return change


def throttled(template: Template) -> None:
    job_function(template)["ReservedConcurrentExecutions"] = 0


def without_role(template: Template) -> None:
    del of_type(template, JOB)["RoleArn"]


def with_failing_sibling(template: Template) -> None:
    """A resource that fails once the labeling job is there."""
    (job,) = (name for name, found in template["Resources"].items() if found["Type"] == JOB)
    template["Resources"]["FailingSibling"] = failing_sibling(job)


def with_failing_resource(template: Template) -> None:
    """A resource that fails after everything else."""
    template["Resources"]["FailingSibling"] = failing_sibling(*template["Resources"])
