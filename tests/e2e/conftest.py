"""One local AWS for all real deployments and hand-made calls of a session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ground_truth_ops.aws import Clients
from ground_truth_ops.demo.server import LocalAws, local_aws
from tests.e2e.clock import Clock

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """Local AWS as anybody starts it; that it leaves nothing behind is checked on its way out."""
    folder = tmp_path_factory.mktemp("local-aws")
    log = folder / "local-aws.log"
    with local_aws(ROOT, state_dir=folder / "state", log=log, options=["--faults"]) as found:
        yield found


@pytest.fixture(scope="session")
def aws(server: LocalAws) -> Clients:
    return Clients(server.region, variables=server.variables)


@pytest.fixture(scope="session")
def clock(server: LocalAws) -> Clock:
    return Clock(server=server)
