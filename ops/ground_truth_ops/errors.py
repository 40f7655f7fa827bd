"""The base of every refusal a person reads; subclasses live beside what raises them."""

from __future__ import annotations


class OpsError(Exception):
    """Printed without a traceback, exit code 1.

    `details` are further lines, such as a log's last ones.
    """

    def __init__(self, message: str, *, details: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.details = details
