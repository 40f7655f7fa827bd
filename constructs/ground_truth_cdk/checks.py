"""Acknowledging findings of the AwsSolutions rules, each with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Validations

if TYPE_CHECKING:
    from constructs import IConstruct


def acknowledge(construct: IConstruct, *rules: str, reason: str) -> None:
    """Accept findings on the smallest construct that has them.

    A rule is written as reported, e.g. `IAM5[Resource::*]`. The prefixed id keeps the finding,
    with its reason, in the validation report.
    """
    if len(reason) < 20:
        raise ValueError(f"acknowledgement of {', '.join(rules)} needs a real reason: {reason!r}")
    Validations.of(construct).acknowledge(
        *(Acknowledgment(id=f"AwsSolutions::AwsSolutions-{rule}", reason=reason) for rule in rules)
    )
