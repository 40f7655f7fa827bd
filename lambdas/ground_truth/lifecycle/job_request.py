"""The CreateLabelingJob request."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ground_truth import names
from ground_truth.lifecycle.lineage import Entry
from ground_truth.lifecycle.wanted import Automation, JobSettings, Wanted

_OURS: Final = frozenset(
    {
        names.TAG_CAMPAIGN,
        names.TAG_DEFINITION,
        names.TAG_ENVIRONMENT,
        names.TAG_GENERATION,
        names.TAG_OWNER,
        names.TAG_REQUEST,
    }
)


class BudgetSpentError(Exception):
    """The campaign has bought as many labels as ``max_labeled_objects`` allows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uris:
    """Where the job's files lie; ``template`` is empty where the page is Amazon's."""

    template: str
    categories: str


def job_request(
    wanted: Wanted, settings: JobSettings, entry: Entry, uris: Uris
) -> dict[str, object]:
    """Return the request for a recorded job.

    Raises:
        BudgetSpentError: the stopping condition has been met by earlier generations.
    """
    definition = wanted.definition
    bucket = wanted.output_bucket
    output: dict[str, object] = {
        "S3OutputPath": names.s3_uri(bucket, names.labels_prefix(wanted.campaign))
    }
    if settings.kms_key_arn:
        output["KmsKeyId"] = settings.kms_key_arn
    if settings.output_topic_arn:
        output["SnsTopicArn"] = settings.output_topic_arn
    task: dict[str, object] = {
        "WorkteamArn": settings.workteam_arn,
        "UiConfig": _page(settings, uris),
        **_functions(settings),
        "TaskTitle": settings.title,
        "TaskDescription": settings.description,
        "NumberOfHumanWorkersPerDataObject": definition.workers_per_object,
        "TaskTimeLimitInSeconds": definition.task_time_limit_seconds,
        "TaskAvailabilityLifetimeInSeconds": settings.availability_seconds,
        "MaxConcurrentTaskCount": settings.max_concurrent_tasks,
    }
    if settings.keywords:
        task["TaskKeywords"] = list(settings.keywords)
    request: dict[str, object] = {
        "LabelingJobName": entry.name,
        "LabelAttributeName": definition.label_attribute,
        "InputConfig": _input(wanted, settings, entry),
        "OutputConfig": output,
        "RoleArn": settings.role_arn,
        "LabelCategoryConfigS3Uri": uris.categories,
        "HumanTaskConfig": task,
        "Tags": [
            {"Key": key, "Value": value} for key, value in job_tags(wanted, settings, entry).items()
        ],
    }
    if settings.automation:
        request["LabelingJobAlgorithmsConfig"] = _algorithms(settings.automation)
    stopping = stopping_conditions(wanted, entry.carried)
    return {**request, "StoppingConditions": stopping} if stopping else request


def _page(settings: JobSettings, uris: Uris) -> dict[str, str]:
    if settings.human_task_ui_arn:
        return {"HumanTaskUiArn": settings.human_task_ui_arn}
    return {"UiTemplateS3Uri": uris.template}


def _functions(settings: JobSettings) -> dict[str, object]:
    functions: dict[str, object] = {}
    if settings.pre_annotation_arn:
        functions["PreHumanTaskLambdaArn"] = settings.pre_annotation_arn
    if settings.consolidation_arn:
        arn = settings.consolidation_arn
        functions["AnnotationConsolidationConfig"] = {"AnnotationConsolidationLambdaArn": arn}
    return functions


def _input(wanted: Wanted, settings: JobSettings, entry: Entry) -> dict[str, object]:
    key = names.input_manifest_key(wanted.campaign, entry.name)
    source: dict[str, object] = {}
    if entry.objects:
        source["S3DataSource"] = {"ManifestS3Uri": names.s3_uri(wanted.output_bucket, key)}
    if settings.input_topic_arn:
        source["SnsDataSource"] = {"SnsTopicArn": settings.input_topic_arn}
    given: dict[str, object] = {"DataSource": source}
    if settings.content_classifiers:
        given["DataAttributes"] = {"ContentClassifiers": list(settings.content_classifiers)}
    return given


def _algorithms(automation: Automation) -> dict[str, object]:
    config: dict[str, object] = {"LabelingJobAlgorithmSpecificationArn": automation.algorithm_arn}
    if automation.initial_model_arn:
        config["InitialActiveLearningModelArn"] = automation.initial_model_arn
    resources: dict[str, object] = {}
    if automation.volume_key_arn:
        resources["VolumeKmsKeyId"] = automation.volume_key_arn
    if automation.subnets:
        resources["VpcConfig"] = {
            "SecurityGroupIds": list(automation.security_groups),
            "Subnets": list(automation.subnets),
        }
    if resources:
        config["LabelingJobResourceConfig"] = resources
    return config


def job_tags(wanted: Wanted, settings: JobSettings, entry: Entry) -> Mapping[str, str]:
    """Return the campaign's tags and ours, which cannot be overridden: removal goes by them."""
    return {
        **own_tags(settings.tags),
        names.TAG_ENVIRONMENT: wanted.environment,
        names.TAG_CAMPAIGN: wanted.campaign,
        names.TAG_OWNER: entry.owner,
        names.TAG_GENERATION: str(entry.generation),
        names.TAG_REQUEST: entry.request,
        names.TAG_DEFINITION: entry.definition_hash,
    }


def own_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Return the tags a campaign may set on its jobs."""
    return {key: value for key, value in sorted(tags.items()) if key not in _OURS}


def stopping_conditions(wanted: Wanted, carried: int) -> dict[str, int]:
    """Return the stopping conditions; the limit is the campaign's, so earlier labels count.

    Raises:
        BudgetSpentError: earlier generations have bought as many labels as the limit allows.
    """
    declared = wanted.definition.stopping
    conditions: dict[str, int] = {}
    if declared.max_labeled_objects is not None:
        rest = declared.max_labeled_objects - carried
        if rest < 1:
            raise BudgetSpentError(
                f"campaign {wanted.campaign} has {carried} labels and may buy "
                f"{declared.max_labeled_objects} (max_labeled_objects)"
            )
        conditions["MaxHumanLabeledObjectCount"] = rest
    if declared.max_labeled_percent is not None:
        conditions["MaxPercentageOfInputDatasetLabeled"] = declared.max_labeled_percent
    return conditions
