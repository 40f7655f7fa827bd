"""The files of a campaign and where its answers lie: the environment's bucket, or an export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ground_truth_ops.answers.store import BucketStore, FolderStore, Store, StoreError
from ground_truth_ops.deployment import StackKind, find_deployment
from ground_truth_ops.project import load_project, project_root, target_of

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.config import Campaign, Project


def open_store(environment: str, campaign: str, folder: Path | None) -> tuple[Project, Store]:
    """The project with one campaign, and its answers; a folder needs no AWS."""
    root = project_root()
    if folder is not None:
        return load_project(root, environment, campaign=campaign), FolderStore(folder)
    target = target_of(root, environment, campaign=campaign)
    deployment = find_deployment(target.clients.cloudformation, environment)
    bucket = deployment.output(StackKind.STORAGE, "OutputBucketName")
    if bucket is None:
        raise StoreError(
            f"environment {environment} has no Storage stack with an output bucket; deploy it "
            "first, or name an export with --from"
        )
    return target.project, BucketStore(target.clients.s3, bucket)


def only_campaign(project: Project) -> Campaign:
    """The one campaign a project was loaded with."""
    (campaign,) = project.campaigns
    return campaign
