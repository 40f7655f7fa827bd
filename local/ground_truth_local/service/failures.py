"""Why a job fails, in the words of its FailureReason."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError

_MAX_REASON = 1024  # ground-truth.md 3.2


class JobFailedError(Exception):
    """The job can't go on; `reason` is what Describe shows."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason[:_MAX_REASON]


def client_error(message: str) -> JobFailedError:
    """Something of the customer's is at fault, as nearly always."""
    return JobFailedError(f"ClientError: {message}")


def said(error: ClientError | BotoCoreError) -> str:
    """What a call answered: `AccessDenied: …`."""
    if isinstance(error, ClientError):
        details = error.response.get("Error", {})
        return f"{details.get('Code', 'Unknown')}: {details.get('Message', '')}".rstrip(": ")
    return str(error)
