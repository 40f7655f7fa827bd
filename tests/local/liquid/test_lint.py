"""Every rule: found where it is broken, silent where it isn't."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground_truth_liquid import Finding, Severity, lint

SCRIPT = '<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>\n'
GOOD = (
    SCRIPT
    + """<crowd-form>
  <crowd-image-classifier name="crowd-image-classifier"
    src="{{ task.input.taskObject | grant_read_access }}"
    categories="{{ task.input.labels | to_json | escape }}">
    <short-instructions>Look.</short-instructions>
    <full-instructions header="x">Look longer.</full-instructions>
  </crowd-image-classifier>
</crowd-form>
"""
)
INPUTS = ("taskObject", "labels")


def rules(template: str, **options: object) -> list[tuple[int, str]]:
    """Errors alone: what is merely poor is in every short example."""
    found = lint(template, **{"inputs": INPUTS, **options})  # type: ignore[arg-type]
    errors = [finding for finding in found if finding.severity is Severity.ERROR]
    return [(finding.line, finding.rule) for finding in errors]


def in_form(body: str) -> str:
    return f"{SCRIPT}<crowd-form>\n{body}\n</crowd-form>"


def test_a_documented_template_has_no_findings() -> None:
    assert lint(GOOD, inputs=INPUTS, labels=["a", "it's"], element="crowd-image-classifier") == []


def test_a_finding_says_line_rule_message_and_fix() -> None:
    [finding] = lint(
        in_form("\n{{ task.input.taskObjekt }}"), inputs=INPUTS, labels=["a"], element=None
    )
    assert finding == Finding(
        line=4,
        column=4,
        rule="unknown-variable",
        message=(
            "the template reads task.input.taskObjekt, which is not given "
            "(given: task.input.labels, task.input.taskObject)"
        ),
        fix="correct the name, or give it in the pre-annotation function's taskInput",
    )
    assert str(finding).startswith(
        "4:4: unknown-variable: the template reads task.input.taskObjekt"
    )


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("", [(1, "missing-form"), (1, "missing-script")]),
        ("{% if %}", [(1, "liquid-syntax")]),
        (SCRIPT, [(1, "missing-form")]),
        ("<crowd-form></crowd-form>", [(1, "missing-script")]),
        (in_form("{{ task.input.labels | shout }}"), [(3, "unknown-filter")]),
        (in_form("{{ task.other }}"), [(3, "unknown-variable")]),
        (in_form("{{ job }}"), [(3, "unknown-variable")]),
        (in_form("{{ task.input | to_json }}"), []),
        (in_form("{% for x in task.input.labels %}{{ x.deep }}{% endfor %}"), []),
        (in_form("<crowd-clasifier></crowd-clasifier>"), [(3, "unknown-element")]),
        (in_form("<crowd-3d-point-cloud></crowd-3d-point-cloud>"), [(3, "amazons-element")]),
        (in_form("<crowd-video-tracking></crowd-video-tracking>"), [(3, "amazons-element")]),
        (in_form("<!-- <crowd-nothing> -->"), []),
        (in_form('<crowd-input name="a"/>'), [(3, "self-closing")]),
        (in_form('<br/><img src="x"/><crowd-input name="a"></crowd-input>'), []),
        (in_form("<crowd-input></crowd-input>"), [(3, "missing-name")]),
        (
            in_form("") + '\n<crowd-input name="a"></crowd-input>',
            [(5, "outside-form")],
        ),
        (
            in_form("{% if task.input.labels.size > 9 %}<crowd-foo></crowd-foo>{% endif %}"),
            [(3, "unknown-element")],
        ),
    ],
)
def test_finds_mistakes_of_structure(template: str, expected: list[tuple[int, str]]) -> None:
    assert rules(template) == expected


@pytest.mark.parametrize(
    "categories",
    [
        "['a', 'b']",
        '["a", "b",]',
        "{{ task.input.labels | to_json }}",
        "[{% for l in task.input.labels %}{{ l | to_json }},{% endfor %}]",
        "{{ task.input.kinds }}",
    ],
)
def test_attributes_that_parse_once_rendered_are_fine(categories: str) -> None:
    quote = "'" if '"' in categories else '"'
    body = f"<crowd-classifier name=x categories={quote}{categories}{quote}></crowd-classifier>"
    assert rules(in_form(body), inputs=(*INPUTS, "kinds"), labels=["a", "b"]) == []


@pytest.mark.parametrize(
    ("categories", "rule"),
    [
        ("['a' 'b']", "attribute-syntax"),
        ("a, b", "attribute-syntax"),
        ("{{ task.input.labels }}", "attribute-syntax"),
        ("['{{ task.input.taskObject }}']", "attribute-unescaped"),
        ("[{% for l in task.input.labels %}'{{ l }}',{% endfor %}]", "attribute-unescaped"),
    ],
)
def test_attributes_that_break_once_rendered_are_found(categories: str, rule: str) -> None:
    body = f'\n<crowd-classifier name="x"\n categories="{categories}"></crowd-classifier>'
    assert rules(in_form(body)) == [(4, rule)]


def test_labels_with_an_apostrophe_are_known_to_break_a_hand_written_list() -> None:
    body = (
        '<crowd-classifier name="x" categories="'
        "[{% for l in task.input.labels %}'{{ l }}',{% endfor %}]\"></crowd-classifier>"
    )
    assert rules(in_form(body), labels=["a", "b"]) == []
    assert rules(in_form(body), labels=["a", "it's"]) == [(3, "attribute-syntax")]


def test_reports_a_mistake_in_a_loop_once() -> None:
    body = (
        "{% for l in task.input.labels %}"
        '<crowd-classifier name="{{ l }}" categories="oops"></crowd-classifier>{% endfor %}'
    )
    assert rules(in_form(body), labels=["a", "b", "c"]) == [(3, "attribute-syntax")]


def test_one_mistake_does_not_hide_another() -> None:
    body = (
        "{{ task.input.nothing | shout }}\n"
        '<crowd-image-classifier name="x" src="{{ task.input.taskObject }}" categories="[">'
        "</crowd-image-classifier>"
    )
    assert rules(in_form(body)) == [
        (3, "unknown-variable"),
        (3, "unknown-filter"),
        (4, "attribute-syntax"),
        (4, "image-not-readable"),
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<crowd-input name="a"></crowd-input>', [(1, "missing-element")]),
        (
            '<crowd-classifier name="a" categories="[]"></crowd-classifier>',
            [(3, "labels-differ"), (3, "wrong-name")],
        ),
        (
            '<crowd-classifier categories="{{ task.input.labels | to_json }}"></crowd-classifier>',
            [(3, "missing-name")],
        ),
        (
            "<crowd-classifier name=\"crowd-classifier\" categories=\"['b', 'a']\">"
            "</crowd-classifier>",
            [],
        ),
        (
            "<crowd-classifier name=\"crowd-classifier\" categories=\"['a', 'c']\">"
            "</crowd-classifier>",
            [(3, "labels-differ")],
        ),
    ],
)
def test_compares_with_what_the_task_needs(body: str, expected: list[tuple[int, str]]) -> None:
    assert rules(in_form(body), labels=["a", "b"], element="crowd-classifier") == expected


def test_a_second_question_may_have_labels_of_its_own() -> None:
    body = (
        '<crowd-classifier name="crowd-classifier" categories="[\'a\']"></crowd-classifier>'
        "<crowd-classifier-multi-select name=\"more\" categories=\"['x', 'y']\">"
        "</crowd-classifier-multi-select>"
    )
    assert rules(in_form(body), labels=["a"], element="crowd-classifier") == []


def test_the_name_may_differ_from_the_element_where_the_caller_says_so() -> None:
    body = (
        '<crowd-bounding-box name="boundingBox" src="https://x/y.png" labels="[\'a\']">'
        "</crowd-bounding-box>"
    )
    assert rules(in_form(body), element="crowd-bounding-box", name="boundingBox") == []


@given(st.text(alphabet=st.sampled_from("<>{}%|'\"/=- \ncrowd-form.input")))
def test_any_text_can_be_linted(text: str) -> None:
    for finding in lint(text, inputs=INPUTS, labels=["a"], element="crowd-classifier"):
        assert finding.line >= 1
        assert finding.fix
