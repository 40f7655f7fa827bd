"""Whose functions a campaign's jobs call: the project's, AWS's own, or none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore.validate import validate_parameters

from ground_truth.built_in_arns import RegionError
from ground_truth.definition import changed_fields, continuation_problems, definition_hash
from ground_truth.functions import Functions, job_rules
from ground_truth.tasks import TASK_RULES, AnswerKind, TaskType
from stacks.config import Campaign, check, load
from stacks.problems import ConfigError
from tests.infra.asked import asked
from tests.infra.synth import HOST, Synthesis, synthesize_project

if TYPE_CHECKING:
    from tests.stacks.projects import ProjectFiles

STACK = "Labeling-letters"
TEMPLATED = [
    task
    for task, rules in TASK_RULES.items()
    if rules.answers is not AnswerKind.UNREAD and rules.audit is None
]
CUSTOM = [TaskType.POLYGON, TaskType.POLYLINE, TaskType.KEYPOINT]
SHAPE = (
    botocore.session.get_session()
    .get_service_model("sagemaker")
    .operation_model("CreateLabelingJob")
    .input_shape
)


@pytest.fixture
def plain(files: ProjectFiles) -> ProjectFiles:
    """A campaign without a template."""
    (files.root / "campaigns/letters/template.liquid.html").unlink()
    return files


def campaign(files: ProjectFiles) -> Campaign:
    (found,) = load(files.root, env="dev").campaigns
    return found


def synthesized(files: ProjectFiles) -> Synthesis:
    return synthesize_project(load(files.root, env="dev", host=HOST))


def ask(files: ProjectFiles, task: TaskType, functions: str) -> None:
    files.set_campaign("task", task.value)
    files.set_campaign("functions", functions)
    reference = job_rules(task, Functions(functions)).ref_suffix.value == "required"
    files.set_campaign("label_attribute", "letter-ref" if reference else "letter")


def requested(synthesis: Synthesis) -> dict[str, Any]:
    return as_the_service_takes_it(asked(synthesis))


def as_the_service_takes_it(request: dict[str, Any]) -> dict[str, Any]:
    assert SHAPE is not None
    validate_parameters(request, SHAPE)
    return request


def test_saying_the_default_changes_nothing(files: ProjectFiles) -> None:
    before = campaign(files).definition
    files.set_campaign("functions", "own")

    assert campaign(files).definition == before
    assert "functions" not in before.to_dict()


def test_aws_functions_of_the_region_are_called(plain: ProjectFiles) -> None:
    plain.set_campaign("functions", "aws")
    plain.set_environment("region", "us-west-2")

    task = requested(synthesized(plain))["HumanTaskConfig"]

    arn = "arn:AWS::Partition:lambda:us-west-2:081040173940:function"
    assert spelled(task["PreHumanTaskLambdaArn"]) == f"{arn}:PRE-ImageMultiClass"
    assert spelled(task["AnnotationConsolidationConfig"]["AnnotationConsolidationLambdaArn"]) == (
        f"{arn}:ACS-ImageMultiClass"
    )
    assert set(task["UiConfig"]) == {"UiTemplateS3Uri"}


def spelled(arn: str) -> str:
    """What only a deployment knows is the partition here."""
    return arn.replace("known-only-at-deployment", "AWS::Partition")


def test_no_function_of_ours_is_made_for_aws_functions(plain: ProjectFiles) -> None:
    plain.set_campaign("functions", "aws")

    synthesis = synthesized(plain)

    paths = [each.path for each in synthesis.resources("AWS::Lambda::Function", STACK)]
    assert sorted(path.split("/")[2] for path in paths) == ["Gate", "Monitor"]
    assert "lambda:InvokeFunction" not in statements(synthesis)
    assert synthesis.violations == []


def statements(synthesis: Synthesis) -> str:
    role = synthesis.at(f"{STACK}/Job/ExecutionRole/Permissions/Resource")
    return json.dumps(role.properties["PolicyDocument"]["Statement"])


def test_named_entities_by_aws_are_on_amazons_page(plain: ProjectFiles) -> None:
    plain.set_campaign("functions", "aws")
    plain.set_campaign("task", "named-entity-recognition")
    plain.set_campaign(
        "labels",
        [{"name": "person", "short_name": "per", "description": "A <human>"}, {"name": "place"}],
    )

    synthesis = synthesized(plain)

    job = synthesis.one("Custom::GroundTruthLabelingJob").properties
    assert "Template" not in job
    assert json.loads(job["LabelCategories"]) == {
        "document-version": "2018-11-28",
        "labels": [{"label": "person", "shortDisplayName": "per"}, {"label": "place"}],
        "instructions": {
            "shortInstruction": "<p>Choose one.</p>",
            "fullInstruction": "<p>Choose the letter.</p>\n<h3>Labels</h3>\n<dl>\n"
            "  <dt>person</dt>\n  <dd>A &lt;human&gt;</dd>\n</dl>",
        },
    }
    ui = requested(synthesis)["HumanTaskConfig"]["UiConfig"]
    assert {key: spelled(arn) for key, arn in ui.items()} == {
        "HumanTaskUiArn": "arn:AWS::Partition:sagemaker:us-east-1:394669845002:human-task-ui/"
        "NamedEntityRecognition"
    }
    assert synthesis.violations == []


@pytest.mark.parametrize(
    ("key", "value"), [("instructions.header", "Mark"), ("template", "other.html")]
)
def test_amazons_page_takes_no_template_nor_header(
    plain: ProjectFiles, key: str, value: str
) -> None:
    plain.set_campaign("functions", "aws")
    plain.set_campaign("task", "named-entity-recognition")
    plain.set_campaign(key, value)

    (problem,) = check(plain.root).problems

    assert problem.key == key
    assert "see Amazon's page; remove it" in problem.message


def test_template_nobody_would_see_is_refused(files: ProjectFiles) -> None:
    files.set_campaign("functions", "aws")
    files.set_campaign("task", "named-entity-recognition")

    (problem,) = check(files.root).problems

    assert (problem.key, "template.liquid.html" in problem.message) == ("template", True)


def test_short_names_are_of_amazons_page_alone(files: ProjectFiles) -> None:
    files.set_campaign("labels", [{"name": "a", "short_name": "x"}, {"name": "b"}])

    (problem,) = check(files.root).problems

    assert problem.key == "labels"
    assert "short_name of 'a'" in problem.message


def test_instructions_on_amazons_page_are_part_of_what_is_asked(plain: ProjectFiles) -> None:
    plain.set_campaign("functions", "aws")
    plain.set_campaign("task", "named-entity-recognition")
    before = campaign(plain).definition
    plain.write("campaigns/letters/instructions/short.html", "<p>Mark two.</p>")

    assert changed_fields(before, campaign(plain).definition) == ("categories_sha256",)


@pytest.mark.parametrize("functions", ["aws", "none"])
def test_behaviour_of_functions_nobody_calls_is_no_part_of_a_definition(
    plain: ProjectFiles, functions: str
) -> None:
    own = campaign(plain).definition
    plain.set_campaign("functions", functions)
    found = campaign(plain).definition

    assert (found.pre_annotation_behaviour, found.consolidation_behaviour) == (0, 0)
    assert found.to_dict()["functions"] == functions
    assert definition_hash(found) != definition_hash(own)


def test_labels_go_on_from_our_functions_to_awss_but_not_to_none(plain: ProjectFiles) -> None:
    own = campaign(plain).definition
    plain.set_campaign("functions", "aws")
    aws = campaign(plain).definition
    plain.set_campaign("functions", "none")
    none = campaign(plain).definition

    assert continuation_problems(own, aws) == []
    for other in (own, aws):
        (problem,) = continuation_problems(other, none)
        assert problem.startswith("labels have another form")


@pytest.mark.parametrize("task", TEMPLATED)
def test_job_without_functions_names_none(plain: ProjectFiles, task: TaskType) -> None:
    """The page shows the object of the manifest line, and the labels that are written into it."""
    ask(plain, task, "none")
    plain.set_campaign("labels", ["it's <a>", 'the "b" {{ x }}'])

    found = campaign(plain)
    page = found.content.template

    assert f"task.input.{TASK_RULES[task].manifest_key}" in page
    assert "taskObject" not in page
    assert "task.input.labels" not in page
    assert [(each.key, "gt reconsolidate" in each.message) for each in found.content.warnings] == [
        ("functions", task is not TaskType.SEMANTIC_SEGMENTATION)
    ]


def test_request_without_functions_is_complete(plain: ProjectFiles) -> None:
    plain.set_campaign("functions", "none")

    synthesis = synthesized(plain)
    task = requested(synthesis)["HumanTaskConfig"]

    assert {"PreHumanTaskLambdaArn", "AnnotationConsolidationConfig"} & set(task) == set()
    assert "lambda:InvokeFunction" not in statements(synthesis)


@pytest.mark.parametrize("task", CUSTOM)
def test_aws_passes_answers_to_custom_templates_through(
    plain: ProjectFiles, task: TaskType
) -> None:
    ask(plain, task, "aws")

    found = campaign(plain)

    built_in = found.settings.job_rules.built_in
    assert built_in is not None
    assert built_in.pre_annotation == "PRE-PassThrough"
    assert "task.input.source-ref" in found.content.template
    assert "is PassThrough" in found.content.warnings[0].message


def test_template_that_reads_what_no_function_gives_is_refused(files: ProjectFiles) -> None:
    files.set_campaign("functions", "none")

    found = check(files.root).problems

    assert {(each.key, "given: task.input.source-ref" in each.message) for each in found} == {
        ("unknown-variable", True)
    }


def test_models_have_nothing_to_learn_from_without_labels(plain: ProjectFiles) -> None:
    plain.set_campaign("functions", "none")
    plain.set_campaign("automated_labeling", {})

    (problem,) = check(plain.root).problems

    assert problem.key == "automated_labeling"
    assert "such a job makes none" in problem.message


def test_models_beside_aws_functions_are_as_documented(plain: ProjectFiles) -> None:
    plain.set_campaign("functions", "aws")
    plain.set_campaign("automated_labeling", {})

    assert check(plain.root).warnings == ()


@pytest.fixture
def local(plain: ProjectFiles) -> ProjectFiles:
    plain.set_environment("workforce", {"portal_scheme": "http"})
    return plain


def test_aws_functions_are_not_offered_locally(local: ProjectFiles) -> None:
    local.set_campaign("functions", "aws")

    with pytest.raises(ConfigError) as refusal:
        load(local.root, env="dev")

    (problem,) = refusal.value.problems
    assert (problem.key, "not offered locally" in problem.message) == ("functions", True)
    assert check(local.root).problems == ()


@pytest.mark.parametrize(
    ("task", "functions"),
    [(TaskType.IMAGE_CLASSIFICATION, "none"), (TaskType.POLYGON, "aws")],
)
def test_jobs_that_change_nothing_run_locally(
    local: ProjectFiles, task: TaskType, functions: str
) -> None:
    ask(local, task, functions)

    assert campaign(local).settings.functions.value == functions


def test_stack_without_a_region_can_not_name_aws_functions() -> None:
    from aws_cdk import App, Stack  # noqa: PLC0415 - after the PATH is set

    from ground_truth_cdk.built_in_functions import BuiltInFunctions  # noqa: PLC0415

    task = job_rules(TaskType.BOUNDING_BOX, Functions.AWS).built_in
    assert task is not None
    with pytest.raises(RegionError, match="the stack names none"):
        BuiltInFunctions.of(task, region=Stack(App(), "Any").region)
