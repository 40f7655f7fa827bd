"""The CDK CLI is pinned to a version that reads what the library writes.

The registry's `latest` has pointed to a build that can't read current assemblies.
"""

import json
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLI = "2.1148.1"
TEMPLATE_DIFF = "2.187.5"  # the CDK CLI's own, published for others


def test_cli_is_pinned_exactly_and_the_lock_file_agrees() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())["devDependencies"]
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]

    assert wanted == {"aws-cdk": CLI, "@aws-cdk/cloudformation-diff": TEMPLATE_DIFF}
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_no_file_of_pins_names_where_packages_come_from() -> None:
    files = ["package-lock.json", "constraints.txt", "local/constraints.txt", "requirements.txt"]

    assert [name for name in files if "://" in (ROOT / name).read_text()] == []
