"""RenderUiTemplate: a template as a worker would see it, without a job."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ground_truth_local.service.errors import not_offered, validation
from ground_truth_local.service.preflight import assume
from ground_truth_local.service.queue import RenderError
from ground_truth_local.service.role import RoleSession
from ground_truth_local.service.work import render_task

if TYPE_CHECKING:
    from ground_truth_local.service.context import Context


def render_ui_template(context: Context, params: Mapping[str, Any]) -> dict[str, object]:
    """The rendered content; faults of the template come back as `Errors`, not as an error."""
    if "HumanTaskUiArn" in params:
        raise not_offered("Rendering a HumanTaskUiArn", "give the template's content")
    if "UiTemplate" not in params:
        raise validation("Either UiTemplate or HumanTaskUiArn is required")
    task_input = _task_input(params["Task"]["Input"])
    role = RoleSession(context, params["RoleArn"])
    assume(role)
    try:
        content = render_task(params["UiTemplate"]["Content"], task_input, role)
    except RenderError as error:
        errors = [{"Code": "TemplateError", "Message": str(error)}]
        return {"RenderedContent": "", "Errors": errors}
    return {"RenderedContent": content, "Errors": []}


def _task_input(text: str) -> dict[str, object]:
    try:
        task_input = json.loads(text)
    except ValueError as error:
        raise validation(f"Task.Input is not valid JSON: {error}") from error
    if not isinstance(task_input, dict):
        raise validation("Task.Input must be a JSON object")
    return task_input
