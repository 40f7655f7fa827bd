"""Acting with the execution role's rights, and only those (ground-truth.md 5.5)."""

from __future__ import annotations

from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any

from ground_truth_local.platform.port import SAGEMAKER_PRINCIPAL, Credentials

if TYPE_CHECKING:
    from ground_truth_local.service.context import Context

_REFRESH_BEFORE = timedelta(minutes=5)


class RoleSession:
    """Clients signed by the execution role; the session is renewed before it ends.

    Every use may raise RoleNotAssumableError: a role that was deleted under a running job ends it.
    """

    def __init__(self, context: Context, role_arn: str, source_arn: str | None = None) -> None:
        self._context = context
        self._lock = Lock()
        self._credentials: Credentials | None = None
        self._source_arn = source_arn
        self.role_arn = role_arn

    def credentials(self) -> Credentials:
        """Valid for five minutes at least."""
        with self._lock:
            known, now = self._credentials, self._context.platform.now()
            if known is None or known.expiration - now < _REFRESH_BEFORE:
                known = self._context.platform.assume_as_service(
                    self.role_arn, SAGEMAKER_PRINCIPAL, source_arn=self._source_arn
                )
                self._credentials = known
            return known

    def client(self, service: str) -> Any:
        """A boto3 client with the role's rights."""
        return self._context.platform.client(service, self.credentials())

    def link(self, bucket: str, key: str) -> str:
        """What `grant_read_access` gives: a short-lived link signed by the role (5.6)."""
        return self._context.platform.presigned_get(
            bucket=bucket,
            key=key,
            credentials=self.credentials(),
            expires_seconds=self._context.tuning.link_seconds,
        )
