"""The catalogue of Ground Truth's own tasks, against botocore's copy of the service model."""

from __future__ import annotations

import re

import botocore.session
import pytest
from botocore.model import StructureShape

from ground_truth.built_in import (
    BUILT_IN,
    CUSTOM,
    Audit,
    BuiltIn,
    CategoryFormat,
    RefSuffix,
    UiKind,
)
from ground_truth.built_in_arns import (
    FUNCTION_ACCOUNTS,
    RegionError,
    algorithm_arn,
    consolidation_arn,
    human_task_ui_arn,
    pre_annotation_arn,
)
from ground_truth.limits import GROUND_TRUTH_REGIONS, Range
from ground_truth.tasks import TASK_RULES, TaskType

MODEL = botocore.session.get_session().get_service_model("sagemaker")
# The model's text stands for any region by one of these.
ANY_REGION = ("aws-region", "region")


def documented(shape: str, member: str) -> str:
    structure = MODEL.shape_for(shape)
    assert isinstance(structure, StructureShape)
    return re.sub(r"</?[a-z]+>", "", structure.members[member].documentation)


def listed(shape: str, member: str, pattern: str) -> set[str]:
    return set(re.findall(pattern, documented(shape, member)))


FUNCTION = r"arn:aws:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9-]+"


def test_pre_annotation_functions_are_those_the_model_lists() -> None:
    ours = {
        pre_annotation_arn(task, partition="aws", region=region)
        for task in BUILT_IN.values()
        for region in FUNCTION_ACCOUNTS
    }

    assert len(ours) == 276
    assert ours == listed("HumanTaskConfig", "PreHumanTaskLambdaArn", FUNCTION)


def test_consolidation_functions_are_those_the_model_lists() -> None:
    """It prints one of them twice."""
    ours = {
        consolidation_arn(task, partition="aws", region=region)
        for task in BUILT_IN.values()
        for region in FUNCTION_ACCOUNTS
    }

    assert len(ours) == 276
    assert ours == listed(
        "AnnotationConsolidationConfig", "AnnotationConsolidationLambdaArn", FUNCTION
    )


def test_pages_are_those_the_model_lists() -> None:
    ours = {
        human_task_ui_arn(task, partition="aws", region=region)
        for task in BUILT_IN.values()
        if task.ui is UiKind.HUMAN_TASK_UI
        for region in ANY_REGION
    }
    theirs = listed("UiConfig", "HumanTaskUiArn", r"arn:aws:sagemaker:\S+?:human-task-ui/\w+")

    assert len(theirs) == 6
    assert theirs <= ours
    assert {arn.rpartition("/")[2] for arn in theirs} == {arn.rpartition("/")[2] for arn in ours}


def test_algorithms_are_those_the_model_lists() -> None:
    ours = {
        algorithm_arn(task.algorithm, partition="aws", region="<region>")
        for task in BUILT_IN.values()
        if task.algorithm
    }
    theirs = listed(
        "LabelingJobAlgorithmsConfig",
        "LabelingJobAlgorithmSpecificationArn",
        r"arn:aws:sagemaker:\S*?:[0-9]{12}:labeling-job-algorithm-specification/[a-z-]+",
    )

    assert len(theirs) == 4
    assert {re.sub("sagemaker:[^:]*:", "sagemaker:<region>:", arn) for arn in theirs} == ours


def test_ref_suffix_is_required_where_the_model_says_so() -> None:
    text = documented("CreateLabelingJobRequest", "LabelAttributeName")
    named = {name for name in BUILT_IN if re.search(rf"(?<!\w){name}(?!\w)", text)}

    required = {name for name, task in BUILT_IN.items() if task.ref_suffix is RefSuffix.REQUIRED}
    assert required == named - {"VerificationSemanticSegmentation"}
    assert BUILT_IN["VerificationSemanticSegmentation"].ref_suffix is RefSuffix.FORBIDDEN


def test_functions_are_where_ground_truth_is() -> None:
    assert tuple(FUNCTION_ACCOUNTS) == GROUND_TRUTH_REGIONS
    assert FUNCTION_ACCOUNTS["us-west-2"].startswith("0")  # a number would have lost it


def test_other_regions_are_refused_and_other_partitions_kept() -> None:
    task = BUILT_IN["BoundingBox"]

    with pytest.raises(RegionError, match="got 'us-west-1', allowed ap-northeast-1"):
        pre_annotation_arn(task, partition="aws", region="us-west-1")
    assert consolidation_arn(task, partition="aws-x", region="us-east-1") == (
        "arn:aws-x:lambda:us-east-1:432418664414:function:ACS-BoundingBox"
    )


def of_frames(task: BuiltIn) -> bool:
    return ("Video" in task.name and "Object" in task.name) or "3D" in task.name


