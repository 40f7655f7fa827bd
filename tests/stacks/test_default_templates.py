"""The pages of tasks whose campaigns bring none of their own."""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import pytest

from ground_truth.built_in import Audit, UiKind
from ground_truth.definition import changed_fields
from ground_truth.task_input import Audited, task_input
from ground_truth.tasks import TASK_RULES, AnswerKind, TaskType, rules_for
from ground_truth.template import FULL_INSTRUCTIONS, SHORT_INSTRUCTIONS
from ground_truth_liquid import json5, lint
from ground_truth_liquid.dialect import render
from ground_truth_liquid.samples import HOSTILE
from stacks.config import Campaign, check, load
from stacks.default_template import default_template
from stacks.earlier_examples import example_label
from stacks.template_files import ANSWER_NAMES, Source
from tests.stacks.pages import FOLDER, LABELS, PAGES, TEXTS, inputs, page
from tests.stacks.projects import TEMPLATE, ProjectFiles


class Tags(HTMLParser):
    """Attributes by tag, and the text inside the element that is asked for."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.attributes: dict[str, dict[str, str]] = {}
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.setdefault(tag, {key: value or "" for key, value in attrs})

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def shown(name: str, task_object: str) -> Tags:
    given = inputs(name, task_object)
    return Tags(
        render(page(name), task_input=given, grant_read_access=lambda uri: f"https://{uri[5:]}")
    )


def test_every_page_is_known_here_and_no_other() -> None:
    found = {path.name.removesuffix(".liquid.html") for path in FOLDER.glob("*.*")}
    assert found == set(PAGES)
    for_aws = {path.name.removesuffix(".liquid.html") for path in (FOLDER / "aws").iterdir()}
    audits = [rules for rules in TASK_RULES.values() if rules.audit and rules.built_in]
    assert for_aws == {each.task.value for each in audits if each.answers is not AnswerKind.UNREAD}


def test_every_task_with_a_template_has_a_page_with_its_element() -> None:
    wanted = {
        task.value: rules.template_element
        for task, rules in TASK_RULES.items()
        if rules.ui is UiKind.TEMPLATE
    }

    assert {task: PAGES[task][0] for task in wanted} == wanted
    for element, name, _ in PAGES.values():
        assert ANSWER_NAMES.get(element, element) == name
    for task in wanted:
        built_in = TASK_RULES[TaskType(task)].built_in
        # named entities by AWS's functions have Amazon's page
        if built_in is not None and built_in.ui is UiKind.TEMPLATE:
            assert PAGES[task][:2] == (built_in.element, built_in.answer_name)


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wrong_with_a_page_nor_poor(name: str) -> None:
    element, answer, _ = PAGES[name]
    example = "a text" if name in TEXTS else "s3://bucket/object"

    found = lint(
        page(name),
        inputs=inputs(name, example),
        labels=LABELS,
        element=element,
        name=answer,
    )

    assert found == []


@pytest.mark.parametrize("name", PAGES)
def test_labels_arrive_as_they_are(name: str) -> None:
    element, _, attribute = PAGES[name]

    value = json5.loads(shown(name, "s3://bucket/x").attributes[element][attribute])

    assert isinstance(value, list)
    assert [each["label"] if isinstance(each, dict) else each for each in value] == LABELS


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("name", sorted(TEXTS))
def test_texts_arrive_as_they_are(name: str, text: str) -> None:
    found = shown(name, text)

    if name.startswith("named-entity-recognition"):
        assert found.attributes["crowd-entity-annotation"]["text"] == text
    else:
        assert text in found.texts


@pytest.mark.parametrize("name", sorted(set(PAGES) - TEXTS))
def test_objects_are_links(name: str) -> None:
    found = shown(name, "s3://bucket/a b.png")
    place = "video" if name == "video-classification" else PAGES[name][0]

    assert found.attributes[place]["src"] == "https://bucket/a b.png"


@pytest.mark.parametrize("name", sorted(name for name in PAGES if rules_for(name).audit))
def test_pages_of_audits_are_tried_with_what_the_function_gives(name: str) -> None:
    rules, audited = rules_for(name), Audited(attribute="earlier", labels=tuple(LABELS))
    line = {rules.manifest_key: "s3://bucket/x.png", **example_label(rules.task, audited)}

    given: Any = task_input(line, task=rules.task, labels=LABELS, audited=audited)["taskInput"]

    if "labelMappings" in given["initialValue"]:
        assert list(given["initialValue"].pop("labelMappings")) == LABELS
        given["initialValue"]["labelMappings"] = {LABELS[0]: {"color": "#d62728"}}
    assert given == inputs(name, "s3://bucket/x.png")


@pytest.mark.parametrize("name", sorted(name for name in PAGES if name.endswith("-adjustment")))
def test_adjustments_begin_with_the_earlier_label(name: str) -> None:
    element = PAGES[name][0]
    found = shown(name, "a text" if name in TEXTS else "s3://bucket/x.png")

    value = json5.loads(found.attributes[element]["initial-value"])

    expected = inputs(name, "a text")["initialValue"]
    if name == "semantic-segmentation-adjustment":
        assert isinstance(expected, dict)
        expected = {**expected, "src": "https://earlier-labels/mask.png"}
    assert value == expected


@pytest.mark.parametrize("name", sorted(path.name for path in (FOLDER / "aws").iterdir()))
def test_page_for_aws_functions_shows_what_the_own_page_shows(name: str) -> None:
    """AWS's give the manifest line, of which the page makes what ours give."""
    task = rules_for(name.removesuffix(".liquid.html")).task
    audited = Audited(attribute="boxes-2", labels=(LABELS[0],))
    line = {"source-ref": "s3://bucket/x.png", **example_label(task, audited)}
    given = {"taskObject": line["source-ref"], "labels": LABELS, "manifestLine": line}
    own = task_input(line, task=task, labels=LABELS, audited=audited)["taskInput"]
    element = PAGES[task][0]
    adjusts = rules_for(task).audit is Audit.ADJUSTMENT
    attribute = "initial-value" if adjusts else "overlay"

    def shown(source: Source | None, given: Mapping[str, object]) -> Any:
        assert source is not None
        html = render(
            source.text,
            task_input=given,
            grant_read_access=lambda uri: f"https://{uri[5:]}?a=1&b=2",
        )
        return json5.loads(Tags(html).attributes[element][attribute])

    assert shown(default_template(task, audited="boxes-2"), given) == shown(
        default_template(task), own
    )


