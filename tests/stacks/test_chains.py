"""Campaigns based on other campaigns: what is refused, and what their stacks are made of."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from stacks.config import check, load
from stacks.problems import ConfigError
from tests.infra.synth import HOST, Synthesis, synthesize_project
from tests.stacks.projects import CAMPAIGN, toml

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
