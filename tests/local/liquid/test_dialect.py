"""Ground Truth's Liquid: escaping, the three filters, and what may be read."""

from __future__ import annotations

import html
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground_truth_liquid import TemplateError, render, variables

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=10,
)


def link(uri: str) -> str:
    return f"https://media/{uri.removeprefix('s3://')}?a=1&b=2"


def rendered(template: str, **task_input: object) -> str:
    return render(template, task_input=task_input, grant_read_access=link)


def test_escapes_output_by_default() -> None:
    assert rendered("{{ task.input.x }}", x="<b> & 'c' \"d\"") == (
        "&lt;b&gt; &amp; &#39;c&#39; &#34;d&#34;"
    )


def test_escape_filter_does_not_escape_twice() -> None:
    assert rendered("{{ task.input.x | escape }}", x="a & b") == "a &amp; b"


def test_to_json_is_escaped_like_any_other_text() -> None:
    text = rendered('<a b="{{ task.input.x | to_json }}">', x=["it's", '"q"'])
    assert text == '<a b="[&#34;it&#39;s&#34;,&#34;\\&#34;q\\&#34;&#34;]">'


def test_to_json_and_escape_give_the_same_as_to_json_alone() -> None:
    both = "{{ task.input.x | to_json | escape }}|{{ task.input.x | to_json }}"
    first, second = rendered(both, x=["a<b"]).split("|")
    assert first == second


@given(JSON_VALUES)
def test_to_json_survives_an_attribute_unchanged(value: object) -> None:
    text = rendered("{{ task.input.x | to_json }}", x=value)
    assert json.loads(html.unescape(text)) == value
    assert not set(text) & set("<>\"'")


def test_skip_autoescape_gives_text_as_it_is() -> None:
    assert rendered("{{ task.input.x | to_json | skip_autoescape }}", x={"a": "<"}) == '{"a":"<"}'


def test_grant_read_access_turns_an_s3_uri_into_an_escaped_link() -> None:
    text = rendered('<img src="{{ task.input.x | grant_read_access }}">', x="s3://b/k 1.png")
    assert text == '<img src="https://media/b/k 1.png?a=1&amp;b=2">'


@pytest.mark.parametrize("value", ["https://b/k", "", 7, None, ["s3://b/k"]])
def test_grant_read_access_takes_nothing_but_s3_uris(value: object) -> None:
    with pytest.raises(TemplateError, match=r"line 2: .*allowed is an S3 URI"):
        rendered("\n{{ task.input.x | grant_read_access }}", x=value)


@pytest.mark.parametrize("kind", [TypeError, ValueError, RuntimeError])
def test_failure_of_the_link_function_comes_through_unchanged(kind: type[Exception]) -> None:
    def refuse(uri: str) -> str:
        raise kind(f"no access to {uri}")

    with pytest.raises(kind, match="no access to s3://b/k"):
        render(
            "{{ task.input.x | grant_read_access }}",
            task_input={"x": "s3://b/k"},
            grant_read_access=refuse,
        )


def test_reads_hyphenated_names_hash_pairs_and_captured_keys() -> None:
    template = (
        "{{ task.input.source-ref }};"
        "{% for pair in task.input.sizes %}{{ pair[0] }}={{ pair[1] }},{% endfor %};"
        "{% capture key %}b{% endcapture %}{{ task.input.sizes[key] }}"
    )
    text = rendered(template, **{"source-ref": "s3://b/k", "sizes": {"a": 1, "b": 2}})
    assert text == "s3://b/k;a=1,b=2,;2"


def test_unknown_input_is_an_error_that_names_line_input_and_what_is_given() -> None:
    with pytest.raises(TemplateError) as caught:
        rendered("\n\n{{ task.input.colour }}", color="red", labels=[])
    assert caught.value.line == 3
    assert caught.value.message == (
        "the template reads task.input.colour, which the task input does not give "
        "(it gives: color, labels); correct the name, add it to the pre-annotation function's "
        "taskInput, or allow for its absence with `if` or `default`"
    )


@pytest.mark.parametrize("name", ["to_json", "grant_read_access", "upcase"])
def test_filters_name_the_input_that_is_not_given(name: str) -> None:
    with pytest.raises(TemplateError, match=r"line 1: .* reads task\.input\.colour, which"):
        rendered(f"{{{{ task.input.colour | {name} }}}}", color="red")


def test_absence_may_be_asked_for_with_if_and_default() -> None:
    template = "{% if task.input.x %}yes{% else %}no{% endif %}{{ task.input.x | default: '!' }}"
    assert rendered(template) == "no!"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("a\n{% if %}", "line 2: missing expression"),
        ("{{ task.input.x | shout }}", "line 1: unknown filter 'shout'"),
        ("{% include 'other' %}", "other"),
        ("\n{% nonsense %}", "line 2: .*nonsense"),
    ],
)
def test_liquid_mistakes_say_their_line(template: str, message: str) -> None:
    with pytest.raises(TemplateError, match=message):
        rendered(template, x="")


def test_lists_the_paths_a_template_reads_without_its_own_variables() -> None:
    template = (
        "{% assign mine = 1 %}{{ mine }}{% for label in task.input.labels %}{{ label }}{% endfor %}"
        "{{ task.input.source-ref | grant_read_access }}"
    )
    assert variables(template) == {"task.input.labels", "task.input.source-ref"}


@given(st.text())
def test_any_text_renders_or_is_a_template_error(text: str) -> None:
    try:
        assert isinstance(rendered(text), str)
    except TemplateError as error:
        assert error.message


def test_a_template_cannot_reach_the_link_function() -> None:
    with pytest.raises(TemplateError):
        rendered("{{ ['\\0grant'] }}")