def test_verifications_show_the_earlier_label() -> None:
    overlays: dict[str, Any] = {
        name: json5.loads(shown(name, "s3://bucket/x.png").attributes[PAGES[name][0]]["overlay"])
        for name in ("bounding-box-verification", "semantic-segmentation-verification")
    }
    box = {"label": LABELS[0], "left": 16, "top": 20, "width": 40, "height": 28}

    assert overlays["bounding-box-verification"] == {
        "boundingBox": {"labels": LABELS, "value": [box]}
    }
    mask = overlays["semantic-segmentation-verification"]["semanticSegmentation"]
    assert (mask["labels"], list(mask["labelMappings"])) == (LABELS, LABELS[:1])
    assert mask["src"] == "https://earlier-labels/mask.png"
    for name in ("image-classification-verification", "text-classification-verification"):
        assert LABELS[0] in shown(name, "s3://bucket/x.png").texts


@pytest.fixture
def plain(files: ProjectFiles) -> ProjectFiles:
    """A campaign without a template."""
    (files.root / "campaigns/letters/template.liquid.html").unlink()
    return files


def campaign(files: ProjectFiles) -> Campaign:
    (found,) = load(files.root, env="dev").campaigns
    return found


def test_campaign_without_a_template_shows_the_tasks_own(plain: ProjectFiles) -> None:
    text = campaign(plain).content.template

    assert 'name="crowd-image-classifier"' in text
    assert "Choose the label that fits the image best" in text
    assert "<!--" not in text


def test_folders_own_template_comes_first_named_or_not(files: ProjectFiles) -> None:
    files.write("campaigns/letters/other.html", TEMPLATE.replace("Which letter", "What"))

    assert "Which letter is this?" in campaign(files).content.template
    files.set_campaign("template", "other.html")
    assert "What is this?" in campaign(files).content.template


def test_named_template_that_is_missing_is_not_replaced(plain: ProjectFiles) -> None:
    plain.set_campaign("template", "template.liquid.html")

    (problem,) = check(plain.root).problems

    assert problem.key == "template"
    assert "no such file" in problem.message


