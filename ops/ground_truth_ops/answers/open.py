"""The files of a campaign and where its answers lie: the environment's bucket, or an export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ground_truth_ops.answers.store import BucketStore, FolderStore, Store, StoreError
from ground_truth_ops.deployment import StackKind, find_deployment
from ground_truth_ops.project import load_project, project_root, target_of

if TYPE_CHECKING:
    from pathlib import Path

    from ground_truth_ops.project import Target
    from stacks.config import Campaign


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A campaign and its answers; `target` is None for an export, which needs no AWS."""

    campaign: Campaign
    store: Store
    target: Target | None


def open_store(environment: str, campaign: str, folder: Path | None) -> Opened:
    """The campaign's files, and its answers in the environment's bucket or in an export."""
    root = project_root()
    if folder is not None:
        (found,) = load_project(root, environment, campaign=campaign).campaigns
        return Opened(campaign=found, store=FolderStore(folder), target=None)
    target = target_of(root, environment, campaign=campaign)
    deployment = find_deployment(target.clients.cloudformation, environment)
    bucket = deployment.output(StackKind.STORAGE, "OutputBucketName")
    if bucket is None:
        raise StoreError(
            f"environment {environment} has no Storage stack with an output bucket; deploy it "
            "first, or name an export with --from"
        )
    (found,) = target.project.campaigns
    return Opened(campaign=found, store=BucketStore(target.clients.s3, bucket), target=target)
