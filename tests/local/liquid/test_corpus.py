"""Sound templates have no findings; one mistake in one of them has exactly one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ground_truth_liquid
from ground_truth_liquid import render
from ground_truth_liquid.elements import ELEMENTS
from tests.local.liquid.corpus import names, sample

# Augmented AI's reviews, which Ground Truth has no jobs for
OTHER_SERVICE = {"crowd-textract-analyze-document", "crowd-rekognition-detect-moderation-labels"}

# Template, what is replaced in it by what, and the rule that speaks; a text to find the line by
# where it isn't the replacement's own.
MUTATIONS = [
    ("image-classification", "</crowd-form>", "{% if %}</crowd-form>", "liquid-syntax", None),
    ("branches", "{% if task", "{{% if task", "brace-before-liquid", None),
    (
        "entities",
        "{{ task.input.taskObject }}",
        "{{{ task.input.taskObject }}",
        "brace-before-liquid",
        None,
    ),
    ("image-classification", "task.input.labels", "task.input.label", "unknown-variable", None),
    ("pairwise", "task.input.pair.left", "task.input.pair.top", "unknown-variable", None),
    (
        "survey",
        "{{ task.input.source }}",
        "{{ task.input.source | shout }}",
        "unknown-filter",
        None,
    ),
    ("survey", "<script ", "<!-- <script ", "missing-script", "{% comment"),
    ("survey", "crowd-html-elements.js", "crowd-html.js", "missing-script", "{% comment"),
    ("survey", "<crowd-form>", "<div>", "missing-form", "{% comment"),
    ("branches", "== 'long'", "!= 'long'", None, None),
    (
        "native-inputs",
        "<style>",
        "<crowd-form></crowd-form><style>",
        "several-forms",
        "<crowd-form>\n",
    ),
    ("native-inputs", "<label>Total", "<form><label>Total", "nested-form", None),
    ("survey", "crowd-toggle-button name", "crowd-toggle name", "unknown-element", None),
    ("survey", "crowd-toggle-button name", "crowd-video-toggle name", "amazons-element", None),
    ("survey", "required></crowd-slider>", "required/>", "self-closing", "<crowd-slider "),
    ("survey", '<crowd-text-area name="why" ', "<crowd-text-area ", "missing-name", None),
    ("native-inputs", '<select name="currency">', "<select>", "missing-name", None),
    ("survey", '<crowd-slider name="rating"', '<crowd-slider name="brand"', "duplicate-name", None),
    ("native-inputs", 'name="remarks"', 'name="total"', "duplicate-name", "<textarea"),
    ("rated-list", "rating-{{ forloop.index }}", "rating", "duplicate-name", "<crowd-slider"),
    (
        "survey",
        "<crowd-form>",
        '<crowd-input name="x"></crowd-input><crowd-form>',
        "outside-form",
        None,
    ),
    ("native-inputs", "<crowd-form>", '<input name="x"><crowd-form>', "outside-form", None),
    (
        "text-classification",
        "<crowd-classifier\n",
        "<crowd-classifier-multi-select\n",
        "missing-element",
        "{% comment",
    ),
    (
        "text-classification",
        'name="crowd-classifier"',
        'name="mood"',
        "wrong-name",
        "<crowd-classifier\n",
    ),
    ("bounding-box", 'name="boundingBox"', 'name="boxes"', "wrong-name", "<crowd-bounding-box"),
    ("image-multi-select", "['dog', 'cat',]", "['dog' 'cat']", "attribute-syntax", "<crowd-image"),
    ("polyline", "{ x: 3, y: 4 }", "{ x: 3, y 4 }", "attribute-syntax", "<crowd-polyline"),
    (
        "image-overlay",
        "task.input.boxes | to_json",
        "task.input.boxes",
        "attribute-syntax",
        "<crowd-image",
    ),
    ("bounding-box", "{{ label | to_json }}", "'{{ label }}'", None, None),
    (
        "bounding-box-corrections",
        "{{ box.label | to_json }}",
        "'{{ box.label }}'",
        "attribute-unescaped",
        "<crowd-b",
    ),
    ("polygon", "['roof', 'garden']", "['roof', 'gardens']", "labels-differ", "<crowd-polygon"),
    (
        "image-classification",
        "taskObject | grant_read_access",
        "taskObject",
        "image-not-readable",
        "<crowd-image",
    ),
    ("audio-transcription", " | grant_read_access", "", "image-not-readable", "<source"),
    (
        "image-classification",
        '"https://assets.example',
        '"http://assets.example',
        "insecure-address",
        "<img",
    ),
    (
        "native-inputs",
        "<style>",
        '<script src="http://example.org/a.js"></script><style>',
        "insecure-address",
        None,
    ),
    (
        "native-inputs",
        "<style>",
        '<script src="https://example.org/a.js"></script><style>',
        "external-script",
        None,
    ),
    (
        "polygon",
        "{{ task.input.taskObject | grant_read_access }}",
        "https://example.org/a.png",
        "external-image",
        "<crowd-p",
    ),
    ("keypoint", "labels=", "label=", "missing-attribute", "<crowd-keypoint"),
    ("line", 'src="{{', 'source="{{', "missing-attribute", "<crowd-line"),
    ("script-sets-labels", ".labels =", ".label =", "missing-attribute", "<crowd-bounding-box"),
    (
        "polygon",
        "<short-instructions>Close each outline.</short-instructions>",
        "",
        "missing-region",
        "<crowd-polygon",
    ),
    ("text-classification", "classification-target", "p", "missing-region", "<crowd-classifier"),
    ("pairwise", ' alt="Picture on the left"', "", "missing-alt", "left | grant"),
    ("video-classification", "<video controls ", "<video ", "missing-controls", None),
    (
        "script-sets-labels",
        " | to_json | skip_autoescape",
        " | to_json",
        "script-unescaped",
        ".labels =",
    ),
    ("script-sets-labels", " | to_json | skip_autoescape", "", "script-unescaped", ".labels ="),
    (
        "script-sets-labels",
        "{{ task.input.labels | to_json",
        "{{ task.input.labels",
        "script-unescaped",
        ".labels =",
    ),
    ("manifest-line", ' | skip_autoescape }}"', ' }}"', "script-unescaped", "const link"),
    (
        "handler-attributes",
        "add({{ word | to_json }})",
        "add('{{ word }}')",
        "script-unescaped",
        None,
    ),
    (
        "script-sets-labels",
        "task.input.labels |",
        "task.input.taskObject |",
        "script-data",
        ".labels =",
    ),
    (
        "native-inputs",
        'alt="The bill to copy"',
        "alt={{ task.input.taskObject }}",
        "unquoted",
        None,
    ),
    ("native-inputs", "<textarea ", "<textarea {{ task.input.taskObject }} ", "unquoted", None),
    (
        "entities",
        'text="{{ task.input.taskObject }}"',
        'text="{{ task.input.taskObject | skip_autoescape }}"',
        "raw-attribute",
        None,
    ),
    (
        "survey",
        "{{ task.input.source }}",
        "{{ task.input.source | skip_autoescape }}",
        "raw-markup",
        None,
    ),
]


@pytest.mark.parametrize("name", names())
def test_sound_template_has_no_findings(name: str) -> None:
    assert sample(name).findings() == []


@pytest.mark.parametrize("name", names())
def test_sound_template_renders_with_what_it_is_given(name: str) -> None:
    html = render(
        sample(name).text,
        task_input=sample(name).inputs,
        grant_read_access=lambda uri: f"https://media.example/{uri.removeprefix('s3://')}?a=1",
    )
    assert "{{" not in html
    assert "{%" not in html


@pytest.mark.parametrize(("name", "old", "new", "rule", "at"), MUTATIONS)
def test_mistake_is_found_where_it_is_and_nothing_else(
    name: str, old: str, new: str, rule: str | None, at: str | None
) -> None:
    mutated = sample(name).replaced(old, new)
    found = [(finding.line, finding.rule) for finding in mutated.findings()]
    if rule is None:
        assert found == []
        return
    assert found == [(mutated.line_of(at or new), rule)]


def test_every_element_of_ground_truth_is_in_a_template() -> None:
    text = "".join(sample(name).text for name in names())
    missing = [name for name in ELEMENTS if not re.search(rf"<{name}[\s>]", text)]
    assert sorted(missing) == sorted(OTHER_SERVICE)


def test_every_rule_is_shown_by_a_mistake() -> None:
    package = Path(ground_truth_liquid.__file__).parent
    source = "".join(path.read_text(encoding="utf-8") for path in package.glob("*.py"))
    rules = set(re.findall(r'rule ?= ?"([a-z-]+)"|^\s+"([a-z]+-[a-z-]+)",$', source, re.MULTILINE))
    known = {rule for pair in rules for rule in pair if rule}
    shown = {rule for *_, rule, _ in MUTATIONS if rule}
    assert {rule for rule in known if not rule.startswith("crowd-")} - shown == set()


def test_every_rule_is_explained() -> None:
    page = (Path(__file__).parents[3] / "docs/templates.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"`([a-z-]+)`", page))
    assert {rule for *_, rule, _ in MUTATIONS if rule} - explained == set()
