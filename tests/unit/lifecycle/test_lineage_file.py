"""The record of a campaign's jobs, and two writers at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground_truth.lifecycle.faults import ApiError
from ground_truth.lifecycle.lineage import Entry, Lineage, Stage, StoppedFor
from ground_truth.lifecycle.lineage_file import (
    LineageError,
    LineageFile,
    from_bytes,
    to_bytes,
)
from ground_truth_functions.labeling_job_objects import S3Objects
from tests.unit.lifecycle.campaigns import OUTPUT, Campaign

if TYPE_CHECKING:
    from tests.unit.lifecycle.conftest import Account

KEY = "digits/lineage.json"


def entry(number: int, **changes: Any) -> Entry:
    values: dict[str, Any] = {
        "name": f"job-{number}",
        "generation": number,
        "request": f"request-{number}",
        "owner": "stack",
        "definition": dict(Campaign().definition.to_dict()),
        "definition_hash": Campaign().hash,
        "wanted_generation": 1,
        "dataset_revision": 1,
        "created_at": "2026-11-21T10:00:00+00:00",
    }
    return Entry(**{**values, **changes})


@pytest.fixture
def record(account: Account) -> LineageFile:
    return LineageFile(
        S3Objects(), account.clock, bucket=OUTPUT, environment="dev", campaign="digits"
    )


def test_record_that_does_not_exist_is_empty(record: LineageFile) -> None:
    assert record.load() == Lineage(environment="dev", campaign="digits")


def test_two_writers_lose_no_entry(account: Account, record: LineageFile) -> None:
    others = [2, 3, 4]

    def somebody_else_writes_first(params: Any) -> None:
        if others:
            number = others.pop(0)
            account.storage.before_put, interfering = None, account.storage.before_put
            record.update(lambda lineage: lineage.with_entry(entry(number)))
            account.storage.before_put = interfering

    account.storage.before_put = somebody_else_writes_first

    written = record.update(lambda lineage: lineage.with_entry(entry(1)))

    assert [item.name for item in written.entries] == ["job-2", "job-3", "job-4", "job-1"]
    assert record.load() == written


def test_change_that_changes_nothing_is_not_written(account: Account, record: LineageFile) -> None:
    record.update(lambda lineage: lineage.with_entry(entry(1)))
    account.refuse("PutObject", "AccessDenied")

    assert record.update(lambda lineage: lineage) == record.load()


def test_writer_that_always_loses_gives_up(account: Account, record: LineageFile) -> None:
    account.refuse("PutObject", "PreconditionFailed")

    with pytest.raises(LineageError, match="changed by others 12 times in a row"):
        record.update(lambda lineage: lineage.with_entry(entry(1)))


def test_other_refusals_are_not_repeated(account: Account, record: LineageFile) -> None:
    account.refuse("PutObject", "AccessDenied", "explicit deny", times=1)

    with pytest.raises(ApiError, match="PutObject: AccessDenied: explicit deny"):
        record.update(lambda lineage: lineage.with_entry(entry(1)))


@given(
    st.lists(
        st.builds(
            entry,
            st.integers(1, 99),
            parents=st.lists(st.text(), max_size=2).map(tuple),
            stage=st.sampled_from(Stage),
            stopped=st.sampled_from(StoppedFor),
            undone=st.booleans(),
            failure=st.text(),
            approval=st.text(max_size=20),
        ),
        max_size=4,
    )
)
def test_record_reads_back_as_it_was_written(entries: list[Entry]) -> None:
    lineage = Lineage(environment="dev", campaign="digits", entries=tuple(entries))

    assert from_bytes(to_bytes(lineage), environment="dev", campaign="digits") == lineage


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"{", "cannot be read: JSONDecodeError"),
        (b'{"version": 1}', "cannot be read: KeyError"),
        (
            b'{"version": 2, "environment": "dev", "campaign": "digits", "jobs": []}',
            "has version 2, allowed 1",
        ),
        (
            b'{"version": 1, "environment": "prod", "campaign": "digits", "jobs": []}',
            "is of environment 'prod'",
        ),
    ],
)
def test_record_that_is_not_ours_to_read_stops_everything(
    account: Account, record: LineageFile, body: bytes, text: str
) -> None:
    account.storage.put(OUTPUT, KEY, body)

    with pytest.raises(LineageError, match=text):
        record.load()


def test_approval_counts_as_used_by_a_job_that_was_not_undone() -> None:
    used = entry(1, approval="abc:restart", stage=Stage.STARTED)

    def lineage(*entries: Entry) -> Lineage:
        return Lineage(environment="dev", campaign="digits", entries=entries)

    assert lineage(used).approval_used("abc:restart", 1)
    assert not lineage(used).approval_used("abc:restart", 2)
    assert not lineage(used).approval_used("abc:continue", 1)
    assert not lineage(replace(used, undone=True)).approval_used("abc:restart", 1)
    assert not lineage(replace(used, stage=Stage.ABANDONED)).approval_used("abc:restart", 1)
