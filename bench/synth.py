"""`cdk synth` of an environment against a one-bucket app: same CLI, same flags, same checks."""

from __future__ import annotations

import json
import os
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.paired import Pair, measure
from ground_truth_ops.cdk import Cdk

ONE_BUCKET = Path(__file__).with_name("one_bucket.py")


def compare(root: Path, *, environment: str, rounds: int) -> tuple[Pair, ...]:
    with yardstick(root) as other:
        return measure(
            synthesis(root, environment),
            synthesis(other, environment),
            rounds=rounds,
        )


@contextmanager
def yardstick(root: Path) -> Iterator[Path]:
    """A project of one bucket with every flag of ours."""
    settings = json.loads((root / "cdk.json").read_text(encoding="utf-8"))
    settings["app"] = shlex.join([sys.executable, str(ONE_BUCKET)])
    with tempfile.TemporaryDirectory(prefix="ground-truth-bench-") as folder:
        other = Path(folder)
        (other / "cdk.json").write_text(json.dumps(settings), encoding="utf-8")
        (other / "node_modules").symlink_to(root / "node_modules")
        yield other


def synthesis(project: Path, environment: str) -> Callable[[], None]:
    """One whole `cdk synth` into a fresh folder."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}

    def run() -> None:
        with tempfile.TemporaryDirectory(prefix="ground-truth-bench-") as folder:
            log = Path(folder) / "log"
            cdk = Cdk(root=project, variables=variables, log=log)
            cdk.synth(environment=environment, output=Path(folder) / "cdk.out")

    return run
