"""What constructs and functions must agree on: names, environment, rights, what is importable."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.infra.synth import Resource, Synthesis, synthesize

ROOT = Path(__file__).parents[2]
# The rights an AWS call needs, where its name doesn't say so.
RIGHTS = {
    "create_labeling_job": {"sagemaker:CreateLabelingJob", "sagemaker:AddTags", "iam:PassRole"},
    "delete_objects": {"s3:DeleteObject", "s3:DeleteObjectVersion"},
    "download_fileobj": {"s3:GetObject"},
    "list_object_versions": {"s3:ListBucketVersions"},
    "list_objects_v2": {"s3:ListBucket"},
}
# Calls that several services could mean, decided by the client in use here.
CALLS = {
    "add_tags": "sagemaker",
    "delete_tags": "sagemaker",
    "describe_labeling_job": "sagemaker",
    "describe_stacks": "cloudformation",
    "describe_user_pool": "cognito-idp",
    "describe_user_pool_client": "cognito-idp",
    "describe_workforce": "sagemaker",
    "get_bucket_tagging": "s3",
    "get_object": "s3",
    "list_groups": "cognito-idp",
    "list_labeling_jobs": "sagemaker",
    "list_tags": "sagemaker",
    "list_users": "cognito-idp",
    "list_workforces": "sagemaker",
    "list_workteams": "sagemaker",
    "put_metric_data": "cloudwatch",
    "put_object": "s3",
    "stop_labeling_job": "sagemaker",
    "update_user_pool_client": "cognito-idp",
}
# What a function carries in the adapters it shares with the job's resource, but never calls.
NEVER_CALLED = {
    "ground_truth_functions.job_metrics": {
        "cloudformation:DescribeStacks",
        "iam:PassRole",
        "s3:PutObject",
        "sagemaker:AddTags",
        "sagemaker:CreateLabelingJob",
        "sagemaker:DeleteTags",
        "sagemaker:ListLabelingJobs",
        "sagemaker:ListTags",
        "sagemaker:StopLabelingJob",
    },
    # asks only a pool that others made, and has the right only there
    "ground_truth_functions.workers": {"cognito-idp:DescribeUserPool"},
}
# Rights no call of ours needs: Lambda writes the logs, and sends what failed to a function's queue.
UNCALLED = {"logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage"}


MODULES = tuple(
    f"ground_truth_functions.{name}"
    for name in (
        "bucket_contents",
        "consolidation",
        "invitation",
        "job_metrics",
        "labeling_job",
        "pre_annotation",
        "sample_data",
        "workers",
        "workforce",
    )
)


def functions(synthesis: Synthesis) -> dict[str, Resource]:
    """Module name to one of its functions."""
    return {
        f.properties["Handler"].removesuffix(".handler"): f
        for f in synthesis.resources("AWS::Lambda::Function")
    }


@cache
def archive(module: str) -> Path:
    """The zip a function of a module is deployed from."""
    synthesis = synthesize("local")
    key = functions(synthesis)[module].properties["Code"]["S3Key"]
    return synthesis.directory / f"asset.{key}"


def test_every_function_the_project_has_is_deployed() -> None:
    assert sorted(functions(synthesize("local"))) == sorted(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_zip_holds_nothing_but_source(module: str) -> None:
    with zipfile.ZipFile(archive(module)) as zipped:
        names = zipped.namelist()

    assert [name for name in names if not name.endswith(".py")] == []
    assert [name for name in names if "__pycache__" in name or "egg-info" in name] == []


@pytest.mark.parametrize("module", MODULES)
def test_every_module_of_a_zip_can_be_imported_with_boto3_alone(module: str) -> None:
    """In an interpreter that sees the zip, the standard library and boto3: as Lambda does."""
    modules = [
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in zipfile.ZipFile(archive(module)).namelist()
    ]

    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", IMPORTER, str(archive(module)), *modules],
        input=json.dumps(_boto3_places()),
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.stderr == ""
    assert result.returncode == 0


IMPORTER = """
import importlib, json, sys
from importlib.machinery import PathFinder

