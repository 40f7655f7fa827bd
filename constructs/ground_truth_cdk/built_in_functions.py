"""AWS's own functions and pages in place of functions and a template of the campaign's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from aws_cdk import Aws, Token

from ground_truth import built_in_arns

if TYPE_CHECKING:
    from ground_truth.built_in import BuiltIn


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltInFunctions:
    """What a job names of AWS's; `human_task_ui_arn` is "" where the page is a template.

    The execution role needs no right to call the functions (developer guide, "Grant execution role
    permissions").
    """

    pre_annotation_arn: str
    consolidation_arn: str
    human_task_ui_arn: str

    @classmethod
    def of(cls, task: BuiltIn, *, region: str) -> Self:
        """AWS's pair for a task in a region.

        Raises:
            RegionError: Ground Truth isn't in the region, or the stack doesn't say which it is:
                the functions are in another account in each.
        """
        if Token.is_unresolved(region):
            raise built_in_arns.RegionError(
                f"AWS's functions for {task.name} are in another account in every region, and the"
                " stack names none; give it an environment with a region"
            )
        partition = Aws.PARTITION
        return cls(
            pre_annotation_arn=built_in_arns.pre_annotation_arn(
                task, partition=partition, region=region
            ),
            consolidation_arn=built_in_arns.consolidation_arn(
                task, partition=partition, region=region
            ),
            human_task_ui_arn=built_in_arns.human_task_ui_arn(
                task, partition=partition, region=region
            ),
        )
