"""Stand-ins for a task's input, to render a template before there is any data."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from urllib.parse import quote

from ground_truth_liquid.dialect import parse, render
from ground_truth_liquid.errors import TemplateError

PLAIN = "s3://bucket/object.png"
HOSTILE = 's3://it\'s a "test" <b>&amp; \\ {{x}} \U0001f600\nline'
GRANTED = "https://granted.invalid/"


class _Sample(str):
    """Text of which any property is the same text, because the real shape isn't known."""

    __slots__ = ()

    def __getitem__(self, key: object) -> str:
        return self if isinstance(key, str) else str.__getitem__(self, key)  # type: ignore[index]


def rendering(template: str, *, labels: Collection[str] | None, text: str) -> str | None:
    """The template over sample input, every unknown value being ``text``.

    None when it can't be known: a filter that wants a number, an index past a sample's end.
    """
    names = {path[2] for path in _inputs(template)}
    task_input: dict[str, object] = {name: _Sample(text) for name in names}
    task_input["labels"] = list(labels) if labels else [_Sample(text), _Sample(text + "2")]
    try:
        return render(template, task_input=task_input, grant_read_access=_grant, strict=False)
    except (TemplateError, ArithmeticError):
        return None


def _inputs(template: str) -> Iterable[list[str]]:
    for segments in parse(template).global_variable_segments():
        if len(segments) > 2 and all(isinstance(segment, str) for segment in segments[:3]):
            yield [str(segment) for segment in segments[:3]]


def _grant(uri: str) -> str:
    return GRANTED + quote(uri)
