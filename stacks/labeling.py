"""One campaign: gate first, functions and monitor, the job last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Annotations

from ground_truth import names
from ground_truth.functions import Functions
from ground_truth_cdk.annotation_functions import AnnotationFunctions, AnnotationFunctionsProps
from ground_truth_cdk.built_in_functions import BuiltInFunctions
from ground_truth_cdk.job_monitor import JobMonitor, JobMonitorProps
from ground_truth_cdk.job_options import AutomatedLabeling, JobOptions
from ground_truth_cdk.labeling_gate import (
    BasedOn,
    CampaignDataset,
    LabelingGate,
    LabelingGateProps,
    queues_arn,
)
from ground_truth_cdk.labeling_job import (
    JobPresentation,
    LabelingJob,
    LabelingJobProps,
)
from ground_truth_cdk.object_topic import ObjectTopic, ObjectTopicProps
from ground_truth_cdk.sample_data import SampleData
from stacks.common import EnvironmentStack

if TYPE_CHECKING:
    from constructs import Construct

    from ground_truth_cdk.storage_reference import StorageReference
    from stacks import config
    from stacks.storage import StorageStack
    from stacks.team import TeamStack


class LabelingStack(EnvironmentStack):
    """Comes and goes with its campaign; what was labeled stays in the output bucket."""

    def __init__(
        self,
        scope: Construct,
        *,
        environment: config.Environment,
        campaign: config.Campaign,
        storage: StorageStack,
        team: TeamStack,
    ) -> None:
        super().__init__(
            scope,
            f"Labeling-{campaign.name}",
            environment=environment,
            description=f"Ground Truth campaign: {campaign.settings.title}",
        )
        self.tag({names.TAG_CAMPAIGN: campaign.name, **campaign.settings.tags})
        for warning in campaign.content.warnings:
            Annotations.of(self).add_warning_v2(f"ground-truth:{warning.key}", str(warning))
        self.encrypt_logs(storage.operations_key_for(self))
        reference = storage.reference_for(self)
        gate = LabelingGate(
            self,
            "Gate",
            props=LabelingGateProps(
                functions=self.functions,
                storage=reference,
                environment=environment.name,
                campaign=campaign.name,
                definition=campaign.definition,
                dataset=_dataset(campaign),
                generation=campaign.settings.generation,
                approve=campaign.settings.approve,
            ),
        )
        functions = self._functions(campaign, reference)
        monitor = self._monitor(environment, gate, team)
        sample_data = self._sample_data(campaign, reference)
        topic = self._topic(campaign, reference)
        job = LabelingJob(
            self,
            "Job",
            props=LabelingJobProps(
                gate=gate,
                annotation=functions,
                workteam_arn=campaign.settings.workteam_arn or self.read(team, "WorkteamArn"),
                template=campaign.content.template,
                categories=campaign.content.categories,
                presentation=_presentation(environment, campaign),
                options=_options(campaign, gate, topic),
                sample_data_digest=sample_data.digest if sample_data else None,
            ),
        )
        made = None if isinstance(functions, BuiltInFunctions) else functions
        parts = [part for part in (made, monitor, sample_data, topic) if part]
        gate.guard(*parts)
        job.wait_for(*parts)
        self.output("LabelingJobName", job.attribute("JobName"), "The current labeling job")
        self.output("LabelingJobArn", job.attribute("JobArn"), "The current labeling job")
        self.output("OutputManifestUri", job.attribute("OutputManifestUri"), "The job's labels")
        if topic is not None:
            self.output("InputTopicArn", topic.topic_arn, "Send objects to label here")
        self.output("JobNamePrefix", gate.props.job_name_prefix, "All jobs of the campaign")

    def _functions(
        self, campaign: config.Campaign, storage: StorageReference
    ) -> AnnotationFunctions | BuiltInFunctions | None:
        rules = campaign.settings.job_rules
        if rules.built_in is not None:
            return BuiltInFunctions.of(rules.built_in, region=self.region)
        if campaign.settings.functions is Functions.NONE:
            return None
        return AnnotationFunctions(
            self,
            "Annotation",
            props=AnnotationFunctionsProps(
                functions=self.functions,
                task=campaign.settings.task,
                campaign=campaign.name,
                labels=campaign.settings.label_names,
                storage=storage,
                audited=campaign.audited,
            ),
        )

    def _monitor(
        self, environment: config.Environment, gate: LabelingGate, team: TeamStack
    ) -> JobMonitor:
        settings = environment.settings.monitoring
        return JobMonitor(
            self,
            "Monitor",
            props=JobMonitorProps(
                functions=self.functions,
                campaign=gate.props,
                topic_arn=self.read(team, "NotificationTopicArn"),
                max_failed_percent=settings.max_failed_percent,
                progress_minutes=settings.progress_minutes,
            ),
        )

    def _topic(self, campaign: config.Campaign, storage: StorageReference) -> ObjectTopic | None:
        streaming = campaign.settings.streaming
        if streaming is None:
            return None
        return ObjectTopic(
            self,
            "Objects",
            props=ObjectTopicProps(
                functions=self.functions,
                storage=storage,
                campaign=campaign.name,
                topic_arn=streaming.topic,
            ),
        )

    def _sample_data(
        self, campaign: config.Campaign, storage: StorageReference
    ) -> SampleData | None:
        prefix = campaign.settings.dataset.prefix
        if prefix is None or not campaign.content.sample_data:
            return None
        return SampleData(
            self,
            "SampleData",
            functions=self.functions,
            storage=storage,
            prefix=prefix,
            files=campaign.content.sample_data,
        )


def _presentation(environment: config.Environment, campaign: config.Campaign) -> JobPresentation:
    settings = campaign.settings
    return JobPresentation(
        title=settings.title,
        description=settings.description,
        keywords=settings.keywords,
        task_availability_seconds=settings.task_availability_seconds,
        max_concurrent_tasks=settings.max_concurrent_tasks,
        tags={**environment.settings.tags, **settings.tags},
    )


def _dataset(campaign: config.Campaign) -> CampaignDataset:
    table, base = campaign.settings.dataset, campaign.base
    if base is None:
        return CampaignDataset(prefix=table.prefix, manifest=campaign.content.manifest)
    return CampaignDataset(
        based_on=BasedOn(
            campaign=base.name,
            label_attribute=base.settings.label_attribute,
            labels=base.settings.label_names,
            accepted=table.accepted,
            raw_prefix=base.prefix or "",
            references=base.references,
        )
    )


def _options(
    campaign: config.Campaign, gate: LabelingGate, topic: ObjectTopic | None
) -> JobOptions:
    settings, definition = campaign.settings, campaign.definition
    table = settings.automated_labeling
    automated = None
    if table is not None:
        automated = AutomatedLabeling(
            algorithm=definition.automated_labeling,
            initial_model_arn=definition.initial_model,
            volume_key_arn=table.volume_key or "",
            security_groups=table.security_groups,
            subnets=table.subnets,
        )
    return JobOptions(
        content_classifiers=settings.content_classifiers,
        input_topic_arn=topic.topic_arn if topic else "",
        queues_arn=queues_arn(gate.props.job_name_prefix) if topic else "",
        output_topic_arn=settings.output.topic or "",
        output_topic_key_arn=settings.output.topic_key or "",
        automated_labeling=automated,
    )
