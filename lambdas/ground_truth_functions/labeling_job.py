"""Custom resource: the gate in front of a campaign, and its labeling job.

Two resources of a stack share this function. The gate only decides, before anything else of the
stack changes; the job part acts. Every Delete is a removal and goes by owner tags, never by the
physical id, which is constant.
"""

from __future__ import annotations

from collections.abc import Mapping

from ground_truth_functions.custom_resource import Outcome, Request, answer, stable_physical_id

GATE = "Custom::GroundTruthGate"


def handler(event: Mapping[str, object], context: object) -> None:
    """Lambda entry point for Custom::GroundTruthGate and Custom::GroundTruthLabelingJob."""

    def handle(request: Request) -> Outcome:
        if request.kind == "Delete" and _is_gate(request):
            # A gate holds nothing. Before the imports, so that the first deployment of a broken
            # package can be rolled back
            return Outcome(physical_id=request.physical_id or stable_physical_id(request))
        # Inside the guard, so that an import that fails is told to CloudFormation, too
        from ground_truth_functions.labeling_job_parts import handle_part  # noqa: PLC0415
        from ground_truth_functions.labeling_job_world import aws_world  # noqa: PLC0415

        return handle_part(request, aws_world(context))

    answer(event, context, handle, physical_id=stable_physical_id)


def _is_gate(request: Request) -> bool:
    return request.resource_type == GATE or request.properties.get("Part") == "gate"
