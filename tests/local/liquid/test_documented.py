"""What the developer guide says of Ground Truth's Liquid, one test for each statement.

Source unless a test names another: Amazon SageMaker AI Developer Guide, "Adding automation with
Liquid" (sms-custom-templates-step2-automate), "Example of the filters" among it. The guide sends
its readers to Shopify's Liquid reference for everything standard.
"""

from __future__ import annotations

import html
import json

import pytest

from ground_truth_liquid import TemplateError, render

BOOK = "Have you read 'James & the Giant Peach'?"
ESCAPED = "Have you read &#39;James &amp; the Giant Peach&#39;?"


def rendered(template: str, **task_input: object) -> str:
    return render(
        template,
        task_input=task_input,
        grant_read_access=lambda uri: f"https://s3.example/{uri.removeprefix('s3://')}?token=1",
    )


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (f'{{{{ "{BOOK}" }}}}', ESCAPED),
        (f'{{{{ "{BOOK}" | escape }}}}', ESCAPED),
        ('{{{{ "{}" | escape_once }}}}'.format(BOOK.replace("&", "&amp;")), ESCAPED),
        (f'{{{{ "{BOOK}" | skip_autoescape }}}}', BOOK),
        (
            '{{ "s3://mybucket/myphoto.png" | grant_read_access }}',
            "https://s3.example/mybucket/myphoto.png?token=1",
        ),
    ],
)
def test_example_of_the_filters(template: str, expected: str) -> None:
    assert rendered(template) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ task.input.book }}", ESCAPED),
        ("{{ task.input.book | escape }}", ESCAPED),
        ("{{ task.input.book | skip_autoescape }}", BOOK),
        ("{{ task.input.escaped | escape_once }}", ESCAPED),
        ("{{ task.input.escaped }}", html.escape(BOOK.replace("&", "&amp;")).replace("x27", "39")),
    ],
)
def test_data_is_treated_like_text_of_the_template(template: str, expected: str) -> None:
    text = rendered(template, book=BOOK, escaped=BOOK.replace("&", "&amp;"))
    assert text == expected


def test_to_json_serializes_an_object() -> None:
    """Difference: the guide's example has spaces after brackets and is shown unescaped."""
    value = {"point_number": 8, "coords": [59, 76]}
    text = rendered("{{ task.input.value | to_json }}", value=value)
    assert json.loads(html.unescape(text)) == value
    assert text == "{&#34;point_number&#34;:8,&#34;coords&#34;:[59,76]}"


def test_manifest_data_object_fills_the_sample_html() -> None:
    """The guide's data object; single quotes round the attribute work as double ones do."""
    template = (
        "<crowd-classifier name='feeling' categories='{{ task.input.labels | to_json }}'"
        " header='{{ task.input.header }}'><classification-target>{{ task.input.source }}"
        "</classification-target></crowd-classifier>"
    )
    labels = ["angry", "sad", "happy", "inconclusive"]
    text = rendered(template, source="A text", labels=labels, header="Who's speaking?")
    attribute = text.partition("categories='")[2].partition("'")[0]
    assert json.loads(html.unescape(attribute)) == labels
    assert "header='Who&#39;s speaking?'" in text
    assert "<classification-target>A text</classification-target>" in text


def test_filters_are_chained_from_left_to_right() -> None:
    text = rendered("{{ task.input.x | upcase | append: '!' | escape }}", x="a&b")
    assert text == "A&amp;B!"


def test_names_with_hyphens_are_names() -> None:
    """Manifest keys such as source-ref (Lambda requirements, the pass-through example)."""
    text = rendered("{{ task.input.source-ref | grant_read_access }}", **{"source-ref": "s3://b/k"})
    assert text == "https://s3.example/b/k?token=1"


def test_name_in_brackets_is_the_same_as_after_a_dot() -> None:
    text = rendered("{{ task.input['source-ref'] }}", **{"source-ref": "s3://b/k"})
    assert text == "s3://b/k"


def test_iteration_over_a_hash_gives_pairs() -> None:
    """Shopify's reference, "for": each item of a hash is its key and value."""
    template = "{% for pair in task.input.map %}{{ pair[0] }}:{{ pair[1] }};{% endfor %}"
    assert rendered(template, map={"b": 1, "a": "<"}) == "b:1;a:&lt;;"


