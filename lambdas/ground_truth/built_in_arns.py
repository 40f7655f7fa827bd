"""Where Ground Truth's own functions, pages and algorithms are.

The accounts are Amazon's, of its services, and the same for every customer: the service model lists
them. No ARN here names a partition; whoever asks knows it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ground_truth.built_in import BuiltIn

# Texts: one begins with a zero. The functions are here and nowhere else.
FUNCTION_ACCOUNTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ap-northeast-1": "477331159723",
        "ap-northeast-2": "845288260483",
        "ap-south-1": "565803892007",
        "ap-southeast-1": "377565633583",
        "ap-southeast-2": "454466003867",
        "ca-central-1": "918755190332",
        "eu-central-1": "203001061592",
        "eu-west-1": "568282634449",
        "eu-west-2": "487402164563",
        "us-east-1": "432418664414",
        "us-east-2": "266458841044",
        "us-west-2": "081040173940",
    }
)
# Of pages and algorithms there is one account for all regions.
HUMAN_TASK_UI_ACCOUNT: Final = "394669845002"
ALGORITHM_ACCOUNT: Final = "027400017018"


class RegionError(ValueError):
    """Ground Truth has no functions of its own in the region."""


def pre_annotation_arn(task: BuiltIn, *, partition: str, region: str) -> str:
    """``PreHumanTaskLambdaArn`` of a task; raises ``RegionError``."""
    return _function(task.pre_annotation, partition, region)


def consolidation_arn(task: BuiltIn, *, partition: str, region: str) -> str:
    """``AnnotationConsolidationLambdaArn`` of a task; raises ``RegionError``."""
    return _function(task.consolidation, partition, region)


def human_task_ui_arn(task: BuiltIn, *, partition: str, region: str) -> str:
    """``HumanTaskUiArn`` of a task; "" for one whose page is a template."""
    if not task.human_task_ui:
        return ""
    place = f"{region}:{HUMAN_TASK_UI_ACCOUNT}"
    return f"arn:{partition}:sagemaker:{place}:human-task-ui/{task.human_task_ui}"


def algorithm_arn(algorithm: str, *, partition: str, region: str) -> str:
    """``LabelingJobAlgorithmSpecificationArn`` of an algorithm."""
    resource = f"labeling-job-algorithm-specification/{algorithm}"
    return f"arn:{partition}:sagemaker:{region}:{ALGORITHM_ACCOUNT}:{resource}"


def _function(name: str, partition: str, region: str) -> str:
    account = FUNCTION_ACCOUNTS.get(region)
    if account is None:
        raise RegionError(
            f"no functions of Ground Truth's own in the region: got {region!r}, "
            f"allowed {', '.join(FUNCTION_ACCOUNTS)}; choose one of them"
        )
    return f"arn:{partition}:lambda:{region}:{account}:function:{name}"
