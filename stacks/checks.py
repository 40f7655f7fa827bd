"""The rules every environment is held to: a finding that nobody acknowledged fails the synth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Validations
from cdk_nag import (
    AwsSolutionsChecks,
    HIPAASecurityChecks,
    NIST80053R5Checks,
    PCIDSS321Checks,
    ServerlessChecks,
)

if TYPE_CHECKING:
    from aws_cdk import App

PACKS = (
    AwsSolutionsChecks,
    NIST80053R5Checks,
    ServerlessChecks,
    HIPAASecurityChecks,
    PCIDSS321Checks,
)


def add_checks(app: App) -> None:
    """Register every pack once, on the app: on a stage it would also report the others'."""
    Validations.of(app).add_plugins(*(pack(app) for pack in PACKS))
