"""What AWS has and local AWS hasn't: refused after everything that AWS would refuse by the request.

Each message says "not offered locally", so that nobody takes it for a rule of AWS.
"""

from __future__ import annotations

from collections.abc import Callable

from ground_truth_local.service.errors import not_offered
from ground_truth_local.service.regions import built_in_task
from ground_truth_local.service.request import Request, functions
from ground_truth_local.service.tasks import DIRECT


def check_offered(request: Request) -> None:
    """Raise the first ServiceError."""
    for rule in _RULES:
        rule(request)


def _worker_ui(request: Request) -> None:
    ui = request["HumanTaskConfig"]["UiConfig"].get("HumanTaskUiArn")
    if ui:
        raise not_offered(
            f"The built-in worker UI {ui} (named entities, video frames, 3D)",
            "give a UiTemplateS3Uri; named entities can be labeled with crowd-entity-annotation",
        )


def _functions(request: Request) -> None:
    """Their code is AWS's own, and what their consolidation does isn't published in full."""
    for _, text in functions(request):
        if built_in_task(text) not in (None, DIRECT):
            raise not_offered(
                f"The built-in Lambda function {text}",
                "give functions of your own account, PassThrough, or none",
            )


def _automated_labeling(request: Request) -> None:
    """3.4: it trains models on the service's instances."""
    if request.get("LabelingJobAlgorithmsConfig"):
        raise not_offered("Automated data labeling", "leave out LabelingJobAlgorithmsConfig")


_RULES: tuple[Callable[[Request], None], ...] = (
    _automated_labeling,
    _worker_ui,
    _functions,
)