places = json.load(sys.stdin)
archive, *modules = sys.argv[1:]

class Boto3Alone:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if path is None and name in places:
            return PathFinder.find_spec(name, [places[name]])

sys.path.insert(0, archive)
sys.meta_path.append(Boto3Alone)
for module in modules:
    importlib.import_module(module)
"""


def _boto3_places() -> dict[str, str]:
    """Where boto3 and what it needs are installed: top-level name to folder."""
    from importlib.metadata import packages_distributions  # noqa: PLC0415
    from importlib.util import find_spec  # noqa: PLC0415

    needed = {"boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six"}
    assert needed <= set(packages_distributions())
    places = {}
    for name in needed:
        spec = find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        origin = Path(spec.origin)
        places[name] = str(origin.parents[1] if origin.name == "__init__.py" else origin.parent)
    return places


@pytest.mark.parametrize("module", MODULES)
def test_handler_is_a_function_of_event_and_context(module: str) -> None:
    with zipfile.ZipFile(archive(module)) as zipped:
        tree = ast.parse(zipped.read(f"{module.replace('.', '/')}.py"))
    (handler,) = [
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "handler"
    ]

    assert len(handler.args.args) == 2


@pytest.mark.parametrize("module", MODULES)
def test_function_may_do_what_it_calls_and_nothing_else(module: str) -> None:
    called = _needed(module)
    granted = {
        action
        for statement in _statements(synthesize("local"), functions(synthesize("local"))[module])
        for action in _list(statement["Action"])
    }

    assert granted - UNCALLED == called - NEVER_CALLED.get(module, set())


# of campaigns that judge or correct labels; tests/stacks/test_chains.py has some
UNSET = {"ground_truth_functions.pre_annotation": {"AUDITED"}}


@pytest.mark.parametrize("module", MODULES)
def test_function_finds_its_settings_in_its_environment(module: str) -> None:
    given = set(
        functions(synthesize("local"))[module]
        .properties.get("Environment", {})
        .get("Variables", {})
    )

    assert given == set(_settings(module)) - UNSET.get(module, set())


def _needed(module: str) -> set[str]:
    needed: set[str] = set()
    for call in _calls(module):
        if call in RIGHTS:
            needed |= RIGHTS[call]
        elif call in CALLS:
            needed.add(f"{CALLS[call]}:{_camel(call)}")
        elif call.startswith("admin_"):
            needed.add(f"cognito-idp:{_camel(call)}")
    return needed


def _calls(module: str) -> Iterator[str]:
    for node in _nodes(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr == "get_paginator":
                (name,) = node.args
                assert isinstance(name, ast.Constant)
                yield str(name.value)
            else:
                yield node.func.attr


def _settings(module: str) -> Iterator[str]:
    """Upper-case names that are read from a mapping: the function's environment variables."""
    for node in _nodes(module):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            name = node.slice.value
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "get" and node.args:
            name = getattr(node.args[0], "value", None)
        else:
            continue
        if isinstance(name, str) and name.isupper() and name not in {"AWS_REGION"}:
            yield name


def _nodes(module: str) -> Iterator[ast.AST]:
    with zipfile.ZipFile(archive(module)) as zipped:
        for name in zipped.namelist():
            yield from ast.walk(ast.parse(zipped.read(name)))


def _statements(synthesis: Synthesis, function: Resource) -> Iterator[dict[str, Any]]:
    role = function.properties["Role"]["Fn::GetAtt"][0]
    for policy in synthesis.resources("AWS::IAM::ManagedPolicy", function.stack):
        if {"Ref": role} in policy.properties["Roles"]:
            yield from policy.properties["PolicyDocument"]["Statement"]


def _camel(call: str) -> str:
    return "".join(part.capitalize() for part in call.split("_"))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
