"""Which refusals pass by themselves."""

from __future__ import annotations

import pytest

from ground_truth.lifecycle.faults import ApiError, Fault, classify

ROLE = "arn:aws:iam::123456789012:role/execution"


@pytest.mark.parametrize(
    ("code", "text", "fault"),
    [
        ("ThrottlingException", "Rate exceeded", Fault.THROTTLED),
        ("InternalFailure", "", Fault.THROTTLED),
        ("ConnectionError", "Read timeout", Fault.THROTTLED),
        (
            "ValidationException",
            f"Could not assume role {ROLE}. Please ensure that the role exists and allows "
            "principal 'sagemaker.amazonaws.com' to assume the role.",
            Fault.SPREADING,
        ),
        ("ValidationException", f"{ROLE} cannot be assumed", Fault.SPREADING),
        ("ValidationException", f"Cannot assume role {ROLE}", Fault.SPREADING),
        ("ValidationException", f"The role {ROLE} does not exist", Fault.SPREADING),
        (
            "ValidationException",
            f"Unable to read ManifestS3Uri s3://b/k with role {ROLE}: AccessDenied: Access Denied",
            Fault.SPREADING,
        ),
        (
            "ValidationException",
            f"Unable to read ManifestS3Uri s3://b/k with role {ROLE}: NoSuchKey: not there. "
            "Ensure that the object exists and that the role may s3:GetObject it",
            Fault.FINAL,
        ),
        (
            "AccessDeniedException",
            "User: arn:aws:sts::1:assumed-role/f is not authorized to perform: "
            "sagemaker:CreateLabelingJob",
            Fault.SPREADING,
        ),
        (
            "AccessDeniedException",
            "User: x is not authorized to perform: sagemaker:CreateLabelingJob with an explicit "
            "deny in a service control policy",
            Fault.DENIED,
        ),
        ("AccessDeniedException", "Access denied", Fault.DENIED),
        ("ValidationException", "The work team arn:x does not exist.", Fault.FINAL),
        ("ValidationException", "TaskTimeLimitInSeconds is 1, at least 30", Fault.FINAL),
        ("ParamValidation", "Missing required parameter", Fault.FINAL),
        ("ResourceLimitExceeded", "too many", Fault.FINAL),
        ("ResourceInUse", "taken", Fault.TAKEN),
        ("ResourceNotFound", "gone", Fault.MISSING),
        ("ValidationException", "Labeling job x could not be found", Fault.MISSING),
        ("PreconditionFailed", "", Fault.CONFLICT),
        ("SubscriptionRequiredException", "", Fault.CLOSED),
        (
            "AccessDeniedException",
            "Amazon SageMaker Ground Truth is no longer open to new customers",
            Fault.CLOSED,
        ),
    ],
)
def test_refusal_is_understood_by_its_code_and_words(code: str, text: str, fault: Fault) -> None:
    assert classify(code, text) is fault
    assert ApiError(operation="X", code=code, text=text).fault is fault
