"""Reading output manifests, of this project's functions and of Ground Truth's own.

Tolerant where the documents disagree: metadata keys with hyphens or underscores, job names with
or without ``labeling-job/``, a class index as number or text, and lines without a label, which
are objects that failed or were never asked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ground_truth.json_lines import JsonError, read_json_leniently


class RecordError(ValueError):
    """A line of an output manifest that is no JSON object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRecord:
    """One line of an output manifest, for one label attribute.

    ``value`` is what stands under the attribute; ``class_index`` the same as a number where it is
    one. ``created`` is in UTC. ``line`` is the whole line, for passing on.
    """

    source: str | None
    labeled: bool
    value: object
    class_index: int | None
    class_name: str | None
    confidence: float | None
    human_annotated: bool | None
    job_name: str | None
    created: datetime | None
    failure_reason: str | None
    line: Mapping[str, object]

    @property
    def failed(self) -> bool:
        """True when the object was asked and has no label to show for it."""
        return not self.labeled and self.failure_reason is not None


def read_records(content: str | bytes, attribute: str) -> Iterator[LabelRecord]:
    """Yield a record per line; raises ``RecordError`` naming the line that cannot be read."""
    text = content.decode("utf-8", errors="replace") if isinstance(content, bytes) else content
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = read_json_leniently(line)
        except JsonError as error:
            raise RecordError(f"output manifest line {number}: {error}") from error
        if not isinstance(value, dict):
            raise RecordError(f"output manifest line {number}: not a JSON object: {line[:40]!r}")
        yield read_record(value, attribute)


def read_record(line: Mapping[str, object], attribute: str) -> LabelRecord:
    """Return what one line says about ``attribute``; never raises, missing things are None."""
    metadata = _metadata(line, attribute)
    labeled = attribute in line and line[attribute] is not None
    reason = _text(metadata.get("failure-reason"))
    if reason is None and metadata and not labeled:
        reason = "no reason given"
    return LabelRecord(
        source=_text(line.get("source-ref")) or _text(line.get("source")),
        labeled=labeled,
        value=line.get(attribute),
        class_index=_index(line.get(attribute)),
        class_name=_text(metadata.get("class-name")),
        confidence=_fraction(metadata.get("confidence")),
        human_annotated=_yes_or_no(metadata.get("human-annotated")),
        job_name=_job_name(metadata.get("job-name")),
        created=_moment(metadata.get("creation-date")),
        failure_reason=reason,
        line=line,
    )


def _metadata(line: Mapping[str, object], attribute: str) -> dict[str, object]:
    for key in (f"{attribute}-metadata", f"{attribute}_metadata"):
        value = line.get(key)
        if isinstance(value, Mapping):
            return {str(name).replace("_", "-"): item for name, item in value.items()}
    return {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _index(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
        return int(value)
    return None


def _fraction(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if 0.0 <= number <= 1.0 else None


def _yes_or_no(value: object) -> bool | None:
    return {"yes": True, "no": False}.get(value) if isinstance(value, str) else None


def _job_name(value: object) -> str | None:
    text = _text(value)
    return text.removeprefix("labeling-job/") if text else None


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_text(value) or "")
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
