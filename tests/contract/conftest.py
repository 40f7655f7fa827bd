"""Fixtures of the contract tests."""

from __future__ import annotations

from tests.infra.conftest import every_environment, local, prod

__all__ = ["every_environment", "local", "prod"]
