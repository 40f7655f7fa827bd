"""The pipelines: nothing unpinned, no more rights than needed, and the logic in scripts."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
GH = """#!{python}
import json, pathlib, sys
folder = pathlib.Path(__file__).parent
method, path = sys.argv[3], sys.argv[4]
with (folder / "calls.jsonl").open("a") as file:
    sent = json.load(sys.stdin) if "--input" in sys.argv else None
    file.write(json.dumps([method, path, sent]) + "\\n")
answers = json.loads((folder / "answers.json").read_text())
answer = answers.get(path.rpartition("/")[2], {{}})
print(json.dumps([answer] if "--slurp" in sys.argv else answer))
"""
MARK = "<!-- ground-truth-review -->"


def test_workflows_are_clean_by_the_linter_at_its_strictest() -> None:
    zizmor = Path(sys.executable).with_name("zizmor")
    found = subprocess.run(
        [zizmor, "--offline", "--persona", "pedantic", "--no-progress", ROOT / ".github"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_commit_and_says_its_version(workflow: Path) -> None:
    uses = re.findall(r"uses: (.+)", workflow.read_text(encoding="utf-8"))

    assert uses
    wrong = [u for u in uses if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", u)]
    assert wrong == []


def comment(
    folder: Path, report: str, *, pulls: list[Any], comments: list[Any]
) -> tuple[str, list[Any]]:
    """Run the script with a `gh` that writes down its calls; returns output and calls."""
    gh = folder / "gh"
    gh.write_text(GH.format(python=sys.executable), encoding="utf-8")
    gh.chmod(0o755)
    answers = {"pulls": pulls, "comments": comments}
    (folder / "answers.json").write_text(json.dumps(answers), encoding="utf-8")
    (folder / "review.md").write_text(report, encoding="utf-8")
    found = subprocess.run(
        [sys.executable, ROOT / ".ci/comment", folder / "review.md"],
        env={
            "PATH": f"{folder}:{os.environ['PATH']}",
            "REPOSITORY": "team/labels",
            "HEAD_OWNER": "fork",
            "HEAD_BRANCH": "change",
            "HEAD_SHA": "a" * 40,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    calls = (folder / "calls.jsonl").read_text(encoding="utf-8").splitlines()
    return found.stdout, [json.loads(line) for line in calls]


OPEN = [{"number": 7, "head": {"sha": "a" * 40}}]


def test_first_report_becomes_a_comment(tmp_path: Path) -> None:
    _, calls = comment(tmp_path, f"{MARK}\n## What\n", pulls=OPEN, comments=[])

    assert calls[-1] == [
        "POST",
        "repos/team/labels/issues/7/comments",
        {"body": f"{MARK}\n## What\n"},
    ]


def test_next_report_takes_the_place_of_the_last(tmp_path: Path) -> None:
    comments = [
        {"id": 1, "user": {"type": "User"}, "body": f"{MARK} quoted by a person"},
        {"id": 2, "user": {"type": "Bot"}, "body": "of another bot"},
        {"id": 3, "user": {"type": "Bot"}, "body": f"{MARK}\nold"},
    ]

    _, calls = comment(tmp_path, "new", pulls=OPEN, comments=comments)

    assert calls[-1] == [
        "PATCH",
        "repos/team/labels/issues/comments/3",
        {"body": f"{MARK}\nnew\n"},
    ]


def test_report_of_a_head_that_moved_on_is_not_posted(tmp_path: Path) -> None:
    pulls = [{"number": 7, "head": {"sha": "b" * 40}}]

    said, calls = comment(tmp_path, "late", pulls=pulls, comments=[])

    assert "no open pull request" in said
    assert [method for method, _, _ in calls] == ["GET"]


def test_report_notifies_nobody(tmp_path: Path) -> None:
    _, calls = comment(tmp_path, "look, @everybody", pulls=OPEN, comments=[])

    assert calls[-1][2] == {"body": f"{MARK}\nlook, @\u200beverybody\n"}


def test_report_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("token", encoding="utf-8")
    (tmp_path / "review.md").symlink_to(tmp_path / "secret")
    found = subprocess.run(
        [sys.executable, ROOT / ".ci/comment", tmp_path / "review.md"],
        env={"REPOSITORY": "x", "HEAD_OWNER": "x", "HEAD_BRANCH": "x", "HEAD_SHA": "x"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode == 1
    assert "no ordinary file; nothing was posted" in found.stderr
    assert "token" not in found.stdout + found.stderr


def test_report_over_what_github_takes_is_cut(tmp_path: Path) -> None:
    _, calls = comment(tmp_path, "x" * 100_000, pulls=OPEN, comments=[])

    assert len(calls[-1][2]["body"]) == 65_000
