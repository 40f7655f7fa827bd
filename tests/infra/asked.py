"""The request that the deployed function makes of a synthesized labeling job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ground_truth.lifecycle.job_request import Uris, job_request
from ground_truth.lifecycle.lineage import Entry
from ground_truth.lifecycle.wanted import read_settings, read_wanted

if TYPE_CHECKING:
    from tests.infra.synth import Synthesis


def asked(synthesis: Synthesis, stack: str = "Labeling-letters") -> dict[str, Any]:
    """The request the function makes of the job resource's properties, as they reach it."""
    resource = synthesis.one("Custom::GroundTruthLabelingJob", stack)
    properties = as_delivered(resource.properties)
    wanted, settings = read_wanted(properties), read_settings(properties)
    entry = Entry(
        name="gt-dev-letters-1",
        generation=1,
        request="request",
        owner="stack",
        definition={},
        definition_hash=wanted.definition_hash,
        wanted_generation=1,
        dataset_revision=1,
        created_at="2026-11-25T00:00:00+00:00",
        objects=1,
    )
    return job_request(wanted, settings, entry, Uris(template="s3://b/t", categories="s3://b/c"))


def as_delivered(value: Any) -> Any:
    """CloudFormation makes strings of scalars; what only a deployment knows is any text."""
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)) in {"Ref", "Fn::GetAtt", "Fn::GetStackOutput"}:
            return "known-only-at-deployment"
        if set(value) == {"Fn::Join"}:
            delimiter, parts = value["Fn::Join"]
            return str(delimiter).join(map(str, as_delivered(parts)))
        if set(value) == {"Fn::Sub"}:
            return str(value["Fn::Sub"])
        return {key: as_delivered(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_delivered(item) for item in value]
    return str(value)
