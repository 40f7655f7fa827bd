"""The comments of reviews: one for each report, as data, and nobody is notified."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
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


def comment(
    folder: Path,
    report: str,
    *,
    pulls: list[Any],
    comments: list[Any],
    name: str = "review.md",
    head: str = "fork/labels",
) -> tuple[str, list[Any]]:
    """Run the script with a `gh` that writes down its calls; returns output and calls."""
    gh = folder / "gh"
    gh.write_text(GH.format(python=sys.executable), encoding="utf-8")
    gh.chmod(0o755)
    answers = {"pulls": pulls, "comments": comments}
    (folder / "answers.json").write_text(json.dumps(answers), encoding="utf-8")
    (folder / name).write_text(report, encoding="utf-8")
    found = subprocess.run(
        [sys.executable, ROOT / ".ci/comment", folder],
        env={
            "PATH": f"{folder}:{os.environ['PATH']}",
            "REPOSITORY": "team/labels",
            "HEAD_REPOSITORY": head,
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


NEEDED = ("REPOSITORY", "HEAD_REPOSITORY", "HEAD_OWNER", "HEAD_BRANCH", "HEAD_SHA")
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
        [sys.executable, ROOT / ".ci/comment", tmp_path],
        env=dict.fromkeys(NEEDED, "x"),
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


def test_live_report_has_a_comment_of_its_own(tmp_path: Path) -> None:
    live = "<!-- ground-truth-live-review-dev -->"
    comments = [
        {"id": 3, "user": {"type": "Bot"}, "body": f"{MARK}\nof templates"},
        {"id": 4, "user": {"type": "Bot"}, "body": f"{live}\nold"},
    ]

    _, calls = comment(
        tmp_path,
        f"{MARK}\nnew",
        pulls=OPEN,
        comments=comments,
        name="live-review-dev.md",
        head="team/labels",
    )

    assert calls[-1] == [
        "PATCH",
        "repos/team/labels/issues/comments/4",
        {"body": f"{live}\nnew\n"},
    ]


def test_fork_has_seen_nothing_that_is_deployed_whatever_it_says(tmp_path: Path) -> None:
    said, calls = comment(
        tmp_path, "all is well", pulls=OPEN, comments=[], name="live-review-dev.md"
    )

    assert "no report" in said
    assert [method for method, _, _ in calls] == ["GET", "GET"]


def test_file_of_another_name_is_no_report(tmp_path: Path) -> None:
    _, calls = comment(
        tmp_path, "x", pulls=OPEN, comments=[], name="live-review-moon.md", head="team/labels"
    )

    assert [method for method, _, _ in calls] == ["GET", "GET"]
