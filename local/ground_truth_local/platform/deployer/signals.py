"""Rules, alarms, topics and queues."""

from __future__ import annotations

from collections.abc import Mapping

from ground_truth_local.platform.deployer.needs import Handlers, Need, arn, tagging

_RULE = arn("events", "rule/{name}")
_ALARM = arn("cloudwatch", "alarm:{name}")
_DASHBOARD = "arn:{partition}:cloudwatch::{account}:dashboard/{name}"
_TOPIC = arn("sns", "{name}")
_QUEUE = arn("sqs", "{name}")

TYPES: Mapping[str, Handlers] = {
    "AWS::Events::Rule": Handlers(
        name="Name",
        create=(
            Need(action="events:PutRule", resource=_RULE),
            Need(action="events:PutTargets", resource=_RULE, when=("Targets",)),
            Need(action="events:TagResource", resource=_RULE, when=("Tags",)),
        ),
        update=(
            Need(action="events:PutRule", resource=_RULE),
            Need(action="events:RemoveTargets", resource=_RULE, when=("Targets",)),
            Need(action="events:PutTargets", resource=_RULE, when=("Targets",)),
            *tagging("events:TagResource", "events:UntagResource", _RULE),
        ),
        delete=(
            Need(action="events:ListTargetsByRule", resource=_RULE),
            Need(action="events:RemoveTargets", resource=_RULE),
            Need(action="events:DeleteRule", resource=_RULE),
        ),
        reading=(Need(action="events:DescribeRule", resource=_RULE),),
    ),
    "AWS::CloudWatch::Alarm": Handlers(
        name="AlarmName",
        create=(
            Need(action="cloudwatch:PutMetricAlarm", resource=_ALARM),
            Need(action="cloudwatch:TagResource", resource=_ALARM, when=("Tags",)),
        ),
        update=(
            Need(action="cloudwatch:PutMetricAlarm", resource=_ALARM),
            *tagging("cloudwatch:TagResource", "cloudwatch:UntagResource", _ALARM),
        ),
        delete=(Need(action="cloudwatch:DeleteAlarms", resource=_ALARM),),
        reading=(Need(action="cloudwatch:DescribeAlarms", resource=_ALARM),),
    ),
    "AWS::CloudWatch::Dashboard": Handlers(
        name="DashboardName",
        create=(Need(action="cloudwatch:PutDashboard", resource=_DASHBOARD),),
        update=(Need(action="cloudwatch:PutDashboard", resource=_DASHBOARD),),
        delete=(Need(action="cloudwatch:DeleteDashboards", resource=_DASHBOARD),),
        reading=(Need(action="cloudwatch:GetDashboard", resource=_DASHBOARD),),
    ),
    "AWS::SNS::Topic": Handlers(
        name="TopicName",
        create=(
            Need(action="sns:CreateTopic", resource=_TOPIC),
            Need(action="sns:TagResource", resource=_TOPIC, when=("Tags",)),
            Need(action="sns:Subscribe", resource=_TOPIC, when=("Subscription",)),
        ),
        update=(
            Need(action="sns:SetTopicAttributes", resource=_TOPIC, when=("KmsMasterKeyId",)),
            Need(action="sns:Subscribe", resource=_TOPIC, when=("Subscription",)),
            *tagging("sns:TagResource", "sns:UntagResource", _TOPIC),
        ),
        delete=(Need(action="sns:DeleteTopic", resource=_TOPIC),),
        reading=(Need(action="sns:GetTopicAttributes", resource=_TOPIC),),
    ),
    "AWS::SNS::TopicPolicy": Handlers(
        create=(Need(action="sns:SetTopicAttributes", resource="{item}", each="Topics"),),
        update=(Need(action="sns:SetTopicAttributes", resource="{topic}"),),
        delete=(Need(action="sns:SetTopicAttributes", resource="{item}", each="Topics"),),
    ),
    "AWS::SNS::Subscription": Handlers(
        create=(Need(action="sns:Subscribe", resource="{TopicArn}"),),
        update=(Need(action="sns:SetSubscriptionAttributes"),),
        delete=(Need(action="sns:Unsubscribe"),),
        reading=(Need(action="sns:GetSubscriptionAttributes"),),
    ),
    "AWS::SQS::Queue": Handlers(
        name="QueueName",
        create=(
            Need(action="sqs:CreateQueue", resource=_QUEUE),
            Need(action="sqs:TagQueue", resource=_QUEUE, when=("Tags",)),
        ),
        update=(
            Need(action="sqs:SetQueueAttributes", resource=_QUEUE),
            *tagging("sqs:TagQueue", "sqs:UntagQueue", _QUEUE),
        ),
        delete=(Need(action="sqs:DeleteQueue", resource=_QUEUE),),
        reading=(Need(action="sqs:GetQueueAttributes", resource=_QUEUE),),
    ),
    "AWS::SQS::QueuePolicy": Handlers(
        create=(
            Need(
                action="sqs:SetQueueAttributes", resource=arn("sqs", "{item_name}"), each="Queues"
            ),
        ),
        update=(
            Need(
                action="sqs:SetQueueAttributes", resource=arn("sqs", "{item_name}"), each="Queues"
            ),
        ),
        delete=(
            Need(
                action="sqs:SetQueueAttributes", resource=arn("sqs", "{item_name}"), each="Queues"
            ),
        ),
    ),
}
