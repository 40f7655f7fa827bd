"""An earlier job's label, in the form in which the elements of worker pages take it.

The label is as a manifest line has it (developer guide, "Output data"), the value as the element's
``initial-value`` is documented ("Crowd HTML elements reference"), for each kind of label:

- boxes, polygons, keypoints, entities: a list of what the element sends;
- polylines: ``{"polylines": [...]}``;
- a mask: ``{"src": its S3 URI, "labelMappings": {label: {"color": "#rrggbb"}}}``; only the page can
  make a link of the URI;
- one label: its name.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from ground_truth.tasks import AnswerKind

Values = Mapping[str, object]

BACKGROUND: Final = "BACKGROUND"


class EarlierLabelError(ValueError):
    """A line without a label that can be shown; says what is missing, without the data."""


def initial_value(line: Values, attribute: str, kind: AnswerKind) -> object:
    """Return the label of ``attribute`` as the elements for this kind begin with it.

    Raises:
        EarlierLabelError: there is none, or none of this kind.
    """
    if line.get(attribute) is None:
        raise EarlierLabelError(f"no label {attribute}")
    metadata = line.get(f"{attribute}-metadata")
    if not isinstance(metadata, Mapping):
        raise EarlierLabelError(f"no {attribute}-metadata")
    try:
        return _KINDS[kind](line[attribute], metadata)
    except (KeyError, TypeError, ValueError) as error:
        raise EarlierLabelError(f"{attribute} can't be read as {kind}: {error!r}") from error


def labels_shown(value: object) -> frozenset[str]:
    """Return the labels that are in an initial value."""
    if isinstance(value, str):
        return frozenset({value})
    if isinstance(value, Mapping):
        mappings = value.get("labelMappings")
        if isinstance(mappings, Mapping):
            return frozenset(mappings)
        return labels_shown(value.get("polylines"))
    things = value if isinstance(value, list) else []
    return frozenset(str(thing["label"]) for thing in things)


def _mapping(value: object, what: str) -> Values:
    if not isinstance(value, Mapping):
        raise TypeError(f"{what} is no object")
    return value


def _list(value: object, what: str) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(f"{what} is no list")
    return value


def _shapes(
    label: object, metadata: Values, key: str, fields: tuple[str, ...]
) -> list[dict[str, object]]:
    """Return the shapes of an image, with names in place of class indexes."""
    names = _mapping(metadata.get("class-map", {}), "class-map")
    shapes = []
    for each in _list(_mapping(label, "the label")[key], key):
        shape = _mapping(each, "a shape")
        name = names[str(shape["class_id"])]
        shapes.append({"label": str(name), **{field: shape[field] for field in fields}})
    return shapes


def _boxes(label: object, metadata: Values) -> object:
    return _shapes(label, metadata, "annotations", ("left", "top", "width", "height"))


def _polygons(label: object, metadata: Values) -> object:
    return _shapes(label, metadata, "polygons", ("vertices",))


def _polylines(label: object, metadata: Values) -> object:
    return {"polylines": _shapes(label, metadata, "polylines", ("vertices",))}


def _keypoints(label: object, metadata: Values) -> object:
    return _shapes(label, metadata, "keypoints", ("x", "y"))


def _entities(label: object, _metadata: Values) -> object:
    annotations = _mapping(_mapping(label, "the label")["annotations"], "annotations")
    fields = ("label", "startOffset", "endOffset")
    return [
        {field: _mapping(each, "an entity")[field] for field in fields}
        for each in _list(annotations["entities"], "entities")
    ]


def _mask(label: object, metadata: Values) -> object:
    if not isinstance(label, str) or not label.startswith("s3://"):
        raise TypeError("it is no S3 URI")
    colors = _mapping(metadata["internal-color-map"], "internal-color-map")
    return {"src": label, "labelMappings": dict(_colors(colors))}


def _colors(colors: Values) -> Iterator[tuple[str, Values]]:
    """Yield each label's color; without hexadecimal ones nothing can be shown ("Cautions")."""
    for each in colors.values():
        entry = _mapping(each, "a color")
        if entry["class-name"] != BACKGROUND:
            yield str(entry["class-name"]), {"color": str(entry["hex-color"])}


def _name(_label: object, metadata: Values) -> object:
    return str(metadata["class-name"])


_KINDS: Final[Mapping[AnswerKind, Callable[[object, Values], object]]] = MappingProxyType(
    {
        AnswerKind.SINGLE_LABEL: _name,
        AnswerKind.BOXES: _boxes,
        AnswerKind.POLYGONS: _polygons,
        AnswerKind.POLYLINES: _polylines,
        AnswerKind.KEYPOINTS: _keypoints,
        AnswerKind.SPANS: _entities,
        AnswerKind.MASK: _mask,
    }
)
