"""boto3 clients on our own gateway, cached: one costs milliseconds and a few megabytes."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from pathlib import Path

    from ground_truth_local.platform.environment import RootKey
    from ground_truth_local.platform.port import Credentials

_CACHED = 32


class Clients:
    """Thread-safe factory; one session, so that API models are loaded once."""

    def __init__(
        self, *, region: str, endpoint: str, root: RootKey, authority: Path | None
    ) -> None:
        self._region = region
        self._endpoint = endpoint
        self._root = root
        self._verify: str | bool = str(authority) if authority else False
        self._session = boto3.Session(region_name=region)
        self._lock = Lock()
        self._clients: OrderedDict[tuple[str, str, str], Any] = OrderedDict()

    def get(
        self, service: str, credentials: Credentials | None = None, *, endpoint: str | None = None
    ) -> Any:
        """A client signing with these credentials, or as root; for another endpoint if given."""
        key = credentials.access_key_id if credentials else self._root.access_key_id
        at = endpoint or self._endpoint
        with self._lock:
            cached = self._clients.pop((service, key, at), None) or self._make(
                service, credentials, at
            )
            self._clients[service, key, at] = cached
            while len(self._clients) > _CACHED:
                self._clients.popitem(last=False)
        return cached

    def _make(self, service: str, credentials: Credentials | None, endpoint: str) -> Any:
        # boto3's stubs want each service's literal name
        make: Any = self._session.client
        signer = credentials or self._root
        return make(
            service,
            endpoint_url=endpoint,
            region_name=self._region,
            verify=self._verify if endpoint.startswith("https:") else None,
            aws_access_key_id=signer.access_key_id,
            aws_secret_access_key=signer.secret_access_key,
            aws_session_token=credentials.session_token if credentials else None,
            config=Config(
                signature_version="s3v4" if service == "s3" else None,
                # an address instead of a name has no room for the bucket
                s3={"addressing_style": "path"},
                max_pool_connections=16,
                # our own gateway is there; on a busy machine its handshake has to wait
                connect_timeout=60,
                # a consolidation function may take its 15 minutes
                read_timeout=910,
                retries={"mode": "standard", "total_max_attempts": 3},
            ),
        )
