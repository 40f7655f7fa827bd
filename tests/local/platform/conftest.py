"""One local AWS for all tests of this folder, and one ministack inside the test's own process."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from ground_truth_local.platform import environment
from tests.local.platform.server import Server, running


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("state")
    with running(folder) as started:
        yield started


@pytest.fixture(scope="session")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """ministack's modules in this process, with the settings of the server."""
    before = dict(os.environ)
    root = environment.make_root_key()
    temporary = tmp_path_factory.mktemp("ministack")
    os.environ.update(
        environment.server(region="us-east-1", port=1, root=root, tls=None, temporary=temporary)
    )
    yield
    os.environ.clear()
    os.environ.update(before)
