"""Why a run of simulated workers can't go on."""

from __future__ import annotations


class WorkersError(Exception):
    """A reason to end the run with a failure; the message is for the person who started it."""


class PortalRefusalError(WorkersError):
    """The portal refused a request; ``code`` is its error code."""

    def __init__(self, what: str, status: int, code: str, message: str) -> None:
        # the arguments themselves, so that it can be handed from process to process
        super().__init__(what, status, code, message)
        self.status = status
        self.code = code

    def __str__(self) -> str:
        what, status, code, message = self.args
        return f"{what}: the portal answered {status} {code}: {message}"
