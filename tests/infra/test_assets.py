"""Function code: found through the packages, complete, reproducible, nothing else in it."""

from __future__ import annotations

import ast
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground_truth_cdk import assets
from ground_truth_cdk.assets import FunctionCodeError, content_hash, module_files, zipped

FUNCTIONS = (
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


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of our own naming, to put modules into."""
    folder = tmp_path / "installed_functions"
    folder.mkdir()
    (folder / "__init__.py").write_text('"""Functions."""\n')
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(assets, "PACKAGES", ("installed_functions",))
    monkeypatch.setattr(assets, "_root", assets._root.__wrapped__)
    monkeypatch.setattr(assets, "_source", assets._source.__wrapped__)
    monkeypatch.setattr(assets, "_imported", assets._imported.__wrapped__)
    return folder


@pytest.mark.parametrize("function", FUNCTIONS)
def test_zip_holds_source_of_our_packages_only(function: str) -> None:
    files = module_files(f"ground_truth_functions.{function}")

    assert f"ground_truth_functions/{function}.py" in files
    assert "ground_truth_functions/__init__.py" in files
    assert {Path(name).suffix for name in files} == {".py"}
    assert {name.partition("/")[0] for name in files} <= {"ground_truth", "ground_truth_functions"}


def test_change_of_the_job_resource_does_not_touch_what_running_jobs_call() -> None:
    job = {
        name
        for name in module_files("ground_truth_functions.labeling_job")
        if "labeling_job" in name
    }

    for function in ("pre_annotation", "consolidation"):
        assert job & set(module_files(f"ground_truth_functions.{function}")) == set()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_import_that_python_sees_is_missed(function: str) -> None:
    files = module_files(f"ground_truth_functions.{function}")
    wanted = {
        node.module.replace(".", "/")
        for content in files.values()
        for node in ast.walk(ast.parse(content))
        if isinstance(node, ast.ImportFrom) and node.module and not node.level
        if node.module.partition(".")[0] in assets.PACKAGES
    }

    assert {
        name for name in wanted if not {f"{name}.py", f"{name}/__init__.py"} & set(files)
    } == set()


def test_follows_every_way_to_import(package: Path) -> None:
    (package / "handler.py").write_text(
        "import json\n"
        "import installed_functions.plain\n"
        "from installed_functions import (\n    member,  # noqa: F401\n    other as another,\n)\n"
        "from . import sibling\n"
        "from .deep.module import value\n"
        "def handler(event, context):\n"
        "    from installed_functions.late import work\n"
    )
    (package / "deep").mkdir()
    for name in (
        "plain",
        "member",
        "other",
        "sibling",
        "late",
        "deep/__init__",
        "deep/module",
        "unused",
    ):
        (package / f"{name}.py").write_text("value = work = 1\n")
    cache = package / "__pycache__"
    cache.mkdir()
    (cache / "handler.cpython-311.pyc").write_bytes(b"cache")

    assert list(module_files("installed_functions.handler")) == [
        "installed_functions/__init__.py",
        "installed_functions/deep/__init__.py",
        "installed_functions/deep/module.py",
        "installed_functions/handler.py",
        "installed_functions/late.py",
        "installed_functions/member.py",
        "installed_functions/other.py",
        "installed_functions/plain.py",
        "installed_functions/sibling.py",
    ]


def test_imports_in_circles_end(package: Path) -> None:
    (package / "one.py").write_text("import installed_functions.two\n")
    (package / "two.py").write_text("import installed_functions.one\n")

    assert len(module_files("installed_functions.one")) == 3


def test_missing_module_is_named_with_the_remedy() -> None:
    with pytest.raises(FunctionCodeError, match=r"functions.nope' not found; install"):
        module_files("ground_truth_functions.nope")


def test_collecting_code_runs_none_of_it(package: Path) -> None:
    (package / "__init__.py").write_text("raise SystemExit('run')\n")
    (package / "handler.py").write_text("raise SystemExit('run')\n")

    assert len(module_files("installed_functions.handler")) == 2


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}(/[a-z]{1,8})?\.py", fullmatch=True), st.binary()))
def test_zip_is_reproducible_and_complete(files: dict[str, bytes]) -> None:
    content = zipped(files)

    assert zipped(dict(reversed(files.items()))) == content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == files
        assert {entry.external_attr >> 16 for entry in archive.infolist()} <= {0o644}


@given(
    st.dictionaries(st.text(max_size=4), st.binary(max_size=4), max_size=3),
    st.dictionaries(st.text(max_size=4), st.binary(max_size=4), max_size=3),
)
def test_hash_tells_contents_apart(one: dict[str, bytes], other: dict[str, bytes]) -> None:
    assert (content_hash(one) == content_hash(other)) == (one == other)
