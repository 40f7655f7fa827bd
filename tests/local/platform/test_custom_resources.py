"""Custom resources: answered over TLS under their role, and tried again after a refused delete."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local.platform.server import Server, StackFailedError, delete, deploy

CODE = """
import json, os, urllib.request
def handler(event, context):
    refuse = event["RequestType"] == "Delete" and not os.environ.get("FORGIVING")
    answer = {
        "Status": "FAILED" if refuse else "SUCCESS",
        "Reason": "there are labels",
        "PhysicalResourceId": "constant",
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "Data": {"Number": event["ResourceProperties"]["Number"]},
    }
    body = json.dumps(answer).encode()
    request = urllib.request.Request(event["ResponseURL"], data=body, method="PUT")
    urllib.request.urlopen(request)
"""
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
RESOURCES: dict[str, Any] = {
    "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}},
    "Function": {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": "answering",
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Code": {"ZipFile": CODE},
        },
    },
    "Guard": {
        "Type": "Custom::Guard",
        "Properties": {
            "ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]},
            "ServiceTimeout": 20,
            "Number": 7,
            "Kept": {"Ref": "Kept"},
        },
    },
    "Kept": {"Type": "AWS::SNS::Topic"},
    "Other": {"Type": "AWS::SNS::Topic"},
}


def test_refused_delete_keeps_what_it_needs_and_can_be_tried_again(server: Server) -> None:
    outputs = deploy(server, "Guarded", RESOURCES, Number={"Fn::GetAtt": ["Guard", "Number"]})
    assert outputs == {"Number": "7"}
    with pytest.raises(StackFailedError, match="there are labels"):
        delete(server, "Guarded")
    assert left(server) == ["Function", "Guard", "Kept", "Role"]
    server.client("lambda").update_function_configuration(
        FunctionName="answering", Environment={"Variables": {"FORGIVING": "1"}}
    )
    delete(server, "Guarded")


def left(server: Server) -> list[str]:
    found = server.client("cloudformation").describe_stack_resources(StackName="Guarded")
    return sorted(
        resource["LogicalResourceId"]
        for resource in found["StackResources"]
        if resource["ResourceStatus"] != "DELETE_COMPLETE"
    )
