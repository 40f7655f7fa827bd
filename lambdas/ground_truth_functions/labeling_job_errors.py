"""AWS errors in the lifecycle's terms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from ground_truth.lifecycle.faults import ApiError


@contextmanager
def api_errors(operation: str) -> Iterator[None]:
    """Turn what a client raises into ``ApiError``, with AWS's own words."""
    try:
        yield
    except ClientError as error:
        details = error.response.get("Error", {})
        raise ApiError(
            operation=operation,
            code=str(details.get("Code") or "Unknown"),
            text=str(details.get("Message") or ""),
        ) from error
    except ParamValidationError as error:
        text = " ".join(str(error).split())
        raise ApiError(operation=operation, code="ParamValidation", text=text) from error
    except BotoCoreError as error:
        raise ApiError(operation=operation, code="ConnectionError", text=str(error)) from error
