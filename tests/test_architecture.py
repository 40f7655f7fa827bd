"""Who may import whom, and what no file may hold."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ground_truth_cdk.assets import module_files
from ground_truth_cdk.libraries import MODULES

ROOT = Path(__file__).parents[1]
STANDARD = set(sys.stdlib_module_names) | {"__future__"}
# Room to what it may import besides the standard library; each room may import itself.
ARROWS = {
    "app.py": {"aws_cdk", "stacks"},
    # what roles may do is known to those who make the calls
    "delivery.py": {"aws_cdk", "ground_truth_ops", "stacks"},
    "stacks": {
        *("aws_cdk", "cdk_nag", "constructs", "pydantic"),
        *("ground_truth", "ground_truth_cdk", "ground_truth_liquid"),
    },
    "constructs/ground_truth_cdk": {"aws_cdk", "constructs", "ground_truth"},
    "lambdas/ground_truth": set(),
    # for passes over a whole job; which functions go without is tested below
    "lambdas/ground_truth/consolidation": {"PIL", "ground_truth", "numpy"},
    "lambdas/ground_truth_functions": {"boto3", "botocore", "ground_truth"},
    "local/ground_truth_liquid": {"liquid", "markupsafe"},
}
# Rooms with libraries of their own choice: only what they use of ours is fixed.
OURS = {
    "ground_truth",
    "ground_truth_cdk",
    "ground_truth_functions",
    "ground_truth_liquid",
    "ground_truth_local",
    "ground_truth_ops",
    "stacks",
}
OURS_ALLOWED = {
    "ops/ground_truth_ops": {"ground_truth", "ground_truth_liquid", "ground_truth_local", "stacks"},
    "local/ground_truth_local": {"ground_truth_liquid"},
}
# Only for type checkers: never imported when code runs.
TYPES_ONLY = {"mypy_boto3", "_typeshed"}
# Of `stacks`, operations may read the configuration; the CDK would cost them a Node process.
CONFIGURATION = {
    *("agreement", "campaign", "categories", "chains", "config", "content", "default_template"),
    *(
        "doubts",
        "drafts",
        "environment",
        "job_options",
        "places",
        "problems",
        "reading",
        "tables",
        "template_files",
    ),
    "workforce",
}
SUFFIXES = {".py", ".md", ".toml", ".json", ".html", ".txt", ".yml", ".yaml", ".js", ".css", ""}
IGNORED = {
    ".git",
    ".cache",
    ".venv",
    ".venv-local",
    "node_modules",
    ".hypothesis",
    ".local",
    ".demo",
}


def modules(room: str) -> list[Path]:
    """The files of a room, without those of a room of its own inside it."""
    place = ROOT / room
    inside = [ROOT / other for other in ARROWS if other.startswith(f"{room}/")]
    if place.is_file():
        return [place]
    return [
        path
        for path in sorted(place.rglob("*.py"))
        if not any(path.is_relative_to(other) for other in inside)
    ]


def imports(path: Path, *, at_run_time: bool = True) -> Iterator[tuple[int, str]]:
    """Line and absolute name of every import, wherever it stands."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped: set[int] = set()
    if at_run_time:
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
                skipped.update(id(inner) for each in node.body for inner in ast.walk(each))
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.lineno, str(node.module)


@pytest.mark.parametrize("room", sorted(ARROWS))
def test_room_imports_only_what_its_arrows_allow(room: str) -> None:
    own = Path(room).stem
    allowed = STANDARD | ARROWS[room] | {own}
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules(room)
        for line, name in imports(path)
        if name.partition(".")[0] not in allowed
    ]

    assert wrong == []


@pytest.mark.parametrize("room", sorted(OURS_ALLOWED))
def test_room_uses_of_the_project_only_what_its_arrows_allow(room: str) -> None:
    forbidden = OURS - OURS_ALLOWED[room] - {Path(room).stem}
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules(room)
        for line, name in imports(path)
        if name.partition(".")[0] in forbidden
    ]

    assert wrong == []


@pytest.mark.parametrize("room", [room for room in sorted(ARROWS) if room.startswith("lambdas/")])
def test_types_of_functions_come_from_nowhere_else(room: str) -> None:
    allowed = STANDARD | ARROWS[room] | {Path(room).stem}
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules(room)
        for line, name in imports(path, at_run_time=False)
        if name.partition(".")[0] not in allowed and not name.startswith(tuple(TYPES_ONLY))
    ]

    assert wrong == []


def test_all_but_the_named_functions_do_without_libraries() -> None:
    """They aren't in the zips: a function that imported them would fail when it is called."""
    program = "import sys, {}; print(sorted({{'numpy', 'PIL'}} & set(sys.modules)))"
    handlers = [
        f"ground_truth_functions.{path.stem}"
        for path in modules("lambdas/ground_truth_functions")
        if "def handler(" in path.read_text(encoding="utf-8")
        and f"ground_truth_functions.{path.stem}" not in MODULES
    ]
    found = subprocess.run(
        [sys.executable, "-c", program.format(", ".join(handlers))],
        capture_output=True,
        text=True,
        check=True,
    )
    zipped = {
        f"{handler}: {path}"
        for handler in handlers
        for path, source in module_files(handler).items()
        if re.search(rb"^\s*(import|from) (numpy|PIL)\b", source, re.MULTILINE)
    }

    assert len(handlers) > 5
    assert found.stdout.strip() == "[]"
    assert zipped == set()


