"""What a CreateLabelingJob request says: who it is for, its functions, its tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ground_truth_local.service.regions import built_in_task
from ground_truth_local.service.tasks import CUSTOM, DIRECT, TASKS, Task

Request = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The account and Region the request was sent to."""

    partition: str
    region: str
    account: str


def pre_annotation_arn(request: Request) -> str | None:
    """The pre-annotation function, which is optional (5.1)."""
    arn: str | None = request["HumanTaskConfig"].get("PreHumanTaskLambdaArn")
    return arn


def consolidation_arn(request: Request) -> str | None:
    """The consolidation function, which is optional (5.1)."""
    config = request["HumanTaskConfig"].get("AnnotationConsolidationConfig", {})
    arn: str | None = config.get("AnnotationConsolidationLambdaArn")
    return arn


def own_function(arn: str | None) -> str | None:
    """The function to invoke; None for none, and for PassThrough, which changes nothing (5.1)."""
    return None if built_in_task(arn) == DIRECT else arn


def functions(request: Request) -> Iterator[tuple[str, str]]:
    """Each function given, with the prefix of AWS's own ones in its place."""
    found = (("PRE", pre_annotation_arn(request)), ("ACS", consolidation_arn(request)))
    yield from ((prefix, arn) for prefix, arn in found if arn)


def task_names(request: Request) -> list[str]:
    """The tasks of the AWS functions given, each once."""
    names = (built_in_task(arn) for _, arn in functions(request))
    return list(dict.fromkeys(name for name in names if name is not None))


def named_tasks(request: Request) -> Iterator[tuple[str, Task]]:
    """The same with their rules; names that AWS doesn't have are left out."""
    yield from ((name, TASKS[name]) for name in task_names(request) if name in TASKS)


def task_of(request: Request) -> Task:
    """The task the job is for; `CUSTOM` unless its functions are AWS's."""
    return next((task for _, task in named_tasks(request)), CUSTOM)


def manifest_uri(request: Request) -> str | None:
    """The input manifest; a streaming job may do without (3.5)."""
    source = request["InputConfig"]["DataSource"].get("S3DataSource") or {}
    uri: str | None = source.get("ManifestS3Uri")
    return uri


def input_topic(request: Request) -> str | None:
    """The topic of a streaming job (3.5)."""
    source = request["InputConfig"]["DataSource"].get("SnsDataSource") or {}
    arn: str | None = source.get("SnsTopicArn")
    return arn


def topics(request: Request) -> Iterator[tuple[str, str]]:
    """The topics of a streaming job (3.5): where each stands, and its ARN."""
    source = request["InputConfig"]["DataSource"].get("SnsDataSource") or {}
    found = (
        ("InputConfig.DataSource.SnsDataSource.SnsTopicArn", source.get("SnsTopicArn")),
        ("OutputConfig.SnsTopicArn", request["OutputConfig"].get("SnsTopicArn")),
    )
    yield from ((path, arn) for path, arn in found if arn)
