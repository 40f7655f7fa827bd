"""In-memory AWS for the functions, and events as CloudFormation sends them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from ground_truth_functions import aws
from ground_truth_functions.custom_resource import Request

STACK_ID = "arn:aws:cloudformation:us-east-1:123456789012:stack/Team/6d7a1f30-0000-0000-0000-1"


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Moto in place of AWS, with clients that belong to it alone."""
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    aws.forget_clients()
    with mock_aws():
        yield
    aws.forget_clients()


def make_request(kind: str = "Create", **changes: Any) -> Request:
    """Build a request; `properties` and `old_properties` default to nothing."""
    values: dict[str, Any] = {
        "kind": kind,
        "stack_id": STACK_ID,
        "logical_id": "Thing",
        "request_id": "5f7d9b1e-0000-0000-0000-2",
        "resource_type": "Custom::GroundTruthThing",
        "physical_id": None if kind == "Create" else "Thing-0123456789abcdef",
        "properties": {},
        "old_properties": {},
    }
    return Request(**{**values, **changes})
