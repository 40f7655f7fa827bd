"""A world per test, shut down at its end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.local.service.world import World


@pytest.fixture
def world() -> Iterator[World]:
    with World() as running:
        yield running
