"""Fixtures of the stack tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.infra.conftest import every_environment, local, prod
from tests.stacks.projects import ProjectFiles, minimal_project

__all__ = ["every_environment", "local", "prod"]


@pytest.fixture
def files(tmp_path: Path) -> ProjectFiles:
    """A valid little project to break in one place."""
    return minimal_project(tmp_path)
