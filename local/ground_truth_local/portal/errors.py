"""What the portal refuses, with the status and the words the person or program gets."""

from __future__ import annotations

from http import HTTPStatus

from ground_truth_local.service import queue


class PortalError(Exception):
    """A refusal. ``code`` is for programs, the message for people."""

    def __init__(self, status: HTTPStatus, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class SignedOutError(PortalError):
    """There is no session, it has ended, or nobody signed in with it."""

    def __init__(self) -> None:
        super().__init__(HTTPStatus.UNAUTHORIZED, "SignedOut", "you are signed out; sign in")


_STATUS: tuple[tuple[type[queue.QueueError], HTTPStatus], ...] = (
    (queue.JobNotFoundError, HTTPStatus.NOT_FOUND),
    (queue.AssignmentNotFoundError, HTTPStatus.NOT_FOUND),
    (queue.ExpiredError, HTTPStatus.GONE),
    (queue.AlreadySubmittedError, HTTPStatus.CONFLICT),
    (queue.AnswerTooLargeError, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (queue.AnswerInvalidError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (queue.RenderError, HTTPStatus.BAD_GATEWAY),
)


def from_queue(error: queue.QueueError) -> PortalError:
    """The queue's refusal in HTTP's terms; the code is the error's name without ``Error``."""
    status = next(
        (status for kind, status in _STATUS if isinstance(error, kind)), HTTPStatus.CONFLICT
    )
    return PortalError(status, type(error).__name__.removesuffix("Error"), str(error))
