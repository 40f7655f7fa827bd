"""What the service writes about objects: worker responses, payloads, manifest lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ground_truth_local.service.manifest import SOURCES

if TYPE_CHECKING:
    from ground_truth_local.service.objects import Answer, DataObject

# ground-truth.md 6.3 has a capital T from the guide's prose; manifests the real service wrote, as
# found in public repositories (2019 to 2021), have this
_CUSTOM = "groundtruth/custom"


@dataclass(frozen=True, slots=True, kw_only=True)
class Labeling:
    """What every record of a job carries."""

    job_name: str
    attribute: str

    @property
    def metadata(self) -> str:
        """The metadata's attribute."""
        return f"{self.attribute}-metadata"

    def service_metadata(self, now: datetime) -> dict[str, object]:
        """5.3: what the service adds to an object people labeled."""
        return {
            "type": _CUSTOM,
            "job-name": self.job_name,
            "human-annotated": "yes",
            "creation-date": now.astimezone(UTC)
            .replace(tzinfo=None)
            .isoformat("T", "microseconds"),
        }


def worker_response(answers: Sequence[Answer]) -> dict[str, Any]:
    """The worker-response file (6.2)."""
    return {
        "answers": [
            {
                "acceptanceTime": _instant(answer.accepted_at),
                "answerContent": json.loads(answer.content),
                "submissionTime": _instant(answer.submitted_at),
                "timeSpentInSeconds": round(
                    (answer.submitted_at - answer.accepted_at).total_seconds(), 3
                ),
                "workerId": answer.worker_id,
                "workerMetadata": {
                    "identityData": {
                        "identityProviderType": "Cognito",
                        "issuer": answer.issuer,
                        "sub": answer.sub,
                    }
                },
            }
            for answer in answers
        ]
    }


def payload_entry(
    entry: DataObject, annotation_data: Callable[[int, str], Mapping[str, str]]
) -> dict[str, Any]:
    """An object in the consolidation request (5.3).

    `annotation_data` gives an answer's `{"content": <JSON text>}` or `{"s3Uri": …}`, by its number.
    """
    line = json.loads(entry.line)
    data = {"s3Uri": line["source-ref"]} if "source-ref" in line else {"content": line["source"]}
    return {
        "datasetObjectId": entry.id,
        "dataObject": data,
        "annotations": [
            {
                "workerId": answer.worker_id,
                "annotationData": annotation_data(number, answer.content),
            }
            for number, answer in enumerate(entry.answers)
        ],
    }


def labeled_line(labeling: Labeling, line: str, content: Mapping[str, Any], now: datetime) -> str:
    """The input line with what the function returned and the service's metadata.

    The merge: the input's `source` or `source-ref` stays; the function's keys come on top; metadata
    the function returned is kept, and the service adds what it lacks. AWS's own functions answer to
    the same contract (5.3), and theirs is kept: their manifests have their own `type` and
    `labeling-job/` before the job's name, custom jobs' manifests have the service's (6.3).
    """
    fields = json.loads(line)
    returned = {key: value for key, value in content.items() if key not in SOURCES}
    own = returned.get(labeling.metadata)
    metadata = {**labeling.service_metadata(now), **(own if isinstance(own, dict) else {})}
    return _line({**fields, **returned, labeling.metadata: metadata})


def unconsolidated_line(labeling: Labeling, line: str, response_uri: str, now: datetime) -> str:
    """Without a function: an empty label and where the answers lie."""
    metadata = {**labeling.service_metadata(now), "worker-response-ref": response_uri}
    return _line({**json.loads(line), labeling.attribute: {}, labeling.metadata: metadata})


def failed_line(labeling: Labeling, entry: DataObject, now: datetime) -> str:
    """6.3: no label, and metadata with a failure marker."""
    metadata = {
        **labeling.service_metadata(now),
        "human-annotated": "yes" if entry.answers else "no",
        "failure-reason": f"ClientError: {entry.failure}",
        "retry-count": 0,
    }
    fields = json.loads(entry.line)
    fields.pop(labeling.attribute, None)
    return _line({**fields, labeling.metadata: metadata})


def _line(fields: Mapping[str, object]) -> str:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def _instant(when: datetime) -> str:
    utc = when.astimezone(UTC).replace(tzinfo=None)
    return f"{utc.isoformat('T', 'milliseconds')}Z"
