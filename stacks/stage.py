"""Everything of one environment, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs import Construct

from ground_truth_cdk.libraries import LibrariesError
from stacks.account import AccountStack
from stacks.labeling import LabelingStack
from stacks.storage import StorageStack
from stacks.team import TeamStack

if TYPE_CHECKING:
    from stacks import config

__all__ = ["GroundTruth", "LibrariesError"]


class GroundTruth(Construct):
    """The stacks of an environment and of its campaigns.

    A plain scope, not a `cdk.Stage`: `cdk deploy --all` doesn't see stacks inside a stage, and a
    bare `cdk synth` hides their findings. One synth builds one environment, so nothing is lost.
    """

    def __init__(self, scope: Construct, *, project: config.Project) -> None:
        super().__init__(scope, "GroundTruth")
        environment = project.environment
        storage = StorageStack(self, environment=environment)
        # what exists already is named in the file; no stack of ours holds any of it
        settings = environment.settings
        exists = settings.team.workteam_arn is not None or settings.workforce.mode == "adopt"
        account = None if exists else AccountStack(self, environment=environment, storage=storage)
        team = TeamStack(self, environment=environment, account=account, storage=storage)
        labeling = {
            campaign.name: LabelingStack(
                self, environment=environment, campaign=campaign, storage=storage, team=team
            )
            for campaign in project.campaigns
        }
        for campaign in project.campaigns:
            base = labeling.get(campaign.base.name) if campaign.base else None
            if base is not None:  # else it isn't part of this deployment
                labeling[campaign.name].add_dependency(base)
