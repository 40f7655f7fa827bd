"""Stand-ins for a task's input, to render a template before there is any data."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from urllib.parse import quote

from ground_truth_liquid.dialect import parse, render
from ground_truth_liquid.errors import TemplateError

PLAIN = "s3://bucket/object.png"
# What real data has in it sooner or later, by the words a finding says it in
HOSTILE = {
    "an apostrophe": "s3://it's",
    "a quotation mark": 's3://a "b"',
    "angle brackets": "s3://<b> & &amp; -->",
    "a backslash or the end of a line": "s3://a\\b\nc\u2028d",
    "braces": "s3://{{x}} {% y %} ${z} `",
    "the end of a script": "s3://</script><script>",
    "an emoji": "s3://\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f600",
    "writing from right to left": "s3://\u202e\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d",
    "a very long text": "s3://" + "long text " * 2000,
}
GRANTED = "https://granted.invalid/"


class _Sample(str):
    """Text of which any property is the same text, because the real shape isn't known."""

    __slots__ = ()

    def __getitem__(self, key: object) -> str:
        return self if isinstance(key, str) else str.__getitem__(self, key)  # type: ignore[index]


Inputs = Collection[str] | Mapping[str, object]


def rendering(
    template: str, *, inputs: Inputs, labels: Collection[str] | None, text: str | None = None
) -> str | None:
    """The template over sample input: every text that isn't a label is ``text``.

    Without ``text`` an example of the input is rendered as it is; of inputs that are known by name
    only, every value is ``PLAIN``. None when it can't be known: a filter that wants a number, an
    index past a sample's end.
    """
    if isinstance(inputs, Mapping):
        task_input = {name: _filled(value, text) for name, value in inputs.items()}
    else:
        names = {path[2] for path in _inputs(template)}
        task_input = {name: _Sample(text or PLAIN) for name in names}
        task_input["labels"] = [_Sample(text or PLAIN), _Sample((text or PLAIN) + "2")]
    if labels:
        task_input["labels"] = list(labels)
    try:
        return render(template, task_input=task_input, grant_read_access=_grant, strict=False)
    except (TemplateError, ArithmeticError):
        return None


class _Object(dict[str, object]):
    """What each Liquid writes in its own way, and none as JSON."""

    def __str__(self) -> str:
        return "an object without to_json"


def _filled(value: object, text: str | None) -> object:
    """The value, with another text in place of each of its texts if there is one."""
    if isinstance(value, str):
        return value if text is None else text
    if isinstance(value, Mapping):
        return _Object({key: _filled(item, text) for key, item in value.items()})
    return [_filled(item, text) for item in value] if isinstance(value, list) else value


def _inputs(template: str) -> Iterable[list[str]]:
    for segments in parse(template).global_variable_segments():
        if len(segments) > 2 and all(isinstance(segment, str) for segment in segments[:3]):
            yield [str(segment) for segment in segments[:3]]


def _grant(uri: str) -> str:
    return GRANTED + quote(uri)
