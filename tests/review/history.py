"""A real git history of a project: a base commit, and heads that change one thing each."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ground_truth_ops.review.markdown import render
from ground_truth_ops.review.report import EnvironmentReview, Review, review

ROOT = Path(__file__).parents[2]
DIGITS = "campaigns/handwritten-digits"
REVIEWS = "campaigns/product-reviews"
# What a synth reads; tests and docs would only slow the copying down.
READ = (
    *("app.py", "cdk.json", "package.json", "package-lock.json", "README.md"),
    *("requirements.txt", "requirements-dev.txt", "constraints.txt", "pyproject.toml"),
    *("campaigns", "constructs", "environments", "lambdas", "local", "ops", "stacks"),
)
# Commits of the test's own: nothing of the machine's git configuration gets in.
GIT = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_AUTHOR_NAME": "author",
    "GIT_AUTHOR_EMAIL": "author@example.com",
    "GIT_COMMITTER_NAME": "author",
    "GIT_COMMITTER_EMAIL": "author@example.com",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A repository with one base commit, checked out."""

    root: Path

    def git(self, *arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments],
            cwd=self.root,
            env={**GIT, "PATH": _path()},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    def back_to_base(self) -> None:
        self.git("reset", "--quiet", "--hard", "base")
        self.git("clean", "--quiet", "-d", "--force", "campaigns", "environments")

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def write(self, file: str, text: str) -> None:
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def copy(self, old: str, new: str) -> None:
        source = self.root / old
        if source.is_dir():
            shutil.copytree(source, self.root / new)
        else:
            shutil.copy(source, self.root / new)

    def remove(self, folder: str) -> None:
        shutil.rmtree(self.root / folder)

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def review(self, *environments: str) -> Review:
        return review(self.root, "base", environments=environments)

    def gt(self, *arguments: str, variables: Mapping[str, str]) -> None:
        """A command of ours, as people run it in their project's folder."""
        subprocess.run(
            [sys.executable, "-m", "ground_truth_ops.cli", *arguments],
            cwd=self.root,
            env=dict(variables),
            capture_output=True,
            check=False,
        )

    def told(self, environment: str = "dev") -> tuple[EnvironmentReview, str]:
        """What is found of an environment, and the report that tells it."""
        found = self.review(environment)
        (one,) = found.environments
        return one, render(found)


def make_history(root: Path, *, change: Callable[[Path], None] | None = None) -> History:
    """The project as it is here, or changed, as the base commit of a new repository."""
    root.mkdir()
    tracked = subprocess.run(
        ["git", "ls-files", "-z", *READ], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    for name in filter(None, tracked):
        if (ROOT / name).is_file():  # as the working tree has it, a deleted file isn't there
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)
    for name in ("node_modules", ".venv-local"):
        (root / name).symlink_to(ROOT / name)
    (root / ".venv").symlink_to(Path(sys.prefix))
    ignored = (
        "node_modules",
        ".venv",
        ".venv-local",
        ".cache/",
        "__pycache__/",
        "cdk.out",
        "logs/",
        "export/",
    )
    (root / ".gitignore").write_text("\n".join(ignored), encoding="utf-8")
    if change is not None:
        change(root)
    history = History(root=root)
    history.git("init", "--quiet", "--initial-branch", "main")
    history.commit("base")
    history.git("tag", "base")
    return history


def _path() -> str:
    git = shutil.which("git")
    assert git is not None
    return str(Path(git).parent)


def summary(found: EnvironmentReview) -> Mapping[str, str]:
    """Campaigns and their verdicts."""
    return {each.campaign: each.verdict.value for each in found.consequences}
