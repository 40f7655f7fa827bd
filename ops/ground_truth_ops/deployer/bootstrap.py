"""The commands that prepare an account: policies, then the CDK's bootstrap held to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ground_truth_ops.deployer.policy import Place
    from stacks.environment import EnvironmentFile

DEFAULT_STACK = "CDKToolkit"
DEFAULT_QUALIFIER = "hnb659fds"
# filled in by the shell that runs the commands
_CALLER = "$ACCOUNT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bootstrap:
    """A bootstrap of its own where there is a qualifier; `boundary` is a policy's name."""

    qualifier: str | None = None
    boundary: str | None = None

    @classmethod
    def of(cls, settings: EnvironmentFile) -> Bootstrap:
        return cls(qualifier=settings.bootstrap_qualifier, boundary=settings.permissions_boundary)

    @property
    def stack(self) -> str:
        """One stack a qualifier, or a second bootstrap would rename the roles of the first."""
        return DEFAULT_STACK if self.qualifier is None else f"{DEFAULT_STACK}-{self.qualifier}"

    def options(self) -> Iterator[str]:
        """What a bootstrap without policies takes, too; nothing where all is as usual."""
        if self.qualifier is not None:
            yield f"--qualifier {self.qualifier}"
            yield f"--toolkit-stack-name {self.stack}"
        if self.boundary is not None:
            yield f"--custom-permissions-boundary {self.boundary}"


def bootstrap_commands(files: Sequence[Path], place: Place, bootstrap: Bootstrap) -> Iterator[str]:
    """Lines for a shell, none longer than 80 characters unless a path is.

    The ARNs begin at the margin: within quotes an indentation would become part of them.
    """
    account = place.account
    if account == "*":
        account = _CALLER
        yield "ACCOUNT=$(aws sts get-caller-identity --query Account --output text)"
    for path in files:
        yield f"aws iam create-policy --policy-name {path.stem} \\"
        yield "  --policy-document \\"
        yield f"  file://{path}"
    # with a name, because the CLI runs the app even for this
    yield f"cdk bootstrap aws://{account}/{place.region} \\"
    yield f"  -c env={place.environment.replace('*', '1')} \\"
    for option in bootstrap.options():
        yield f"  {option} \\"
    yield '  --cloudformation-execution-policies "\\'
    arns = [f"arn:{place.partition}:iam::{account}:policy/{path.stem}" for path in files]
    for arn in arns[:-1]:
        yield f"{arn},\\"
    yield f'{arns[-1]}"'
