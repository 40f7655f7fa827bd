"""Where Ground Truth is, and the accounts of what AWS owns there (ground-truth.md 2.1)."""

from __future__ import annotations

# Region → account of the built-in PRE-/ACS- functions; strings, for one has a leading zero
BUILT_IN_ACCOUNTS = {
    "us-east-1": "432418664414",
    "us-east-2": "266458841044",
    "us-west-2": "081040173940",
    "ca-central-1": "918755190332",
    "eu-west-1": "568282634449",
    "eu-west-2": "487402164563",
    "eu-central-1": "203001061592",
    "ap-northeast-1": "477331159723",
    "ap-northeast-2": "845288260483",
    "ap-south-1": "565803892007",
    "ap-southeast-1": "377565633583",
    "ap-southeast-2": "454466003867",
}

# 2.1: the same everywhere
UI_ACCOUNT = "394669845002"
ALGORITHM_ACCOUNT = "027400017018"


def built_in_task(function_arn: str | None) -> str | None:
    """`SemanticSegmentation` for `…:<AWS's account>:function:PRE-SemanticSegmentation`."""
    if function_arn is None:
        return None
    _, _, _, _, account, _, name = function_arn.split(":", 6)
    prefix, _, task = name.partition("-")
    owned = account in BUILT_IN_ACCOUNTS.values() and prefix in ("PRE", "ACS")
    return task if owned else None
