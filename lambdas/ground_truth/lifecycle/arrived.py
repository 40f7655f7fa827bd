"""What came through a campaign's topic, as lines that the next job is asked."""

import logging
from collections.abc import Iterable, Iterator

from ground_truth import names
from ground_truth.lifecycle.merge import Line, ObjectKey, object_key
from ground_truth.lifecycle.outputs import manifest_lines
from ground_truth.lifecycle.ports import Objects
from ground_truth.manifest_entries import entry_problems
from ground_truth.tasks import TaskType, rules_for

_log = logging.getLogger(__name__)


def with_arrived(
    objects: Objects, dataset: Iterable[Line], *, bucket: str, campaign: str, task: TaskType
) -> tuple[Line, ...]:
    """Return the dataset and after it, in their order, the objects sent to the campaign's topic.

    An object is there once, however often it was sent. One that Ground Truth would refuse is left
    out: it must not keep the others from being labeled.
    """
    lines = list(dataset)
    known = {object_key(line) for line in lines}
    for line in _kept(objects, bucket, names.arrived_prefix(campaign)):
        key: ObjectKey | None = object_key(line)
        problems = entry_problems(line, rules_for(task))
        if problems:
            _log.warning("an object that was sent can't be labeled: %s", problems[0])
        elif key not in known:
            known.add(key)
            lines.append(line)
    return tuple(lines)


def _kept(objects: Objects, bucket: str, prefix: str) -> Iterator[Line]:
    keys = list(objects.sizes(bucket, prefix))
    contents = objects.read_all(bucket, keys)
    for key in keys:
        yield from manifest_lines(contents[key], where=names.s3_uri(bucket, key))
