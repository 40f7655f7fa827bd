"""An in-memory Ground Truth: jobs that begin, are worked on, end, and are billed by the object."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.unit.lifecycle.storage import Storage, split_uri
from tests.unit.lifecycle.wire import ACCOUNT, REGION, ServiceError

TERMINAL = ("Completed", "Failed", "Stopped")


class Clock:
    """Time that only passes when somebody sleeps."""

    def __init__(self) -> None:
        self.time = datetime.fromisoformat("2026-11-21T10:00:00+00:00")
        self.start = self.time

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    @property
    def elapsed(self) -> float:
        return (self.time - self.start).total_seconds()


@dataclass
class Job:
    """One labeling job."""

    request: dict[str, Any]
    created: datetime
    tags: dict[str, str]
    lines: list[dict[str, Any]]
    status: str = "Initializing"
    modified: datetime | None = None
    begins_at: datetime | None = None
    stops_at: datetime | None = None
    reason: str = ""
    has_output: bool = False
    failed: set[int] = field(default_factory=set)
    batches: int = 0

    @property
    def name(self) -> str:
        return str(self.request["LabelingJobName"])

    @property
    def arn(self) -> str:
        return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:labeling-job/{self.name}"

    @property
    def attribute(self) -> str:
        return str(self.request["LabelAttributeName"])

    @property
    def streams(self) -> bool:
        return "SnsDataSource" in self.request["InputConfig"]["DataSource"]

    @property
    def folder(self) -> str:
        path = self.request["OutputConfig"]["S3OutputPath"]
        return f"{path.rstrip('/')}/{self.name}/"

    def open_lines(self) -> list[int]:
        return [
            number
            for number, line in enumerate(self.lines)
            if self.attribute not in line and number not in self.failed
        ]


class GroundTruth:
    """The service. Behaviour that a test wants is set on the attributes."""

    def __init__(self, clock: Clock, storage: Storage) -> None:
        self.clock = clock
        self.storage = storage
        self.jobs: dict[str, Job] = {}
        self.queues: dict[str, str] = {}  # of streaming jobs, with their topics
        self.bought: Counter[str] = Counter()
        self.initializing_seconds = 3.0
        self.stopping_seconds: float | None = 5.0  # None: for ever
        self.fails_initializing = ""
        self.stuck_initializing = False
        self.writes_output_when_stopped = True
        self.calls: list[str] = []

    # -- what workers do

    def label(self, name: str, count: int, value: int = 1) -> None:
        """Let people label so many objects; each costs money."""
        job = self._job(name)
        self._advance(job)
        assert job.status == "InProgress", job.status
        batch = job.open_lines()[:count]
        for number in batch:
            line = job.lines[number]
            self.bought[str(line.get("source-ref") or line.get("source"))] += 1
            line[job.attribute] = value
            line[f"{job.attribute}-metadata"] = {
                "class-name": str(value),
                "job-name": f"labeling-job/{job.name}",
                "human-annotated": "yes",
            }
        self._consolidated(job, batch)
        self._put(job, "annotations/intermediate/1/annotations.manifest", job.lines)
        if not job.open_lines() and not job.streams:
            self._end(job, "Completed")

    def send(self, topic: str, line: dict[str, Any]) -> None:
        """An object comes through a topic to every job that listens and runs."""
        for name, heard in self.queues.items():
            job = self.jobs[name.removeprefix("GroundTruth-")]
            self._advance(job)
            if heard == topic and job.status == "InProgress":
                job.lines.append(dict(line))

    def fail_objects(self, name: str, count: int) -> None:
        """Let so many objects expire or be declined."""
        job = self._job(name)
        self._advance(job)
        for number in job.open_lines()[:count]:
            job.failed.add(number)
            job.lines[number][f"{job.attribute}-metadata"] = {
                "failure-reason": "no worker answered",
                "human-annotated": "yes",
                "job-name": f"labeling-job/{job.name}",
            }
        if not job.open_lines() and not job.streams:
            self._end(job, "Completed")

    def fail(self, name: str, reason: str) -> None:
        """Let the job fail while it runs."""
        job = self._job(name)
        self._advance(job)
        job.reason = reason
        self._end(job, "Failed")

    def complete(self, name: str) -> None:
        self.label(name, len(self._job(name).lines))

    def stop_by_hand(self, name: str) -> None:
        """Somebody uses the console."""
        self.serve("StopLabelingJob", {"LabelingJobName": name})

    def running(self) -> list[str]:
        for job in self.jobs.values():
            self._advance(job)
        return [job.name for job in self.jobs.values() if job.status not in TERMINAL]

    def state(self, name: str) -> Job:
        job = self._job(name)
        self._advance(job)
        return job

    # -- the API

    def serve(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        self.calls.append(operation)
        answer = getattr(self, f"_{operation}")(params)
        return dict(answer or {})

    def _CreateLabelingJob(self, params: dict[str, Any]) -> dict[str, Any]:
        name = params["LabelingJobName"]
        if name.lower() in self.jobs:
            raise ServiceError("ResourceInUse", f"Labeling job {name} already exists")
        source = params["InputConfig"]["DataSource"]
        lines = (
            self._given(source["S3DataSource"]["ManifestS3Uri"]) if "S3DataSource" in source else []
        )
        if "SnsDataSource" in source:
            self.queues[f"GroundTruth-{name.lower()}"] = source["SnsDataSource"]["SnsTopicArn"]
        for uri in (
            params["LabelCategoryConfigS3Uri"],
            params["HumanTaskConfig"]["UiConfig"].get("UiTemplateS3Uri"),
        ):
            if uri is not None and split_uri(uri) not in self.storage.objects:
                raise ServiceError("ValidationException", f"{uri} not found")
        now = self.clock.now()
        job = Job(
            request=params,
            created=now,
            modified=now,
            tags={tag["Key"]: tag["Value"] for tag in params.get("Tags", [])},
            lines=lines,
            begins_at=now + timedelta(seconds=self.initializing_seconds),
        )
        job.reason = self.fails_initializing
        self.jobs[name.lower()] = job
        return {"LabelingJobArn": job.arn}

    def _given(self, uri: str) -> list[dict[str, Any]]:
        bucket, key = split_uri(uri)
        stored = self.storage.objects.get((bucket, key))
        if stored is None:
            raise ServiceError("ValidationException", f"Manifest {key} not found in {bucket}")
        return [json.loads(row) for row in stored[0].decode().splitlines()]

    def _GetQueueUrl(self, params: dict[str, Any]) -> dict[str, Any]:
        if params["QueueName"] not in self.queues:
            raise ServiceError("AWS.SimpleQueueService.NonExistentQueue", "no such queue")
        return {"QueueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{params['QueueName']}"}

    def _DeleteQueue(self, params: dict[str, Any]) -> None:
        name = params["QueueUrl"].rpartition("/")[2]
        job = self.jobs[name.removeprefix("GroundTruth-")]
        self._advance(job)
        assert job.status in TERMINAL, "the queue of a job at work was touched"
        del self.queues[name]

    def _DescribeLabelingJob(self, params: dict[str, Any]) -> dict[str, Any]:
        job = self.state(params["LabelingJobName"])
        return {
            **self._summary(job),
            "InputConfig": job.request["InputConfig"],
            "OutputConfig": job.request["OutputConfig"],
            "RoleArn": job.request["RoleArn"],
            "HumanTaskConfig": job.request["HumanTaskConfig"],
            "JobReferenceCode": "reference",
        }

    def _StopLabelingJob(self, params: dict[str, Any]) -> None:
        job = self.state(params["LabelingJobName"])
        if job.status in TERMINAL:
            raise ServiceError("ValidationException", f"Job {job.name} is {job.status}")
        if job.status == "Stopping":
            return
        job.status = "Stopping"
        if self.stopping_seconds is not None:
            job.stops_at = self.clock.now() + timedelta(seconds=self.stopping_seconds)

    def _ListLabelingJobs(self, params: dict[str, Any]) -> dict[str, Any]:
        found = [
            job for job in self.jobs.values() if params["NameContains"].lower() in job.name.lower()
        ]
        for job in found:
            self._advance(job)
        first = int(params.get("NextToken", "0"))
        size = 2  # small, so that every test pages
        page = found[first : first + size]
        more = {"NextToken": str(first + size)} if first + size < len(found) else {}
        return {"LabelingJobSummaryList": [self._summary(job) for job in page], **more}

    def _ListTags(self, params: dict[str, Any]) -> dict[str, Any]:
        tags = self._by_arn(params["ResourceArn"]).tags
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def _AddTags(self, params: dict[str, Any]) -> None:
        job = self._by_arn(params["ResourceArn"])
        job.tags |= {tag["Key"]: tag["Value"] for tag in params["Tags"]}

    def _DeleteTags(self, params: dict[str, Any]) -> None:
        for key in params["TagKeys"]:
            self._by_arn(params["ResourceArn"]).tags.pop(key, None)

    # -- inside

    def _job(self, name: str) -> Job:
        job = self.jobs.get(name.lower())
        if job is None:
            raise ServiceError("ResourceNotFound", f"Could not find labeling job {name}")
        return job

    def _by_arn(self, arn: str) -> Job:
        return self._job(arn.rpartition("/")[2])

    def _advance(self, job: Job) -> None:
        now = self.clock.now()
        ready = job.begins_at is not None and now >= job.begins_at
        if job.status == "Initializing" and ready and not self.stuck_initializing:
            if job.reason:
                self._end(job, "Failed", write=False)
            else:
                job.status = "InProgress"
        if job.status == "Stopping" and job.stops_at and now >= job.stops_at:
            self._end(job, "Stopped", write=self.writes_output_when_stopped)

    def _end(self, job: Job, status: str, *, write: bool | None = None) -> None:
        job.status = status
        job.modified = self.clock.now()
        if write if write is not None else status == "Completed":
            job.has_output = True
            self._put(job, "manifests/output/output.manifest", job.lines)

    def _summary(self, job: Job) -> dict[str, Any]:
        labeled = sum(job.attribute in line for line in job.lines)
        started = job.status != "Initializing" and not (job.status == "Failed" and not labeled)
        total = len(job.lines)
        answer: dict[str, Any] = {
            "LabelingJobName": job.name,
            "LabelingJobArn": job.arn,
            "LabelingJobStatus": job.status,
            "CreationTime": job.created,
            "LastModifiedTime": job.modified or job.created,
            "LabelCounters": {
                "TotalLabeled": labeled if started else 0,
                "FailedNonRetryableError": len(job.failed),
                "Unlabeled": total - labeled - len(job.failed) if started else 0,
            },
            "WorkteamArn": job.request["HumanTaskConfig"]["WorkteamArn"],
        }
        if job.status == "Failed":
            answer["FailureReason"] = job.reason
        if job.has_output:
            uri = f"{job.folder}manifests/output/output.manifest"
            answer["LabelingJobOutput"] = {"OutputDatasetS3Uri": uri}
        return answer

    def _consolidated(self, job: Job, batch: list[int]) -> None:
        job.batches += 1
        stamp = f"annotations/consolidated-annotation/{{}}/iteration-1/{job.batches:04}.json"
        asked, answered = [], []
        for number in batch:
            line = job.lines[number]
            place = (
                {"s3Uri": line["source-ref"]}
                if "source-ref" in line
                else {"content": line["source"]}
            )
            asked.append({"datasetObjectId": str(number), "dataObject": place, "annotations": []})
            content = {key: line[key] for key in (job.attribute, f"{job.attribute}-metadata")}
            answered.append(
                {"datasetObjectId": str(number), "consolidatedAnnotation": {"content": content}}
            )
        for kind, document in (
            ("consolidation-request", asked),
            ("consolidation-response", answered),
        ):
            bucket, key = split_uri(job.folder + stamp.format(kind))
            self.storage.put(bucket, key, json.dumps(document).encode())

    def _put(self, job: Job, path: str, lines: list[dict[str, Any]]) -> None:
        bucket, key = split_uri(job.folder + path)
        body = "".join(json.dumps(line) + "\n" for line in lines)
        self.storage.put(bucket, key, body.encode())
