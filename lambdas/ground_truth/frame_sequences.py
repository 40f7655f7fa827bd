"""The files that manifest lines of sequences point at: which frames there are, in which order.

Source: developer guide, "Create a Video Frame Sequence File" and "Create a Point Cloud Sequence
Input Manifest".
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Final

from ground_truth.frame_manifests import cloud_problems, is_number, prefix_problems
from ground_truth.json_lines import JsonError, read_json
from ground_truth.limits import Range

PICTURES: Final = (".jpg", ".jpeg", ".png")


def sequence_problems(content: bytes, *, clouds: bool, frames: Range) -> Iterator[str]:
    """Yield what Ground Truth would refuse in a sequence file.

    ``clouds`` tells point clouds from video frames; ``frames`` is how many there may be.
    """
    sequence = _read(content)
    if sequence is None:
        yield "is no JSON object with seq-no, prefix, number-of-frames and frames"
        return
    if not _is_whole(sequence.get("seq-no")):
        yield f"seq-no is no whole number: got {sequence.get('seq-no')!r}"
    yield from prefix_problems(sequence.get("prefix"), "prefix")
    found = sequence.get("frames")
    if not isinstance(found, Sequence) or isinstance(found, str):
        yield f"frames is no list: got {type(found).__name__}"
        return
    yield from _count(sequence.get("number-of-frames"), len(found), frames)
    for number, frame in enumerate(found):
        yield from _frame(frame, f"frames[{number}]", clouds=clouds)
    named = [frame for frame in found if isinstance(frame, Mapping)]
    yield from _twice(named, "frame")
    if not clouds:
        yield from _twice(named, "frame-no")


def frames_out_of_order(content: bytes) -> str:
    """Return why video frames are shown in another order than they are listed in; "" if not.

    The guide says both that ``frame-no`` decides and that workers see the order of the names.
    """
    found = (_read(content) or {}).get("frames")
    frames = found if isinstance(found, list) else []
    named = [str(each["frame"]) for each in frames if isinstance(each, dict) and "frame" in each]
    for before, after in pairwise(named):
        if before.encode() > after.encode():
            return (
                f"frame {after!r} is listed after {before!r}, and workers are shown frames in the"
                " order of their names; number all with as many digits, as in 0002 and 0010"
            )
    return ""


def _read(content: bytes) -> Mapping[object, object] | None:
    try:
        sequence = read_json(content)
    except JsonError:
        return None
    return sequence if isinstance(sequence, Mapping) else None


def _count(said: object, there: int, allowed: Range) -> Iterator[str]:
    if not _is_whole(said) or said != there:
        yield f"number-of-frames is {said!r}, and frames has {there}; make them agree"
    if there not in allowed:
        yield f"number of frames out of range: got {there}, allowed {allowed}; split the sequence"


def _frame(frame: object, place: str, *, clouds: bool) -> Iterator[str]:
    if not isinstance(frame, Mapping):
        yield f"{place} is no object; correct it"
        return
    name = frame.get("frame")
    if not isinstance(name, str) or not name:
        yield f"{place} lacks frame, the file's place below prefix"
        return
    if clouds:
        yield from cloud_problems(frame, name, place)
        return
    if PurePosixPath(name).suffix.lower() not in PICTURES:
        yield f"{place}.frame: got {name!r}, allowed {', '.join(PICTURES)}"
    # the guide's table says text, its example and its other page a number
    if not (isinstance(frame.get("frame-no"), str) or _is_whole(frame.get("frame-no"))):
        yield f"{place} lacks frame-no, the frame's place in the sequence"
    if "unix-timestamp" in frame and not is_number(frame["unix-timestamp"]):
        yield f"{place}.unix-timestamp is no number: got {frame['unix-timestamp']!r}"


def _twice(frames: Sequence[Mapping[object, object]], key: str) -> Iterator[str]:
    said = Counter(str(frame[key]) for frame in frames if key in frame)
    for value, count in said.items():
        if count > 1:
            yield f"{key} {value} is there {count} times; name every frame once"


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
