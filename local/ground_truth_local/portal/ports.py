"""What the portal needs of the rest of local AWS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ground_truth_local.platform.port import Mail, SignInResult
    from ground_truth_local.service.queue import WorkQueue
    from ground_truth_local.service.watch import Watching


class PortalPlatform(Protocol):
    """The part of the platform's port that the portal uses."""

    @property
    def account_id(self) -> str: ...
    @property
    def partition(self) -> str: ...
    @property
    def media_url(self) -> str: ...

    def sign_in(
        self,
        *,
        user_pool_id: str,
        client_id: str,
        username: str,
        password: str,
        new_password: str | None = None,
        redirect_uri: str,
    ) -> SignInResult: ...

    def mails(self) -> Sequence[Mail]: ...

    def now(self) -> datetime: ...


class PortalService(Protocol):
    """The Ground Truth service: its work queue, and its API for finding the workforce."""

    @property
    def queue(self) -> WorkQueue: ...
    @property
    def watch(self) -> Watching: ...

    def call(
        self, operation: str, params: Mapping[str, object], caller_arn: str
    ) -> Mapping[str, object]: ...
