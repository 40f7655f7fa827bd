"""What a refusal of an AWS API means for a labeling job: wait, give up, or explain.

CreateLabelingJob has two modelled errors; everything else arrives as ``ValidationException`` or an
access error with a text, for conditions that pass by themselves (a role that AWS has not spread
yet) and for those that never will (a manifest that is not there). Retrying all of them would
hide a typing error for minutes, retrying none would fail the first deployment of every campaign.
So the text decides, and whatever it does not recognise is final.
"""

import re
from enum import StrEnum
from typing import Final

CLOSED_EXPLANATION: Final = (
    "Amazon SageMaker Ground Truth is closed to new customers since 30 July 2026: only accounts "
    "that used it before can start labeling jobs. Deploy into such an account, or run the "
    "campaign on local AWS (make local)"
)


class Fault(StrEnum):
    """How to go on after a refusal."""

    THROTTLED = "throttled"  # wait and repeat
    SPREADING = "spreading"  # a role or grant is on its way: repeat for a few minutes
    MISSING = "missing"  # what was named does not exist
    TAKEN = "taken"  # the name is in use
    CONFLICT = "conflict"  # somebody else wrote first
    CLOSED = "closed"  # the account may not use Ground Truth
    DENIED = "denied"  # we lack a permission
    FINAL = "final"  # repeating will not help


class ApiError(Exception):
    """An AWS API refused; ``code`` and ``text`` are AWS's own words."""

    def __init__(self, *, operation: str, code: str, text: str) -> None:
        super().__init__(f"{operation}: {code}: {text}")
        self.operation = operation
        self.code = code
        self.text = text

    @property
    def fault(self) -> Fault:
        return classify(self.code, self.text)


_THROTTLED: Final = frozenset(
    {
        "InternalFailure",
        "InternalServerError",
        "InternalError",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ConnectionError",  # ours, for an answer that never came
    }
)
_MISSING: Final = frozenset(
    {
        "ResourceNotFound",
        "ResourceNotFoundException",
        "NoSuchKey",
        "NoSuchBucket",
        "AWS.SimpleQueueService.NonExistentQueue",
        "QueueDoesNotExist",
        "404",
    }
)
_TAKEN: Final = frozenset({"ResourceInUse", "ResourceInUseException"})
_CONFLICT: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})
_CLOSED: Final = frozenset({"OptInRequired", "SubscriptionRequiredException"})
_DENIED: Final = frozenset(
    {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403", "Forbidden"}
)

# Ground Truth's own words for what time mends. "Could not assume role arn:… Please ensure that the
# role exists and allows principal 'sagemaker.amazonaws.com' to assume the role", and the same
# about what the role may read or invoke: IAM shows a new role or policy everywhere only after a
# while, so both read exactly like a grant that was forgotten. Hence bounded, never for ever.
_SPREADING: Final = re.compile(
    r"\b(?:could not|cannot|can't|unable to|failed to|not able to)\s+(?:be\s+)?assume"
    r"|\bassumed?\b.*\brole\b|\brole\b.*\bassumed?\b"
    r"|\b(?:role|principal)\b.*\b(?:permissions?|not authorized|access)\b"
    r"|\bnot authorized to perform\b"
    r"|\binvalid (?:iam )?role\b|\brole\b.*\b(?:is invalid|not valid|does not exist)\b",
    re.IGNORECASE | re.DOTALL,
)
_CLOSED_TEXT: Final = re.compile(
    r"new customers?|not (?:eligible|entitled|onboarded|enabled|subscribed)"
    r"|no longer (?:open|available|accept|offer)|not available (?:to|for|in) (?:your|this) account",
    re.IGNORECASE,
)
_MISSING_TEXT: Final = re.compile(
    r"labeling job\b.*\b(?:not found|not exist|cannot be found|could not be found)"
    r"|\b(?:could not find|no such)\b.*\blabeling job\b",
    re.IGNORECASE | re.DOTALL,
)


_BY_CODE: Final = {
    code: fault
    for codes, fault in (
        (_THROTTLED, Fault.THROTTLED),
        (_MISSING, Fault.MISSING),
        (_TAKEN, Fault.TAKEN),
        (_CONFLICT, Fault.CONFLICT),
        (_CLOSED, Fault.CLOSED),
    )
    for code in codes
}


def classify(code: str, text: str) -> Fault:
    """Return how to go on after ``code``: ``text``; what is not recognised is ``FINAL``."""
    if code in _BY_CODE:
        return _BY_CODE[code]
    if _CLOSED_TEXT.search(text):
        return Fault.CLOSED
    if code in _DENIED:
        return Fault.SPREADING if _is_ours_to_wait_for(text) else Fault.DENIED
    if code == "ValidationException":
        return _of_validation(text)
    return Fault.FINAL


def _of_validation(text: str) -> Fault:
    if _MISSING_TEXT.search(text):
        return Fault.MISSING
    return Fault.SPREADING if _SPREADING.search(text) else Fault.FINAL


def _is_ours_to_wait_for(text: str) -> bool:
    """An explicit deny is a decision of somebody, not a policy that is still on its way."""
    return "explicit deny" not in text.lower() and bool(_SPREADING.search(text))
