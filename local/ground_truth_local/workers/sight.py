"""What a worker sees of a task: the question's element, its labels, the image or the words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from html.parser import HTMLParser

from ground_truth_liquid import json5
from ground_truth_local.workers.errors import WorkersError

# Where an element has its labels
_ELEMENTS = {
    **dict.fromkeys(
        (
            "crowd-classifier",
            "crowd-classifier-multi-select",
            "crowd-image-classifier",
            "crowd-image-classifier-multi-select",
        ),
        "categories",
    ),
    **dict.fromkeys(
        (
            "crowd-bounding-box",
            "crowd-entity-annotation",
            "crowd-instance-segmentation",
            "crowd-keypoint",
            "crowd-line",
            "crowd-polygon",
            "crowd-polyline",
            "crowd-semantic-segmentation",
        ),
        "labels",
    ),
}
_MEDIA = frozenset({"audio", "img", "source", "video"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A task. ``image`` is the link to an image or recording, ``text`` the words to label.

    ``initial`` is an earlier answer to begin with, ``exclusion`` the name of the box for nothing,
    ``mask`` the link to an earlier one, ``comments`` whether the page asks for one.
    """

    element: str
    name: str
    labels: tuple[str, ...]
    image: str | None = None
    text: str = ""
    initial: object = None
    exclusion: str | None = None
    mask: str | None = None
    comments: bool = False

    def answer(self, label: str) -> dict[str, object]:
        """The answer JSON a classifier would give for this choice."""
        several = self.element.endswith("multi-select")
        return {self.name: {"labels": [label]} if several else {"label": label}}


def look(html: str) -> Seen:
    """The task in rendered HTML. Raises WorkersError when there is none workers can answer."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    if reader.seen is None:
        known = ", ".join(_ELEMENTS)
        raise WorkersError(f"the task has no element simulated workers can answer: {known}")
    if reader.seen.element == "crowd-entity-annotation":
        return reader.seen
    words = " ".join("".join(reader.words).split())
    shown = None if words else reader.media
    return replace(
        reader.seen, text=words, image=reader.seen.image or shown, comments=reader.comments
    )


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: Seen | None = None
        self.words: list[str] = []
        self.media: str | None = None
        self.comments = False
        self._in_target = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "classification-target":
            self._in_target = True
        if self._in_target and tag in _MEDIA:
            self.media = self.media or attributes.get("src") or None
        if tag == "worker-comment":
            self.comments = True
        if tag in _ELEMENTS and self.seen is None:
            self.seen = _seen(tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        if tag == "classification-target":
            self._in_target = False

    def handle_data(self, data: str) -> None:
        if self._in_target:
            self.words.append(data)


def _seen(tag: str, attributes: Mapping[str, str]) -> Seen:
    labels = _json5(tag, attributes, _ELEMENTS[tag])
    if not isinstance(labels, list):
        raise WorkersError(f"{_ELEMENTS[tag]} of <{tag}>: got {labels!r}, allowed is a list")
    exclusion = _json5(tag, attributes, "exclusion-category")
    initial = _json5(tag, attributes, "initial-value")
    return Seen(
        element=tag,
        name=attributes.get("name", ""),
        labels=tuple(
            str(label["label"]) if isinstance(label, dict) else str(label) for label in labels
        ),
        image=attributes.get("src") or None,
        # a browser reads every line end of a page as one character
        text=attributes.get("text", "").replace("\r\n", "\n").replace("\r", "\n"),
        initial=initial,
        exclusion=str(exclusion["text"]) if isinstance(exclusion, dict) else None,
        mask=_mask(initial, _json5(tag, attributes, "overlay")),
    )


def _mask(*earlier: object) -> str | None:
    """The picture of an initial value, or of an overlay of any kind."""
    for value in earlier:
        parts = [value, *value.values()] if isinstance(value, dict) else []
        for part in parts:
            if isinstance(part, dict) and isinstance(part.get("src"), str):
                return str(part["src"])
    return None


def _json5(tag: str, attributes: Mapping[str, str], name: str) -> object:
    text = attributes.get(name, "")
    if not text.strip():
        return [] if name == "categories" and name in attributes else None
    try:
        return json5.loads(text)
    except json5.Json5Error as error:
        raise WorkersError(f"{name} of <{tag}> can't be read: {error}") from error
