"""Checks of what an environment file says, and of names."""

import re
from collections.abc import Mapping

from ground_truth import limits
from ground_truth.checks.problem import Problem, check_line, check_pattern, check_range, shown
from ground_truth.limits import Range


def check_region(region: str) -> list[Problem]:
    """Refuse regions where Ground Truth is not offered."""
    if region in limits.GROUND_TRUTH_REGIONS:
        return []
    allowed = ", ".join(limits.GROUND_TRUTH_REGIONS)
    return [
        Problem(
            what="region without Ground Truth",
            value=region,
            allowed=allowed,
            fix="choose one of these",
        )
    ]


def check_environment_name(name: str) -> list[Problem]:
    """Check the name of an environment file: part of stack names, keys and job names."""
    return _check_project_name(name, limits.ENVIRONMENT_NAME_LENGTH, what="environment name")


def check_campaign_name(name: str) -> list[Problem]:
    """Check the name of a campaign folder: part of stack names, keys and job names."""
    return _check_project_name(name, limits.CAMPAIGN_NAME_LENGTH, what="campaign name")


def _check_project_name(name: str, length: Range, *, what: str) -> list[Problem]:
    if len(name) in length and limits.PROJECT_NAME.fullmatch(name):
        return []
    return [
        Problem(
            what=f"{what} is not allowed",
            value=name,
            allowed=f"{length} lower-case letters, digits and single inner hyphens, a letter first",
            fix="rename the file or folder",
        )
    ]


def check_workforce_name(name: str) -> list[Problem]:
    """Check ``WorkforceName``."""
    return check_pattern(
        name,
        limits.WORKFORCE_NAME,
        limits.RESOURCE_NAME_LENGTH,
        what="workforce name is not allowed",
        allowed="1-63 letters, digits and hyphens, a letter or digit first",
        fix="rename it",
    )


def check_workteam_name(name: str) -> list[Problem]:
    """Check ``WorkteamName``."""
    return check_pattern(
        name,
        limits.WORKTEAM_NAME,
        limits.RESOURCE_NAME_LENGTH,
        what="work team name is not allowed",
        allowed="1-63 letters, digits and inner hyphens",
        fix="rename it",
    )


def check_workteam_description(description: str) -> list[Problem]:
    """Check the required ``Description`` of a work team."""
    return check_line(description, limits.WORKTEAM_DESCRIPTION_LENGTH, what="work team description")


def check_workteam_arn(arn: str) -> list[Problem]:
    """Refuse the public work team: Amazon Mechanical Turk closed on 30 September 2026."""
    if re.search(r":workteam/(private|vendor)-crowd/[^/]+$", arn):
        return []
    public = "/public-crowd/" in arn
    return [
        Problem(
            what="the public work team is closed" if public else "not the ARN of a work team",
            value=arn,
            allowed="ARNs that end :workteam/private-crowd/<name> or :workteam/vendor-crowd/<name>",
            fix="use a private or a vendor work team",
        )
    ]


def check_domain_prefix(prefix: str) -> list[Problem]:
    """Check the prefix of the Amazon Cognito sign-in domain."""
    problems = check_pattern(
        prefix,
        limits.DOMAIN_PREFIX,
        limits.RESOURCE_NAME_LENGTH,
        what="sign-in domain prefix is not allowed",
        allowed="1-63 lower-case letters, digits and inner hyphens",
        fix="rename it",
    )
    if any(word in prefix for word in limits.RESERVED_DOMAIN_WORDS):
        problems.append(
            Problem(
                what="sign-in domain prefix has a word Amazon Cognito reserves",
                value=prefix,
                allowed="prefixes without " + ", ".join(limits.RESERVED_DOMAIN_WORDS),
                fix="rename it",
            )
        )
    return problems


def check_tags(tags: Mapping[str, str]) -> list[Problem]:
    """Check user tags: lengths, and neither Amazon's prefix nor ours."""
    problems = check_range(len(tags), limits.TAGS, what="number of tags", fix="remove some")
    for key, value in tags.items():
        if len(key) not in limits.TAG_KEY_LENGTH or len(value) not in limits.TAG_VALUE_LENGTH:
            problems.append(
                Problem(
                    what=f"tag {shown(key)} is too short or too long",
                    value=value,
                    allowed=f"{limits.TAG_KEY_LENGTH} characters, values {limits.TAG_VALUE_LENGTH}",
                    fix="shorten it",
                )
            )
        if key.lower().startswith(("aws:", "ground-truth:")):
            problems.append(
                Problem(
                    what="tag key is reserved",
                    value=key,
                    allowed="keys that begin neither aws: nor ground-truth:",
                    fix="rename it",
                )
            )
    return problems
