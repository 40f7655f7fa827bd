"""CloudFormation's part in front of a function: the events it sends, and the ear it lends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tests.permissions.grants import as_document, path_of

if TYPE_CHECKING:
    from ground_truth_ops.aws import Clients

PATIENCE_SECONDS = 90.0


class Ear:
    """Takes what functions PUT to their ResponseURL."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._heard: dict[str, SimpleQueue[dict[str, Any]]] = {}

    def expect(self) -> str:
        """A URL for one answer."""
        key = f"/{uuid4()}"
        self._heard[key] = SimpleQueue()
        return f"{self.url}{key}"

    def hear(self, key: str, body: bytes) -> None:
        self._heard[key].put(json.loads(body))

    def answer(self, url: str, seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
        try:
            return self._heard[url.removeprefix(self.url)].get(timeout=seconds)
        except Empty:
            raise AssertionError(f"no answer within {seconds:g} s") from None


@contextmanager
def listening() -> Iterator[Ear]:
    """An ear on a free port of this machine, for the time of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            ear.hear(self.path, self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    ear = Ear(server.server_port)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield ear
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Stack:
    """A deployed stack: its resources by construct path, and a template's values as deployed."""

    def __init__(self, aws: Clients, name: str) -> None:
        self.name = name
        self._aws = aws
        self.template = as_document(aws.cloudformation.get_template(StackName=name)["TemplateBody"])
        described = aws.cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        self.id = described["StackId"]
        self._parameters = {
            item["ParameterKey"]: item["ParameterValue"] for item in described.get("Parameters", [])
        }
        pages = aws.cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
        self.physical = {
            item["LogicalResourceId"]: item["PhysicalResourceId"]
            for page in pages
            for item in page["StackResourceSummaries"]
        }
        resources = self.template["Resources"]
        self._logical = {path_of(resource): key for key, resource in resources.items()}

    def at(self, path: str) -> str:
        """The physical id of the resource at a construct path."""
        return self.physical[self._logical[path]]

    def of_type(self, type_: str) -> str:
        """The logical id of the stack's only resource of a type."""
        (key,) = (k for k, r in self.template["Resources"].items() if r["Type"] == type_)
        return str(key)

    def event(self, kind: str, type_: str, url: str, **changes: object) -> dict[str, object]:
        """What CloudFormation sends for the stack's custom resource of a type."""
        logical = self.of_type(type_)
        properties = self.value(self.template["Resources"][logical]["Properties"])
        event: dict[str, object] = {
            "RequestType": kind,
            "ResponseURL": url,
            "StackId": self.id,
            "RequestId": str(uuid4()),
            "ResourceType": type_,
            "LogicalResourceId": logical,
            "ResourceProperties": {**properties, **changes},
        }
        if kind != "Create":
            event["PhysicalResourceId"] = self.physical[logical]
        if kind == "Update":
            event["OldResourceProperties"] = properties
        return event

    def value(self, raw: Any) -> Any:
        """A template's value with its intrinsic functions worked out; numbers travel as text."""
        match raw:
            case {"Ref": str(name)}:
                return self._reference(name)
            case {"Fn::GetAtt": [name, "Arn"]}:
                return self._arn(name)
            case {"Fn::GetStackOutput": {"StackName": str(stack), "OutputName": str(name)}}:
                return outputs(self._aws, stack)[name]
            case {"Fn::Join": [delimiter, items]}:
                return str(delimiter).join(map(self.value, items))
            case {"Fn::Sub": str(text)}:
                for name in ("AWS::Partition", "AWS::Region", "AWS::AccountId"):
                    text = text.replace(f"${{{name}}}", self._reference(name))
                assert "${" not in text, text
                return text
            case dict():
                assert not any(key.startswith("Fn::") for key in raw), raw
                return {key: self.value(item) for key, item in raw.items()}
            case list():
                return [self.value(item) for item in raw]
            case bool():
                return str(raw).lower()
            case int() | float():
                return str(raw)
        return raw

    def _reference(self, name: str) -> str:
        _, partition, _, region, account, _ = self.id.split(":", 5)
        pseudo = {
            "AWS::Partition": partition,
            "AWS::Region": region,
            "AWS::AccountId": account,
            "AWS::StackId": self.id,
            "AWS::StackName": self.name,
            **self._parameters,
        }
        return pseudo.get(name) or self.physical[name]

    def _arn(self, logical: str) -> str:
        type_, name = self.template["Resources"][logical]["Type"], self.physical[logical]
        if type_ == "AWS::IAM::Role":
            return self._aws.iam.get_role(RoleName=name)["Role"]["Arn"]
        if type_ == "AWS::Lambda::Function":
            found = self._aws.functions.get_function(FunctionName=name)
            return found["Configuration"]["FunctionArn"]
        raise AssertionError(f"say here what the ARN of a {type_} is")


def outputs(aws: Clients, stack: str) -> dict[str, str]:
    """A stack's outputs."""
    found = aws.cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    return {item["OutputKey"]: item["OutputValue"] for item in found.get("Outputs", [])}
