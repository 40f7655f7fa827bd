"""Checks of what a campaign asks of its jobs beside the task: topics, keys, models, networks."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from ground_truth import automation, limits
from ground_truth.checks.problem import Problem, check_pattern, check_range
from ground_truth.limits import Range

CONTENT_CLASSIFIERS: Final = ("FreeOfAdultContent", "FreeOfPersonallyIdentifiableInformation")

_ARN: Final = r"arn:aws[a-z\-]*:{service}:[a-z0-9\-]+:[0-9]{{12}}:{resource}"
_TOPIC: Final = re.compile(_ARN.format(service="sns", resource=r"[a-zA-Z0-9_-]+"))
_KEY: Final = re.compile(_ARN.format(service="kms", resource=r"key/[a-zA-Z0-9-]+"))
_MODEL: Final = re.compile(_ARN.format(service="sagemaker", resource=r"model/[a-zA-Z0-9-]+"))
_NETWORK_ID: Final = re.compile(r"[-0-9a-zA-Z]+")


def check_content_classifiers(classifiers: Sequence[str]) -> list[Problem]:
    """Check ``ContentClassifiers``: what the data is said to be free of, each once."""
    return [
        Problem(
            what="content classifier is unknown or there twice",
            value=classifier,
            allowed=f"{' and '.join(CONTENT_CLASSIFIERS)}, each once",
            fix="correct or remove it",
        )
        for classifier, count in Counter(classifiers).items()
        if classifier not in CONTENT_CLASSIFIERS or count > 1
    ]


def check_topic_arn(arn: str) -> list[Problem]:
    """Check ``SnsTopicArn``; Ground Truth documents standard topics alone."""
    return _check_arn(arn, _TOPIC, "a standard Amazon SNS topic", limits.ARN_LENGTH)


def check_key_arn(arn: str) -> list[Problem]:
    """Check a key's ARN: an alias or a bare id can't be granted on."""
    return _check_arn(arn, _KEY, "an AWS KMS key (no alias)", limits.ARN_LENGTH)


def check_model_arn(arn: str) -> list[Problem]:
    """Check ``InitialActiveLearningModelArn``."""
    return _check_arn(arn, _MODEL, "a SageMaker model", limits.MODEL_ARN_LENGTH)


def check_network(security_groups: Sequence[str], subnets: Sequence[str]) -> list[Problem]:
    """Check ``VpcConfig``: both or neither."""
    if not security_groups and not subnets:
        return []
    problems = [
        *check_range(
            len(security_groups),
            limits.SECURITY_GROUPS,
            what="number of security_groups",
            fix="give security groups and subnets, or neither",
        ),
        *check_range(
            len(subnets),
            limits.SUBNETS,
            what="number of subnets",
            fix="give security groups and subnets, or neither",
        ),
    ]
    for value in (*security_groups, *subnets):
        problems += check_pattern(
            value,
            _NETWORK_ID,
            limits.NETWORK_ID_LENGTH,
            what="not the id of a security group or subnet",
            allowed="ids such as sg-0123456789abcdef0 and subnet-0123456789abcdef0",
            fix="correct it",
        )
    return problems


def check_automated_labeling(task: str, labels: int) -> list[Problem]:
    """Check that a task can be labeled by Ground Truth's own models, too."""
    if task not in automation.ALGORITHMS:
        return [
            Problem(
                what="the task has no automated labeling",
                value=task,
                allowed=", ".join(automation.ALGORITHMS),
                fix="remove the table",
            )
        ]
    if task != "semantic-segmentation":
        return []
    return check_range(
        labels,
        Range(1, automation.SEGMENTATION_LABELS),
        what=f"number of labels of {task} with automated labeling",
        fix="remove labels, or the table",
    )


def _check_arn(arn: str, pattern: re.Pattern[str], what: str, length: Range) -> list[Problem]:
    return check_pattern(
        arn,
        pattern,
        length,
        what=f"not the ARN of {what}",
        allowed=f"the ARN of {what}, {length} characters",
        fix="correct it",
    )
