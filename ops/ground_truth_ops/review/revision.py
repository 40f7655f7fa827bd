"""A revision of the project as a folder beside the working tree, with an environment of its own."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ground_truth_ops.errors import OpsError
from ground_truth_ops.processes import run

# What decides which versions a revision was written for. Where one of these differs, the base gets
# an environment of its own; where none does, it borrows the head's, with its own code in front.
LOCKS = (
    *("requirements.txt", "requirements-dev.txt", "constraints.txt"),
    *("package.json", "package-lock.json"),
    *("constructs/pyproject.toml", "lambdas/pyproject.toml"),
    *("local/pyproject.toml", "ops/pyproject.toml"),
)
LIBRARIES = Path(".cache", "libraries")  # where ground_truth_cdk.libraries looks
# The folders that hold a project's packages; in front of the path they win over an editable
# install, which would silently give the base the head's constructs.
ROOMS = ("constructs", "lambdas", "ops", "local")
_OWN_CODE = """
import importlib.util, json, sys
names = sys.argv[1:]
print(json.dumps({name: importlib.util.find_spec(name).origin for name in names}))
"""


class RevisionError(OpsError):
    """The revision isn't there, or it can't run its own code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A folder with the project's files, the interpreter and the CDK CLI that fit them.

    `commit` is None for the working tree.
    """

    root: Path
    python: Path
    cdk: Path
    commit: str | None

    @property
    def has_app(self) -> bool:
        return (self.root / "app.py").is_file()

    @property
    def environments(self) -> tuple[str, ...]:
        """The names of the environments, sorted; none where there is no app."""
        if not self.has_app:
            return ()
        return tuple(sorted(path.stem for path in (self.root / "environments").glob("*.toml")))

    def has(self, environment: str) -> bool:
        """Whether there is such an environment, by a file of its own or by its pattern's."""
        pattern = environment.rpartition("-")[0]
        ephemeral = self.root / "environments/ephemeral" / f"{pattern}.toml"
        return environment in self.environments or (self.has_app and ephemeral.is_file())

    def variables(self) -> dict[str, str]:
        """The process's own variables without AWS's: synthesis must need no credentials."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        path = ":".join([str(self.python.parent), str(self.cdk.parent), kept.get("PATH", "")])
        return {
            **kept,
            "PATH": path,
            "PYTHONPATH": ":".join(str(self.root / room) for room in ROOMS),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
        }


def working_tree(root: Path) -> Tree:
    """The files as they are, committed or not."""
    return Tree(
        root=root,
        python=Path(sys.executable),
        cdk=root / "node_modules" / ".bin" / "cdk",
        commit=None,
    )


@contextmanager
def revision(head: Tree, name: str, *, log: Path) -> Iterator[Tree]:
    """A revision's files for the time of a block; the repository's own working tree is not touched.

    Raises RevisionError when there is no such revision.
    """
    commit = commit_of(head.root, name)
    folder = Path(tempfile.mkdtemp(prefix="ground-truth-base-")).resolve()
    files = folder / "files"
    # of a bare copy of the files git needs no note, so nothing is left behind by a kill
    archive = subprocess.run(  # noqa: S603 - a commit's id
        ["git", "archive", "--format=tar", commit],  # noqa: S607 - git of the PATH
        cwd=head.root,
        capture_output=True,
        check=True,
    ).stdout
    try:
        files.mkdir()
        subprocess.run(  # noqa: S603 - a fixed command
            ["tar", "--extract", "--directory", str(files)],  # noqa: S607 - tar of the PATH
            input=archive,
            check=True,
        )
        _lend_libraries(head.root, files)
        tree = Tree(root=files, python=head.python, cdk=head.cdk, commit=commit)
        if tree.has_app and locks(files) != locks(head.root):
            tree = _with_own_environment(tree, head, log)
        if tree.has_app:
            check_own_code(tree)
        yield tree
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _lend_libraries(head: Path, files: Path) -> None:
    """What functions for masks carry; of other pins it lies in a folder of another name."""
    fetched, place = head / LIBRARIES, files / LIBRARIES
    if fetched.is_dir() and not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(fetched)


def commit_of(root: Path, name: str) -> str:
    """The full id of a revision; raises RevisionError when git knows none."""
    command = ["git", "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"]
    found = subprocess.run(  # noqa: S603 - --end-of-options: a revision can't be an option
        command,
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode != 0:
        raise RevisionError(
            f"no revision {name!r} in {root}; a shallow clone lacks it: fetch with full history, "
            "or name another one (BASE=origin/main, BASE=HEAD~1)"
        )
    return found.stdout.strip()


def locks(root: Path) -> str:
    """One digest over everything that pins a version."""
    digest = hashlib.sha256()
    for name in LOCKS:
        path = root / name
        content = path.read_bytes() if path.is_file() else b""
        digest.update(f"{name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def check_own_code(tree: Tree) -> None:
    """Raise RevisionError unless the tree's interpreter finds the tree's own packages first."""
    packages = sorted(
        path.parent.name for room in ROOMS for path in (tree.root / room).glob("*/__init__.py")
    )
    found = subprocess.run(  # noqa: S603 - ours
        [str(tree.python), "-c", _OWN_CODE, "stacks", *packages],
        cwd=tree.root,
        env=tree.variables(),
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode != 0:
        raise RevisionError(
            f"revision {tree.commit} can't find its own packages",
            details=tuple(found.stderr.splitlines()[-5:]),
        )
    origins: Mapping[str, str] = json.loads(found.stdout)
    strange = {name: at for name, at in origins.items() if not _inside(at, tree.root)}
    if strange:
        shown = ", ".join(f"{name} from {at}" for name, at in sorted(strange.items()))
        raise RevisionError(f"revision {tree.commit} would be synthesized with other code: {shown}")


def _inside(path: str | None, folder: Path) -> bool:
    return path is not None and Path(path).resolve().is_relative_to(folder)


def _with_own_environment(tree: Tree, head: Tree, log: Path) -> Tree:
    """Install what the base pins, once for each set of pins: it is kept for the next time."""
    place = head.root / ".cache" / "review" / "environments" / locks(tree.root)[:16]
    python, cdk = place / ".venv/bin/python", place / "node_modules/.bin/cdk"
    if not (place / "complete").is_file():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        _install(tree.root, place, python, log)
        (place / "complete").touch()
    return Tree(root=tree.root, python=python, cdk=cdk, commit=tree.commit)


def _install(root: Path, place: Path, python: Path, log: Path) -> None:
    """The base's own pins. Its packages are not installed: they come from the tree itself."""
    variables = dict(os.environ)
    run(
        [sys.executable, "-m", "venv", place / ".venv"],
        cwd=place,
        env=variables,
        log=log,
    )
    requirements = place / "requirements.txt"
    requirements.write_text(_without_own_packages(root / "requirements.txt"), encoding="utf-8")
    own = [root / room for room in ROOMS if (root / room / "pyproject.toml").is_file()]
    pip: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    constraints: list[str | Path] = ["--constraint", root / "constraints.txt"]
    # the packages' own requirements come with them; the code in front of the path is the tree's
    run(
        [*pip, "--requirement", requirements, *own, *constraints],
        cwd=place,
        env=variables,
        log=log,
    )
    for name in ("package.json", "package-lock.json"):
        shutil.copy(root / name, place / name)
    npm: list[str | Path] = [
        place / ".venv/bin/npm",
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
    ]
    path = f"{place / '.venv/bin'}:{variables.get('PATH', '')}"
    run(npm, cwd=place, env={**variables, "PATH": path}, log=log)


def _without_own_packages(requirements: Path) -> str:
    lines = requirements.read_text(encoding="utf-8").splitlines()
    return "".join(f"{line}\n" for line in lines if not line.startswith("-e ./"))
