"""Every fault has its tests, and docs/faults.md says which."""

from __future__ import annotations

import pytest

from tests.fault_list import FAULTS
from tests.fault_report import DEPLOYMENT, HANDLER, FaultReport
from tests.fault_table import DOCUMENT, known_tests, with_table


def levels() -> dict[int, set[str]]:
    return {number: {test.level for test in tests} for number, tests in known_tests().items()}


def test_document_lists_the_tests_there_are() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")

    assert text == with_table(text), "run: .venv/bin/python -m tests.fault_table"


def test_every_fault_has_a_test_or_a_reason() -> None:
    tested = {number for number, found in levels().items() if found - {DEPLOYMENT}}

    assert sorted(FAULTS) == list(range(1, 41))
    assert tested == {number for number, fault in FAULTS.items() if not fault.untested}


def test_most_faults_are_deployed_for_real() -> None:
    deployed = {number for number, found in levels().items() if DEPLOYMENT in found}

    assert len(deployed) >= 24


def test_report_says_which_outcome_was_wrong_and_what_was_measured() -> None:
    report = FaultReport()
    wrong, right = "tests/unit/test_a.py::test_one", "tests/e2e/test_b.py::test_two"
    report._faults = {wrong: [5], right: [5, 6]}
    for nodeid, outcome, properties in (
        (wrong, "failed", []),
        (right, "passed", [("stack_seconds", {"a": 2.0}), ("labels_lost", 1)]),
    ):
        for when in ("setup", "call", "teardown"):
            report.pytest_runtest_logreport(
                pytest.TestReport(
                    nodeid=nodeid,
                    location=("", None, ""),
                    keywords={},
                    outcome=outcome if when == "call" else "passed",  # type: ignore[arg-type]
                    longrepr=None,
                    when=when,
                    user_properties=properties,
                    duration=0.1,
                )
            )

    lines = list(report.lines())

    assert lines == [
        "| # | fault | level | outcome | seconds |",
        "|---|---|---|---|---|",
        f"| 5 | {FAULTS[5].title} | deployment | as expected | 2.0 |",
        f"| 5 | {FAULTS[5].title} | {HANDLER} | WRONG: test_one (call) | 0.3 |",
        f"| 6 | {FAULTS[6].title} | deployment | as expected | 2.0 |",
        "",
        "faults by level: handler 1, template 0, deployment 2",
        "wrong outcomes: 1",
        "jobs left running: not measured",
        "labels lost: 1",
        "labels bought twice: not measured",
    ]
