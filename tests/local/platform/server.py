"""A local AWS as a child process, for tests that need the real thing."""

from __future__ import annotations

import io
import json
import os
import shlex
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

TIMEOUT = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running local AWS and the variables of its clients."""

    process: subprocess.Popen[str]
    state: Mapping[str, Any]
    variables: Mapping[str, str]

    def client(
        self,
        service: str,
        *,
        key: tuple[str, str, str | None] | None = None,
        endpoint: str | None = None,
    ) -> Any:
        """A client that signs as root, or with (id, secret, token)."""
        root = (
            self.variables["AWS_ACCESS_KEY_ID"],
            self.variables["AWS_SECRET_ACCESS_KEY"],
            None,
        )
        access, secret, token = key or root
        make: Any = boto3.client  # its stubs know one overload per service name
        return make(
            service,
            region_name=self.state["region"],
            endpoint_url=endpoint or self.state["endpoint"],
            verify=self.variables["AWS_CA_BUNDLE"],
            aws_access_key_id=access,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=Config(
                signature_version="s3v4" if service == "s3" else None,
                s3={"addressing_style": "path"},
                retries={"total_max_attempts": 1},
            ),
        )

    @property
    def temporary(self) -> Path:
        """The folder in which everything of this run lies."""
        return Path(self.variables["CDK_HOME"]).parent


def wait_for(condition: Callable[[], Any], what: str, seconds: float = TIMEOUT) -> Any:
    """The first true value of `condition`, looked at every few milliseconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"after {seconds:g} s: no {what}")


def start(folder: Path, *options: str, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "ground_truth_local", "--state-dir", str(folder), *options],
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def running(folder: Path, *options: str, **variables: str) -> Iterator[Server]:
    """A server that is ready, ended by a signal when the block is left."""
    process = start(folder, *options, **variables)
    try:
        state_file = folder / "state.json"

        def state() -> Any:
            assert process.poll() is None, process.communicate()[1]
            found = json.loads(state_file.read_text()) if state_file.exists() else {}
            return found if found.get("pid") == process.pid else None

        yield Server(
            process=process,
            state=wait_for(state, "state file of its own"),
            variables=exports((folder / "env").read_text()),
        )
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=TIMEOUT)


def exports(text: str) -> dict[str, str]:
    """The `export NAME=value` lines of a shell file."""
    words = [shlex.split(line) for line in text.splitlines()]
    assert all(word[0] == "export" and len(word) == 2 for word in words), text
    return dict(word[1].split("=", 1) for word in words)


def function_zip(code: str) -> bytes:
    """A deployment package with the module `index`."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", code)
    return packed.getvalue()


def role_with(server: Server, name: str, *statements: Mapping[str, object]) -> str:
    """The ARN of a role for Lambda and SageMaker that may do just this."""
    iam = server.client("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": ["lambda.amazonaws.com", "sagemaker.amazonaws.com"]},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"][
        "Arn"
    ]
    if statements:
        iam.put_role_policy(
            RoleName=name,
            PolicyName="grants",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": list(statements)}),
        )
    return arn


def allow(action: str | list[str], resource: str = "*", **conditions: object) -> dict[str, object]:
    statement: dict[str, object] = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {**statement, "Condition": conditions} if conditions else statement


def make_function(server: Server, name: str, code: str, role: str, **options: Any) -> None:
    server.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="index.handler",
        Role=role,
        Code={"ZipFile": function_zip(code)},
        **options,
    )


def call(server: Server, name: str, payload: object = None) -> Any:
    """A function's answer, or its error as a dictionary."""
    answer = server.client("lambda").invoke(FunctionName=name, Payload=json.dumps(payload))
    return json.loads(answer["Payload"].read())


def deploy(server: Server, stack: str, resources: Mapping[str, object], **outputs: object) -> Any:
    """Create or update a stack and wait for the end; its outputs, or a StackFailedError."""
    cloudformation = server.client("cloudformation")
    template = {
        "Resources": resources,
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    known = {found["StackName"] for found in cloudformation.describe_stacks()["Stacks"]}
    operation = cloudformation.update_stack if stack in known else cloudformation.create_stack
    operation(
        StackName=stack,
        TemplateBody=json.dumps(template),
        Capabilities=["CAPABILITY_IAM"],
        Tags=[{"Key": "team", "Value": "tests"}],
    )
    found = settled(server, stack)
    if found["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        raise StackFailedError(reasons(server, stack))
    return {o["OutputKey"]: o["OutputValue"] for o in found.get("Outputs", [])}


class StackFailedError(Exception):
    """What a stack's failure events say."""


def settled(server: Server, stack: str) -> Any:
    """The stack once nothing is in progress any more."""
    cloudformation = server.client("cloudformation")

    def look() -> Any:
        found = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
        return None if found["StackStatus"].endswith("_IN_PROGRESS") else found

    return wait_for(look, f"end of {stack}'s operation")


def reasons(server: Server, stack: str) -> str:
    events = server.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
    failed = [e for e in events if e["ResourceStatus"].endswith("_FAILED")]
    return "; ".join(str(event.get("ResourceStatusReason")) for event in failed)


def delete(server: Server, stack: str) -> None:
    """Delete a stack; StackFailedError when something of it stays."""
    cloudformation = server.client("cloudformation")
    identifier = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackId"]
    cloudformation.delete_stack(StackName=stack)
    if settled(server, identifier)["StackStatus"] != "DELETE_COMPLETE":
        raise StackFailedError(reasons(server, stack))
