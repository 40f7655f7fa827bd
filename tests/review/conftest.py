"""One history for all scenarios: its base is synthesized once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.review.history import History, make_history


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> History:
    return make_history(tmp_path_factory.mktemp("history") / "project")


@pytest.fixture
def history(repository: History) -> Iterator[History]:
    """The base, checked out anew for every test."""
    repository.back_to_base()
    yield repository
    repository.back_to_base()
