"""A consolidation batch: worker responses, request file, function, response file, labels (5.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ground_truth_local.service.failures import client_error
from ground_truth_local.service.functions import invoke
from ground_truth_local.service.locations import parse_s3_uri
from ground_truth_local.service.records import (
    Labeling,
    labeled_line,
    payload_entry,
    unconsolidated_line,
    worker_response,
)

if TYPE_CHECKING:
    from ground_truth_local.service.objects import DataObject
    from ground_truth_local.service.output import OutputTree
    from ground_truth_local.service.role import RoleSession

# the guide's version; recorded events of the real service say 2018-10-06, so don't depend on it
_VERSION = "2018-10-16"


@dataclass(frozen=True, slots=True, kw_only=True)
class Labeled:
    """The object's line of the output manifest."""

    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlabeled:
    """Why the function gave the object no label."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Consolidator:
    """Everything a batch needs besides its objects."""

    role: RoleSession
    output: OutputTree
    labeling: Labeling
    job_arn: str
    function_arn: str | None
    categories: list[str] | None
    kms_key_id: str | None
    inline_bytes: int

    def run(self, batch: Sequence[DataObject], now: datetime) -> dict[str, Labeled | Unlabeled]:
        """Per object id its output line, or why it has none. Raises JobFailedError."""
        responses = {
            entry.id: self.output.worker_response(entry.id, worker_response(entry.answers), now)
            for entry in batch
        }
        if self.function_arn is None:
            return {
                entry.id: Labeled(
                    line=unconsolidated_line(self.labeling, entry.line, responses[entry.id], now)
                )
                for entry in batch
            }
        stamp = self.output.consolidation_stamp(now)
        payload = [self._payload_entry(entry, stamp) for entry in batch]
        uri = self.output.consolidation("consolidation-request", stamp, payload)
        answer = invoke(self.role, self.function_arn, self._event(uri))
        if not isinstance(answer, list):
            raise client_error(
                f"The annotation consolidation Lambda function {self.function_arn} returned "
                f"{type(answer).__name__}, expected a JSON list of consolidated annotations"
            )
        self.output.consolidation("consolidation-response", stamp, answer)
        labels = _labels(answer)
        return {entry.id: self._outcome(entry, labels, now) for entry in batch}

    def _payload_entry(self, entry: DataObject, stamp: str) -> dict[str, Any]:
        """Large answers, such as masks, lie beside the request (5.3: `annotationData.s3Uri`)."""

        def data(number: int, content: str) -> Mapping[str, str]:
            if len(content.encode("utf-8", "surrogatepass")) <= self.inline_bytes:
                return {"content": content}
            name = f"{entry.id}-{number}"
            return {"s3Uri": self.output.large_annotation(stamp, name, content)}

        return payload_entry(entry, data)

    def _event(self, payload_uri: str) -> dict[str, object]:
        event: dict[str, object] = {
            "version": _VERSION,
            "labelingJobArn": self.job_arn,
            "labelAttributeName": self.labeling.attribute,
            "roleArn": self.role.role_arn,
            "payload": {"s3Uri": payload_uri},
            "outputConfig": self.output.annotations_uri,
        }
        if self.categories is not None:
            event["labelCategories"] = self.categories
        if self.kms_key_id:
            event["kmsKeyId"] = self.kms_key_id
        return event

    def _outcome(
        self, entry: DataObject, labels: Mapping[str, object], now: datetime
    ) -> Labeled | Unlabeled:
        if entry.id not in labels:
            return Unlabeled(reason="the consolidation function returned nothing for this object")
        content = labels[entry.id]
        if not isinstance(content, dict) or self.labeling.attribute not in content:
            return Unlabeled(
                reason="the consolidation function returned no "
                f"consolidatedAnnotation.content.{self.labeling.attribute} for this object"
            )
        value = content[self.labeling.attribute]
        if self.labeling.attribute.endswith("-ref") and not _names_an_object(value):
            return Unlabeled(
                reason=f"the consolidation function's {self.labeling.attribute} is not an S3 URI, "
                "as an attribute ending in -ref must be"
            )
        return Labeled(line=labeled_line(self.labeling, entry.line, content, now))


def _names_an_object(value: object) -> bool:
    """8: whoever trains with such an attribute fetches it from S3."""
    location = parse_s3_uri(value) if isinstance(value, str) else None
    return location is not None and bool(location.key)


def _labels(answer: Sequence[Any]) -> dict[str, object]:
    """Content per datasetObjectId; ids must come back as the strings they were sent as."""
    labels: dict[str, object] = {}
    for item in answer:
        if isinstance(item, dict) and isinstance(item.get("datasetObjectId"), str):
            annotation = item.get("consolidatedAnnotation")
            content = annotation.get("content") if isinstance(annotation, dict) else None
            labels.setdefault(item["datasetObjectId"], content)
    return labels
