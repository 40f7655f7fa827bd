"""Campaigns based on other campaigns: what is refused, and what their stacks are made of."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from ground_truth.task_input import Audited
from stacks.config import check, load
from stacks.problems import ConfigError
from tests.infra.synth import HOST, Synthesis, synthesize_project
from tests.stacks.projects import CAMPAIGN, TEMPLATE, toml

if TYPE_CHECKING:
    from tests.stacks.projects import ProjectFiles


def add(files: ProjectFiles, name: str, **changes: Any) -> None:
    """Another campaign, whose objects are those of `letters` unless it says otherwise."""
    campaign = {
        **CAMPAIGN,
        "label_attribute": f"{name}-label",
        "dataset": {"based_on": "letters"},
        **changes,
    }
    files.write(f"campaigns/{name}/campaign.toml", toml(campaign))
    for length in ("short", "full"):
        files.write(f"campaigns/{name}/instructions/{length}.html", "<p>Look.</p>")


def problems(files: ProjectFiles, campaign: str | None = None) -> list[str]:
    try:
        load(files.root, env="dev", campaign=campaign)
    except ConfigError as error:
        return [str(problem).removeprefix("campaigns/") for problem in error.problems]
    return []


def synthesized(files: ProjectFiles, campaign: str | None = None) -> Synthesis:
    return synthesize_project(load(files.root, env="dev", host=HOST, campaign=campaign))


def test_chain_is_read_back_to_its_beginning(files: ProjectFiles) -> None:
    add(files, "second")
    add(files, "third", dataset={"based_on": "second"})

    found = {campaign.name: campaign.base for campaign in load(files.root, env="dev").campaigns}

    assert found["letters"] is None
    second, third = found["second"], found["third"]
    assert second is not None
    assert third is not None
    assert (second.name, second.prefix) == ("letters", "letters/")
    assert (third.name, third.prefix) == ("second", "letters/")
    assert third.settings.label_attribute == "second-label"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"dataset": {"based_on": "none"}}, "dataset.based_on: unknown campaign 'none'"),
        ({"dataset": {"based_on": "second"}}, "no beginning: second → second"),
        ({"label_attribute": "letter"}, "label_attribute: got 'letter', which the objects carry"),
        (
            {"task": "text-classification"},
            "dataset.based_on: an object of text-classification is a text, and of",
        ),
        (
            {"dataset": {"based_on": "letters", "accepted": ["c"]}},
            "dataset.accepted: got 'c', allowed labels of letters, each once: 'a', 'b'",
        ),
        (
            {"dataset": {"based_on": "letters", "accepted": ["a", "a"]}},
            "dataset.accepted: got 'a', 'a', allowed",
        ),
        (
            {"dataset": {"prefix": "x/", "accepted": ["a"]}},
            "dataset: accepted without based_on",
        ),
        (
            {"dataset": {"based_on": "letters"}, "gold": "gold.csv"},
            "gold: beside based_on",
        ),
        ({"dataset": {"based_on": "letters", "prefix": "x/"}}, "dataset: needs exactly one of"),
    ],
)
def test_chain_that_can_not_be_is_refused(
    files: ProjectFiles, changes: dict[str, object], problem: str
) -> None:
    add(files, "second", **changes)

    (found,) = problems(files)

    assert found.startswith("second/campaign.toml: ")
    assert problem in found
    assert [str(each).removeprefix("campaigns/") for each in check(files.root).problems] == [found]


def test_every_campaign_of_a_circle_is_told(files: ProjectFiles) -> None:
    add(files, "second", dataset={"based_on": "third"})
    add(files, "third", dataset={"based_on": "second"})

    assert [problem.partition("beginning: ")[2] for problem in problems(files)] == [
        "second → third → second; break it",
        "third → second → third; break it",
    ]


def test_attribute_of_an_earlier_link_is_taken_too(files: ProjectFiles) -> None:
    add(files, "second")
    add(files, "third", dataset={"based_on": "second"}, label_attribute="letter")

    (found,) = problems(files)

    assert "campaign letters's" in found


def test_campaign_with_problems_is_no_beginning(files: ProjectFiles) -> None:
    add(files, "second")
    files.set_campaign("title", "")

    assert problems(files, campaign="second") == [
        "second/campaign.toml: dataset.based_on: campaign 'letters' has problems; correct them"
        " first"
    ]


@pytest.mark.parametrize(
    ("base", "own", "refused"),
    [
        (None, None, False),
        (None, ["dev"], False),
        (["dev"], ["dev"], False),
        (["dev"], None, True),
        (["prod"], ["dev", "prod"], True),
    ],
)
def test_it_runs_where_the_labels_are(
    files: ProjectFiles, base: list[str] | None, own: list[str] | None, refused: bool
) -> None:
    files.write("environments/prod.toml", (files.root / "environments/dev.toml").read_text("utf-8"))
    if base is not None:
        files.set_campaign("environments", base)
    add(files, "second", **({} if own is None else {"environments": own}))

    found = problems(files)

    assert [problem.split(": ")[1] for problem in found] == ["environments"] * refused


def test_it_is_deployed_after_what_it_is_based_on(files: ProjectFiles) -> None:
    add(files, "a-second")
    artifacts = synthesized(files).manifest["artifacts"]
    names = {
        key: str(value.get("displayName", "")).split(" ")[0] for key, value in artifacts.items()
    }
    (second,) = (key for key, name in names.items() if name.endswith("Labeling-a-second"))

    before = {names[key] for key in artifacts[second]["dependencies"]}

    assert "GroundTruth/Labeling-letters" in before


def test_it_can_be_deployed_alone(files: ProjectFiles) -> None:
    add(files, "second", dataset={"based_on": "letters", "accepted": ["b"]})

    synthesis = synthesized(files, campaign="second")

    wanted = {
        "BasedOn": {
            "Campaign": "letters",
            "LabelAttribute": "letter",
            "Accepted": ["b"],
            "AcceptedIndexes": ["1"],
        }
    }
    for kind in ("Custom::GroundTruthGate", "Custom::GroundTruthLabelingJob"):
        assert synthesis.one(kind, "Labeling-second").properties["Dataset"] == wanted
    assert "Labeling-letters" not in synthesis.templates


def test_function_may_read_the_other_campaigns_labels_and_ask_for_its_jobs(
    files: ProjectFiles,
) -> None:
    add(files, "second")
    synthesis = synthesized(files)

    text = json.dumps(synthesis.templates["Labeling-second"])
    assert "labeling-job/gt-dev-letters-" in text
    assert '"/letters/*"' in text
    assert '"/letters/labels/*"' not in text  # its labels are no objects
    assert [each for each in synthesis.violations if "Annotation::" not in each] == []
    memory = {
        stack: resource.properties["MemorySize"]
        for stack in ("Labeling-letters", "Labeling-second")
        for resource in synthesis.resources("AWS::Lambda::Function", stack)
        if "/Gate/Function" in resource.path
    }
    assert memory == {"Labeling-letters": 512, "Labeling-second": 2048}


@pytest.mark.parametrize(
    ("task", "attribute", "references"),
    [("semantic-segmentation", "parts-ref", ("letters",)), ("bounding-box", "parts", ())],
)
def test_masks_of_the_whole_chain_are_known(
    files: ProjectFiles, task: str, attribute: str, references: tuple[str, ...]
) -> None:
    (files.root / "campaigns/letters/template.liquid.html").unlink()
    files.set_campaign("task", task)
    files.set_campaign("label_attribute", attribute)
    add(files, "second")
    add(files, "third", dataset={"based_on": "second"})

    found = load(files.root, env="dev").campaigns

    assert [each.base.references for each in found if each.base] == [references, references]


@pytest.mark.parametrize("references", [(), ("letters",)])
def test_workers_are_shown_masks_of_earlier_campaigns_and_no_other_labels(
    files: ProjectFiles, references: tuple[str, ...]
) -> None:
    add(files, "second")
    project = load(files.root, env="dev", campaign="second", host=HOST)
    (campaign,) = project.campaigns
    assert campaign.base is not None
    base = replace(campaign.base, references=references)
    project = replace(project, campaigns=(replace(campaign, base=base),))

    (policy,) = (
        resource
        for resource in synthesize_project(project).resources(
            "AWS::IAM::ManagedPolicy", "Labeling-second"
        )
        if "ExecutionRole" in resource.path
    )

    text = json.dumps(policy.properties)
    assert ('"/letters/labels/*"' in text) == bool(references)
    assert '"/letters/*"' in text  # of the raw bucket: what the chain began with


BOXES = {"task": "bounding-box", "labels": ["car", "bus"], "label_attribute": "boxes"}


def boxed(files: ProjectFiles, **changes: Any) -> None:
    """`letters` draws boxes, `checked` judges them."""
    (files.root / "campaigns/letters/template.liquid.html").unlink()
    for key, value in {**BOXES, **changes}.items():
        files.set_campaign(key, value)
    add(
        files,
        "checked",
        task="bounding-box-verification",
        labels=["good", "bad"],
        label_attribute="verdict",
    )


def test_verification_is_about_the_labels_of_its_base(files: ProjectFiles) -> None:
    boxed(files)

    found = {each.name: each for each in load(files.root, env="dev").campaigns}

    assert found["checked"].audited == Audited(attribute="boxes", labels=("car", "bus"))
    assert found["checked"].definition.audited_attribute == "boxes"
    assert "overlay" in found["checked"].content.template
    assert found["letters"].audited is None
    assert "audited_attribute" not in found["letters"].definition.to_dict()


@pytest.mark.parametrize("between", [(), ("bad",)])
def test_adjustment_is_about_the_nearest_labels_of_its_kind(
    files: ProjectFiles, between: tuple[str, ...]
) -> None:
    """What was judged is corrected, not the judgement; what was corrected is judged again."""
    boxed(files)
    dataset = {"based_on": "checked", "accepted": list(between)}
    add(
        files,
        "mended",
        task="bounding-box-adjustment",
        labels=["car", "bus", "tram"],
        label_attribute="mended",
        dataset=dataset,
    )
    add(
        files,
        "twice",
        task="bounding-box-verification",
        labels=["good", "bad"],
        label_attribute="twice",
        dataset={"based_on": "mended"},
    )

    found = {each.name: each.audited for each in load(files.root, env="dev").campaigns}

    assert found["mended"] == Audited(attribute="boxes", labels=("car", "bus"))
    assert found["twice"] == Audited(attribute="mended", labels=("car", "bus", "tram"))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"task": "bounding-box-adjustment", "labels": ["car", "tram"]},
            "labels: lacks 'bus' of letters, whose labels are adjusted; add them",
        ),
        (
            {"task": "semantic-segmentation-verification"},
            "is about labels of semantic-segmentation, and the chain has letters (bounding-box)",
        ),
        ({"dataset": {"prefix": "x/"}}, "dataset: bounding-box-verification is about labels;"),
        ({"label_attribute": "boxes"}, "label_attribute: got 'boxes', which the objects carry"),
        ({"label_attribute": "x-ref"}, "label attribute of bounding-box-verification ends -ref"),
        ({"labels": ["good"]}, "number of labels of bounding-box-verification"),
        ({"functions": "none"}, "bounding-box-verification takes what others have labeled"),
        (
            {"labels": [f"{number:0248}" for number in range(15)]},
            "labels and those they judge take 38",
        ),
    ],
)
def test_audit_that_can_not_be_is_refused(
    files: ProjectFiles, changes: dict[str, object], problem: str
) -> None:
    boxed(files)
    add(
        files,
        "checked",
        **{
            "task": "bounding-box-verification",
            "labels": ["good", "bad"],
            "label_attribute": "verdict",
            **changes,
        },
    )

    (found,) = problems(files)

    assert found.startswith("checked/campaign.toml: ")
    assert problem in found


def test_everything_wrong_with_an_audit_is_told_at_once(files: ProjectFiles) -> None:
    boxed(files)
    add(
        files,
        "checked",
        task="bounding-box-adjustment",
        labels=["tram"],
        label_attribute="boxes",
        dataset={"based_on": "letters", "accepted": ["car"]},
    )

    assert sorted(problem.split(": ")[1] for problem in problems(files)) == [
        "dataset.accepted",
        "label_attribute",
        "labels",
    ]


def test_labels_nobody_consolidates_are_none_to_judge(files: ProjectFiles) -> None:
    boxed(files, functions="none")

    (found,) = problems(files)

    assert "is about labels of bounding-box, and the chain has letters" in found


@pytest.mark.parametrize(
    ("task", "attribute", "own", "refused"),
    [
        ("semantic-segmentation-verification", "verdict", ["good", "bad"], False),
        ("semantic-segmentation-verification", "verdict-ref", ["good", "bad"], True),
        ("semantic-segmentation-adjustment", "mended-ref", ["car", "bus"], False),
        ("semantic-segmentation-adjustment", "mended", ["car", "bus"], True),
    ],
)
def test_masks_are_judged_without_ref_and_adjusted_with_it(
    files: ProjectFiles, task: str, attribute: str, own: list[str], refused: bool
) -> None:
    boxed(files, task="semantic-segmentation", label_attribute="parts-ref")
    add(files, "checked", task=task, labels=own, label_attribute=attribute)

    assert bool(problems(files)) == refused


def test_function_of_an_audit_is_told_whose_labels_it_shows(files: ProjectFiles) -> None:
    boxed(files, task="semantic-segmentation", label_attribute="parts-ref")
    add(
        files,
        "checked",
        task="semantic-segmentation-verification",
        labels=["good", "bad"],
        label_attribute="verdict",
    )

    synthesis = synthesized(files, campaign="checked")

    functions = {
        resource.path.split("/")[-3]: resource.properties["Environment"]["Variables"]
        for resource in synthesis.resources("AWS::Lambda::Function", "Labeling-checked")
        if "/Annotation/" in resource.path
    }
    assert functions["PreAnnotation"]["AUDITED"] == (
        '{"attribute":"parts-ref","labels":["car","bus"]}'
    )
    assert "AUDITED" not in functions["Consolidation"]
    (role,) = (
        resource
        for resource in synthesis.resources("AWS::IAM::ManagedPolicy", "Labeling-checked")
        if "ExecutionRole" in resource.path
    )
    assert '"/letters/labels/*"' in json.dumps(role.properties)  # the masks workers are shown


@pytest.mark.parametrize(
    ("first", "attribute", "task", "own", "labels", "name"),
    [
        ("bounding-box", "parts", "verification", "verdict", ["good", "bad"], "BoundingBox"),
        ("bounding-box", "parts", "adjustment", "mended", ["car", "bus"], "BoundingBox"),
        (
            "semantic-segmentation",
            "parts-ref",
            "verification",
            "verdict",
            ["good", "bad"],
            "SemanticSegmentation",
        ),
        (
            "semantic-segmentation",
            "parts-ref",
            "adjustment",
            "mended-ref",
            ["car", "bus"],
            "SemanticSegmentation",
        ),
    ],
)
def test_audit_by_aws_functions_takes_the_label_from_the_manifest_line(
    files: ProjectFiles,
    first: str,
    attribute: str,
    task: str,
    own: str,
    labels: list[str],
    name: str,
) -> None:
    boxed(files, task=first, label_attribute=attribute)
    add(
        files,
        "checked",
        task=f"{first}-{task}",
        labels=labels,
        label_attribute=own,
        functions="aws",
    )

    (found,) = load(files.root, env="dev", campaign="checked").campaigns
    synthesis = synthesized(files, campaign="checked")
    job = synthesis.one("Custom::GroundTruthLabelingJob", "Labeling-checked").properties

    assert f"task.input.manifestLine.{attribute}" in found.content.template
    assert found.content.warnings == ()
    assert json.dumps(job["PreAnnotationArn"]).endswith(f':PRE-{task.capitalize()}{name}"]]}}')
    assert found.definition.audited_attribute == attribute
    assert [
        each.path
        for each in synthesis.resources("AWS::Lambda::Function", "Labeling-checked")
        if "/Annotation/" in each.path
    ] == []


def test_audit_of_the_projects_own_has_no_functions_of_aws(files: ProjectFiles) -> None:
    boxed(files, task="polygon")
    add(
        files,
        "checked",
        task="polygon-adjustment",
        labels=["car", "bus"],
        label_attribute="mended",
        functions="aws",
    )

    (found,) = problems(files)

    assert "polygon-adjustment takes what others have labeled: got 'aws', allowed own" in found


def test_page_of_an_audit_that_shows_no_earlier_label_is_refused(files: ProjectFiles) -> None:
    boxed(files)
    files.write("campaigns/checked/template.liquid.html", TEMPLATE)

    (found,) = problems(files)

    assert found.startswith("checked/template.liquid.html:1:1: earlier-label-unshown: ")
    assert "the page shows none: task.input.initialValue" in found
    shown = TEMPLATE.replace("src=", 'overlay="{{ task.input.initialValue | to_json }}" src=')
    files.write("campaigns/checked/template.liquid.html", shown)
    assert problems(files) == []