def test_header_is_the_campaigns_and_text_whatever_is_in_it(plain: ProjectFiles) -> None:
    header = 'Is "<b>" in {{ x }} \\1 & y?'
    plain.set_campaign("instructions.header", header)

    rendered = render(
        campaign(plain).content.template,
        task_input={"taskObject": "s3://a/b", "labels": ["a", "b"]},
        grant_read_access=str,
    )

    assert Tags(rendered).attributes["crowd-image-classifier"]["header"] == header
    assert Tags(rendered).attributes["full-instructions"]["header"] == "Instructions"


def test_header_beside_a_template_of_its_own_is_refused(files: ProjectFiles) -> None:
    files.set_campaign("instructions.header", "Which one?")

    (problem,) = check(files.root).problems

    assert (problem.file, problem.key) == ("campaigns/letters/campaign.toml", "instructions.header")
    assert "template of its own" in problem.message


@pytest.mark.parametrize("header", ["", "two\nlines", "x" * 129])
def test_header_is_one_line(plain: ProjectFiles, header: str) -> None:
    plain.set_campaign("instructions.header", header)

    assert [problem.key for problem in check(plain.root).problems] == ["instructions.header"]


DESCRIBED = [
    {"name": "<a>", "description": "Two <i>strokes</i> & {{ a }} {% bar %}"},
    {"name": "b"},
]


def test_descriptions_are_text_in_the_full_instructions(plain: ProjectFiles) -> None:
    plain.set_campaign("labels", DESCRIBED)

    found = campaign(plain)
    rendered = render(
        found.content.template,
        task_input={"taskObject": "s3://a/b", "labels": found.settings.label_names},
        grant_read_access=str,
    )

    texts = [text for text in Tags(rendered).texts if text.strip()]
    assert texts[-3:] == ["Labels", "<a>", "Two <i>strokes</i> & {{ a }} {% bar %}"]


def test_description_is_part_of_what_is_asked_where_workers_see_it(files: ProjectFiles) -> None:
    """Whoever is told something else may answer something else; unseen, it changes nothing."""
    before = campaign(files).definition
    files.set_campaign("labels", [{"name": "a", "description": "the first"}, {"name": "b"}])
    unseen = campaign(files).definition
    (files.root / "campaigns/letters/template.liquid.html").unlink()
    seen = campaign(files).definition
    files.set_campaign("labels", [{"name": "a", "description": "the very first"}, {"name": "b"}])

    assert unseen == before
    assert changed_fields(seen, campaign(files).definition) == ("template_sha256",)


@pytest.mark.parametrize("own", [True, False])
def test_examples_come_after_the_full_instructions(files: ProjectFiles, own: bool) -> None:
    if not own:
        (files.root / "campaigns/letters/template.liquid.html").unlink()
    files.write("campaigns/letters/instructions/good.html", "\n<p>Like this.</p>\n")
    files.write("campaigns/letters/instructions/bad.html", "<p>Not like this.</p>")
    before = campaign(files).content.template
    files.set_campaign("instructions.good", "instructions/good.html")
    files.set_campaign("instructions.bad", "instructions/bad.html")

    text = campaign(files).content.template

    assert "Like this" not in before  # a file nobody names changes nothing
    assert (
        "<h3>Good examples</h3>\n<p>Like this.</p>\n<h3>Bad examples</h3>\n<p>Not like this.</p>"
    ) in text


def test_mistake_in_an_example_is_placed_in_its_own_file(plain: ProjectFiles) -> None:
    plain.set_campaign("labels", [{"name": "a", "description": "x"}, {"name": "b"}])
    plain.write("campaigns/letters/instructions/good.html", '\n<p>A</p>\n <crowd-buton x="1">')
    plain.set_campaign("instructions.good", "instructions/good.html")
    plain.set_campaign("instructions.bad", "instructions/none.html")

    assert [problem.key for problem in check(plain.root).problems] == ["instructions.bad"]
    plain.set_campaign("instructions.bad", "instructions/good.html")
    assert {f"{problem.file} {problem.key}" for problem in check(plain.root).problems} == {
        "campaigns/letters/instructions/good.html:3:2 unknown-element"
    }


@pytest.mark.parametrize("name", PAGES)
def test_page_has_one_place_for_everything_a_campaign_gives(name: str) -> None:
    text = (FOLDER / f"{name}.liquid.html").read_text(encoding="utf-8")

    assert text.count(SHORT_INSTRUCTIONS) == text.count(FULL_INSTRUCTIONS) == 1
    assert text.index(' header="') < text.index("<full-instructions header=")
