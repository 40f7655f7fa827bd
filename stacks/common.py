"""What every stack of the app has in common."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aws_cdk import (
    CfnOutput,
    CfnParameter,
    DefaultStackSynthesizer,
    Environment,
    Fn,
    PermissionsBoundary,
    Stack,
    Tags,
)

from ground_truth import names
from ground_truth_cdk.function import FunctionSettings

if TYPE_CHECKING:
    from constructs import Construct

    from stacks import config


class EnvironmentStack(Stack):
    """A stack of one environment: its name, place, tags, and outputs under fixed keys."""

    def __init__(
        self,
        scope: Construct,
        part: str,
        *,
        environment: config.Environment,
        description: str,
        termination_protection: bool = False,
    ) -> None:
        settings = environment.settings
        super().__init__(
            scope,
            part,
            stack_name=names.stack_name(environment.name, part),
            env=Environment(account=settings.account, region=settings.region),
            description=description,
            termination_protection=termination_protection,
            tags=_stack_tags(environment),
            synthesizer=(
                DefaultStackSynthesizer(qualifier=settings.bootstrap_qualifier)
                if settings.bootstrap_qualifier
                else None
            ),
            permissions_boundary=(
                PermissionsBoundary.from_name(settings.permissions_boundary)
                if settings.permissions_boundary
                else None
            ),
        )
        self.functions = FunctionSettings(
            runtime=settings.functions.runtime,
            architecture=settings.functions.architecture,
            log_retention_days=settings.functions.log_retention_days,
            on_host=environment.on_host,
        )
        self.tag({names.TAG_ENVIRONMENT: environment.name, **settings.tags})

    def encrypt_logs(self, key_arn: str | None) -> None:
        """Let functions made from now on log to groups encrypted by a key; None changes nothing."""
        self.functions = replace(self.functions, log_key_arn=key_arn)

    def tag(self, tags: dict[str, str]) -> None:
        """Tag everything in the stack."""
        for key, value in tags.items():
            Tags.of(self).add(key, value)

    def deployment(self) -> str:
        """Return what `make deploy` makes different for every deployment.

        A parameter and not part of the template, so that `cdk diff` shows nothing of it.
        """
        parameter = CfnParameter(
            self,
            names.DEPLOYMENT_PARAMETER,
            default="none",
            description="Differs from one deployment to the next, so that each checks anew",
        )
        return parameter.value_as_string

    def output(self, key: str, value: str, description: str) -> None:
        """Publish a value under a key that other stacks and operations rely on."""
        CfnOutput(self, key, value=value, description=description)

    def read(self, producer: Stack, key: str) -> str:
        """Read another stack's output, weakly: the producer isn't locked by being read."""
        self.add_stack_dependency(producer)
        return Fn.get_stack_output(producer.stack_name, key)


def _stack_tags(environment: config.Environment) -> dict[str, str] | None:
    """What the nightly sweep knows an ephemeral environment by.

    On the stack and not in its template, so that a new day is no difference.
    """
    if environment.settings.ephemeral is None:
        return None
    tags = {names.TAG_ENVIRONMENT: environment.name}
    if environment.expires is not None:
        tags[names.TAG_EXPIRES] = environment.expires.isoformat()
    return tags
