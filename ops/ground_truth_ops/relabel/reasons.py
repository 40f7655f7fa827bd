"""Why objects have no label, in Ground Truth's words where it gave any."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ground_truth import names
from ground_truth.lifecycle.merge import ObjectKey, object_key
from ground_truth.lifecycle.outputs import manifest_lines
from ground_truth.lifecycle.ports import Status

if TYPE_CHECKING:
    from ground_truth.lifecycle.merge import Line
    from ground_truth.lifecycle.plan import KnownJob
    from ground_truth.lifecycle.ports import World

SHOWN_TEXT = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A reason and the objects it holds for: their addresses, or the beginning of their texts."""

    text: str
    objects: tuple[str, ...]


def reasons(
    world: World,
    job: KnownJob,
    objects: Iterable[Line],
    *,
    campaign: str,
    bucket: str,
    attribute: str,
) -> tuple[Reason, ...]:
    """Group objects by why the job left them without a label, the most frequent reason first.

    What failed says so in the output manifest's metadata (`failure-reason`); what did not fail was
    still without its answers when the job ended.
    """
    marked = _marks(world, job, campaign=campaign, bucket=bucket, attribute=attribute)
    found: dict[str, list[str]] = {}
    for line in objects:
        key = object_key(line)
        if key is not None:
            found.setdefault(marked.get(key) or _how_it_ended(job), []).append(_shown(key))
    grouped = (Reason(text=text, objects=tuple(items)) for text, items in found.items())
    return tuple(sorted(grouped, key=lambda reason: (-len(reason.objects), reason.text)))


def _marks(
    world: World, job: KnownJob, *, campaign: str, bucket: str, attribute: str
) -> Mapping[ObjectKey, str]:
    uri = job.state.output_manifest_uri
    key = names.output_manifest_key(campaign, job.entry.name)
    place = names.parse_s3_uri(uri) if uri else (bucket, key)
    stored = world.objects.get(*place)
    if stored is None:
        return {}
    return {
        found: reason
        for line in manifest_lines(stored.body, where=names.s3_uri(*place))
        if (found := object_key(line)) and (reason := _failure(line, attribute))
    }


def _failure(line: Line, attribute: str) -> str:
    for name in (f"{attribute}-metadata", f"{attribute}_metadata"):
        metadata = line.get(name)
        if isinstance(metadata, Mapping) and metadata.get("failure-reason"):
            return f"failed: {metadata['failure-reason']}"
    return ""


def _how_it_ended(job: KnownJob) -> str:
    if job.expired:
        return "not answered by enough people when the job expired"
    match job.state.status:
        case Status.FAILED:
            return f"the job failed: {job.state.failure_reason or 'it gave no reason'}"
        case Status.STOPPED:
            return "not answered by enough people when the job was stopped"
        case _:
            return "not asked, or failed without a reason in the output manifest"


def _shown(key: ObjectKey) -> str:
    kind, value = key
    if kind == "source-ref" or len(value) <= SHOWN_TEXT:
        return value
    return f"{value[: SHOWN_TEXT - 1]}…"
