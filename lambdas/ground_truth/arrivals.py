"""Objects that come through a topic: from a message to lines of a manifest, and back to a key.

A message is one line of a manifest, or a notification of Amazon S3 about objects that were put
into the bucket (developer guide "Send data to a streaming labeling job"; S3 user guide, "Event
message structure").
"""

from collections.abc import Iterator, Mapping
from urllib.parse import unquote_plus

from ground_truth.json_lines import JsonError, read_json
from ground_truth.names import s3_uri

Line = Mapping[str, object]


class MessageError(ValueError):
    """A message that is neither a manifest line nor a notification about objects."""


def message_lines(text: str) -> tuple[Line, ...]:
    """Return the objects a message is about; none for S3's test notification.

    Raises:
        MessageError: Ground Truth could make nothing of it either.
    """
    try:
        value = read_json(text)
    except JsonError as error:
        raise MessageError(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise MessageError('not a JSON object: allowed {"source-ref": ...}, {"source": ...}')
    if value.get("Event") == "s3:TestEvent":
        return ()
    records = value.get("Records")
    if isinstance(records, list):
        return tuple(_notified(records))
    if not any(isinstance(value.get(name), str) for name in ("source-ref", "source")):
        raise MessageError("neither source-ref nor source names an object")
    return (value,)


def _notified(records: list[object]) -> Iterator[Line]:
    for record in records:
        s3 = record.get("s3") if isinstance(record, Mapping) else None
        if not isinstance(s3, Mapping):
            raise MessageError("a record is no notification of Amazon S3")
        bucket, key = _named(s3, "bucket", "name"), _named(s3, "object", "key")
        yield {"source-ref": s3_uri(bucket, unquote_plus(key))}


def _named(s3: Mapping[str, object], part: str, name: str) -> str:
    value = s3.get(part)
    found = value.get(name) if isinstance(value, Mapping) else None
    if not isinstance(found, str) or not found:
        raise MessageError(f"a notification has no {part}.{name}")
    return found
