"""Limits of Ground Truth that hold for every task type.

Source: the SageMaker service model (CreateLabelingJob and the shapes it uses) and the developer
guide's input data quotas. What differs between tasks is in ``tasks``.
"""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Range:
    """A closed interval of whole numbers; ``maximum`` None means that no limit is documented."""

    minimum: int
    maximum: int | None

    def __contains__(self, value: int) -> bool:
        return value >= self.minimum and (self.maximum is None or value <= self.maximum)

    def __str__(self) -> str:
        if self.maximum is None:
            return f"{self.minimum} or more"
        if self.minimum == self.maximum:
            return f"exactly {self.minimum}"
        return f"{self.minimum}-{self.maximum}"


# Ground Truth is offered here and nowhere else: the service model lists its functions by region.
GROUND_TRUTH_REGIONS: Final = (
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-west-1",
    "eu-west-2",
    "us-east-1",
    "us-east-2",
    "us-west-2",
)

LABEL_ATTRIBUTE: Final = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,126}")
LABELING_JOB_NAME: Final = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
LABELING_JOB_NAME_LENGTH: Final = 63
WORKTEAM_NAME: Final = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
WORKFORCE_NAME: Final = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9\-]){0,62}")
KEYWORD: Final = re.compile(r"[A-Za-z0-9]+( [A-Za-z0-9]+)*")
# Ours: these become stack names, object keys and parts of job names.
PROJECT_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
# Amazon Cognito: the prefix of the sign-in domain.
DOMAIN_PREFIX: Final = re.compile(r"[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?")

RESERVED_ATTRIBUTES: Final = ("source", "source-ref")
RESERVED_DOMAIN_WORDS: Final = ("aws", "amazon", "cognito")

ENVIRONMENT_NAME_LENGTH: Final = Range(1, 20)
CAMPAIGN_NAME_LENGTH: Final = Range(1, 40)
LABEL_ATTRIBUTE_LENGTH: Final = Range(1, 127)
RESOURCE_NAME_LENGTH: Final = Range(1, 63)
TITLE_LENGTH: Final = Range(1, 128)
DESCRIPTION_LENGTH: Final = Range(1, 255)
WORKTEAM_DESCRIPTION_LENGTH: Final = Range(1, 200)
KEYWORDS: Final = Range(0, 5)
KEYWORD_LENGTH: Final = Range(1, 30)
LABEL_NAME_LENGTH: Final = Range(1, 256)
TASK_AVAILABILITY_SECONDS: Final = Range(60, 2_592_000)
MAX_CONCURRENT_TASKS: Final = Range(1, 5000)
MAX_LABELED_OBJECTS: Final = Range(1, None)
MAX_LABELED_PERCENT: Final = Range(1, 100)
# AWS takes 50 tags; a labeling job also carries six of the project's own.
TAGS: Final = Range(0, 40)
TAG_KEY_LENGTH: Final = Range(1, 128)
TAG_VALUE_LENGTH: Final = Range(0, 256)

ARN_LENGTH: Final = Range(20, 2048)
MODEL_ARN_LENGTH: Final = Range(20, 2048)
SECURITY_GROUPS: Final = Range(1, 5)  # VpcConfig
SUBNETS: Final = Range(1, 16)
NETWORK_ID_LENGTH: Final = Range(1, 32)

SOURCE_IPS: Final = Range(0, 10)  # UpdateWorkforce
OIDC_GROUP_LENGTH: Final = Range(1, 63)

MANIFEST_LINE_CHARACTERS: Final = 100_000
MANIFEST_ATTRIBUTE_CHARACTERS: Final = 20_000
IMAGE_BYTES: Final = 40 * 1000 * 1000
