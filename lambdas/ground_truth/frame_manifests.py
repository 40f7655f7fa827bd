"""What Ground Truth has to know of a point cloud beside where it is.

Source: developer guide, "Create a Point Cloud Frame Input Manifest File". Sequences, of video
frames and of point clouds, say everything in the file that ``source-ref`` names
(``frame_sequences``).
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final

METADATA: Final = "source-ref-metadata"
_FIELDS: Final = ("xyz", "xyzi", "xyzrgb", "xyzirgb")
FORMATS: Final = tuple(f"{kind}/{fields}" for kind in ("binary", "text") for fields in _FIELDS)
MOST_IMAGES: Final = 8
# Whose format goes without saying
_PLAIN: Final = (".bin", ".txt")
_CAMERA_NUMBERS: Final = ("unix-timestamp", "fx", "fy", "cx", "cy")
_CAMERA_MODELS: Final = ("pinhole", "fisheye")
_POSITION: Final = ("x", "y", "z")
_HEADING: Final = ("qx", "qy", "qz", "qw")


def point_cloud_problems(entry: Mapping[str, object], key: str) -> Iterator[str]:
    """Yield what Ground Truth would refuse in the line of a point cloud at ``key``."""
    metadata = entry.get(METADATA)
    if not isinstance(metadata, Mapping):
        yield f"lacks {METADATA}, an object with unix-timestamp; add it"
        return
    yield from cloud_problems(metadata, key, METADATA)


def cloud_problems(said: Mapping[object, object], key: str, place: str) -> Iterator[str]:
    """Yield what is wrong with what is said, in ``place``, of a point cloud at ``key``."""
    yield from _numbers(said, ("unix-timestamp",), place)
    yield from _format(said.get("format"), key, place)
    if "ego-vehicle-pose" in said:
        yield from _pose(said["ego-vehicle-pose"], f"{place}.ego-vehicle-pose")
    if said.get("prefix") is not None:
        yield from prefix_problems(said["prefix"], f"{place}.prefix")
    images = said.get("images", [])
    if not isinstance(images, Sequence) or isinstance(images, str) or len(images) > MOST_IMAGES:
        yield f"{place}.images is no list of up to {MOST_IMAGES} cameras; correct it"
        return
    for number, image in enumerate(images):
        yield from _camera(image, f"{place}.images[{number}]")


def prefix_problems(value: object, place: str) -> Iterator[str]:
    """Yield why a value is no place that names can be appended to."""
    if not (isinstance(value, str) and value.startswith("s3://") and value.endswith("/")):
        yield f"{place} is no s3:// address that ends in a slash: got {value!r}"


def _format(value: object, key: str, place: str) -> Iterator[str]:
    if value is None and PurePosixPath(key).suffix.lower() not in _PLAIN:
        yield f"{place} lacks format, which goes without saying for {' and '.join(_PLAIN)} alone"
    elif value is not None and value not in FORMATS:
        yield f"{place}.format is unknown: got {value!r}, allowed {', '.join(FORMATS)}"


def _camera(image: object, place: str) -> Iterator[str]:
    if not isinstance(image, Mapping):
        yield f"{place} is no object; correct it"
        return
    path = image.get("image-path")
    if not isinstance(path, str) or not path:
        yield f"{place} lacks image-path, the image's place below prefix"
    yield from _numbers(image, _CAMERA_NUMBERS, place)
    yield from _pose(image, place)
    model = image.get("camera-model", _CAMERA_MODELS[0])
    if model not in _CAMERA_MODELS:
        yield f"{place}.camera-model: got {model!r}, allowed {', '.join(_CAMERA_MODELS)}"


def _pose(value: object, place: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{place} is no object with position and heading; correct it"
        return
    for name, fields in (("position", _POSITION), ("heading", _HEADING)):
        part = value.get(name)
        if isinstance(part, Mapping):
            yield from _numbers(part, fields, f"{place}.{name}")
        else:
            yield f"{place} lacks {name}, an object with {', '.join(fields)}"


def _numbers(value: Mapping[object, object], names: Sequence[str], place: str) -> Iterator[str]:
    wrong = [name for name in names if not is_number(value.get(name))]
    if wrong:
        yield f"{place} lacks {', '.join(wrong)}, {'a number' if len(wrong) == 1 else 'numbers'}"


def is_number(value: object) -> bool:
    """Return whether a value of a JSON document is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)
