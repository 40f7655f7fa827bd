"""Gives a worker's page what it needs for an object; Ground Truth calls it before each task."""

import logging
import os
from collections.abc import Mapping

from ground_truth.audit_setting import audited_setting
from ground_truth.contracts import PreAnnotationResponse
from ground_truth.requests import labels_setting, parse_pre_annotation, task_setting
from ground_truth.task_input import ObjectLeftOutError, left_out, task_input
from ground_truth.tasks import rules_for


def handler(event: Mapping[str, object], _context: object) -> PreAnnotationResponse:
    """Answer a pre-annotation request; settings are ``TASK``, ``LABELS`` and ``AUDITED``."""
    request = parse_pre_annotation(event)
    task = task_setting(os.environ)
    labels = labels_setting(os.environ, least=rules_for(task).labels.minimum)
    audited = audited_setting(os.environ, task)
    try:
        return task_input(request.data_object, task=task, labels=labels, audited=audited)
    except ObjectLeftOutError as error:
        logging.getLogger(__name__).warning(
            "object left out: %s; job %s, keys %s",
            error,
            request.job_name,
            sorted(request.data_object),
        )
        return left_out(labels)
