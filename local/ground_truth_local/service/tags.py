"""Tags of jobs, teams and workforces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ground_truth_local.service.errors import validation
from ground_truth_local.service.paging import page

if TYPE_CHECKING:
    from ground_truth_local.service.context import Context

_LIMIT = 50  # ground-truth.md 3.1
_RESERVED = "aws:"
_KIND = "tags"


def check_tags(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Tags as a dict; refuses duplicates and AWS's own prefix, as every AWS service does."""
    checked: dict[str, str] = {}
    for tag in tags:
        key = tag["Key"]
        if key in checked:
            raise validation(f"Duplicate tag key: {key}. A tag key may be given once")
        # CloudFormation sets aws:cloudformation:* itself; callers of the API may not
        if key.lower().startswith(_RESERVED):
            raise validation(f"Tag key {key} is not allowed: the prefix aws: is reserved")
        checked[key] = tag["Value"]
    return checked


class Tags:
    """AddTags, DeleteTags, ListTags over the resources that exist."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._tags: dict[str, dict[str, str]] = dict(context.kept.rows(_KIND))

    def create(self, arn: str, tags: Mapping[str, str]) -> None:
        """A new resource with its first tags."""
        self._tags[arn] = dict(tags)
        self._keep(arn)

    def forget(self, arn: str) -> None:
        """The resource is gone."""
        self._tags.pop(arn, None)
        self._context.kept.drop(_KIND, arn)

    def _keep(self, arn: str) -> None:
        self._context.kept.put(_KIND, arn, self._tags[arn])

    def add(self, params: Mapping[str, Any]) -> dict[str, object]:
        """AddTags: replaces equal keys, answers with all tags of the resource."""
        added = check_tags(params["Tags"])
        with self._context.lock:
            tags = self._of(params["ResourceArn"])
            merged = {**tags, **added}
            if len(merged) > _LIMIT:
                raise validation(f"Too many tags: got {len(merged)}, allowed at most {_LIMIT}")
            tags.update(added)
            self._keep(params["ResourceArn"])
            return {"Tags": _listed(tags)}

    def delete(self, params: Mapping[str, Any]) -> dict[str, object]:
        """DeleteTags: keys that aren't there are ignored."""
        with self._context.lock:
            tags = self._of(params["ResourceArn"])
            for key in params["TagKeys"]:
                tags.pop(key, None)
            self._keep(params["ResourceArn"])
        return {}

    def show(self, params: Mapping[str, Any]) -> dict[str, object]:
        """ListTags, at least 50 a page."""
        with self._context.lock:
            listed, more = page(_listed(self._of(params["ResourceArn"])), params, default=_LIMIT)
        return {"Tags": listed, **more}

    def of(self, arn: str) -> list[dict[str, str]]:
        """The tags as the API spells them."""
        return _listed(self._tags.get(arn, {}))

    def _of(self, arn: str) -> dict[str, str]:
        if arn not in self._tags:
            raise validation(f"The resource {arn} does not exist")
        return self._tags[arn]


def _listed(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
