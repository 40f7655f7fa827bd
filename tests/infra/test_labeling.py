"""A campaign's stack: order, the job's properties, the monitor."""

from __future__ import annotations

import json

import pytest

from ground_truth import names
from ground_truth.definition import CampaignDefinition, definition_hash
from tests.infra.synth import Resource, Synthesis, arn, synthesize

DIGITS = "Labeling-handwritten-digits"
REVIEWS = "Labeling-product-reviews"
CAMPAIGNS = (DIGITS, REVIEWS)


def needs(synthesis: Synthesis, stack: str) -> dict[str, set[str]]:
    """Logical id to everything that must exist before it, directly or not."""
    resources = {r.logical_id: r for r in synthesis.resources(stack=stack)}
    direct = {name: _direct(resource) & set(resources) for name, resource in resources.items()}
    reached: dict[str, set[str]] = {}
    for name in resources:
        waiting = [name]
        seen: set[str] = set()
        while waiting:
            for other in direct[waiting.pop()] - seen:
                seen.add(other)
                waiting.append(other)
        reached[name] = seen
    return reached


def _direct(resource: Resource) -> set[str]:
    found = set(resource.depends_on)
    waiting: list[object] = [resource.properties]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if "Ref" in value:
                found.add(value["Ref"])
            if "Fn::GetAtt" in value:
                found.add(value["Fn::GetAtt"][0])
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return found


@pytest.mark.parametrize("stack", CAMPAIGNS)
def test_gate_comes_before_everything_but_its_own_function(
    every_environment: Synthesis, stack: str
) -> None:
    gate = every_environment.one("Custom::GroundTruthGate", stack).logical_id
    reached = needs(every_environment, stack)
    ungated = {
        resource.path.removeprefix(f"GroundTruth/{stack}/")
        for resource in every_environment.resources(stack=stack)
        if gate not in reached[resource.logical_id] and resource.logical_id != gate
    }

    assert ungated == {
        "Gate/Function/Function/Resource",
        "Gate/Function/Logs/Resource",
        "Gate/Function/Permissions/Resource",
        "Gate/Function/Role/Resource",
    }


@pytest.mark.parametrize("stack", CAMPAIGNS)
def test_job_comes_after_everything_else(every_environment: Synthesis, stack: str) -> None:
    """So few siblings can fail after it, and a destroy stops it before it loses its rights."""
    job = every_environment.one("Custom::GroundTruthLabelingJob", stack).logical_id
    everything = {r.logical_id for r in every_environment.resources(stack=stack)}

    assert needs(every_environment, stack)[job] == everything - {job}


def test_nothing_in_the_stack_waits_for_the_job(every_environment: Synthesis) -> None:
    job = every_environment.one("Custom::GroundTruthLabelingJob", DIGITS).logical_id

    assert [
        name for name, others in needs(every_environment, DIGITS).items() if job in others
    ] == []


@pytest.mark.parametrize("stack", CAMPAIGNS)
def test_gate_and_job_decide_on_the_same_grounds(local: Synthesis, stack: str) -> None:
    gate = local.one("Custom::GroundTruthGate", stack).properties
    job = local.one("Custom::GroundTruthLabelingJob", stack).properties
    campaign = stack.removeprefix("Labeling-")

    assert (gate["Part"], job["Part"]) == ("gate", "job")
    assert {key: job[key] for key in gate if key != "Part"} == {
        key: gate[key] for key in gate if key != "Part"
    }
    assert gate["JobNamePrefix"] == names.job_name_prefix("local", campaign)
    definition = CampaignDefinition.from_dict(gate["Definition"])
    assert gate["DefinitionHash"] == definition_hash(definition)


def test_job_gets_everything_the_contract_lists(local: Synthesis) -> None:
    job = local.one("Custom::GroundTruthLabelingJob", DIGITS).properties

    assert set(job) == {
        *("ServiceToken", "ServiceTimeout", "Part", "Environment", "Campaign", "JobNamePrefix"),
        *("RawBucket", "OutputBucket", "Definition", "DefinitionHash", "Generation", "Approve"),
        *("RoleArn", "WorkteamArn", "PreAnnotationArn", "ConsolidationArn", "Title"),
        *("Description", "Keywords", "TaskAvailabilitySeconds", "MaxConcurrentTasks", "Tags"),
        *("Template", "LabelCategories", "Dataset", "SampleDataDigest"),
    }
    assert job["Dataset"] == {"Prefix": "handwritten-digits/"}
    assert json.loads(job["LabelCategories"]) == {
        "document-version": "2018-11-28",
        "labels": [{"label": str(digit)} for digit in range(10)],
    }
    assert set(job["Template"]) == {"Bucket", "Key"}


