"""The CDK app of `make delivery`: what pipelines may do with an environment."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_cdk import App, Aws

from ground_truth_ops.deployer.delivery import delivery_policies
from ground_truth_ops.deployer.run import place_of, place_of_pattern, templates_of
from stacks.checks import add_checks
from stacks.config import ConfigError, load
from stacks.delivery import DeliveryStack
from stacks.delivery_file import load_delivery
from stacks.places import pattern_names
from stacks.stage import GroundTruth

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ground_truth_ops.deployer.policy import Document
    from stacks.config import Project
    from stacks.delivery_file import Delivered


def main() -> None:
    """Synthesize the roles for what `-c env=<name>` selects; a pattern's for all of it."""
    app = App()
    try:
        add_delivery(app, Path(__file__).parent, app.node.try_get_context("env"))
    except ConfigError as error:
        sys.exit(str(error))
    add_checks(app)
    app.synth()


def add_delivery(app: App, root: Path, env: str | None) -> DeliveryStack:
    """Add the stack for an environment, or for every one of a pattern."""
    file, delivered = load_delivery(root, env)
    pattern = env if env in pattern_names(root) else None
    project = load(root, env=f"{pattern}-1" if pattern else env)
    return DeliveryStack(
        app,
        name=str(env),
        settings=project.environment.settings,
        github=file.github,
        delivered=delivered,
        policies=policies_for(project, pattern, delivered, context=app.node.get_all_context()),
    )


def policies_for(
    project: Project, pattern: str | None, delivered: Delivered, *, context: Any
) -> Mapping[str, Sequence[Document]]:
    """From the environment's own templates, in whatever account they are deployed."""
    place = place_of(project, account=Aws.ACCOUNT_ID)
    if pattern is not None:
        place = place_of_pattern(place, pattern)
    with tempfile.TemporaryDirectory(prefix="ground-truth-") as folder:
        environment = App(outdir=folder, context=context, builtin_cloud_formation_validation=False)
        GroundTruth(environment, project=project)
        environment.synth()
        return delivery_policies(
            templates_of(Path(folder)),
            place,
            qualifier=project.environment.settings.bootstrap_qualifier,
            archive=delivered.archive,
        )


if __name__ == "__main__":
    main()
