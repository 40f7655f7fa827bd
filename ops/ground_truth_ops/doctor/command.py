"""`gt doctor`: exit code 1 when something is wrong, for a person or a pipeline."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from ground_truth_ops.doctor.finding import Verdict
from ground_truth_ops.doctor.render import render, to_json
from ground_truth_ops.doctor.run import diagnose
from ground_truth_ops.project import project_root

if TYPE_CHECKING:
    import argparse

    from rich.console import Console


def doctor(options: argparse.Namespace, console: Console) -> int:
    """What is unknown is no reason to stop a pipeline."""
    findings = diagnose(project_root(), options.env)
    if options.json:
        sys.stdout.write(json.dumps(to_json(options.env, findings), indent=2) + "\n")
    else:
        for line in render(findings, width=console.width):
            console.print(line, soft_wrap=True)
    return 1 if any(each.verdict is Verdict.PROBLEM for each in findings) else 0
