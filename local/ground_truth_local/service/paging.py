"""Filters, sorting and NextToken of the List operations (ground-truth.md 3.3)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from ground_truth_local.service.errors import validation

# SageMaker's List operations answer ten at a time unless asked for more; callers must page.
DEFAULT_PAGE = 10

Item = TypeVar("Item")


def as_time(value: object) -> datetime:
    """A request's timestamp: seconds since the epoch on the wire, a datetime from Python."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime.fromtimestamp(float(str(value)), tz=UTC)


def in_window(params: Mapping[str, Any], name: str, value: datetime) -> bool:
    """Whether `value` lies in the request's `<name>After` / `<name>Before`."""
    after, before = params.get(f"{name}After"), params.get(f"{name}Before")
    return (after is None or value >= as_time(after)) and (
        before is None or value <= as_time(before)
    )


def ordered(
    items: Sequence[Item], params: Mapping[str, Any], keys: Mapping[str, Callable[[Item], Any]]
) -> list[Item]:
    """Sorted by `SortBy` (default: the first key) and `SortOrder` (default: Ascending)."""
    by = params.get("SortBy") or next(iter(keys))
    return sorted(items, key=keys[by], reverse=params.get("SortOrder") == "Descending")


def page(
    items: Sequence[Item], params: Mapping[str, Any], *, default: int = DEFAULT_PAGE
) -> tuple[list[Item], dict[str, str]]:
    """One page and `{"NextToken": …}` when there is more.

    A token belongs to the query that gave it; with other filters it is refused.
    """
    query = {key: str(value) for key, value in params.items() if key not in _PAGING}
    start = _offset(params.get("NextToken"), query)
    end = start + int(params.get("MaxResults") or default)
    more = {"NextToken": _token(end, query)} if end < len(items) else {}
    return list(items[start:end]), more


_PAGING = ("NextToken", "MaxResults")


def _token(offset: int, query: Mapping[str, str]) -> str:
    text = json.dumps([offset, query], sort_keys=True)
    return base64.urlsafe_b64encode(text.encode()).decode()


def _offset(token: str | None, query: Mapping[str, str]) -> int:
    if not token:
        return 0
    try:
        offset, asked = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, binascii.Error) as error:
        raise validation("Invalid NextToken: it was not given by this operation") from error
    if asked != query:
        raise validation("Invalid NextToken: it was given for another query")
    return int(offset)
