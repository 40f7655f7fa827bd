"""Functions for masks carry their libraries; no other does, and synth never fetches any."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Template

from ground_truth.tasks import TASK_RULES, AnswerKind
from ground_truth_cdk import libraries
from ground_truth_cdk.annotation_functions import AnnotationFunctions, AnnotationFunctionsProps
from ground_truth_cdk.function import FunctionSettings
from ground_truth_cdk.libraries import HOST, LibrariesError, Platform
from ground_truth_cdk.storage_reference import StorageReference

if TYPE_CHECKING:
    from pathlib import Path

AWS = Platform("python3.14", "arm64")
PICTURES = "*/annotations/consolidated-annotation/output/*"


@pytest.fixture
def fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache with libraries for one runtime."""
    monkeypatch.setattr(libraries, "CACHE", tmp_path)
    folder = tmp_path / libraries.fingerprint(AWS) / "numpy"
    folder.mkdir(parents=True)
    (folder / "core.so").write_bytes(b"library")
    return tmp_path


def template(kind: AnswerKind, **changes: Any) -> Template:
    """The functions of the first task with such answers."""
    task = next(task for task, rules in TASK_RULES.items() if rules.answers is kind)
    settings = FunctionSettings(runtime="python3.14", architecture="arm64", log_retention_days=1)
    stack = Stack(App(), "Test")
    AnnotationFunctions(
        stack,
        "Annotation",
        props=AnnotationFunctionsProps(
            functions=replace(settings, **changes),
            task=task,
            campaign="streets",
            labels=["road"],
            storage=StorageReference(
                raw_bucket="raw", output_bucket="output", key_arn="arn:aws:kms:x"
            ),
        ),
    )
    return Template.from_stack(stack)


def actions_on(found: Template, part: str) -> set[str]:
    return {
        action
        for policy in found.find_resources("AWS::IAM::ManagedPolicy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if part in str(statement["Resource"])
        for action in (
            [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        )
    }


def test_function_for_masks_may_write_pictures_of_its_campaign_alone(
    fetched: Path,
) -> None:
    found = template(AnswerKind.MASK)

    found.has_resource_properties(
        "AWS::Lambda::Function",
        {"Handler": "ground_truth_functions.mask_consolidation.handler", "MemorySize": 3008},
    )
    assert actions_on(found, PICTURES) == {"s3:PutObject"}
    assert actions_on(found, "kms") == {"kms:Decrypt", "kms:GenerateDataKey"}


def test_other_functions_write_nothing_and_need_no_libraries(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(libraries, "CACHE", tmp_path)
    found = template(AnswerKind.BOXES)

    found.has_resource_properties(
        "AWS::Lambda::Function", {"Handler": "ground_truth_functions.consolidation.handler"}
    )
    assert actions_on(found, PICTURES) == set()


def test_zip_has_the_libraries_beside_the_code_and_is_made_once(
    fetched: Path,
) -> None:
    template(AnswerKind.MASK)
    (first,) = fetched.glob("*.zip")
    made = first.stat().st_mtime_ns
    template(AnswerKind.MASK)

    assert [(path, path.stat().st_mtime_ns) for path in fetched.glob("*.zip")] == [(first, made)]
    with zipfile.ZipFile(first) as archive:
        assert archive.read("numpy/core.so") == b"library"
        assert "ground_truth_functions/mask_consolidation.py" in archive.namelist()


@pytest.mark.parametrize("changes", [{"architecture": "x86_64"}, {"on_host": True}])
def test_missing_libraries_are_refused_with_what_fetches_them(
    fetched: Path, changes: dict[str, Any]
) -> None:
    with pytest.raises(LibrariesError, match=r"missing for .*nothing at .*make libraries"):
        template(AnswerKind.MASK, **changes)


def test_platforms_have_libraries_of_their_own() -> None:
    platforms = [AWS, HOST, Platform("python3.14", "x86_64"), Platform("python3.13", "arm64")]

    assert len({libraries.fingerprint(platform) for platform in platforms}) == 4
    assert libraries.fingerprint(AWS) == libraries.fingerprint(AWS)


@pytest.mark.parametrize(
    ("runtime", "architecture"), [("python3.11", "arm64"), ("python3.14", "mips")]
)
def test_runtime_without_wheels_is_refused(tmp_path: Path, runtime: str, architecture: str) -> None:
    with pytest.raises(LibrariesError, match=r"no libraries for masks: got .* allowed python3\.12"):
        libraries.fetch(Platform(runtime, architecture), root=tmp_path)
    assert list(tmp_path.glob("python*")) == []


def test_pruning_leaves_libraries_and_licences(tmp_path: Path) -> None:
    for name in ("numpy/a.py", "numpy/a.pyi", "numpy/tests/b.py", "numpy-2.dist-info/LICENSE.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    libraries._prune(tmp_path)

    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"numpy/a.py", "numpy-2.dist-info/LICENSE.txt"}


def test_environment_files_name_what_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An old runtime is no reason to stop setting up: maybe nobody asks it for masks."""
    asked: list[Platform] = []

    def fetched(platform: Platform) -> Path:
        asked.append(platform)
        return tmp_path

    monkeypatch.setattr(libraries, "fetch", fetched)
    texts = {
        "host": '[functions]\nruntime = "host"\narchitecture = "arm64"\n',
        "usual": "[storage]\n",
        "same": '[functions]\nruntime = "python3.14"\narchitecture = "arm64"\n',
        "old": '[functions]\nruntime = "python3.11"\n',
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.toml").write_text(text)

    assert libraries.main([str(tmp_path / f"{name}.toml") for name in texts]) == 0
    assert asked == [HOST, AWS]
    assert "old.toml: no libraries for masks: got python3.11 on arm64" in capsys.readouterr().err
