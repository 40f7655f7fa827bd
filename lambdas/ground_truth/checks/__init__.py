"""Validators of everything a campaign or an environment says about Ground Truth.

Each returns the list of problems, empty when there is none, so that a caller can show them all
at once. Limits come from ``limits`` and ``tasks``; nothing here reads files or calls AWS.
"""

from ground_truth.checks.campaign import (
    check_description,
    check_expected_objects,
    check_functions,
    check_header,
    check_keywords,
    check_label_attribute,
    check_labels,
    check_max_concurrent_tasks,
    check_short_name,
    check_stopping,
    check_task_availability,
    check_task_time_limit,
    check_title,
    check_workers_per_object,
)
from ground_truth.checks.environment import (
    check_campaign_name,
    check_domain_prefix,
    check_environment_name,
    check_region,
    check_tags,
    check_workforce_name,
    check_workteam_arn,
    check_workteam_description,
    check_workteam_name,
)
from ground_truth.checks.frames import (
    check_attribute,
    check_frame_categories,
    check_frame_instructions,
)
from ground_truth.checks.job import (
    check_automated_labeling,
    check_content_classifiers,
    check_key_arn,
    check_model_arn,
    check_network,
    check_topic_arn,
)
from ground_truth.checks.problem import Problem
from ground_truth.checks.workforce import check_oidc_group, check_source_ips

__all__ = [
    "Problem",
    "check_attribute",
    "check_automated_labeling",
    "check_campaign_name",
    "check_content_classifiers",
    "check_description",
    "check_domain_prefix",
    "check_environment_name",
    "check_expected_objects",
    "check_frame_categories",
    "check_frame_instructions",
    "check_functions",
    "check_header",
    "check_key_arn",
    "check_keywords",
    "check_label_attribute",
    "check_labels",
    "check_max_concurrent_tasks",
    "check_model_arn",
    "check_network",
    "check_oidc_group",
    "check_region",
    "check_short_name",
    "check_source_ips",
    "check_stopping",
    "check_tags",
    "check_task_availability",
    "check_task_time_limit",
    "check_title",
    "check_topic_arn",
    "check_workers_per_object",
    "check_workforce_name",
    "check_workteam_arn",
    "check_workteam_description",
    "check_workteam_name",
]
