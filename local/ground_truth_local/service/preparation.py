"""From a manifest line to a task: pre-annotation function, source object, CORS (5.2, 5.6)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import PurePosixPath
from threading import Lock
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from ground_truth_liquid import TemplateError, render
from ground_truth_local.service.buckets import browser_may_read, bucket_region, cors_rules
from ground_truth_local.service.failures import client_error, said
from ground_truth_local.service.functions import invoke
from ground_truth_local.service.locations import S3Location, parse_s3_uri

if TYPE_CHECKING:
    from ground_truth_local.service.context import Context
    from ground_truth_local.service.role import RoleSession

_VERSION = "2018-10-16"
_IMAGES = (".jpg", ".jpeg", ".png")  # 6.1
_MOST_IMAGE_BYTES = 40 * 1024 * 1024  # 3.4


class ObjectFailedError(Exception):
    """This object can't be shown to workers; the others go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bucket:
    region: str
    browsers_may_read: bool


class Preparer:
    """Prepares one object at a time; thread-safe."""

    def __init__(
        self,
        context: Context,
        role: RoleSession,
        *,
        job_arn: str,
        function_arn: str | None,
        template: str,
    ) -> None:
        self._context = context
        self._template = template
        self._role = role
        self._job_arn = job_arn
        self._function_arn = function_arn
        self._lock = Lock()
        self._buckets: dict[str, _Bucket] = {}

    def prepare(self, line: str) -> dict[str, object] | None:
        """The template's `task.input`; None when no human is needed.

        Raises ObjectFailedError for this object, JobFailedError for the job.
        """
        fields = json.loads(line)
        if "source-ref" in fields:
            self._check_source(fields["source-ref"])
        task_input = self._input_for(fields)
        if task_input is not None:
            self._check_renders(task_input)
        return task_input

    def _input_for(self, fields: dict[str, object]) -> dict[str, object] | None:
        if self._function_arn is None:
            return fields  # 5.1: the manifest line is the task input
        event = {"version": _VERSION, "labelingJobArn": self._job_arn, "dataObject": fields}
        return self._task_input(invoke(self._role, self._function_arn, event))

    def _check_renders(self, task_input: dict[str, object]) -> None:
        """A task that can't be shown is never offered, so that nobody is sent an error page."""
        try:
            render(self._template, task_input=task_input, grant_read_access=str)
        except TemplateError as error:
            raise ObjectFailedError(f"the task template cannot be rendered: {error}") from error

    def _task_input(self, answer: object) -> dict[str, object] | None:
        """5.2: only the key isHumanAnnotationRequired with the JSON value false skips."""
        if not isinstance(answer, dict) or not isinstance(answer.get("taskInput"), dict):
            raise client_error(
                f"The pre-annotation Lambda function {self._function_arn} returned no taskInput "
                'object, expected {"taskInput": {...}}'
            )
        if answer.get("isHumanAnnotationRequired") is False:
            return None
        return dict(answer["taskInput"])

    def _check_source(self, uri: str) -> None:
        source = parse_s3_uri(uri)
        if source is None:
            raise ObjectFailedError(f"source-ref {uri} is not an S3 URI")
        bucket, here = self._bucket(source.bucket), self._context.platform.region
        if bucket.region != here:
            raise ObjectFailedError(f"the bucket {source.bucket} is in {bucket.region}, not {here}")
        image = PurePosixPath(source.key).suffix.lower() in _IMAGES
        if image and not bucket.browsers_may_read:
            raise ObjectFailedError(
                f"the bucket {source.bucket} has no CORS rule that lets the worker portal GET its "
                "objects; add a rule with AllowedMethods GET and AllowedOrigins *"
            )
        size = self._readable_bytes(source)
        if image and size > _MOST_IMAGE_BYTES:
            raise ObjectFailedError(
                f"{source} has {size} bytes, allowed for an image are {_MOST_IMAGE_BYTES}"
            )

    def _readable_bytes(self, source: S3Location) -> int:
        try:
            found = self._role.client("s3").head_object(Bucket=source.bucket, Key=source.key)
            return int(found["ContentLength"])
        except (ClientError, BotoCoreError) as error:
            raise ObjectFailedError(
                f"unable to read {source} with role {self._role.role_arn}: {said(error)}"
            ) from error

    def _bucket(self, name: str) -> _Bucket:
        """Once per bucket and job, with the service's own rights: a browser needs none."""
        with self._lock:
            if name not in self._buckets:
                self._buckets[name] = self._look_at(name)
            return self._buckets[name]

    def _look_at(self, name: str) -> _Bucket:
        s3 = self._context.platform.client("s3")
        try:
            region = bucket_region(s3, name)
        except (ClientError, BotoCoreError) as error:
            raise ObjectFailedError(f"unable to access bucket {name}: {said(error)}") from error
        readable = browser_may_read(cors_rules(s3, name), self._context.portal_url)
        return _Bucket(region=region, browsers_may_read=readable)