@pytest.mark.parametrize("task", BUILT_IN.values(), ids=BUILT_IN)
def test_video_frames_and_point_clouds_have_rules_of_their_own(task: BuiltIn) -> None:
    assert (task.categories is CategoryFormat.FRAMES) == of_frames(task)
    assert task.workers == (Range(1, 1) if of_frames(task) else Range(1, 9))
    assert task.task_time_limit_seconds.maximum == (2_592_000 if of_frames(task) else 28_800)
    assert (task.ui is UiKind.HUMAN_TASK_UI) == (
        of_frames(task) or task.name == "NamedEntityRecognition"
    )
    assert not task.human_task_ui.startswith("3D")


@pytest.mark.parametrize("task", BUILT_IN.values(), ids=BUILT_IN)
def test_page_is_a_template_with_an_element_or_amazons(task: BuiltIn) -> None:
    """PassThrough takes any template."""
    has_element = bool(task.element and task.answer_name)

    assert has_element == (task.ui is UiKind.TEMPLATE and task.name != "PassThrough")


def test_label_categories_are_as_many_as_the_quotas_say() -> None:
    """Input data quotas, the column of the API; the model says of how many on."""
    several = {"ImageMultiClass", "TextMultiClass"}
    of_fifty = {"ImageMultiClassMultiLabel", "TextMultiClassMultiLabel"}
    for name, task in BUILT_IN.items():
        if name in several | of_fifty:
            assert task.labels == Range(2, 50 if name in of_fifty else None)
        elif name.endswith("BoundingBox"):
            assert task.labels == Range(1, None if "Verification" in name else 50)
        elif of_frames(task) or name == "VideoMultiClass":
            assert task.labels == Range(1, 30)
        elif name != "PassThrough":
            assert task.labels == Range(1, None)


def test_sequences_have_quotas() -> None:
    video, cloud = BUILT_IN["VideoObjectTracking"], BUILT_IN["3DPointCloudObjectTracking"]

    assert (video.dataset_objects, video.frames_per_sequence) == (Range(1, 10), Range(1, 2000))
    assert (cloud.dataset_objects, cloud.frames_per_sequence) == (
        Range(1, 100_000),
        Range(1, 500),
    )
    masks = {name for name, task in BUILT_IN.items() if task.dataset_objects == Range(1, 20_000)}
    assert masks == {name for name in BUILT_IN if name.endswith("SemanticSegmentation")} - {
        name for name in BUILT_IN if "3D" in name
    }


def test_audits_have_what_they_audit() -> None:
    both = (Audit.ADJUSTMENT, Audit.VERIFICATION)
    audited = {
        name: (task.audits, task.audit_kinds) for name, task in BUILT_IN.items() if task.audits
    }

    assert audited == {
        "VerificationBoundingBox": ("BoundingBox", (Audit.VERIFICATION,)),
        "AdjustmentBoundingBox": ("BoundingBox", (Audit.ADJUSTMENT,)),
        "VerificationSemanticSegmentation": ("SemanticSegmentation", (Audit.VERIFICATION,)),
        "AdjustmentSemanticSegmentation": ("SemanticSegmentation", (Audit.ADJUSTMENT,)),
        **{
            f"Adjustment{name}": (name, both)
            for name, task in BUILT_IN.items()
            if of_frames(task) and not task.audits
        },
    }
    for name, task in BUILT_IN.items():
        if task.audits and Audit.ADJUSTMENT in task.audit_kinds:
            original = BUILT_IN[task.audits]
            assert (task.human_task_ui, task.element, task.ref_suffix) == (
                original.human_task_ui,
                original.element,
                original.ref_suffix,
            ), name


def test_job_without_functions_has_no_rules_but_the_requests() -> None:
    assert CUSTOM.ref_suffix is RefSuffix.FREE
    assert CUSTOM.labels == Range(0, None)
    assert CUSTOM.ui is UiKind.TEMPLATE


@pytest.mark.parametrize("task", TaskType)
def test_campaigns_ask_for_no_more_than_the_built_in_task_allows(task: TaskType) -> None:
    rules = TASK_RULES[task]
    built_in = rules.built_in
    if built_in is None:
        custom = rules.metadata_type == "groundtruth/custom"
        assert custom or rules.audit, "an audit's label is of a documented shape"
        return
    assert rules.labels.minimum in built_in.labels
    assert rules.labels.maximum == built_in.labels.maximum
    assert rules.workers == built_in.workers
    assert rules.task_time_limit_seconds == built_in.task_time_limit_seconds
    assert rules.dataset_objects == built_in.dataset_objects
    assert rules.ref_suffix == built_in.ref_suffix
    assert rules.metadata_type == built_in.metadata_type
    assert rules.objects == built_in.objects
    if built_in.ui is UiKind.TEMPLATE:
        assert rules.template_element == built_in.element
