"""Why a run of simulated workers can't go on."""

from __future__ import annotations


class WorkersError(Exception):
    """A reason to end the run with a failure; the message is for the person who started it."""


class PortalRefusalError(WorkersError):
    """The portal refused a request; ``code`` is its error code."""

    def __init__(self, what: str, status: int, code: str, message: str) -> None:
        super().__init__(f"{what}: the portal answered {status} {code}: {message}")
        self.status = status
        self.code = code
