"""How large each function's code is unzipped, and how long a cold start imports it.

`python -m bench.functions` unzips every function's code and imports its module in processes of
their own: nothing is compiled beforehand, as in a zip, and boto3 is imported first, because it is
the runtime's own. Milliseconds of processor time, medians of seven processes; "compiled" is a
second start in the same folder, which a function never has.
"""

from __future__ import annotations

import os
import pkgutil
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

import ground_truth_functions
from ground_truth_cdk import libraries
from ground_truth_cdk.assets import module_files
from ground_truth_ops.project import project_root

ROUNDS = 7
MOST_MILLISECONDS = 150.0
MOST_MEGABYTES = 80.0
_IMPORT = """
import sys, time
import boto3
sys.path.insert(0, sys.argv[1])
began = time.process_time()
__import__(sys.argv[2])
print(time.process_time() - began)
"""


def main() -> int:
    console = Console(width=80, highlight=False)
    table = Table(box=None)
    table.add_column("function", no_wrap=True)
    for title in ("import", "compiled", "unzipped", ""):
        table.add_column(title, justify="right")
    for module in handlers():
        try:
            files = code(module)
        except libraries.LibrariesError as error:
            console.print(f"{module} is left out: {error}", markup=False)
            continue
        cold, compiled = imported(module, files)
        size = sum(map(len, files.values())) / 1e6
        missed = cold > MOST_MILLISECONDS or size > MOST_MEGABYTES
        table.add_row(
            module.rpartition(".")[2],
            f"{cold:.0f} ms",
            f"{compiled:.0f} ms",
            f"{size:.2f} MB",
            "missed" if missed else "",
        )
    console.print("what a function's cold start imports, and its code", style="bold")
    console.print(table)
    console.print(f"goal: at most {MOST_MILLISECONDS:.0f} ms and {MOST_MEGABYTES:.0f} MB each")
    return 0


def handlers() -> Iterator[str]:
    """Yield the modules that a function is made of."""
    for found in pkgutil.iter_modules(ground_truth_functions.__path__):
        module = f"{ground_truth_functions.__name__}.{found.name}"
        own = f"{module.replace('.', '/')}.py"
        if b"\ndef handler(" in module_files(module)[own]:
            yield module


def code(module: str) -> Mapping[str, bytes]:
    """Return what is in a function's zip, with the libraries of this machine where it has any."""
    files = dict(module_files(module))
    if module in libraries.MODULES:
        theirs = libraries.library_files(libraries.HOST, root=project_root() / libraries.CACHE)
        files |= {name: path.read_bytes() for name, path in theirs.items()}
    return files


def imported(
    module: str, files: Mapping[str, bytes], *, rounds: int = ROUNDS
) -> tuple[float, float]:
    """Return milliseconds of the module's import, from source and compiled."""
    # -S keeps our own installed packages out; boto3 comes by its folder, behind the function's.
    boto3 = find_spec("boto3")
    runtime = str(Path(str(boto3 and boto3.origin)).parents[1])
    # Empty is unset: whoever calls may have forbidden to write what is compiled.
    environment = {**os.environ, "PYTHONPATH": runtime, "PYTHONDONTWRITEBYTECODE": ""}
    with TemporaryDirectory() as folder:
        for name, content in files.items():
            place = Path(folder, name)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        cold = _median(module, folder, {**environment, "PYTHONDONTWRITEBYTECODE": "1"}, rounds)
        _median(module, folder, environment, 1)  # compiles
        return cold, _median(module, folder, environment, rounds)


def _median(module: str, folder: str, environment: Mapping[str, str], rounds: int) -> float:
    return 1e3 * statistics.median(
        float(
            subprocess.run(  # noqa: S603 - our own code
                [sys.executable, "-S", "-c", _IMPORT, folder, module],
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            ).stdout
        )
        for _ in range(rounds)
    )


if __name__ == "__main__":
    sys.exit(main())
