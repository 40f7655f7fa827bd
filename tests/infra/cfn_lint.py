"""cfn-lint on synthesized templates: its rules, half of what a call takes, are read once."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from cfnlint import api
from cfnlint.config import ConfigMixIn, ManualArgs
from cfnlint.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def findings(template: Mapping[str, Any], *, regions: Sequence[str] = ("us-east-1",)) -> list[str]:
    """Rule and message of all that any rule says of a template in any of the regions.

    W3005 aside: the CDK writes dependencies that a reference already makes.
    """
    config = ManualArgs(regions=list(regions), ignore_checks=["W3005"])
    return [
        f"{match.rule.id} {match.message}"
        for match in api.lint(json.dumps(template), rules=_rules(), config=config)
    ]


@cache
def _rules() -> Any:
    """Every rule cfn-lint comes with."""
    return Runner(ConfigMixIn()).rules
