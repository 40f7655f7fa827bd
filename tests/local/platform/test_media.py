"""Which requests the media door lets through, against a gateway that records them."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground_truth_local.platform.media import media_application

SIGNED = (
    b"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=K%2F20260101%2Fus-east-1%2Fs3"
    b"%2Faws4_request&X-Amz-Signature=0a"
)
PREFLIGHT = [(b"Access-Control-Request-Method", b"GET"), (b"origin", b"http://localhost:1")]


def ask(
    path: str,
    *,
    method: str = "GET",
    query: bytes = SIGNED,
    headers: list[tuple[bytes, bytes]] | None = None,
) -> tuple[int, list[MutableMapping[str, Any]]]:
    """The answer's status, and the scopes the gateway saw."""
    seen: list[MutableMapping[str, Any]] = []
    sent: list[MutableMapping[str, Any]] = []

    async def gateway(scope: Any, _receive: Any, send: Any) -> None:
        seen.append(scope)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x"})

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request"}

    scope = {
        "type": "http",
        "scheme": "http",
        "method": method,
        "path": path,
        "query_string": query,
        "headers": headers or [(b"host", b"127.0.0.1:1")],
    }

    async def run() -> None:
        await media_application(gateway)(scope, receive, send)

    asyncio.run(run())
    return sent[0]["status"], seen


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_presigned_read_goes_through_unchanged_but_for_the_scheme(method: str) -> None:
    status, (scope,) = ask("/bucket-1/a/b.png", method=method)
    assert status == 200
    assert (scope["scheme"], scope["path"], scope["query_string"], scope["headers"]) == (
        "https",
        "/bucket-1/a/b.png",
        SIGNED,
        [(b"host", b"127.0.0.1:1")],
    )


def test_preflight_of_a_read_goes_through() -> None:
    assert ask("/bucket-1/a.png", method="OPTIONS", query=b"", headers=PREFLIGHT)[0] == 200


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("/bucket-1/a.png", {"query": b""}),
        ("/bucket-1/a.png", {"query": SIGNED.replace(b"Signature", b"Nothing")}),
        ("/bucket-1/a.png", {"query": SIGNED.replace(b"%2Fs3%2F", b"%2Fiam%2F")}),
        ("/bucket-1/a.png", {"headers": [(b"Authorization", b"AWS4-HMAC-SHA256 Credential=K")]}),
        ("/bucket-1/a.png", {"method": "OPTIONS", "headers": []}),
        (
            "/bucket-1/a.png",
            {"method": "OPTIONS", "headers": [(b"access-control-request-method", b"PUT")]},
        ),
        ("/bucket-1", {}),
        ("/bucket-1/", {}),
        ("/", {}),
        ("/_ministack/reset", {}),
        ("/_ministack/cfn-response/token", {}),
        ("/oauth2/token", {}),
        ("/2015-03-31/functions", {}),
        ("/bucket-1/a.png", {"headers": [(b"x-amz-target", b"SageMaker.ListWorkteams")]}),
    ],
)
def test_anything_else_is_refused(path: str, options: dict[str, Any]) -> None:
    assert ask(path, **options) == (403, [])


@given(
    method=st.sampled_from(["POST", "PUT", "DELETE", "PATCH", "TRACE"]),
    path=st.text(max_size=30).map(lambda text: f"/bucket-1/{text}"),
)
def test_writes_never_go_through(method: str, path: str) -> None:
    assert ask(path, method=method) == (403, [])