def test_given_manifest_travels_as_an_asset(local: Synthesis) -> None:
    dataset = local.one("Custom::GroundTruthLabelingJob", REVIEWS).properties["Dataset"]

    assert set(dataset) == {"Manifest"}
    assert dataset["Manifest"]["Key"].endswith(".jsonl")


def test_prod_job_encrypts_its_output_with_the_environments_key(prod: Synthesis) -> None:
    job = prod.one("Custom::GroundTruthLabelingJob", DIGITS).properties

    assert job["OutputKmsKeyArn"] == {
        "Fn::GetStackOutput": {"StackName": "GroundTruth-prod-Storage", "OutputName": "KeyArn"}
    }


def test_sample_data_is_uploaded_where_the_environment_says_so(
    local: Synthesis, prod: Synthesis
) -> None:
    assert len(local.resources("Custom::GroundTruthSampleData")) == 1
    assert prod.resources("Custom::GroundTruthSampleData") == []


def test_job_calls_a_version_and_an_alias(local: Synthesis) -> None:
    job = local.one("Custom::GroundTruthLabelingJob", DIGITS).properties
    resources = {r.logical_id: r for r in local.resources(stack=DIGITS)}

    assert resources[job["PreAnnotationArn"]["Ref"]].type == "AWS::Lambda::Version"
    alias = resources[job["ConsolidationArn"]["Ref"]]
    assert alias.type == "AWS::Lambda::Alias"
    assert alias.properties["Name"] == "live"


def test_old_pre_annotation_versions_stay_for_running_jobs(local: Synthesis) -> None:
    policies = {
        r.path.split("/")[3]: r.body["DeletionPolicy"]
        for r in local.resources("AWS::Lambda::Version", DIGITS)
    }

    assert policies == {"PreAnnotation": "RetainExceptOnCreate", "Consolidation": "Delete"}


def test_execution_role_is_for_ground_truth_alone(every_environment: Synthesis) -> None:
    role = every_environment.at(f"{DIGITS}/Job/ExecutionRole/Role/Resource")

    assert role.properties["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Action": "sts:AssumeRole",
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
        }
    ]
    assert "ManagedPolicyArns" not in role.properties


def test_role_of_texts_reads_nothing_of_the_raw_bucket(local: Synthesis) -> None:
    def readable(stack: str) -> str:
        statements = local.at(f"{stack}/Job/ExecutionRole/Permissions/Resource").properties[
            "PolicyDocument"
        ]["Statement"]
        return json.dumps(
            [s["Resource"] for s in statements if "s3:GetObject" in json.dumps(s["Action"])]
        )

    assert "RawBucketName" not in readable(REVIEWS)
    assert "RawBucketName" in readable(DIGITS)


def test_only_the_campaigns_function_may_pass_the_role_and_only_to_ground_truth(
    local: Synthesis,
) -> None:
    passing = [
        (policy.path, statement)
        for policy in local.resources("AWS::IAM::ManagedPolicy")
        for statement in policy.properties["PolicyDocument"]["Statement"]
        if "iam:PassRole" in json.dumps(statement["Action"]) and policy.stack == DIGITS
    ]
    role = local.at(f"{DIGITS}/Job/ExecutionRole/Role/Resource")

    assert passing == [
        (
            f"GroundTruth/{DIGITS}/Job/Permissions/Resource",
            {
                "Action": "iam:PassRole",
                "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
                "Effect": "Allow",
                "Resource": {"Fn::GetAtt": [role.logical_id, "Arn"]},
            },
        )
    ]


def test_gate_alone_gives_the_function_no_right_to_change_anything(local: Synthesis) -> None:
    statements = local.at(f"{DIGITS}/Gate/Function/Permissions/Resource").properties[
        "PolicyDocument"
    ]["Statement"]
    actions = {
        action
        for statement in statements
        for action in (
            statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        )
    }

    assert actions == {
        "cloudformation:DescribeStacks",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:GetObject",
        "s3:ListBucket",
        "sagemaker:DescribeLabelingJob",
        "sagemaker:ListLabelingJobs",
        "sagemaker:ListTags",
    }