def test_one_module_makes_the_functions_clients() -> None:
    users = {
        path.name
        for path in modules("lambdas/ground_truth_functions")
        for _, name in imports(path)
        if name.partition(".")[0] == "boto3"
    }

    assert users == {"aws.py"}


def test_types_of_every_module_of_the_cdk_that_is_loaded_are_looked_at() -> None:
    """A module that mypy doesn't follow is Any to it, and whatever is made of it, too."""
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (followed,) = (
        {name.removesuffix(".*") for name in each["module"]}
        for each in configuration["tool"]["mypy"]["overrides"]
        if each.get("follow_imports") == "normal"
    )
    program = "import app, delivery, sys; print(*(n for n in sys.modules if n[:8] == 'aws_cdk.'))"
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    services = {name for name in loaded if re.search(r"\.aws_\w+$", name)}
    named = {
        f"aws_cdk.{name}"
        for folder in ("stacks", "constructs", "ops", "tests", "bench")
        for path in (ROOT / folder).rglob("*.py")
        for name in re.findall(
            r"from aws_cdk(?:\.| import )(aws_\w+|assertions)", path.read_text(encoding="utf-8")
        )
    }

    assert services, "the app loads no service at all"
    assert services | named <= followed


def test_configuration_knows_nothing_of_the_cdk() -> None:
    """Of `ground_truth_cdk` it may use what imports no aws_cdk itself."""
    wrong = [
        f"{path.name}:{line} imports {name}"
        for path in modules("stacks")
        if path.stem in CONFIGURATION
        for line, name in imports(path)
        if name.partition(".")[0] in {"aws_cdk", "constructs", "ground_truth_cdk"}
        and name != "ground_truth_cdk.labels"
    ]
    labels = ROOT / "constructs/ground_truth_cdk/labels.py"

    assert wrong == []
    assert {name.partition(".")[0] for _, name in imports(labels)} <= STANDARD | {"ground_truth"}


def test_operations_read_the_configuration_and_nothing_else_of_the_stacks() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules("ops/ground_truth_ops")
        for line, name in imports(path)
        if name.partition(".")[0] == "stacks"
        and name.removeprefix("stacks").lstrip(".") not in CONFIGURATION
    ]

    assert wrong == []


def test_operations_frame_tasks_as_the_portal_does_and_use_nothing_else_of_local_aws() -> None:
    """They run without its web framework."""
    used = {
        name
        for path in modules("ops/ground_truth_ops")
        for _, name in imports(path, at_run_time=False)
        if name.partition(".")[0] == "ground_truth_local"
    }
    portal = ROOT / "local/ground_truth_local/portal"
    needed = {
        name.partition(".")[0]
        for module in ("frames", "origins")
        for _, name in imports(portal / f"{module}.py", at_run_time=False)
    }

    assert {name.removeprefix("ground_truth_local.portal").lstrip(".") for name in used} <= {
        "",
        "frames",
        "origins",
    }
    assert needed <= STANDARD | {"ground_truth_liquid", "ground_truth_local"}


def test_private_parts_of_the_embedded_aws_are_touched_in_one_place() -> None:
    users = {
        path.relative_to(ROOT / "local/ground_truth_local").as_posix()
        for path in modules("local/ground_truth_local")
        for _, name in imports(path)
        if name.partition(".")[0] == "ministack"
    }

    assert {user for user in users if not user.startswith("platform/hooks")} == set()


def test_constructs_is_a_folder_not_a_package() -> None:
    """aws-cdk-lib imports a library of that name: a package of ours would hide it."""
    folder = ROOT / "constructs"

    assert not (folder / "__init__.py").exists()
    assert sorted(folder.rglob("test_*.py")) == []
    assert sorted(folder.rglob("conftest.py")) == []
    assert not (ROOT / "tests/constructs").exists()


def test_app_fits_on_a_page() -> None:
    assert len((ROOT / "app.py").read_text().splitlines()) < 40


def test_templates_are_never_keyed_to_one_partition() -> None:
    rooms = ("app.py", "stacks", "constructs/ground_truth_cdk", "lambdas/ground_truth")
    wrong = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for room in rooms
        for path in modules(room)
        for line in path.read_text(encoding="utf-8").splitlines()
        if "arn:aws:" in line
    ]

    assert wrong == []


@pytest.mark.parametrize(
    "pattern",
    [
        r"AKIA[0-9A-Z]{16}",
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
        r"(?:^|[\s\"'=(])/(?:root|home|Users)/\w+",
    ],
)
def test_no_file_holds_credentials_or_paths_of_one_machine(pattern: str) -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in _files(ROOT)
        if path.name != Path(__file__).name and re.search(pattern, _text(path), re.MULTILINE)
    ]

    assert found == []


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name in IGNORED or path.name.startswith(("cdk.out", ".")):
            continue
        if path.is_dir():
            if not path.name.endswith((".egg-info", "__pycache__", "data")):
                yield from _files(path)
        elif path.suffix in SUFFIXES and path.stat().st_size < 500_000:
            yield path


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
