"""Where crowd-kit is: `make test-oracle` names an interpreter that has it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.oracle.asking import Ask, asking


@pytest.fixture(scope="session")
def crowd_kit() -> Iterator[Ask]:
    """Ask crowd-kit."""
    interpreter = os.environ.get("CROWD_KIT")
    if not interpreter:
        pytest.skip("make test-oracle asks crowd-kit")
    with asking(interpreter) as ask:
        yield ask
