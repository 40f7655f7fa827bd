"""What a worker sees of a task: the question's element, its labels, the image or the words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html.parser import HTMLParser

from ground_truth_liquid import json5
from ground_truth_local.workers.errors import WorkersError

_CLASSIFIERS = frozenset(
    {
        "crowd-classifier",
        "crowd-classifier-multi-select",
        "crowd-image-classifier",
        "crowd-image-classifier-multi-select",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A classification task; ``image`` is the link in ``src``, ``text`` the words to classify."""

    element: str
    name: str
    labels: tuple[str, ...]
    image: str | None = None
    text: str = ""

    def answer(self, label: str) -> dict[str, object]:
        """The answer JSON the element would give for this choice."""
        several = self.element.endswith("multi-select")
        return {self.name: {"labels": [label]} if several else {"label": label}}


def look(html: str) -> Seen:
    """The task in rendered HTML. Raises WorkersError when there is no classifier in it."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    if reader.seen is None:
        raise WorkersError("the task has no classifier; simulated workers answer nothing else")
    return replace(reader.seen, text=" ".join("".join(reader.words).split()))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: Seen | None = None
        self.words: list[str] = []
        self._in_target = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "classification-target":
            self._in_target = True
        if tag not in _CLASSIFIERS or self.seen is not None:
            return
        attributes = {name: value or "" for name, value in attrs}
        try:
            labels = json5.loads(attributes.get("categories", ""))
        except json5.Json5Error as error:
            raise WorkersError(f"categories of <{tag}> can't be read: {error}") from error
        if not isinstance(labels, list):
            raise WorkersError(f"categories of <{tag}>: got {labels!r}, allowed is a list")
        self.seen = Seen(
            element=tag,
            name=attributes.get("name", ""),
            labels=tuple(str(label) for label in labels),
            image=attributes.get("src") or None,
        )

    def handle_endtag(self, tag: str) -> None:
        if tag == "classification-target":
            self._in_target = False

    def handle_data(self, data: str) -> None:
        if self._in_target:
            self.words.append(data)
