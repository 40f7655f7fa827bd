"""The errors callers of an API operation receive, built in AWS's terms.

Codes are matched by callers on `error.response["Error"]["Code"]`; most of what Ground Truth refuses
is the unmodelled `ValidationException` (ground-truth.md 3.1).
"""

from __future__ import annotations

from ground_truth_local.platform.port import ServiceError

__all__ = [
    "ServiceError",
    "in_use",
    "limit_exceeded",
    "not_found",
    "not_offered",
    "validation",
]


def validation(message: str) -> ServiceError:
    """`ValidationException`: the shape or a rule of the request (ground-truth.md 3.1, 4.1)."""
    return ServiceError("ValidationException", message, 400)


def in_use(message: str) -> ServiceError:
    """`ResourceInUse`: duplicate names, a workforce that still has teams (2.4, 4.1)."""
    return ServiceError("ResourceInUse", message, 400)


def not_found(message: str) -> ServiceError:
    """`ResourceNotFound`: labeling jobs; teams and workforces use ValidationException (4.1)."""
    return ServiceError("ResourceNotFound", message, 400)


def limit_exceeded(message: str) -> ServiceError:
    """`ResourceLimitExceeded`: account quotas (3.4)."""
    return ServiceError("ResourceLimitExceeded", message, 400)


def not_offered(what: str, instead: str) -> ServiceError:
    """Valid on AWS, absent here; the message says so, for nobody should mistake it for a rule."""
    return validation(f"{what} is not offered locally: {instead}")
