"""The one private workforce an account can have in a region, and whose it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from ground_truth.names import TAG_ENVIRONMENT
from ground_truth_ops.aws import tag_map
from ground_truth_ops.deployment import StackKind
from ground_truth_ops.doctor.finding import Finding, ok, problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ground_truth_ops.doctor.scene import Scene

TAG_STACK = "aws:cloudformation:stack-name"


def check_workforce(scene: Scene) -> Iterator[Finding]:
    found = scene.workforce
    settings = scene.target.project.environment.settings
    if found is None:
        if settings.workforce.mode == "adopt":
            yield _not_there(scene, "there is none in this region")
        elif settings.team.workteam_arn is None:
            yield ok("workforce", "none in this region yet; the Account stack makes it")
        return
    name, place = found["WorkforceName"], _place(found)
    if found.get("Status", "Active") != "Active":
        yield problem(
            "workforce",
            f"{name} is {found['Status']}: {found.get('FailureReason', 'it gives no reason')}",
            run=f"aws sagemaker describe-workforce --workforce-name {name}",
        )
    if scene.deployment.output(StackKind.ACCOUNT, "WorkforceName") == name:
        stack = scene.deployment.of_kind(StackKind.ACCOUNT)[0].name
        yield ok("workforce", f"{name} of our stack {stack}, {place}")
        return
    whose = f"{name} {_whose(scene, found)}, {place}"
    if settings.team.workteam_arn is not None:
        yield ok("workforce", f"{whose}; the environment uses a team of it or of a vendor")
        return
    if settings.workforce.mode == "adopt":
        yield _adopted(scene, found, whose)
        return
    yield problem(
        "workforce",
        f"{whose}; an account has room for one private workforce in a region, so the Account "
        "stack can't make its own",
        _adoption(scene, found),
    )


def _adopted(scene: Scene, found: Mapping[str, Any], whose: str) -> Finding:
    wanted = scene.target.project.environment.settings.workforce
    config = found.get("CognitoConfig", {})
    there = (found["WorkforceName"], config.get("UserPool"), config.get("ClientId"))
    if there == (wanted.name, wanted.user_pool_id, wanted.client_id):
        return ok("workforce", f"{whose}; the environment adopts it")
    return _not_there(scene, f"the one there is is {whose}", _adoption(scene, found))


def _not_there(scene: Scene, instead: str, fix: str = "") -> Finding:
    wanted = scene.target.project.environment.settings.workforce
    return problem(
        "workforce",
        f"{scene.file} adopts {wanted.name}, pool {wanted.user_pool_id}, client "
        f"{wanted.client_id}, but {instead}",
        fix or 'look at account and region, or make one with workforce.mode = "create"',
    )


def _place(found: Mapping[str, Any]) -> str:
    config = found.get("CognitoConfig")
    if config:
        return f"pool {config['UserPool']}, client {config['ClientId']}"
    return f"sign-in by {found['OidcConfig'].get('Issuer', 'an OIDC provider')}"


def _whose(scene: Scene, found: Mapping[str, Any]) -> str:
    """What the tags of the workforce, or of its pool, say about its maker."""
    tags = {**_pool_tags(scene, found), **_own_tags(scene, found)}
    stack, environment = tags.get(TAG_STACK), tags.get(TAG_ENVIRONMENT)
    if environment:
        return f"belongs to environment {environment}" + (f" (stack {stack})" if stack else "")
    return f"belongs to stack {stack}" if stack else "was made by hand or by another tool"


def _own_tags(scene: Scene, found: Mapping[str, Any]) -> dict[str, str]:
    """SageMaker was seen to refuse the tags of a workforce."""
    try:
        answer = scene.clients.sagemaker.list_tags(ResourceArn=found["WorkforceArn"])
    except ClientError:
        return {}
    return tag_map(answer.get("Tags"))


def _pool_tags(scene: Scene, found: Mapping[str, Any]) -> dict[str, str]:
    config = found.get("CognitoConfig")
    if not config:
        return {}
    try:
        pool = scene.clients.cognito.describe_user_pool(UserPoolId=config["UserPool"])["UserPool"]
    except ClientError:
        return {}
    return dict(pool.get("UserPoolTags", {}))


def _adoption(scene: Scene, found: Mapping[str, Any]) -> str:
    """A workforce with a pool can be adopted; of any other, a team can be named."""
    config = found.get("CognitoConfig")
    if config:
        return (
            f'in {scene.file} set [workforce] mode = "adopt", name = "{found["WorkforceName"]}", '
            f'user_pool_id = "{config["UserPool"]}", client_id = "{config["ClientId"]}"'
        )
    pages = scene.clients.sagemaker.get_paginator("list_workteams").paginate()
    teams = [team["WorkteamArn"] for page in pages for team in page["Workteams"]]
    arn = teams[0] if teams else "arn of a work team of that workforce"
    return f'in {scene.file} replace the workers of [team] by workteam_arn = "{arn}"'