def test_captured_text_is_a_key_and_is_not_escaped_again() -> None:
    template = (
        "{% capture key %}{{ task.input.x }}{% endcapture %}{{ task.input.map[key] }}{{ key }}"
    )
    assert rendered(template, x="a", map={"a": "found"}) == "founda"
    assert rendered("{% capture c %}{{ task.input.x }}<b>{% endcapture %}{{ c }}", x="&") == (
        "&amp;<b>"
    )


def test_assigned_text_is_escaped_where_it_is_written() -> None:
    template = "{% assign a = task.input.x | append: '<i>' %}{{ a }}{{ a | skip_autoescape }}"
    assert rendered(template, x="<b>") == "&lt;b&gt;&lt;i&gt;<b><i>"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{% if task.input.n > 2 %}many{% elsif task.input.n %}few{% endif %}", "many"),
        ("{% unless task.input.n == 3 %}other{% else %}three{% endunless %}", "three"),
        ("{% case task.input.kind %}{% when 'a', 'b' %}ab{% else %}c{% endcase %}", "ab"),
        ("{% for x in task.input.list limit: 2 offset: 1 %}{{ x }}{% endfor %}", "yz"),
        ("{% for x in task.input.none %}{{ x }}{% else %}empty{% endfor %}", "empty"),
        ("{% for x in (1..3) %}{% if x == 2 %}{% continue %}{% endif %}{{ x }}{% endfor %}", "13"),
        ("{% for x in task.input.list %}{{ forloop.index }}{{ x }}{% endfor %}", "1x2y3z"),
        ("{% cycle 'odd', 'even' %}{% cycle 'odd', 'even' %}", "oddeven"),
        ("{% raw %}{{ task.input.x }}{% endraw %}", "{{ task.input.x }}"),
        ("{% comment %}{{ task.input.nothing }}{% endcomment %}", ""),
        ("a {%- if true -%} b {%- endif -%} c", "abc"),
    ],
)
def test_control_flow_and_iteration_are_liquids_own(template: str, expected: str) -> None:
    assert rendered(template, n=3, kind="b", list=["x", "y", "z"], none=[]) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ task.input.list | join: ' & ' }}", "a &amp; b&lt;"),
        ("{{ task.input.list | size }}", "2"),
        ("{{ task.input.list | first }}", "a"),
        ("{{ task.input.text | split: ' ' | last }}", "&lt;two&gt;"),
        ("{{ task.input.text | replace: 'one', '1' }}", "1 &lt;two&gt;"),
        ("{{ task.input.text | truncate: 5 }}", "on..."),
        ("{{ task.input.text | url_encode }}", "one+%3Ctwo%3E"),
        ("{{ task.input.none | default: 'nobody' }}", "nobody"),
        ("{{ 7 | divided_by: 2 }} {{ 7 | times: 2 }}", "3 14"),
        ("{{ task.input.lines | newline_to_br }}", "1&lt;<br />\n2"),
    ],
)
def test_standard_filters_give_escaped_text(template: str, expected: str) -> None:
    values = {"list": ["a", "b<"], "text": "one <two>", "none": None, "lines": "1<\n2"}
    assert rendered(template, **values) == expected


@pytest.mark.parametrize("tag", ["include 'a'", "render 'a'", "layout 'a'"])
def test_other_files_are_not_there(tag: str) -> None:
    """Difference: nothing is said of them; a template is one object in S3."""
    with pytest.raises(TemplateError):
        rendered(f"{{% {tag} %}}")


def test_a_value_that_is_not_given_is_an_error() -> None:
    """Difference: Shopify's Liquid prints nothing. Here it stops, as everybody's task lacks it."""
    with pytest.raises(TemplateError, match=r"task\.input\.nothing"):
        rendered("{{ task.input.nothing }}")
    assert (
        rendered("{% if task.input.nothing %}a{% endif %}{{ task.input.nothing | default: 1 }}")
        == "1"
    )


def test_only_task_is_given() -> None:
    with pytest.raises(TemplateError, match="entry"):
        rendered("{{ entry.taskInput.source }}", source="a")
