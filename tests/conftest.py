"""Fault numbers: a test named `test_fault_05_…` is about fault 5, others say so by a marker.

Tests that need a browser are skipped where there is none; `make test-browser` sees to one.
"""

from __future__ import annotations

import re
from collections.abc import Generator

import pytest
from hypothesis import settings

from tests.fault_report import FaultReport
from tests.local.portal.chromium import executable

NAMED = re.compile(r"test_fault_(\d\d)_")
# Files that take longest of the quick ones. Whichever began last would be waited for alone.
LONG = (
    "tests/e2e/test_rehearsal.py",
    "tests/review/test_report.py",
    "tests/stacks/test_synth.py",
    "tests/unit/functions/test_workers.py",
    "tests/stacks/test_templates.py",
    "tests/unit/lifecycle/test_generations.py",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fault-report", action="store_true", help="one Markdown row for each fault and level"
    )


def pytest_configure(config: pytest.Config) -> None:
    # how long an example takes is the machine's business
    settings.register_profile("untimed", deadline=None)
    settings.load_profile("untimed")
    if config.getoption("--fault-report"):
        config.pluginmanager.register(FaultReport(), "fault-report")


@pytest.hookimpl(wrapper=True, tryfirst=True)  # marks before -m selects, sorts what is shuffled
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    without = pytest.mark.skip(reason="no Chromium on this machine")
    for item in items:
        if item.get_closest_marker("browser") and executable() is None:
            item.add_marker(without)
        named = NAMED.match(item.name)
        if named:
            item.add_marker(pytest.mark.fault(int(named[1])))
    yield
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    file = item.nodeid.partition("::")[0]
    return LONG.index(file) if file in LONG else len(LONG)
