"""Telling people how a campaign goes: events, counters, alarms, a dashboard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Duration, Validations
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sns as sns
from constructs import Construct

from ground_truth import names
from ground_truth_cdk.function import FunctionSettings, SecureFunction
from ground_truth_cdk.grants import Grant
from ground_truth_cdk.labeling_gate import JOB_NAMES_VARY, LabelingGateProps, labeling_jobs_arn
from ground_truth_cdk.undelivered import undelivered_queue

if TYPE_CHECKING:
    from ground_truth_cdk.storage_reference import StorageReference

NAMESPACE = "GroundTruth/Campaigns"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobMonitorProps:
    """`max_failed_percent` of the objects may fail or expire before the alarm speaks."""

    functions: FunctionSettings
    campaign: LabelingGateProps
    topic_arn: str
    max_failed_percent: float
    progress_minutes: int


class JobMonitor(Construct):
    """Watches every job of a campaign by its name's prefix, so it outlives single jobs.

    Alarms sit on the campaign's own metrics: their names and dimensions never change with a job.
    """

    def __init__(self, scope: Construct, construct_id: str, *, props: JobMonitorProps) -> None:
        super().__init__(scope, construct_id)
        self._props = props
        self._name = names.monitor_name(props.campaign.environment, props.campaign.campaign)
        topic = sns.Topic.from_topic_arn(self, "Topic", props.topic_arn)
        self._undelivered = undelivered_queue(
            self,
            reason="it is itself where undelivered events end, and an alarm tells of the first",
        )
        counters = self._counters(props.campaign.storage)
        self._rule(
            "StateChange",
            targets.SnsTopic(topic, message=self._message(), dead_letter_queue=self._undelivered),
        )
        self._rule(
            "StateChangeCounters",
            targets.LambdaFunction(counters.function, dead_letter_queue=self._undelivered),
        )
        events.Rule(
            self,
            "Progress",
            description="Reads the campaign's counters",
            schedule=events.Schedule.rate(Duration.minutes(props.progress_minutes)),
            targets=[
                targets.LambdaFunction(
                    counters.function,
                    event=events.RuleTargetInput.from_object({"check": True}),
                    dead_letter_queue=self._undelivered,
                )
            ],
        )
        self.alarms = [self._failed_objects(), self._failed_job(), self._lost_events()]
        for alarm in self.alarms:
            alarm.add_alarm_action(actions.SnsAction(topic))
        self._dashboard()

    def _message(self) -> events.RuleTargetInput:
        """What people are told of a job's end: the event alone has no counters."""
        campaign, most = self._props.campaign, self._props.max_failed_percent
        return events.RuleTargetInput.from_text(
            f"Campaign {campaign.campaign} in {campaign.environment}: the labeling job is"
            f" {events.EventField.from_path('$.detail.LabelingJobStatus')}."
            " Completed doesn't mean that every object has a label:"
            f" `gt status --env {campaign.environment}` has the counters, and the alarm"
            f" {self._failed_objects_name} tells when more than {most:g} percent have none."
        )

    @property
    def _failed_objects_name(self) -> str:
        return f"{self._name}-failed-objects"

    def _counters(self, storage: StorageReference) -> SecureFunction:
        campaign = self._props.campaign
        return SecureFunction(
            self,
            "Counters",
            module="ground_truth_functions.job_metrics",
            description="Turns a labeling job's counters into metrics of its campaign",
            settings=self._props.functions,
            dead_letters=self._undelivered,
            environment={
                "ENVIRONMENT": campaign.environment,
                "CAMPAIGN": campaign.campaign,
                "JOB_NAME_PREFIX": campaign.job_name_prefix,
                "OUTPUT_BUCKET": storage.output_bucket,
            },
            grants=[
                Grant(
                    actions=["sagemaker:DescribeLabelingJob"],
                    resources=[labeling_jobs_arn(campaign.job_name_prefix)],
                    wildcard=JOB_NAMES_VARY,
                ),
                Grant(
                    actions=["cloudwatch:PutMetricData"],
                    resources=["*"],
                    conditions={"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
                    wildcard="PutMetricData knows no resources; the condition names the namespace",
                ),
                storage.list_output(names.campaign_prefix(campaign.campaign)),
                Grant(
                    actions=["s3:GetObject"],
                    resources=[storage.output_object(names.lineage_key(campaign.campaign))],
                ),
                *storage.decrypt(),
            ],
        )

    def _rule(self, construct_id: str, target: events.IRuleTarget) -> None:
        rule = events.Rule(
            self,
            construct_id,
            description="A labeling job of the campaign ended",
            event_pattern=events.EventPattern(
                source=["aws.sagemaker"],
                detail_type=["SageMaker Ground Truth Labeling Job State Change"],
                # the event's detail has no job name: the ARN is all there is to select by
                resources=events.Match.prefix(
                    labeling_jobs_arn(self._props.campaign.job_name_prefix).removesuffix("*")
                ),
            ),
            targets=[target],
        )
        Validations.of(rule).acknowledge(
            Acknowledgment(
                id="Annotation::@aws-cdk/aws-events:ruleUnresolvedEnvironment",
                reason="rule and target are always of one environment; its account may be open",
            )
        )

    def _metric(self, name: str, statistic: str = "Maximum") -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=name,
            dimensions_map={
                "Environment": self._props.campaign.environment,
                "Campaign": self._props.campaign.campaign,
            },
            statistic=statistic,
            period=Duration.minutes(max(self._props.progress_minutes, 1)),
        )

    def _failed_objects(self) -> cloudwatch.Alarm:
        return cloudwatch.Alarm(
            self,
            "FailedObjects",
            alarm_name=self._failed_objects_name,
            alarm_description="More objects failed or expired than the environment allows"
            f" ({self._props.max_failed_percent:g} percent): the campaign is no success yet."
            f" `gt status --env {self._props.campaign.environment}` has the counters.",
            metric=self._metric("FailedPercent"),
            threshold=self._props.max_failed_percent,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _failed_job(self) -> cloudwatch.Alarm:
        return cloudwatch.Alarm(
            self,
            "FailedJob",
            alarm_name=f"{self._name}-job-failed",
            alarm_description="A labeling job of the campaign failed; its reason is in the console",
            metric=self._metric("JobFailed"),
            threshold=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _lost_events(self) -> cloudwatch.Alarm:
        return cloudwatch.Alarm(
            self,
            "LostEvents",
            alarm_name=f"{self._name}-lost-events",
            alarm_description="Events of the campaign's jobs could not be told or counted; they are"
            " in the queue the stack has for them",
            metric=self._undelivered.metric_approximate_number_of_messages_visible(),
            threshold=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _dashboard(self) -> None:
        cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=self._name,
            widgets=[
                [
                    cloudwatch.GraphWidget(
                        title="Objects",
                        width=16,
                        left=[self._metric("Labeled"), self._metric("Total")],
                        right=[self._metric("Failed")],
                    ),
                    cloudwatch.AlarmStatusWidget(title="Alarms", width=8, alarms=self.alarms),
                ]
            ],
        )
