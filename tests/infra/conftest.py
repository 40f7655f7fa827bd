"""Fixtures of the infrastructure tests: every environment is synthesized once per process."""

from __future__ import annotations

import pytest

from tests.infra.synth import ENVIRONMENTS, Synthesis, synthesize


@pytest.fixture(scope="session", params=ENVIRONMENTS)
def every_environment(request: pytest.FixtureRequest) -> Synthesis:
    """Each of the repository's environments in turn."""
    return synthesize(str(request.param))


@pytest.fixture(scope="session")
def local() -> Synthesis:
    return synthesize("local")


@pytest.fixture(scope="session")
def prod() -> Synthesis:
    return synthesize("prod")
