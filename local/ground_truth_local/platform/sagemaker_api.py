"""SageMaker's wire protocol (JSON 1.1) in front of the Ground Truth service, under IAM."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ground_truth_local.platform.hooks import services
from ground_truth_local.platform.port import SAGEMAKER_PRINCIPAL, ServiceError

if TYPE_CHECKING:
    from ground_truth_local.platform.port import GroundTruthService

LOG = logging.getLogger("ground_truth_local.sagemaker")
JSON_11 = "application/x-amz-json-1.1"

# Operations that take an execution role, which the caller must be allowed to pass on.
_PASSES_ROLE = frozenset({"CreateLabelingJob", "RenderUiTemplate"})
_TAGS = frozenset(
    {"AddTags", "CreateLabelingJob", "CreateWorkforce", "CreateWorkteam", "DeleteTags"}
)
# What an operation touches, from AWS's service authorization reference: the parameter with a name,
# and the resource type it is a name of. An operation that isn't here touches "*".
_NAMED: Mapping[str, tuple[str, str]] = {
    "CreateLabelingJob": ("LabelingJobName", "labeling-job"),
    "DescribeLabelingJob": ("LabelingJobName", "labeling-job"),
    "StopLabelingJob": ("LabelingJobName", "labeling-job"),
    "CreateWorkforce": ("WorkforceName", "workforce"),
    "DescribeWorkforce": ("WorkforceName", "workforce"),
    "UpdateWorkforce": ("WorkforceName", "workforce"),
    "DeleteWorkforce": ("WorkforceName", "workforce"),
    "CreateWorkteam": ("WorkteamName", "workteam/private-crowd"),
    "DescribeWorkteam": ("WorkteamName", "workteam/private-crowd"),
    "UpdateWorkteam": ("WorkteamName", "workteam/private-crowd"),
    "DeleteWorkteam": ("WorkteamName", "workteam/private-crowd"),
}
_BY_ARN: Mapping[str, str] = {
    "AddTags": "ResourceArn",
    "DeleteTags": "ResourceArn",
    "ListTags": "ResourceArn",
    "ListLabelingJobsForWorkteam": "WorkteamArn",
}


def install(service: Callable[[], GroundTruthService], *, partition: str) -> None:
    """Register the service with the gateway's routing and its IAM evaluator."""

    def resource_arn(operation: str, body: bytes, region: str, account: str) -> str:
        params = _parse(body)
        if operation in _BY_ARN:
            return str(params.get(_BY_ARN[operation]) or "*")
        if operation not in _NAMED:
            return "*"
        parameter, resource = _NAMED[operation]
        name = params.get(parameter) or "*"
        return f"arn:{partition}:sagemaker:{region}:{account}:{resource}/{name}"

    services.add_iam_service(
        "sagemaker",
        resource_arn=resource_arn,
        condition_keys=_condition_keys,
        tag_operations=_TAGS,
    )

    async def handle(
        _method: str,
        _path: str,
        headers: dict[str, str],
        body: bytes,
        query: dict[str, list[str]],
    ) -> services.Response:
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        try:
            params = _object(body)
        except ServiceError as unreadable:
            return _error(unreadable)
        touched = resource_arn(operation, body, *services.region_and_account())
        for also in _also(operation, params, touched):
            refused = services.refusal(headers, query, also)
            if refused is not None:
                return refused
        caller = services.caller_arn()
        answer: services.Response = await services.off_the_loop(
            _answer, service, operation, params, caller
        )
        return answer

    # what the service knows is not wiped by /_ministack/reset: a reset is a new run of local AWS
    services.add_service(
        "sagemaker", target_prefix="SageMaker.", handler=handle, reset=lambda: None
    )


def _answer(
    service: Callable[[], GroundTruthService], operation: str, params: dict[str, Any], caller: str
) -> services.Response:
    try:
        answer = service().call(operation, params, caller)
    except ServiceError as refusal:
        return _error(refusal)
    except Exception:
        LOG.exception("%s failed", operation)
        return _error(
            ServiceError("InternalFailure", f"{operation} failed; see local AWS's log", 500)
        )
    return 200, {"Content-Type": JSON_11}, json.dumps(answer, default=_encode).encode()


def _error(refusal: ServiceError) -> services.Response:
    body = json.dumps({"__type": refusal.code, "message": refusal.message}).encode()
    return refusal.status, {"Content-Type": JSON_11, "x-amzn-errortype": refusal.code}, body


def _encode(value: object) -> object:
    if isinstance(value, datetime):
        return value.timestamp()  # JSON 1.1 timestamps are epoch seconds
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _object(body: bytes) -> dict[str, Any]:
    try:
        params = json.loads(body or b"{}")
    except ValueError as error:
        raise ServiceError("SerializationException", "The body is not JSON.") from error
    if not isinstance(params, dict):
        raise ServiceError("SerializationException", "The body is not a JSON object.")
    return params


def _parse(body: bytes) -> dict[str, Any]:
    """The parameters for authorization; a body that isn't an object is refused later, by name."""
    try:
        return _object(body)
    except ServiceError:
        return {}


def _condition_keys(body: bytes) -> dict[str, object]:
    """`sagemaker:WorkteamArn`, `sagemaker:WorkteamType` of CreateLabelingJob (2.1)."""
    task = _parse(body).get("HumanTaskConfig")
    team = task.get("WorkteamArn") if isinstance(task, dict) else None
    if not isinstance(team, str):
        return {}
    keys: dict[str, object] = {"sagemaker:WorkteamArn": team}
    parts = team.rpartition(":")[2].split("/")
    if len(parts) == 3:
        keys["sagemaker:WorkteamType"] = parts[1]
    return keys


def _also(operation: str, params: Mapping[str, Any], touched: str) -> Iterator[services.Asked]:
    """What a caller needs besides the operation: the reference's "dependent actions" (2.1)."""
    role = params.get("RoleArn")
    if operation in _PASSES_ROLE and isinstance(role, str):
        yield services.Asked(
            action="iam:PassRole",
            resource=role,
            keys={"iam:PassedToService": SAGEMAKER_PRINCIPAL},
        )
    if operation.startswith("Create") and params.get("Tags"):
        yield services.Asked(action="sagemaker:AddTags", resource=touched)
