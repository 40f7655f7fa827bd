"""The CDK app: one environment, its campaigns, every check. Needs no credentials."""

import sys
from pathlib import Path

from aws_cdk import App

from stacks.checks import add_checks
from stacks.config import ConfigError, load
from stacks.stage import GroundTruth, LibrariesError


def main() -> None:
    """Synthesize what `-c env=<name>` (and `-c campaign=<name>`) select."""
    app = App()
    try:
        project = load(
            Path(__file__).parent,
            env=app.node.try_get_context("env"),
            campaign=app.node.try_get_context("campaign"),
            expires=app.node.try_get_context("expires"),
        )
        GroundTruth(app, project=project)
    except (ConfigError, LibrariesError) as error:
        sys.exit(str(error))
    add_checks(app)
    app.synth()


if __name__ == "__main__":
    main()