def test_state_changes_of_the_campaigns_jobs_are_told(local: Synthesis) -> None:
    rules = [
        rule.properties
        for rule in local.resources("AWS::Events::Rule", DIGITS)
        if "EventPattern" in rule.properties
    ]
    prefix = names.job_name_prefix("local", "handwritten-digits")

    assert len(rules) == 2
    for rule in rules:
        assert rule["EventPattern"] == {
            "source": ["aws.sagemaker"],
            "detail-type": ["SageMaker Ground Truth Labeling Job State Change"],
            "resources": [{"prefix": arn("sagemaker", f"labeling-job/{prefix}-")}],
        }
    targets = {json.dumps(t["Arn"]): t for rule in rules for t in rule["Targets"]}
    topic = {
        "Fn::GetStackOutput": {
            "StackName": "GroundTruth-local-Team",
            "OutputName": "NotificationTopicArn",
        }
    }
    told = targets[json.dumps(topic)]["InputTransformer"]
    assert told["InputPathsMap"] == {"detail-LabelingJobStatus": "$.detail.LabelingJobStatus"}
    assert "<detail-LabelingJobStatus>. Completed doesn't mean" in told["InputTemplate"]
    assert "ground-truth_local_handwritten-digits-failed-objects" in told["InputTemplate"]
    assert "more than 5 percent" in told["InputTemplate"]


def test_counters_are_read_on_a_schedule(prod: Synthesis) -> None:
    rule = prod.at(f"{DIGITS}/Monitor/Progress/Resource").properties

    assert rule["ScheduleExpression"] == "rate(15 minutes)"
    assert [json.loads(target["Input"]) for target in rule["Targets"]] == [{"check": True}]


def test_alarms_keep_their_names_whatever_the_job_is_called(every_environment: Synthesis) -> None:
    env = every_environment.one("Custom::GroundTruthGate", DIGITS).properties["Environment"]
    alarms = {
        alarm.properties["AlarmName"]: alarm.properties
        for alarm in every_environment.resources("AWS::CloudWatch::Alarm", DIGITS)
        if alarm.properties["Namespace"] == "GroundTruth/Campaigns"
    }

    assert set(alarms) == {
        f"ground-truth_{env}_handwritten-digits-failed-objects",
        f"ground-truth_{env}_handwritten-digits-job-failed",
    }
    for alarm in alarms.values():
        assert alarm["TreatMissingData"] == "notBreaching"
        assert len(alarm["AlarmActions"]) == 1
        assert alarm["Dimensions"] == [
            {"Name": "Campaign", "Value": "handwritten-digits"},
            {"Name": "Environment", "Value": env},
        ]


def test_events_that_reach_nobody_end_in_a_queue_an_alarm_looks_at(local: Synthesis) -> None:
    queue = local.one("AWS::SQS::Queue", DIGITS)
    arn_of_queue = {"Fn::GetAtt": [queue.logical_id, "Arn"]}
    targets = [
        target
        for rule in local.resources("AWS::Events::Rule", DIGITS)
        for target in rule.properties["Targets"]
    ]
    function = local.at(f"{DIGITS}/Monitor/Counters/Function/Resource")
    alarm = local.at(f"{DIGITS}/Monitor/LostEvents/Resource").properties
    senders = [
        statement
        for policy in local.resources("AWS::SQS::QueuePolicy", DIGITS)
        for statement in policy.properties["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    ]

    assert [target["DeadLetterConfig"] for target in targets] == [{"Arn": arn_of_queue}] * 3
    assert function.properties["DeadLetterConfig"] == {"TargetArn": arn_of_queue}
    assert {s["Principal"]["Service"] for s in senders} == {"events.amazonaws.com"}
    assert all("aws:SourceArn" in s["Condition"]["ArnEquals"] for s in senders)
    assert alarm["Dimensions"] == [
        {"Name": "QueueName", "Value": {"Fn::GetAtt": [queue.logical_id, "QueueName"]}}
    ]
    assert len(alarm["AlarmActions"]) == 1


def test_prod_is_stricter_about_failed_objects(local: Synthesis, prod: Synthesis) -> None:
    def threshold(synthesis: Synthesis) -> object:
        return synthesis.at(f"{DIGITS}/Monitor/FailedObjects/Resource").properties["Threshold"]

    assert (threshold(local), threshold(prod)) == (5, 2)


@pytest.mark.parametrize("env", ["local", "dev", "prod"])
def test_names_fit_what_services_allow(env: str) -> None:
    synthesis = synthesize(env)

    for alarm in synthesis.resources("AWS::CloudWatch::Alarm"):
        assert len(alarm.properties["AlarmName"]) <= 255
    for dashboard in synthesis.resources("AWS::CloudWatch::Dashboard"):
        assert len(dashboard.properties["DashboardName"]) <= 255
