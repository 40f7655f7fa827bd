"""A campaign ready to run: buckets, role, functions, team, and people to work on it."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ground_truth_local.platform.port import ServiceConfig
from ground_truth_local.service import Assignment, GroundTruth, KeptIn, Tuning, Worker
from tests.local.service.fakes import (
    ACCOUNT,
    CLIENT,
    GROUP,
    PARTITION,
    POOL,
    Bucket,
    FakePlatform,
    ManualClock,
    arn,
)

if TYPE_CHECKING:
    from ground_truth_local.service.context import JobFaults

PORTAL = "127.0.0.1:8443"
ROLE = ":".join(("arn", PARTITION, "iam", "", ACCOUNT, "role/execution"))
PRE = arn("lambda", "function:prepare:3")
ACS = arn("lambda", "function:consolidate:live")
TEAM = arn("sagemaker", "workteam/private-crowd/team")
JOB_ARN = arn("sagemaker", "labeling-job/digits-1")
ONE = {"HumanTaskConfig__NumberOfHumanWorkersPerDataObject": 1}
NONE_YET = {
    "TotalLabeled": 0,
    "HumanLabeled": 0,
    "MachineLabeled": 0,
    "FailedNonRetryableError": 0,
    "Unlabeled": 0,
}
OPEN_CORS = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]
TEMPLATE = (
    '<crowd-form><crowd-image-classifier name="crowd-image-classifier" '
    'src="{{ task.input.taskObject | grant_read_access }}" '
    'categories="{{ task.input.labels | to_json }}"></crowd-image-classifier></crowd-form>'
)
TEXT_TEMPLATE = (
    '<crowd-form><crowd-classifier name="crowd-image-classifier" '
    'categories="{{ task.input.labels | to_json }}"><classification-target>'
    "{{ task.input.taskObject }}</classification-target></crowd-classifier></crowd-form>"
)
CATEGORIES = {"document-version": "2018-11-28", "labels": [{"label": "0"}, {"label": "1"}]}


def request(**changes: Any) -> dict[str, Any]:
    """A valid CreateLabelingJob; `HumanTaskConfig__TaskTitle="…"` changes, None removes."""
    wanted: dict[str, Any] = {
        "LabelingJobName": "digits-1",
        "LabelAttributeName": "digit",
        "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://in/m.manifest"}}},
        "OutputConfig": {"S3OutputPath": "s3://out/labels/"},
        "RoleArn": ROLE,
        "LabelCategoryConfigS3Uri": "s3://in/labels.json",
        "HumanTaskConfig": {
            "WorkteamArn": TEAM,
            "UiConfig": {"UiTemplateS3Uri": "s3://in/template.liquid.html"},
            "PreHumanTaskLambdaArn": PRE,
            "TaskTitle": "Which digit?",
            "TaskDescription": "Pick the digit",
            "TaskKeywords": ["digits"],
            "NumberOfHumanWorkersPerDataObject": 3,
            "TaskTimeLimitInSeconds": 300,
            "TaskAvailabilityLifetimeInSeconds": 864_000,
            "AnnotationConsolidationConfig": {"AnnotationConsolidationLambdaArn": ACS},
        },
        "Tags": [{"Key": "campaign", "Value": "digits"}],
    }
    return change(wanted, changes)


def change(original: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    changed = copy.deepcopy(dict(original))
    for path, value in changes.items():
        *parents, name = path.split("__")
        node = changed
        for parent in parents:
            node = node.setdefault(parent, {})
        if value is None:
            node.pop(name, None)
        else:
            node[name] = value
    return changed


def image_lines(count: int) -> list[dict[str, Any]]:
    return [{"source-ref": f"s3://in/images/{number}.png"} for number in range(count)]


def prepare(event: dict[str, Any]) -> dict[str, Any]:
    source = event["dataObject"].get("source-ref") or event["dataObject"]["source"]
    task_input = {"taskObject": source, "labels": ["0", "1"]}
    return {"taskInput": task_input, "isHumanAnnotationRequired": True}


def counters(**values: int) -> dict[str, int]:
    return {**NONE_YET, **values}


class World:
    """The service over fakes, with a manual clock; use as a context manager."""

    def __init__(
        self,
        tuning: Tuning | None = None,
        faults: JobFaults | None = None,
        kept_in: Path | None = None,
    ) -> None:
        self.tuning, self.kept_in = tuning or Tuning(threads=2), kept_in
        self.clock = ManualClock()
        self.platform = FakePlatform(self.clock)
        self.platform.roles.add(ROLE)
        self.platform.buckets["in"] = Bucket(cors=OPEN_CORS)
        self.platform.buckets["out"] = Bucket()
        self.platform.functions[PRE] = prepare
        self.platform.functions[ACS] = self.consolidate
        self.platform.put("in", "labels.json", json.dumps(CATEGORIES))
        self.dataset(image_lines(2))
        self.service = GroundTruth(
            self.platform,
            PORTAL,
            ServiceConfig(),
            tuning=self.tuning,
            clock=self.clock,
            faults=faults,
            kept=KeptIn(kept_in, lambda: None) if kept_in else None,
        )

    def __enter__(self) -> World:
        self.service.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.service.stop()

    def leave(self) -> Path:
        """What a kill would leave on the disk at this moment."""
        assert self.kept_in is not None
        left = self.kept_in.with_name(f"{self.kept_in.stem}_.db")
        for suffix in ("", "-wal"):  # what SQLite reads after a crash
            shutil.copy(f"{self.kept_in}{suffix}", f"{left}{suffix}")
        return left

    def begin_anew(self, left: Path | None = None) -> None:
        """The next process finds what a kill left."""
        left = left or self.leave()
        self.service.stop()
        self.kept_in = left
        self.service = GroundTruth(
            self.platform,
            PORTAL,
            ServiceConfig(),
            tuning=self.tuning,
            clock=self.clock,
            kept=KeptIn(left, lambda: None),
        )
        self.service.start()
        self.settle()

    def call(self, operation: str, **params: Any) -> Mapping[str, Any]:
        return self.service.call(operation, params, "caller")

    def dataset(self, entries: list[dict[str, Any]]) -> None:
        text = "".join(json.dumps(entry) + "\n" for entry in entries)
        self.platform.put("in", "m.manifest", text)
        images = all("source-ref" in entry for entry in entries)
        self.platform.put("in", "template.liquid.html", TEMPLATE if images else TEXT_TEMPLATE)
        for entry in entries:
            uri = entry.get("source-ref", "")
            if uri.startswith("s3://in/"):
                self.platform.put("in", uri.removeprefix("s3://in/"), b"png")

    def consolidate(self, event: dict[str, Any]) -> object:
        """The label most chose, and how many answers there were."""
        bucket, _, key = event["payload"]["s3Uri"].removeprefix("s3://").partition("/")
        payload = json.loads(self.platform.read(bucket, key))
        attribute = event["labelAttributeName"]
        return [
            {
                "datasetObjectId": entry["datasetObjectId"],
                "consolidatedAnnotation": {"content": {attribute: _vote(entry)}},
            }
            for entry in payload
        ]

    def team(self) -> None:
        self.call("CreateWorkforce", **workforce())
        self.call("CreateWorkteam", **workteam())

    def create(self, **changes: Any) -> str:
        """A job that has read its manifest and offered its first tasks."""
        self.team()
        wanted = request(**changes)
        self.call("CreateLabelingJob", **wanted)
        self.settle()
        return str(wanted["LabelingJobName"])

    def settle(self) -> None:
        assert self.service.settle(10), "the service did not come to rest"

    def advance(self, **time: float) -> None:
        self.clock.advance(**time)
        self.settle()

    def describe(self, name: str = "digits-1") -> Mapping[str, Any]:
        return self.call("DescribeLabelingJob", LabelingJobName=name)

    def take(self, who: Worker, name: str = "digits-1") -> Assignment:
        assignment = self.service.queue.take(who, name)
        assert assignment is not None, f"nothing left for {who.username}"
        return assignment

    def answer(self, who: Worker, label: str = "1", name: str = "digits-1") -> Assignment:
        assignment = self.take(who, name)
        self.service.queue.submit(who, assignment.id, answer(label))
        return assignment

    def label_everything(self, *workers: Worker, name: str = "digits-1", label: str = "1") -> None:
        for who in workers:
            while (assignment := self.service.queue.take(who, name)) is not None:
                self.service.queue.submit(who, assignment.id, answer(label))
                self.settle()

    def output(self, path: str = "manifests/output/output.manifest", name: str = "digits-1") -> str:
        return self.platform.read("out", f"labels/{name}/{path}")

    def output_lines(self, name: str = "digits-1") -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.output(name=name).splitlines()]


def _vote(entry: Mapping[str, Any]) -> dict[str, Any]:
    labels = [
        json.loads(annotation["annotationData"]["content"])["crowd-image-classifier"]["label"]
        for annotation in entry["annotations"]
    ]
    return {"label": max(sorted(set(labels)), key=labels.count), "answers": len(labels)}


def answer(label: str) -> dict[str, object]:
    return {"crowd-image-classifier": {"label": label}}


def workforce(**changes: Any) -> dict[str, Any]:
    cognito = {"UserPool": POOL, "ClientId": CLIENT}
    return change({"WorkforceName": "force", "CognitoConfig": cognito}, changes)


def member(**changes: Any) -> dict[str, Any]:
    definition = {"UserPool": POOL, "ClientId": CLIENT, "UserGroup": GROUP}
    return {"CognitoMemberDefinition": change(definition, changes)}


def workteam(**changes: Any) -> dict[str, Any]:
    wanted = {
        "WorkteamName": "team",
        "WorkforceName": "force",
        "Description": "Those who label",
        "MemberDefinitions": [member()],
    }
    return change(wanted, changes)


def worker(name: str, **changes: Any) -> Worker:
    values: dict[str, Any] = {
        "sub": f"sub-{name}",
        "username": name,
        "email": f"{name}@example.com",
        "issuer": f"https://cognito/{POOL}",
        "user_pool_id": POOL,
        "client_id": CLIENT,
        "groups": (GROUP,),
    }
    return Worker(**{**values, **changes})


ADA, BOB, CYD, DAN = (worker(name) for name in ("ada", "bob", "cyd", "dan"))
