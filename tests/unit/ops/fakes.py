"""CloudFormation and SageMaker in memory, in the shapes boto3 answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError, WaiterError


def client_error(message: str, code: str = "ValidationError") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


class FakeCloudFormation:
    """Stacks by name with their templates and events; `stuck` ones survive a delete."""

    def __init__(self) -> None:
        self.stacks: dict[str, dict[str, Any]] = {}
        self.templates: dict[str, Any] = {}
        self.imports: dict[str, list[str]] = {}
        self.events: dict[str, list[dict[str, Any]]] = {}
        self.deleted: list[str] = []
        self.stuck: set[str] = set()
        self.lifted: list[str] = []
        self.on_update: Callable[[str, dict[str, Any]], None] = lambda _stack, _template: None

    def add(
        self,
        name: str,
        *,
        outputs: dict[str, str] | None = None,
        exports: dict[str, str] | None = None,
        resources: dict[str, Any] | None = None,
        tags: dict[str, str] | None = None,
        protected: bool = False,
        template: Any = None,
    ) -> None:
        names = exports or {}
        self.stacks[name] = {
            "StackName": name,
            "StackId": f"id-of-{name}",
            "StackStatus": "CREATE_COMPLETE",
            "EnableTerminationProtection": protected,
            "Tags": [{"Key": key, "Value": value} for key, value in (tags or {}).items()],
            "Outputs": [
                {"OutputKey": key, "OutputValue": value}
                | ({"ExportName": names[key]} if key in names else {})
                for key, value in (outputs or {}).items()
            ],
        }
        self.templates[name] = template or {"Resources": resources or {}}

    def remove(self, name: str) -> None:
        if name in self.stuck:
            self.stacks[name]["StackStatus"] = "DELETE_FAILED"
        else:
            self.stacks.pop(name)

    def get_paginator(self, operation: str) -> Any:
        pages = {"describe_stacks": self._stacks, "list_stack_resources": self._resources}
        return _Paginator(pages[operation])

    def _stacks(self) -> dict[str, Any]:
        return {"Stacks": list(self.stacks.values())}

    def _resources(self, StackName: str) -> dict[str, Any]:
        if StackName not in self.templates:
            raise client_error(f"Stack with id {StackName} does not exist")
        return {
            "StackResourceSummaries": [
                {
                    "LogicalResourceId": logical_id,
                    "PhysicalResourceId": f"{logical_id}-physical".lower(),
                    "ResourceType": declared["Type"],
                    "ResourceStatus": declared.get("Status", "CREATE_COMPLETE"),
                }
                for logical_id, declared in self.templates[StackName]["Resources"].items()
            ]
        }

    def get_template(self, *, StackName: str) -> dict[str, Any]:
        return {"TemplateBody": self.templates[StackName]}

    def list_imports(self, *, ExportName: str) -> dict[str, Any]:
        if ExportName not in self.imports:
            raise client_error(f"Export '{ExportName}' is not imported by any stack.")
        return {"Imports": self.imports[ExportName]}

    def describe_stack_events(self, *, StackName: str) -> dict[str, Any]:
        return {"StackEvents": self.events.get(StackName, [])}

    def delete_stack(self, *, StackName: str) -> None:
        name = StackName.removeprefix("id-of-")
        self.deleted.append(name)
        self.remove(name)

    def update_termination_protection(
        self, *, StackName: str, EnableTerminationProtection: bool
    ) -> None:
        name = StackName.removeprefix("id-of-")
        assert not EnableTerminationProtection
        self.stacks[name]["EnableTerminationProtection"] = False
        self.lifted.append(f"lift {name}")

    def update_stack(
        self,
        *,
        StackName: str,
        TemplateBody: str,
        Parameters: list[dict[str, Any]],
        Capabilities: list[str],
    ) -> None:
        name, template = StackName.removeprefix("id-of-"), json.loads(TemplateBody)
        assert Capabilities == ["CAPABILITY_NAMED_IAM"]
        assert Parameters == [
            {"ParameterKey": key, "UsePreviousValue": True}
            for key in template.get("Parameters", {})
        ]
        self.on_update(name, template)

    def get_waiter(self, name: str) -> Any:
        if name == "stack_update_complete":
            return SimpleNamespace(wait=lambda **_options: None)
        assert name == "stack_delete_complete"
        return _Waiter(self)


class _Paginator:
    def __init__(self, page: Any) -> None:
        self._page = page

    def paginate(self, **arguments: Any) -> list[dict[str, Any]]:
        return [self._page(**arguments)]


class _Waiter:
    def __init__(self, cloudformation: FakeCloudFormation) -> None:
        self._cloudformation = cloudformation

    def wait(self, *, StackName: str, WaiterConfig: dict[str, int]) -> None:
        if StackName.removeprefix("id-of-") in self._cloudformation.stacks:
            raise WaiterError("StackDeleteComplete", "terminal failure", {})
