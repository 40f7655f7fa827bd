"""Templates as they are after a deployment: every intrinsic replaced by a value of its kind.

Names are as CloudFormation makes them, `<stack>-<logical id>-<random>` cut to what the service
takes, so texts have the lengths they have in an account.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.infra.synth import Resource, Synthesis

ACCOUNT, REGION = "123456789012", "us-east-1"
RANDOM = "AbCdEfGhIjKl"
KEY_ID = "0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f"
POOL_ID = f"{REGION}_{RANDOM[:9]}"
# Characters of a generated name; 255 where the service takes more than a name here ever has.
NAME_LENGTHS = {"AWS::IAM::Role": 64, "AWS::Lambda::Function": 64, "AWS::SQS::Queue": 80}


class UnresolvedError(LookupError):
    """A template refers to something this module can't put a value to."""


def stack_id(name: str) -> str:
    return f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{name}/{KEY_ID}"


def _arn(service: str, resource: str, *, region: str = REGION) -> str:
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{resource}"


# Resource type to what `Ref` and `Fn::GetAtt` give of it, by a generated name.
VALUES: Mapping[str, Mapping[str, Callable[[str], str]]] = {
    "AWS::Cognito::UserPool": {
        "Ref": lambda _: POOL_ID,
        "Arn": lambda _: _arn("cognito-idp", f"userpool/{POOL_ID}"),
    },
    "AWS::Cognito::UserPoolClient": {"Ref": lambda _: "1h57kf5cpq17m0eml12EXAMPLE"},
    "AWS::Events::Rule": {"Arn": lambda name: _arn("events", f"rule/{name}")},
    "AWS::IAM::Role": {
        "Ref": lambda name: name,
        "Arn": lambda name: _arn("iam", f"role/{name}", region=""),
    },
    "AWS::KMS::Key": {"Ref": lambda _: KEY_ID, "Arn": lambda _: _arn("kms", f"key/{KEY_ID}")},
    "AWS::Lambda::Function": {
        "Ref": lambda name: name,
        "Arn": lambda name: _arn("lambda", f"function:{name}"),
    },
    "AWS::Logs::LogGroup": {
        "Ref": lambda name: name,
        "Arn": lambda name: _arn("logs", f"log-group:{name}:*"),
    },
    "AWS::S3::Bucket": {
        "Ref": lambda name: name.lower()[:63],
        "Arn": lambda name: f"arn:aws:s3:::{name.lower()[:63]}",
    },
    "AWS::SNS::Topic": {"Ref": lambda name: _arn("sns", name)},
    "AWS::SQS::Queue": {
        "Ref": lambda name: f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}",
        "Arn": lambda name: _arn("sqs", name),
        "QueueName": lambda name: name,
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """Resolves what a synthesis holds; stacks read each other's outputs."""

    synthesis: Synthesis

    def properties(self, resource: Resource) -> Any:
        """Return the properties of a resource without intrinsics."""
        return self.resolve(resource.properties, resource.stack)

    def resolve(self, value: Any, stack: str) -> Any:
        """Return a value of a stack's template without intrinsics; raises UnresolvedError."""
        if isinstance(value, list):
            return [self.resolve(each, stack) for each in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((key, argument),) = value.items()
            if key == "Ref" or key.startswith("Fn::"):
                return self._intrinsic(key, argument, stack)
        return {key: self.resolve(each, stack) for key, each in value.items()}

    def _intrinsic(self, key: str, argument: Any, stack: str) -> Any:
        match key, argument:
            case "Ref", str(name) if name.startswith("AWS::"):
                return self._pseudo(name, stack)
            case "Ref", str(name):
                return self._attribute(name, "Ref", stack)
            case "Fn::GetAtt", [str(name), str(attribute)]:
                return self._attribute(name, attribute, stack)
            case "Fn::Join", [str(delimiter), items]:
                return delimiter.join(self.resolve(items, stack))
            case "Fn::Sub", str(text):
                for name in ("AWS::AccountId", "AWS::Partition", "AWS::Region"):
                    text = text.replace(f"${{{name}}}", self._pseudo(name, stack))
                return text
            case "Fn::GetStackOutput", {"StackName": str(name), "OutputName": str(output)}:
                producer = next(s for s in self.synthesis.templates if name.endswith(f"-{s}"))
                outputs = self.synthesis.templates[producer]["Outputs"]
                return self.resolve(outputs[output]["Value"], producer)
        raise UnresolvedError(f"{key} {argument} in {stack}")

    def _pseudo(self, name: str, stack: str) -> str:
        return {
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": "aws",
            "AWS::Region": REGION,
            "AWS::StackId": stack_id(self._stack_name(stack)),
            "AWS::StackName": self._stack_name(stack),
            "AWS::URLSuffix": "amazonaws.com",
        }[name]

    def _attribute(self, logical_id: str, attribute: str, stack: str) -> str:
        body = self.synthesis.templates[stack]["Resources"][logical_id]
        kind, properties = body["Type"], body.get("Properties", {})
        match kind, attribute:
            case "AWS::Lambda::Version", "Ref":
                return f"{self._attribute(properties['FunctionName']['Ref'], 'Arn', stack)}:1"
            case "AWS::Lambda::Alias", "Ref":
                function = self._attribute(properties["FunctionName"]["Ref"], "Arn", stack)
                return f"{function}:{properties['Name']}"
            case "AWS::Cognito::UserPoolGroup", "Ref":
                return str(properties["GroupName"])
            case "AWS::SageMaker::Workteam", "Ref":
                return _arn("sagemaker", f"workteam/private-crowd/{properties['WorkteamName']}")
            case "AWS::SageMaker::Workteam", "WorkteamName":
                return str(properties["WorkteamName"])
            case "AWS::SageMaker::Workforce", "SubDomain":
                return f"0a1b2c3d.labeling.{REGION}.sagemaker.aws"
        if attribute not in VALUES.get(kind, {}):
            raise UnresolvedError(f"{attribute} of {kind} {logical_id}")
        name = f"{self._stack_name(stack)}-{logical_id}-{RANDOM}"
        longest = NAME_LENGTHS.get(kind, 255)
        cut = name if len(name) <= longest else f"{name[: longest - 13]}-{RANDOM}"
        return VALUES[kind][attribute](cut)

    def _stack_name(self, stack: str) -> str:
        return next(
            str(artifact["properties"]["stackName"])
            for artifact in self.synthesis.manifest["artifacts"].values()
            if artifact["type"] == "aws:cloudformation:stack"
            and artifact["displayName"].split(" ")[0] == f"GroundTruth/{stack}"
        )
