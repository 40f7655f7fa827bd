"""What a generation is asked: the dataset with every label that was ever bought.

Ground Truth asks for the objects of a manifest that do not carry the job's label attribute and
passes the others through (developer guide, "Chaining labeling jobs"). So a manifest that holds
all earlier labels is both the memory of a campaign and the way to ask only for the rest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Line = Mapping[str, object]
ObjectKey = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A manifest; ``labeled`` lines carry a label, ``carried`` of them one of earlier jobs."""

    lines: tuple[Line, ...]
    labeled: int
    carried: int

    @property
    def left(self) -> int:
        """How many objects will be asked."""
        return len(self.lines) - self.labeled


def object_key(line: Line) -> ObjectKey | None:
    """Return what identifies an object: its reference or its text; None for a line without."""
    for name in ("source-ref", "source"):
        value = line.get(name)
        if isinstance(value, str):
            return name, value
    return None


def has_label(line: Line, attribute: str) -> bool:
    """Return whether a line carries a label; 0 is one, it is the first class."""
    return line.get(attribute) is not None


class Labels:
    """Labeled lines by object; of several lines for one object the first is kept."""

    def __init__(self, attribute: str) -> None:
        self.attribute = attribute
        self.by_object: dict[ObjectKey, Line] = {}

    def take(self, lines: Iterable[Line]) -> None:
        """Keep the labeled ones of these lines, where there is no label yet."""
        for line in lines:
            key = object_key(line)
            if key is not None and has_label(line, self.attribute):
                self.by_object.setdefault(key, line)


def merge(dataset: Iterable[Line], earlier: Iterable[Line], attribute: str) -> Merged:
    """Put the labels of ``earlier`` onto the lines of ``dataset``.

    Where several lines label one object the first wins. A label the dataset itself carries stays.
    Labeled objects that are no longer in the dataset keep their whole line, after the others: a
    label is never lost. Lines marked as failed lose the mark, so that they are asked again.
    """
    found = Labels(attribute)
    found.take(earlier)
    labels = found.by_object
    lines: list[Line] = []
    labeled = carried = 0
    for line in dataset:
        key = object_key(line)
        bought = labels.pop(key, None) if key is not None else None
        if has_label(line, attribute):
            lines.append(line)
            labeled += 1
        elif bought is not None:
            lines.append(_labeled(line, bought, attribute))
            carried += 1
        else:
            lines.append(_asked(line, attribute))
    lines.extend(labels.values())
    carried += len(labels)
    return Merged(lines=tuple(lines), labeled=labeled + carried, carried=carried)


def _labeled(line: Line, bought: Line, attribute: str) -> Line:
    taken = {name: bought[name] for name in _label_keys(attribute) if name in bought}
    return {**_asked(line, attribute), **taken}


def _asked(line: Line, attribute: str) -> Line:
    """Return the line without the remains of a failed attempt: metadata, or a null label."""
    remains = _label_keys(attribute)
    if not any(name in line for name in remains):
        return line
    return {name: value for name, value in line.items() if name not in remains}


def _label_keys(attribute: str) -> tuple[str, str, str]:
    """Return the keys a label takes; the documents spell the metadata's in two ways."""
    return attribute, f"{attribute}-metadata", f"{attribute}_metadata"
