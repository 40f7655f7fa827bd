"""The output bucket of a campaign, as a folder: its record, and what jobs were asked and left."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ground_truth.definition import CampaignDefinition
from ground_truth.lifecycle.lineage import Entry, Lineage, Stage
from ground_truth.lifecycle.lineage_file import to_bytes
from ground_truth.names import (
    input_manifest_key,
    lineage_key,
    output_manifest_key,
    worker_responses_prefix,
)
from ground_truth.tasks import TaskType

CAMPAIGN, ENVIRONMENT = "pets", "dev"
LABELS = ("cat", "dog", "cow")
DEFINITION = CampaignDefinition(
    task=TaskType.IMAGE_CLASSIFICATION,
    label_attribute="pet",
    labels=LABELS,
    template_sha256="t",
    categories_sha256="c",
    workers_per_object=3,
    dataset_revision=1,
    task_time_limit_seconds=300,
)
TYPE = "groundtruth/image-classification"

Line = Mapping[str, Any]


def asked(name: str) -> dict[str, Any]:
    return {"source-ref": f"s3://raw/pets/{name}"}


def labeled(name: str, label: str, confidence: float = 0.9, job: str = "job-1") -> dict[str, Any]:
    metadata = {
        "class-name": label,
        "confidence": confidence,
        "type": TYPE,
        "human-annotated": "yes",
        "job-name": f"labeling-job/{job}",
        "creation-date": "2026-11-21T09:30:00.123456",
    }
    return {**asked(name), "pet": LABELS.index(label), "pet-metadata": metadata}


def failed(name: str) -> dict[str, Any]:
    return {**asked(name), "pet-metadata": {"failure-reason": "ClientError: nobody answered"}}


@dataclass
class Bucket:
    """Writes a folder with the bucket's keys; the record after every job."""

    folder: Path
    definition: CampaignDefinition = DEFINITION
    entries: list[Entry] = field(default_factory=list)

    def job(
        self,
        name: str,
        given: Sequence[Line],
        answers: Mapping[int, str],
        *,
        output: Sequence[Line] | None = None,
        parents: Sequence[str] = (),
        labels: Sequence[str] = LABELS,
    ) -> None:
        """`answers` by line: `ada=cat ben=dog`, each a minute after the one before."""
        self._lines(input_manifest_key(CAMPAIGN, name), given)
        if output is not None:
            self._lines(output_manifest_key(CAMPAIGN, name), output)
        for line, text in answers.items():
            self.respond(name, line, *(item.partition("=")[::2] for item in text.split()))
        number = len(self.entries) + 1
        definition = replace(self.definition, labels=tuple(labels))
        entry = Entry(
            name=name,
            generation=number,
            request=f"request-{number}",
            owner="stack",
            definition=dict(definition.to_dict()),
            definition_hash="x",
            wanted_generation=number,
            dataset_revision=1,
            created_at="2026-11-21T08:00:00+00:00",
            parents=tuple(parents),
            stage=Stage.STARTED,
        )
        self.entries.append(entry)
        lineage = Lineage(environment=ENVIRONMENT, campaign=CAMPAIGN, entries=tuple(self.entries))
        self.put(lineage_key(CAMPAIGN), to_bytes(lineage))

    def respond(self, job: str, line: int, *answers: tuple[str, str], hour: int = 9) -> None:
        documents = [
            answer(worker, label, f"2026-11-21T{hour:02}:{minute:02}:00.000Z")
            for minute, (worker, label) in enumerate(answers)
        ]
        name = f"iteration-1/{line}/2026-11-21_{hour:02}:00:00.json"
        key = f"{worker_responses_prefix(CAMPAIGN, job)}{name}"
        self.put(key, json.dumps({"answers": documents}).encode())

    def _lines(self, key: str, lines: Sequence[Line]) -> None:
        self.put(key, "".join(json.dumps(line) + "\n" for line in lines).encode())

    def put(self, key: str, body: bytes) -> None:
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)


def answer(worker: str, label: str, moment: str, seconds: float = 4.5) -> dict[str, Any]:
    return {
        "acceptanceTime": moment,
        "submissionTime": moment,
        "timeSpentInSeconds": seconds,
        "workerId": worker,
        "answerContent": {"crowd-image-classifier": {"label": label}},
        "workerMetadata": {"identityData": {"sub": f"sub-of-{worker}"}},
    }
