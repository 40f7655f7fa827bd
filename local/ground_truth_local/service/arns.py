"""Amazon resource names, taken apart and built; never a literal partition."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Arn:
    """`arn:partition:service:region:account:resource`; `resource` may hold further colons."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        return ":".join(
            ("arn", self.partition, self.service, self.region, self.account, self.resource)
        )

    @property
    def name(self) -> str:
        """What follows the resource's last slash or colon."""
        return self.resource.replace(":", "/").rsplit("/", 1)[-1]


def parse_arn(text: str) -> Arn:
    """The parts of an ARN; the API model's patterns were checked before, so it has all six."""
    _, partition, service, region, account, resource = text.split(":", 5)
    return Arn(
        partition=partition, service=service, region=region, account=account, resource=resource
    )
