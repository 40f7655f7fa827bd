"""Gives a worker's page what it needs for an object; Ground Truth calls it before each task."""

import logging
import os
from collections.abc import Mapping

from ground_truth.contracts import PreAnnotationResponse
from ground_truth.requests import labels_setting, parse_pre_annotation, task_setting
from ground_truth.task_input import task_input
from ground_truth.tasks import rules_for


def handler(event: Mapping[str, object], _context: object) -> PreAnnotationResponse:
    """Answer a pre-annotation request; settings are ``TASK`` and ``LABELS``."""
    request = parse_pre_annotation(event)
    task = task_setting(os.environ)
    labels = labels_setting(os.environ, least=rules_for(task).labels.minimum)
    response = task_input(request.data_object, task=task, labels=labels)
    if not response["isHumanAnnotationRequired"]:
        logging.getLogger(__name__).warning(
            "object left out: its manifest line has neither source nor source-ref; job %s, keys %s",
            request.job_name,
            sorted(request.data_object),
        )
    return response
